import assert from 'node:assert/strict';
import { test } from 'node:test';
import { XmlDocument as Libxml } from 'libxml2-wasm';
import { randomXml, seededPick } from '../test/random-xml.ts';
import { decodeXml, parseXml, XmlError, type XmlLimits } from './parse.ts';

function refusal(text: string, limits?: XmlLimits): XmlError {
  let caught: unknown;
  try {
    parseXml(text, limits);
  } catch (error) {
    caught = error;
  }
  assert.ok(caught instanceof XmlError, `not refused: ${text.slice(0, 80)}`);
  return caught;
}

/** Far above what the refusal needs (a few ms) and far below what a quadratic reading would (minutes). */
const FAST_MS = 10_000;

function refusedFast(codigo: string, text: string, limits?: XmlLimits): void {
  const start = performance.now();
  assert.equal(refusal(text, limits).codigo, codigo);
  assert.ok(performance.now() - start < FAST_MS, `took ${performance.now() - start} ms`);
}

const BILLION_LAUGHS = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">${Array.from({ length: 30 }, (_, i) => `<!ENTITY a${i} "${`&a${i || ''};`.repeat(10)}">`).join('')}]><l>&a29;</l>`;

const REFUSED: [codigo: string, name: string, text: string][] = [
  ['xml-dtd', 'external entity (XXE)', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
  ['xml-dtd', 'external parameter entity', '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]><a/>'],
  ['xml-dtd', 'external DTD subset', '<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><a/>'],
  ['xml-dtd', 'billion laughs', BILLION_LAUGHS],
  ['xml-dtd', 'quadratic blow-up', `<!DOCTYPE a [<!ENTITY x "${'x'.repeat(100_000)}">]><a>${'&x;'.repeat(50_000)}</a>`],
  ['xml-dtd', 'DOCTYPE behind declaration, comment and blank lines', '\uFEFF<?xml version="1.0"?>\r\n<!-- <a> -->\n\n<!DOCTYPE a><a/>'],
  ['xml-dtd', 'DOCTYPE inside the root', '<a><!DOCTYPE a></a>'],
  ['xml-dtd', 'DOCTYPE that never ends', `<!DOCTYPE a [${'<!ENTITY x "'.repeat(30_000)}`],
  ['xml-dtd', 'doctype in lower case', '<!doctype html><html/>'],
  ['xml-entidade', 'undefined entity', '<a>&xxe;</a>'],
  ['xml-entidade', 'HTML entity', '<a>a&nbsp;b</a>'],
  ['xml-entidade', 'loose ampersand', '<a>A & B</a>'],
  ['xml-entidade', 'reference to a forbidden character', '<a>&#0;</a>'],
  ['xml-entidade', 'reference to a surrogate', '<a>&#xD800;</a>'],
  ['xml-entidade', 'reference beyond Unicode', '<a>&#x110000;</a>'],
  ['xml-instrucao', 'processing instruction in the prolog', '<?xml-stylesheet href="x"?><a/>'],
  ['xml-instrucao', 'processing instruction in the root', '<a><?php x?></a>'],
  ['xml-caractere', 'control character', '<a>\u0001</a>'],
  ['xml-caractere', 'U+FFFE', '<a>\uFFFE</a>'],
  ['xml-caractere', 'high surrogate without its pair', '<a>\uD83Dx</a>'],
  ['xml-caractere', 'low surrogate first', '<a>\uDE00</a>'],
  ['xml-caractere', 'literal ]]>', '<a>]]></a>'],
  ['xml-namespace', 'undeclared prefix', '<p:a/>'],
  ['xml-namespace', 'undeclared attribute prefix', '<a p:b="1"/>'],
  ['xml-namespace', 'two colons', '<a:b:c xmlns:a="urn:a"/>'],
  ['xml-namespace', 'digit behind the colon', '<a:1 xmlns:a="urn:a"/>'],
  ['xml-namespace', 'digit behind the colon of an attribute', '<a xmlns:a="urn:a" a:1=""/>'],
  ['xml-namespace', 'xmlns prefix bound', '<a xmlns:xmlns="urn:a"/>'],
  ['xml-namespace', 'xml prefix bound to another URI', '<a xmlns:xml="urn:a"/>'],
  ['xml-namespace', 'prefix unbound', '<a xmlns:p="urn:a"><b xmlns:p=""/></a>'],
  ['xml-namespace', 'URI with spaces around it', '<a xmlns=" urn:a"/>'],
  ['xml-versao', 'XML 1.1', '<?xml version="1.1"?><a/>'],
  ['xml-codificacao', 'declared ISO-8859-1', '<?xml version="1.0" encoding="ISO-8859-1"?><a/>'],
  ['xml-malformado', 'nothing', ''],
  ['xml-malformado', 'blank', ' \n'],
  ['xml-malformado', 'JSON', '{"a":1}'],
  ['xml-malformado', 'two roots', '<a/><b/>'],
  ['xml-malformado', 'text behind the root', '<a/>x'],
  ['xml-malformado', 'cut off', '<a><b>1</b>'],
  ['xml-malformado', 'cut off in a tag', '<a><b'],
  ['xml-malformado', 'cut off in a comment', '<a><!-- '],
  ['xml-malformado', 'cut off behind the root', '<a/><'],
  ['xml-malformado', 'closed twice', '<a></a></a>'],
  ['xml-malformado', 'crossed', '<a><b></a></b>'],
  ['xml-malformado', 'closed by a longer name', '<a></ab>'],
  ['xml-malformado', 'same attribute twice', '<a b="1" b="2"/>'],
  ['xml-malformado', 'same attribute by two prefixes', '<a xmlns:p="urn:a" xmlns:q="urn:a" p:b="1" q:b="2"/>'],
  ['xml-malformado', 'unquoted value', '<a b=1/>'],
  ['xml-malformado', 'no space between attributes', '<a b="1"c="2"/>'],
  ['xml-malformado', 'space before the declaration', ' <?xml version="1.0"?><a/>'],
  ['xml-malformado', 'two hyphens in a comment', '<a><!-- -- --></a>'],
];

for (const [codigo, name, text] of REFUSED) {
  test(`${name} is refused as ${codigo}`, () => refusedFast(codigo, text));
}

test('a document at each limit is read and one beyond it is refused', () => {
  const nested = (n: number): string => '<a>'.repeat(n) + '</a>'.repeat(n);
  parseXml(nested(64));
  assert.equal(refusal(nested(65)).codigo, 'xml-profundidade');
  const wide = (n: number): string => `<r>${'<a/>'.repeat(n - 1)}</r>`;
  parseXml(wide(10), { maxElements: 10 });
  assert.equal(refusal(wide(11), { maxElements: 10 }).codigo, 'xml-elementos');
  const attributed = (n: number): string => `<r ${Array.from({ length: n }, (_, i) => `a${i}=""`).join(' ')}/>`;
  parseXml(attributed(64));
  assert.equal(refusal(attributed(65)).codigo, 'xml-atributos');
  const sized = (n: number): string => `<a>${'ç'.repeat((n - 7) / 2)}</a>`;
  parseXml(sized(499_999));
  assert.equal(refusal(sized(500_001)).codigo, 'xml-tamanho');
});

test('deep, wide, many-attribute and many-entity bombs of the full size are answered in linear time', () => {
  refusedFast('xml-profundidade', '<a>'.repeat(160_000));
  refusedFast('xml-elementos', `<r>${'<a/>'.repeat(120_000)}</r>`);
  refusedFast('xml-atributos', `<r ${Array.from({ length: 40_000 }, (_, i) => `a${i}=""`).join(' ')}/>`);
  refusedFast('xml-malformado', '<!--'.repeat(120_000));
  refusedFast('xml-malformado', `<a>${'<![CDATA['.repeat(50_000)}`);
  refusedFast('xml-entidade', `<a>${'&amp;'.repeat(90_000)}&`);
  refusedFast('xml-entidade', `<a>${'&'.repeat(400_000)}</a>`);
  refusedFast('xml-malformado', `<a ${' '.repeat(400_000)}`);
  refusedFast('xml-tamanho', 'x'.repeat(50_000_000));
  const start = performance.now();
  parseXml(`<a>${'&#x41;'.repeat(80_000)}</a>`);
  parseXml(`<a>${'<!---->'.repeat(70_000)}</a>`);
  parseXml(`<a>${'\r'.repeat(490_000)}</a>`);
  assert.ok(performance.now() - start < FAST_MS);
});

test('the message tells the line and column where the writer has to look', () => {
  const loose = refusal('<a>\r\n<b>1</b>\r\n<c>JOÃO & \u{1F600} MARIA</c>\r\n<d>x;</d></a>');
  assert.deepEqual([loose.line, loose.column], [3, 9]);
  assert.match(loose.message, /^Linha 3, coluna 9: há um & solto; escreva &amp;/);
  const entity = refusal('<a><![CDATA[ & ]]><!-- & -->\u{1F600}&ccedil;</a>');
  assert.deepEqual([entity.line, entity.column], [1, 30]);
  assert.match(entity.message, /&ccedil; não existe em XML/);
  const crossed = refusal('<NFe>\n<infNFe>\n<ide>\n</infNFe>\n</NFe>');
  assert.deepEqual([crossed.line, crossed.column], [4, 1]);
  assert.match(crossed.message, /<\/infNFe> não fecha a tag aberta <ide> \(linha 3\)/);
  const cut = refusal('<NFe>\n  <infNFe>');
  assert.deepEqual([cut.line, cut.column], [2, 3]);
});

test('bytes that are not UTF-8 are refused with their place', () => {
  const caught = (bytes: Uint8Array): XmlError => {
    try {
      decodeXml(bytes);
    } catch (error) {
      if (error instanceof XmlError) return error;
    }
    throw new assert.AssertionError({ message: 'not refused' });
  };
  const latin = caught(Buffer.from('<a>\r\n<b>emissão</b></a>', 'latin1'));
  assert.deepEqual([latin.codigo, latin.line, latin.column], ['xml-codificacao', 2, 9]);
  assert.match(latin.message, /0xE3 .* ISO-8859-1/);
  assert.match(caught(Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>ç</a>', 'latin1')).message, /encoding="ISO-8859-1"/);
  assert.match(caught(Buffer.from('\uFEFF<a/>', 'utf16le')).message, /UTF-16/);
  assert.match(caught(Buffer.from('<a/>', 'utf16le')).message, /UTF-16/);
  assert.equal(caught(Buffer.from([0x3c, 0x61, 0x3e, 0xc3])).codigo, 'xml-codificacao');
  assert.equal(caught(Buffer.from([0x3c, 0xed, 0xa0, 0x80])).column, 2);
  assert.equal(caught(Buffer.from([0xc0, 0xbc, 0x61, 0x2f, 0x3e])).column, 1);
  assert.equal(caught(new Uint8Array(500_001).fill(0x20)).codigo, 'xml-tamanho');
  assert.equal(
    decodeXml(Buffer.from('\uFEFF<?xml version="1.0" encoding="utf-8"?><a>ç\u{1F600}</a>')),
    '<?xml version="1.0" encoding="utf-8"?><a>ç\u{1F600}</a>',
  );
});

const SCRAPS = [
  '<',
  '>',
  '&',
  '"',
  "'",
  '/',
  '=',
  ' ',
  '\r',
  '\n',
  ']]>',
  '<!--',
  '-->',
  '--',
  '<![CDATA[',
  ';',
  '&#',
  '1',
  'a:',
  'xmlns',
  '=""',
  '<a>',
  '</a>',
  '?>',
  '<?',
  '\u0000',
  '\uFFFE',
  ':',
  '-',
  '&#1;',
  'xml:',
];

test('what libxml2 does not read is refused too, over 6,000 damaged documents', () => {
  let refused = 0;
  for (let seed = 1; seed <= 6000; seed++) {
    const pick = seededPick(seed);
    const whole = randomXml(pick, 3);
    const place = pick(whole.length);
    const text = whole.slice(0, place) + (pick(3) === 0 ? '' : SCRAPS[pick(SCRAPS.length)]) + whole.slice(place + pick(3));
    if (!text.isWellFormed()) continue;
    let reference: Libxml;
    try {
      reference = Libxml.fromString(text);
    } catch (error) {
      // A warning about the syntax of a namespace URI, which XML itself does not look into.
      if (/is not a valid URI|is not absolute/.test((error as Error).message)) continue;
      refusal(text);
      refused++;
      continue;
    }
    reference.dispose();
  }
  assert.ok(refused > 2000, `only ${refused} were damaged`);
});
