// A mono 16-bit WAV file from samples. Pure.

const HEADER = 44; // bytes

/** `samples` in [-1, 1] at `sampleRate` Hz; rounded, without dither, cut at full scale. */
export function encodeWav(samples, sampleRate) {
  const size = 2 * samples.length;
  const view = new DataView(new ArrayBuffer(HEADER + size));
  writeText(view, 0, "RIFF");
  view.setUint32(4, HEADER - 8 + size, true);
  writeText(view, 8, "WAVEfmt ");
  view.setUint32(16, 16, true); // bytes of the format
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true); // bytes per second
  view.setUint16(32, 2, true); // bytes per sample
  view.setUint16(34, 16, true); // bits
  writeText(view, 36, "data");
  view.setUint32(40, size, true);
  samples.forEach((sample, i) => view.setInt16(HEADER + 2 * i, toInt16(sample), true));
  return view.buffer;
}

function toInt16(sample) {
  return Math.max(-32768, Math.min(32767, Math.round(32768 * sample)));
}

function writeText(view, at, text) {
  for (let i = 0; i < text.length; i++) view.setUint8(at + i, text.charCodeAt(i));
}
