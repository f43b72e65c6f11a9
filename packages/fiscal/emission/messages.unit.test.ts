import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseXml, textAt } from '../xml/parse.ts';
import { buildConsSit, buildConsStat } from './consulta.ts';
import { parseDateTime } from './date-time.ts';
import { buildLote } from './lote.ts';
import { buildProc } from './proc.ts';

const NS = 'http://www.portalfiscal.inf.br/nfe';
const NOTE = `<NFe xmlns="${NS}"><infNFe Id='x'  versao="4.00"><a>1 &#231; <!-- c --></a></infNFe></NFe>`;
const PROT = `<protNFe versao="4.00"><infProt>\r\n<cStat>100</cStat></infProt></protNFe>`;

describe('buildLote', () => {
  it('wraps the bytes of one note, synchronously', () => {
    const xml = buildLote(NOTE, '123');
    assert.ok(xml.includes(NOTE));
    const { root } = parseXml(xml);
    assert.deepEqual([root.local, root.uri, root.attributes.get('versao')], ['enviNFe', NS, '4.00']);
    assert.deepEqual(
      root.children.map((c) => c.local),
      ['idLote', 'indSinc', 'NFe'],
    );
    assert.equal(textAt(root, 'indSinc'), '1');
  });

  it('refuses an idLote that is not 1 to 15 digits', () => {
    for (const idLote of ['', '1234567890123456', 'a', '1<']) assert.throws(() => buildLote(NOTE, idLote), RangeError);
  });
});

describe('the questions', () => {
  it('ask for one key', () => {
    const { root } = parseXml(buildConsSit({ chave: 'K', tpAmb: '2' }));
    assert.deepEqual(
      root.children.map((c) => [c.local, c.text]),
      [
        ['tpAmb', '2'],
        ['xServ', 'CONSULTAR'],
        ['chNFe', 'K'],
      ],
    );
    assert.equal(root.local, 'consSitNFe');
  });

  it('ask for the state of the service of a UF', () => {
    const { root } = parseXml(buildConsStat({ tpAmb: '1', cUF: '35' }));
    assert.deepEqual(
      root.children.map((c) => [c.local, c.text]),
      [
        ['tpAmb', '1'],
        ['cUF', '35'],
        ['xServ', 'STATUS'],
      ],
    );
    assert.equal(root.local, 'consStatServ');
  });
});

describe('buildProc', () => {
  it('keeps both parts byte for byte', () => {
    const xml = buildProc(NOTE, PROT);
    assert.equal(xml, `<?xml version="1.0" encoding="UTF-8"?><nfeProc xmlns="${NS}" versao="4.00">${NOTE}${PROT}</nfeProc>`);
    assert.ok(parseXml(xml).root.children.every((c) => c.uri === NS));
  });

  it('drops the XML declaration and byte order mark of either part, there may be only one', () => {
    const declared = `\uFEFF<?xml version='1.0' encoding='utf-8' ?>\n`;
    assert.equal(buildProc(declared + NOTE, `${declared + PROT}\n`), buildProc(NOTE, PROT));
  });
});

describe('parseDateTime', () => {
  const cases: [string, string | undefined][] = [
    ['2026-11-21T10:00:00-03:00', '2026-11-21T13:00:00.000Z'],
    ['2026-11-21T23:30:00-05:00', '2026-11-22T04:30:00.000Z'],
    ['2026-11-21T10:00:00+00:00', '2026-11-21T10:00:00.000Z'],
    ['2028-02-29T00:00:00-02:00', '2028-02-29T02:00:00.000Z'],
    ['2026-02-29T00:00:00-03:00', undefined],
    ['2026-11-21T24:00:00-03:00', undefined],
    ['2026-13-01T00:00:00-03:00', undefined],
    ['2026-11-21T10:00:00Z', undefined],
    ['2026-11-21T10:00:00.123-03:00', undefined],
    ['2026-11-21T10:00:00-13:00', undefined],
    ['2026-11-21', undefined],
    ['', undefined],
  ];
  for (const [text, expected] of cases) {
    it(`reads "${text}" as ${expected ?? 'nothing'}`, () => assert.equal(parseDateTime(text)?.toISOString(), expected));
  }
});
