// How loud samples are, and what to say about it. Pure.

const FLOOR_DB = -60; // the meter's lower end
const QUIET_DB = -45; // speech below is lost in the noise of most rooms
const CLIPPED = 0.999;

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

/** "clipped", "quiet" or "good": what the speakers should know before sending. */
export function advice({ levelDb, clippedShare }) {
  if (clippedShare > 0.001) return "clipped";
  return levelDb < QUIET_DB ? "quiet" : "good";
}

/** Whether the played ranges ([start, end] in seconds) cover nearly all of it. */
export function wasHeard(ranges, seconds) {
  const heard = ranges.reduce((sum, [start, end]) => sum + end - start, 0);
  return heard >= Math.min(0.95 * seconds, seconds - 0.1);
}

function toDb(amplitude) {
  return 20 * Math.log10(Math.max(amplitude, 1e-10));
}
