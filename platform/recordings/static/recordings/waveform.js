// The shape of a sound as the path of an SVG: time from 0 to `columns`, size from -1 to 1.

/** A closed outline through the largest sample of each column. Pure. */
export function outline(samples, columns = 300) {
  const peaks = Array.from({ length: columns }, (_, i) => {
    const [from, to] = [i, i + 1].map((at) => Math.floor((at * samples.length) / columns));
    return samples.subarray(from, to).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  });
  const point = (x, y) => `${x} ${Math.min(1, Math.max(-1, y)).toFixed(3)}`;
  const upper = peaks.map((peak, i) => point(i, -Math.max(peak, 0.004)));
  const lower = peaks.map((peak, i) => point(i, Math.max(peak, 0.004))).reverse();
  return `M${[...upper, ...lower].join("L")}Z`;
}
