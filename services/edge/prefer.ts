/**
 * The preferences of a `Prefer` header (RFC 7240 §2), names in lower case, values without quotes. Of two with one name the first counts;
 * whatever is not of the grammar is passed over, as the RFC wants of a server.
 */
export function readPrefer(header: string | undefined): Map<string, string> {
  const preferences = new Map<string, string>();
  for (const [element] of (header ?? '').matchAll(ELEMENT)) {
    const { name, value = '' } = PREFERENCE.exec(element)?.groups ?? {};
    if (name === undefined || preferences.has(name.toLowerCase())) continue;
    preferences.set(name.toLowerCase(), value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value);
  }
  return preferences;
}

/** Seconds of `wait=N`, at most `maxS`; undefined when the header asks for none (0 asks for none). */
export function waitSeconds(header: string | undefined, maxS: number): number | undefined {
  const value = readPrefer(header).get('wait');
  if (value === undefined || !/^[0-9]+$/.test(value)) return undefined;
  return Math.min(Number(value), maxS) || undefined;
}

/** Between commas, which do not separate inside quotes. A quote that is not closed takes the rest: it could not fail and be tried again. */
const ELEMENT = /(?:"(?:[^"\\]|\\.?)*(?:"|$)|[^,"])+/g;

/** A preference with its value; its parameters, after the first semicolon, mean nothing to us. */
const PREFERENCE = /^\s*(?<name>[!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*(?<value>"(?:[^"\\]|\\.)*"|[!#$%&'*+.^_`|~\w-]*))?\s*(?:;|$)/;
