/** One `name: value` line for each field that has a value. */
export function show(result: object): string {
  return Object.entries(result)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value instanceof Date ? value.toISOString() : value}`)
    .join('\n');
}
