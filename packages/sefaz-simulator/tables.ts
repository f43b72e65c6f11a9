import { readFileSync } from 'node:fs';

/** Rows of a tab-separated file of `data/`, keyed by its header line. Cells are never quoted; `none` and `-` are kept as they stand. */
export function readTable(name: string): Record<string, string>[] {
  const lines = readFileSync(new URL(`./data/${name}.tsv`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  const header = (lines.shift() ?? '').split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    return Object.fromEntries(header.map((column, i) => [column, cells[i] ?? '']));
  });
}
