import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import fc from 'fast-check';
import { randomDfe } from '../test/random-dfe.ts';
import { choices, listedPick, type Pick, randomXml } from '../test/random-xml.ts';
import { parseXml, parseXmlStrictly, type XmlElement, type XmlLimits } from './parse.ts';
import { readPlain } from './parse-plain.ts';

const MAX = { maxDepth: 64, maxElements: 60_000, maxAttributes: 64 };

/** Everything of a tree, in an order that tells two trees apart (a Map compares without its order). */
function written(root: XmlElement): string {
  const rows: unknown[] = [];
  const visit = (element: XmlElement, parent: XmlElement | undefined): void => {
    assert.equal(element.parent, parent);
    const { attributes, parent: _, children, ...rest } = element;
    rows.push([rest, Object.keys(element), [...attributes], children.length]);
    for (const c of children) visit(c, element);
  };
  visit(root, undefined);
  return JSON.stringify(rows);
}

/** Whether the quick reader took the text; then the strict one takes it too, as the same tree. */
function agrees(text: string, limits: XmlLimits = {}): boolean {
  // What parseXml has refused before either reader is asked.
  if (!text.isWellFormed()) return false;
  const plain = readPlain(text, { ...MAX, ...limits });
  if (plain === undefined) return false;
  assert.equal(written(plain), written(parseXmlStrictly(text, limits).root), text);
  return true;
}

function checkProperty(make: (pick: Pick) => string, numRuns: number, atLeast: number, limits?: (pick: Pick) => XmlLimits): void {
  let taken = 0;
  fc.assert(
    fc.property(choices(), (numbers) => {
      const pick = listedPick(numbers);
      const max = limits?.(pick);
      if (agrees(make(pick), max)) taken++;
    }),
    { numRuns },
  );
  assert.ok(taken >= atLeast, `only ${taken} of ${numRuns} were read quickly`);
}

const NOTE = sampleNfe({ cnpj: '12345678000195', ie: '110042490114', numero: 7, dhEmi: new Date('2026-03-02T10:00:00-03:00'), itens: 2 });
const NFE = 'xmlns="http://www.portalfiscal.inf.br/nfe"';
const PLAIN = [
  NOTE,
  `<?xml version="1.0" encoding="UTF-8"?>\r\n<NFe ${NFE}>\r\n\t<infNFe Id='NFe1' versao="4.00">a\r\nb\rc</infNFe>\r\n</NFe>\r\n`,
  `<NFe ${NFE}><infNFeSupl><qrCode><![CDATA[https://x/qr?p=1&v=2]]></qrCode></infNFeSupl><Signature xmlns="urn:s"><a/></Signature><b/></NFe>`,
  '<s:E xmlns:s="urn:s"><s:B><r xmlns="urn:r"><x xmlns=""><y/></x></r><s:C a="&lt;&#38;&apos;"/></s:B ></s:E>',
  '<a b="&#xA;>]]>\u{1F600}">JO\u00C3O &amp; CIA &#x1F600;&#13;<b >]]</b>&gt;<c/>1<c />2</a>',
  '<a><![CDATA[]]]]><![CDATA[>\r\n]]>x</a>',
];

test('what fiscal documents are made of is read quickly, as the strict reader reads it', () => {
  for (const text of PLAIN) assert.ok(agrees(text), text);
  assert.deepEqual(parseXml(NOTE), parseXmlStrictly(NOTE));
});

const IRREGULAR = [
  ['', ' ', 'x', '<', '<a', '<a>', '<a/', '</a>', '<a></a', '<a/><b/>', '<a/>x', 'x<a/>', '<a></b>', '<a></ab>', '<a><b></a></b>'],
  ['<a b="1" b="2"/>', '<a xmlns="u:a" xmlns="u:b"/>', '<a b="1"c="2"/>', '<a b=1/>', '<a b/>', '<a b="<"/>', '<a b="&x;"/>', '<a b="&"/>'],
  ['<a>]]></a>', '<a>&#0;</a>', '<a>&#xFFFE;</a>', '<a>&#xD800;</a>', '<a>&#x110000;</a>', '<a>&#X41;</a>', '<a>&amp</a>', '<a>&nbsp;</a>'],
  [
    '<a>\u0001</a>',
    '<a>\uFFFF</a>',
    '<a b="\u001F"/>',
    '<a b="\0"/>',
    '<a><![CDATA[\u0008]]></a>',
    '<\u0130/>',
    '<1/>',
    '<-a/>',
    '<a\u0001/>',
  ],
  [
    '<p:a/>',
    '<xmlns:a/>',
    '<xml:a/>',
    '<:a/>',
    '<a:/>',
    '<p:a:b xmlns:p="u:p"/>',
    '<p:1 xmlns:p="u:p"/>',
    '<a p:b=""/>',
    '<a xmlns:p=""/>',
  ],
  [
    '<a xmlns=" u:a"/>',
    '<a xmlns="http://www.w3.org/2000/xmlns/"/>',
    '<a xmlns:xml="u:a"/>',
    '<a xmlns:xmlns="u:a"/>',
    '<a xmlns:="u:a"/>',
  ],
  [
    '<?xml version="1.1"?><a/>',
    ' <?xml version="1.0"?><a/>',
    '<?xml version="1.0" encoding="ISO-8859-1"?><a/>',
    '<?x?><a/>',
    '<a><?x?></a>',
  ],
  [
    '<!DOCTYPE a><a/>',
    '<a><!DOCTYPE a></a>',
    '<a/><!DOCTYPE a>',
    '<![CDATA[x]]><a/>',
    '<a/><![CDATA[x]]>',
    '<a><![CDATA[x]></a>',
    '<a><![cdata[]]></a>',
  ],
  [
    '<a><!-- -- --></a>',
    '<a><!-></a>',
    '<a>\uFFFE</a>',
    '\uFEFF\uFEFF<a/>',
    '<a/>\u00A0',
    '<a\u00A0/>',
    '< a/>',
    '<a></ a>',
    '<a/ >',
    '<a b ="1" b= "1"/>',
  ],
].flat();

