/** One `name: value` line for each field that has a value. */
export function show(result: object): string {
  return Object.entries(result)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value instanceof Date ? value.toISOString() : value}`)
    .join('\n');
}

/** Rows as aligned columns under their names; `none` when there are no rows. */
export function table<R extends object>(rows: readonly R[], columns: readonly (keyof R & string)[], none: string): string {
  if (rows.length === 0) return none;
  const lines = [[...columns], ...rows.map((row) => columns.map((column) => cell(row[column])))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => (line[index] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((text, index) => text.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '-';
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'boolean') return value ? 'sim' : 'não';
  return Array.isArray(value) ? value.join(', ') : String(value);
}
