import type { LoadResult } from '../load/generate.ts';

/** CPU of each process for one piece of work, as text: `edge 1.20, mongodb 0.80`. */
export function spent(cpu: ReadonlyMap<string, number>, pieces: number): string {
  return [...cpu]
    .filter(([, seconds]) => seconds > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([name, seconds]) => `${name} ${((seconds * 1_000) / pieces).toFixed(2)}`)
    .join(', ');
}

/** What went otherwise than expected, for the note of a row; empty when nothing did. */
export function refusals({ unexpected }: Pick<LoadResult, 'unexpected'>): string {
  const all = Object.entries(unexpected).map(([what, n]) => `${n} × ${what}`);
  return all.length === 0 ? '' : `; NOT EXPECTED: ${all.join(', ').slice(0, 200)}`;
}