test('what is irregular is left to the strict reader', () => {
  for (const text of IRREGULAR) assert.equal(readPlain(text, MAX), undefined, text);
});

test('each limit is one of the quick reader too', () => {
  const nested = (n: number): string => '<a>'.repeat(n) + '</a>'.repeat(n);
  const attributed = (n: number): string => `<r${Array.from({ length: n }, (_, i) => ` a${i}=""`).join('')}/>`;
  const wide = (n: number): string => `<r>${'<a/>'.repeat(n - 1)}</r>`;
  assert.ok(agrees(nested(3), { maxDepth: 3 }) && agrees(attributed(3), { maxAttributes: 3 }) && agrees(wide(3), { maxElements: 3 }));
  const declaring = (n: number): string => Array.from({ length: n }, (_, i) => ` xmlns:p${i}="urn:p"`).join('');
  assert.ok(agrees(`<a${declaring(16)}/>`) && !agrees(`<a${declaring(16)}><b xmlns="urn:b"/></a>`));
  assert.ok(!agrees(nested(4), { maxDepth: 3 }) && !agrees(attributed(4), { maxAttributes: 3 }) && !agrees(wide(4), { maxElements: 3 }));
});

/** Without most of what the quick reader leaves to the other one, so that it has something to read. */
function plainer(text: string): string {
  return text
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/\s(?:p|q|ds|e|xml|\u00E9|\u{10400}|\uFB00):[^\s=<>"']+ ?= ?(?:"[^"]*"|'[^']*')/gu, '')
    .replace(/a\u00E7\u00E3o|\u00E9|\u{10400}|\uFB00/gu, 'e')
    .replace(/ ?= ?(["'])/g, '=$1')
    .replace(/=(?:"[^"]*"|'[^']*')/g, (value) => value.replace(/[\t\n\r]/g, ' '));
}

test('the two readers agree on random documents', () => {
  checkProperty((pick) => randomXml(pick, 2), 500, 0);
  checkProperty((pick) => plainer(randomXml(pick, 2)), 3000, 100);
  checkProperty((pick) => plainer(randomDfe(pick).xml), 1000, 20);
});

test('the two readers agree on random documents at random limits', () => {
  const limits = (pick: Pick): XmlLimits => ({ maxDepth: 1 + pick(5), maxElements: 1 + pick(30), maxAttributes: pick(4) });
  checkProperty((pick) => plainer(randomXml(pick, 2)), 1500, 30, limits);
});

const SCRAPS = [
  [
    '<',
    '>',
    '&',
    '"',
    "'",
    '/',
    '=',
    ' ',
    '\t',
    '\r',
    '\n',
    '\r\n',
    ']]>',
    ']]',
    ']',
    '<!--',
    '-->',
    '--',
    '<!-- x -->',
    '<![CDATA[',
    '<![CDATA[x]]>',
  ],
  [
    '&#0;',
    '&#1;',
    '&#xD;',
    '&#10;',
    '&#xD83D;',
    '&amp;',
    '&quot;',
    '&lt',
    ';',
    '&#',
    '&x;',
    '<a>',
    '</a>',
    '<a/>',
    '<?x?>',
    '?>',
    '<!DOCTYPE a>',
  ],
  [
    'a',
    '1',
    ':',
    '-',
    '.',
    '\u00E7',
    '\u0130',
    '\u00B7',
    '\u{10400}',
    '\u{1F600}',
    '\uD83D',
    '\uDE00',
    '\uFEFF',
    '\uFFFE',
    '\0',
    '\u0001',
    '\u0085',
  ],
  [
    'p:',
    'xml:',
    'xmlns',
    ' xmlns=""',
    ' xmlns="urn:z"',
    ' xmlns:p="urn:p"',
    ' xmlns:p=""',
    ' xmlns:xml="urn:x"',
    ' Id="1"',
    ' versao="4.00"',
    ' b=""',
  ],
].flat();

/** A few bytes taken out, put in, exchanged or doubled. */
function damaged(pick: Pick, whole: string): string {
  let text = whole;
  for (let n = 1 + pick(2); n > 0; n--) {
    // Half of the damage goes where the markup is dense.
    const found = pick(2) === 0 ? text.indexOf(['<', '>', '"', '&', '</', '/>', 'xmlns'][pick(7)] as string, pick(text.length)) : -1;
    const at = found < 0 ? pick(text.length) : found + pick(2);
    const [before, behind] = [text.slice(0, at), text.slice(at)];
    const kind = pick(4);
    if (kind === 0) text = before + behind.slice(1 + pick(4));
    else if (kind === 1) text = before + SCRAPS[pick(SCRAPS.length)] + behind;
    else if (kind === 2) text = before + SCRAPS[pick(SCRAPS.length)] + behind.slice(1 + pick(3));
    else text = before + behind.slice(0, 1 + pick(12)) + behind;
  }
  return text;
}

test('the two readers agree on damaged documents', () => {
  checkProperty((pick) => damaged(pick, PLAIN[1 + pick(PLAIN.length - 1)] as string), 10_000, 300);
  checkProperty((pick) => damaged(pick, plainer(randomDfe(pick).xml)), 3000, 30);
  checkProperty((pick) => damaged(pick, NOTE), 3000, 50);
});
