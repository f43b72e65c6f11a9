import fc from 'fast-check';

/** Where the choices come from: `pick(n)` gives 0 … n−1. */
export type Pick = (n: number) => number;

/** A repeatable source of choices (mulberry32), for tests that print their seed. */
export function seededPick(seed: number): Pick {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

/** Choices out of a list of numbers, then zeros: what a property-based test shrinks well. */
export function listedPick(numbers: readonly number[]): Pick {
  let i = 0;
  return (n) => (numbers[i++] ?? 0) % n;
}

/** Lists for `listedPick` long enough for a document of some twenty elements. */
export function choices(): fc.Arbitrary<number[]> {
  return fc.array(fc.noBias(fc.nat(9999)), { minLength: 100, maxLength: 600, size: 'max' });
}

const LOCALS = ['a', 'infNFe', 'Zeta', 'ação', 'b-c.d', '_x', '\u{10400}z', '\uFB00z', 'Id', 'ID2', 'xmlish'];
const PREFIXES = ['', '', '', 'p', 'q', 'ds', 'é', '\u{10400}', '\uFB00'];
// No & in a URI: libxml2 writes it unescaped there (C14N 1.0 §2.3 escapes it like an attribute value).
const URIS = ['urn:a', 'urn:b', 'http://www.portalfiscal.inf.br/nfe', 'http://x.test/', 'urn:a:b', 'URN:A'];
const TEXTS = [
  'x',
  'JOÃO & CIA',
  'ç',
  '\u{1F600}',
  '\uFFFD',
  '  ',
  '\t',
  '\n',
  '\r\n',
  '\r',
  '\r\r\n',
  '"',
  "'",
  ']]',
  ' > ',
  '&amp;',
  '&lt;',
  '&gt;',
  '&quot;',
  '&apos;',
  '&#xD;',
  '&#13;',
  '&#xA;',
  '&#9;',
  '&#x20;',
  '&#x1F600;',
  '&#128512;',
  '&#xFC;',
  '\u0085',
  '\u2028',
  '\u00A0',
].map((t) => (t === 'JOÃO & CIA' ? 'JOÃO &amp; CIA' : t));
const RAW_IN_TEXT = [
  '<![CDATA[]]>',
  '<![CDATA[<a>&amp;\r\n"]]]]>',
  '<![CDATA[\r]]>\n',
  '<!---->',
  '<!-- & < \r ]]> -->',
  '<![CDATA[>]]><!-- - -->',
  '\r<!-- x -->\n',
];
const SPACES = [' ', '  ', '\n', '\r\n', '\t', ' \r '];

/** A well-formed document (no DTD, no PI) with everything canonicalization has to touch: scopes, order, references, line ends. */
export function randomXml(pick: Pick, depth = 5): string {
  const before = ['', '<?xml version="1.0" encoding="UTF-8"?>', '<?xml version="1.0"?>\r\n', '<!-- x -->\n', '\n'][pick(5)] as string;
  return before + element(pick, new Map(), depth, true) + (['', '\n', '<!-- end -->'][pick(3)] as string);
}

export function randomText(pick: Pick): string {
  let text = '';
  for (let n = pick(5); n > 0; n--) text += TEXTS[pick(TEXTS.length)];
  return text;
}

function element(pick: Pick, outer: ReadonlyMap<string, string>, depth: number, isRoot = false): string {
  const scope = new Map(outer);
  const written: string[] = [];
  for (let n = pick(3) === 0 ? pick(4) : 0; n > 0; n--) {
    const prefix = PREFIXES[pick(PREFIXES.length)] as string;
    const name = prefix === '' ? 'xmlns' : `xmlns:${prefix}`;
    if (written.some((w) => w.startsWith(`${name}=`))) continue;
    const uri = prefix === '' && pick(3) === 0 ? '' : (URIS[pick(URIS.length)] as string);
    scope.set(prefix, uri);
    written.push(`${name}=${quote(pick, uri)}`);
  }
  if (pick(12) === 0) written.push('xmlns:xml="http://www.w3.org/XML/1998/namespace"');
  const used = new Set<string>();
  for (let n = pick(3) === 0 ? pick(6) : 0; n > 0; n--) {
    const prefix = pick(6) === 0 ? 'xml' : prefixInScope(pick, scope, false);
    const local = prefix === 'xml' ? (['lang', 'base', 'mark'][pick(3)] as string) : (LOCALS[pick(LOCALS.length)] as string);
    const key = `${prefix === '' ? '' : (scope.get(prefix) ?? 'xml')}|${local}`;
    if (used.has(key)) continue;
    used.add(key);
    written.splice(
      pick(written.length + 1),
      0,
      `${prefix === '' ? '' : `${prefix}:`}${local}${pick(8) === 0 ? ' = ' : '='}${quote(pick, randomText(pick))}`,
    );
  }
  const prefix = prefixInScope(pick, scope, true);
  const name = `${prefix === '' ? '' : `${prefix}:`}${LOCALS[pick(LOCALS.length)]}`;
  const space = (): string => SPACES[pick(4) === 0 ? pick(SPACES.length) : 0] as string;
  const open = `<${name}${written.map((w) => space() + w).join('')}${pick(6) === 0 ? space() : ''}`;
  if (!isRoot && pick(5) === 0) return `${open}/>`;
  let content = '';
  for (let n = isRoot ? 6 : depth > 0 ? pick(5) : 0; n > 0; n--) {
    const kind = pick(4);
    if (kind === 0) content += randomText(pick);
    else if (kind === 1) content += RAW_IN_TEXT[pick(RAW_IN_TEXT.length)];
    else content += element(pick, scope, depth - 1);
  }
  return `${open}>${content}</${name}${pick(6) === 0 ? space() : ''}>`;
}

function prefixInScope(pick: Pick, scope: ReadonlyMap<string, string>, forElement: boolean): string {
  const usable = ['', ...[...scope.keys()].filter((p) => p !== '')];
  return forElement || pick(2) === 0 ? (usable[pick(usable.length)] as string) : '';
}

function quote(pick: Pick, value: string): string {
  return pick(2) === 0 ? `"${value.replaceAll('"', '&quot;')}"` : `'${value.replaceAll("'", '&#39;')}'`;
}
