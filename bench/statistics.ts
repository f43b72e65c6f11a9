/** The value below which `share` of the sorted or unsorted numbers lie (nearest rank); NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] as number;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** Least squares: how much `y` grows for one of `x`. NaN of fewer than two different `x`. */
export function slope(points: readonly { x: number; y: number }[]): number {
  const n = points.length;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / n;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / n;
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return spread === 0 || n < 2 ? Number.NaN : points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
}

/** Counts per window of `windowMs`, from the moments at which something happened; the last, unfinished window is left out. */
export function perWindow(moments: readonly number[], from: number, to: number, windowMs: number): number[] {
  const counts = new Array<number>(Math.max(0, Math.floor((to - from) / windowMs))).fill(0);
  for (const at of moments) {
    const index = Math.floor((at - from) / windowMs);
    if (index >= 0 && index < counts.length) counts[index] = (counts[index] as number) + 1;
  }
  return counts;
}
