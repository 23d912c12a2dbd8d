// Where the energy of a sound lies on the frequency axis. Pure.

const SIZE = 1024; // samples of one window: 21 ms at 48 kHz

/** Mean power of each bin from 0 to half of the rate, SIZE / 2 of them. */
export function powerSpectrum(samples) {
  const power = new Float64Array(SIZE / 2);
  const real = new Float64Array(SIZE);
  const imaginary = new Float64Array(SIZE);
  for (let at = 0; at + SIZE <= samples.length; at += SIZE / 2) {
    for (let i = 0; i < SIZE; i++) {
      real[i] = samples[at + i] * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / SIZE));
    }
    imaginary.fill(0);
    transform(real, imaginary);
    power.forEach((_, i) => (power[i] += real[i] ** 2 + imaginary[i] ** 2));
  }
  return power;
}

/** Mean power between two frequencies in Hz, in dB. */
export function bandDb(power, sampleRate, low, high) {
  const bin = (hertz) => Math.round((hertz * SIZE) / sampleRate);
  const band = power.slice(bin(low), bin(high) + 1);
  const mean = band.reduce((sum, one) => sum + one, 0) / Math.max(1, band.length);
  return 10 * Math.log10(Math.max(mean, 1e-20));
}

/** The fast Fourier transform in place (Cooley and Tukey, radix 2). */
function transform(real, imaginary) {
  const n = real.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [real[i], real[j]] = [real[j], real[i]];
      [imaginary[i], imaginary[j]] = [imaginary[j], imaginary[i]];
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    for (let k = 0; k < size / 2; k++) {
      const angle = (-2 * Math.PI * k) / size;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let i = k; i < n; i += size) {
        const j = i + size / 2;
        const re = real[j] * c - imaginary[j] * s;
        const im = real[j] * s + imaginary[j] * c;
        [real[j], imaginary[j]] = [real[i] - re, imaginary[i] - im];
        [real[i], imaginary[i]] = [real[i] + re, imaginary[i] + im];
      }
    }
  }
}
