/** The query string of the values that are given; empty when none is. */
export function search<K extends string>(values: { [name in K]?: string | number | undefined }, names: readonly K[]): string {
  const given = names.flatMap((name): [string, string][] => (values[name] === undefined ? [] : [[name, String(values[name])]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

/** Row after row; a page is asked for when the one before has been read. */
export async function* rowsOf<R>(
  page: (pagina: number) => Promise<{ totalElementos: number; registros: R[] }>,
): AsyncGenerator<R, void, undefined> {
  let seen = 0;
  for (let pagina = 1; ; pagina += 1) {
    const { registros, totalElementos } = await page(pagina);
    yield* registros;
    seen += registros.length;
    if (registros.length === 0 || seen >= totalElementos) return;
  }
}
