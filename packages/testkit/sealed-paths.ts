/**
 * Where in a value something lies that is sealed by a master key (an object with `kid` and `dek`): the dotted paths, `[]` for elements of an
 * array, each once.
 */
export function sealedPaths(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array) return [];
  const at = (key: string) => (path === '' ? key : `${path}.${key}`);
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((element) => [`${path}[]`, element])
    : Object.entries(value).map(([key, child]) => [at(key), child]);
  const own = 'kid' in value && 'dek' in value ? [path] : [];
  return [...new Set([...own, ...entries.flatMap(([where, child]) => sealedPaths(child, where))])];
}
