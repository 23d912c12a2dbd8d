// How loud samples are, and how much of a sound was heard. Pure.

const FLOOR_DB = -60; // the meter's lower end
export const CLIPPED = 0.999; // of full scale: no converter gives more

/** RMS and peak in dB of full scale, and the share of clipped samples. */
export function measure(samples) {
  let energy = 0;
  let peak = 0;
  let clipped = 0;
  for (const sample of samples) {
    const size = Math.abs(sample);
    energy += sample * sample;
    if (size > peak) peak = size;
    if (size >= CLIPPED) clipped += 1;
  }
  const count = Math.max(1, samples.length);
  return {
    levelDb: toDb(Math.sqrt(energy / count)),
    peakDb: toDb(peak),
    clippedShare: clipped / count,
  };
}

/** Where a meter from 0 to 1 stands for this peak. */
export function meterValue(peakDb) {
  return Math.max(0, Math.min(1, 1 - peakDb / FLOOR_DB));
}

/** Whether the played ranges ([start, end] in seconds) cover nearly all of it. */
export function wasHeard(ranges, seconds) {
  const heard = ranges.reduce((sum, [start, end]) => sum + end - start, 0);
  return heard >= Math.min(0.95 * seconds, seconds - 0.1);
}

/** Of full scale. */
export function toDb(amplitude) {
  return 20 * Math.log10(Math.max(amplitude, 1e-10));
}
