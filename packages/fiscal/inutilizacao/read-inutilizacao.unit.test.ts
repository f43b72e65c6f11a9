import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sampleAlphanumericCnpj } from '@malote/testkit/sample-cnpj';
import fc from 'fast-check';
import { testCertificate } from '../test/test-certificate.ts';
import { acceptedByXmlCrypto } from '../test/verify-with-xml-crypto.ts';
import { parseXml } from '../xml/parse.ts';
import { signXml } from '../xml/sign.ts';
import { inutilizacaoXmlFromJson } from './json-inutilizacao.ts';
import { inutilizacaoId, prepareInutilizacao } from './prepare-inutilizacao.ts';
import { readInutilizacao } from './read-inutilizacao.ts';

const NS = 'http://www.portalfiscal.inf.br/nfe';
const OOBJ = 'http://www.oobj.com.br/nfe';
const CNPJ = '11222333000181';
const FIELDS: Readonly<Record<string, string>> = {
  ...{ tpAmb: '2', xServ: 'INUTILIZAR', cUF: '35', ano: '26', CNPJ, mod: '55', serie: '1', nNFIni: '5', nNFFin: '7' },
  xJust: 'Falha na numeração do sistema',
};
const inut = (more: Record<string, string | undefined> = {}, ns = NS, attributes = '') => {
  const inner = Object.entries({ ...FIELDS, ...more }).map(([tag, text]) => (text === undefined ? '' : `<${tag}>${text}</${tag}>`));
  return `<inutNFe xmlns="${ns}" versao="4.00"><infInut${attributes}>${inner.join('')}</infInut></inutNFe>`;
};
const ID = `ID3526${CNPJ}55001000000005000000007`;

function pedidoOf(text: string, layout: 'sefaz' | 'oobj' = 'sefaz') {
  const read = readInutilizacao(parseXml(text), layout);
  if (!read.ok) assert.fail(JSON.stringify(read.faults));
  return read.pedido;
}
function codesOf(text: string) {
  const read = readInutilizacao(parseXml(text));
  return read.ok ? [] : read.faults.map(({ code, path }) => `${code} ${path}`);
}

describe('readInutilizacao', () => {
  it('reads the range', () => {
    const { fingerprint, ...pedido } = pedidoOf(inut());
    assert.match(fingerprint, /^[0-9a-f]{64}$/);
    assert.deepEqual(pedido, {
      ...{ cUF: '35', uf: 'SP', ano: '26', emitente: CNPJ, tpAmb: '2', modelo: '55', serie: 1, numeroInicial: 5, numeroFinal: 7 },
      justificativa: 'Falha na numeração do sistema',
    });
    assert.equal(pedidoOf(inut({}, OOBJ), 'oobj').fingerprint, fingerprint);
    assert.notEqual(pedidoOf(inut({ nNFFin: '8' })).fingerprint, fingerprint);
  });

  it('names every missing or invalid field', () => {
    const bad = {
      tpAmb: '3',
      cUF: '99',
      ano: '2026',
      CNPJ: undefined,
      mod: '57',
      serie: '01',
      nNFIni: '0',
      nNFFin: undefined,
      xJust: 'curta',
    };
    assert.deepEqual(codesOf(inut(bad)).sort(), [
      ...['INU-010 infInut/cUF', 'INU-011 infInut/ano', 'INU-012 infInut/CNPJ', 'INU-013 infInut/mod', 'INU-014 infInut/serie'],
      ...['INU-015 infInut/nNFFin', 'INU-015 infInut/nNFIni', 'INU-018 infInut/xJust', 'INU-019 infInut/tpAmb'],
    ]);
  });

  it('says that an emitter with a CPF has no inutilização', () => {
    for (const more of [{ CNPJ: '12345678909' }, { CNPJ: undefined, CPF: '12345678909' }]) {
      const read = readInutilizacao(parseXml(inut(more)));
      assert.match(read.ok ? '' : (read.faults[0]?.message ?? ''), /não com CPF/);
    }
  });

  it('takes 10,000 numbers at most, in order', () => {
    assert.deepEqual(codesOf(inut({ nNFIni: '1', nNFFin: '10000' })), []);
    assert.deepEqual(codesOf(inut({ nNFIni: '1', nNFFin: '10001' })), ['INU-017 infInut/nNFFin']);
    assert.deepEqual(codesOf(inut({ nNFIni: '7', nNFFin: '6' })), ['INU-016 infInut/nNFFin']);
    assert.deepEqual(codesOf(inut({ nNFIni: '7', nNFFin: '7' })), []);
  });

  it('wants an inutNFe of a namespace that goes with the layout', () => {
    assert.deepEqual(codesOf(inut({}, OOBJ)), ['INU-003 inutNFe']);
    assert.deepEqual(codesOf(inut({}, 'urn:x')), ['INU-002 inutNFe']);
    assert.deepEqual(codesOf('<evento/>'), ['INU-001 evento']);
    assert.deepEqual(codesOf(`<inutNFe xmlns="${NS}"/>`), ['INU-005 inutNFe/infInut']);
  });
});

describe('prepareInutilizacao', () => {
  const run = (text: string, layout: 'sefaz' | 'oobj' = 'sefaz') => prepareInutilizacao({ doc: parseXml(text), layout });
  const WHOLE = inut({}, NS, ` Id="${ID}"`);

  it('adds Id and xServ and leaves the rest', () => {
    for (const text of [WHOLE, inut(), inut({ xServ: undefined }), inut({ xServ: '' }), `<?xml version="1.0"?>\n${inut()}`]) {
      const result = run(text);
      assert.equal(result.ok && result.xml, WHOLE, JSON.stringify(result));
    }
    const old = run(inut({}, OOBJ).replace('<cUF>', '\n  <cUF>'), 'oobj');
    assert.equal(old.ok && old.xml, WHOLE);
  });

  it('makes an Id of 43 characters that says the range', () => {
    const range = fc.record({ serie: fc.nat(999), numeroInicial: fc.integer({ min: 1, max: 999_999_999 }), size: fc.nat(9_999) });
    fc.assert(
      fc.property(range, ({ serie, numeroInicial, size }) => {
        const numeroFinal = Math.min(numeroInicial + size, 999_999_999);
        const id = inutilizacaoId({
          cUF: '35',
          ano: '26',
          emitente: sampleAlphanumericCnpj(1),
          modelo: '65',
          serie,
          numeroInicial,
          numeroFinal,
        });
        assert.match(id, /^ID[0-9]{4}[0-9A-Z]{12}[0-9]{25}$/);
        assert.deepEqual([id.slice(22, 25), id.slice(25, 34), id.slice(34)].map(Number), [serie, numeroInicial, numeroFinal]);
      }),
    );
  });

  it('refuses what contradicts its own fields, and a signature', () => {
    const signed = inut({}, NS, ' Id="ID1"').replace('versao="4.00"', 'versao="3.10"');
    const result = run(signed.replace('</inutNFe>', '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></inutNFe>'));
    assert.deepEqual(result.ok || result.faults.map(({ code }) => code).sort(), ['INU-020', 'INU-021', 'INU-022']);
    const foreign = run(inut().replace('<tpAmb>', '<x xmlns="urn:x"/><tpAmb>'));
    assert.deepEqual(foreign.ok || foreign.faults.map(({ code }) => code), ['INU-002']);
  });

  it('makes what xml-crypto accepts when it is signed', () => {
    const certificate = testCertificate();
    const result = run(inut());
    if (!result.ok) assert.fail();
    assert.ok(acceptedByXmlCrypto(signXml(result.xml, { element: 'infInut' }, certificate).xml, certificate.certPem));
  });
});

describe('inutilizacaoXmlFromJson', () => {
  const facts = { emitente: CNPJ, tpAmb: '2', modelo: '55' } as const;
  const BODY = { uf: 'SP', ano: 2026, serie: 1, numeroInicial: 5, numeroFinal: 7, justificativa: FIELDS.xJust };
  const xmlOf = (body: unknown) => {
    const result = inutilizacaoXmlFromJson(body, facts);
    return result.ok ? result.xml : result.faults.map(({ code, path }) => `${code} ${path}`);
  };
  it('makes the same request as the XML, with years of 2 or 4 digits and numbers as text', () => {
    assert.equal(xmlOf(BODY), inut());
    assert.equal(xmlOf({ ...BODY, ano: '26', serie: '001', numeroInicial: '000000005', numeroFinal: '7' }), inut());
  });
  it('names what is missing or wrong', () => {
    assert.deepEqual(xmlOf({ ...BODY, uf: 'XX' }), ['INU-010 uf']);
    assert.deepEqual(xmlOf({ ...BODY, serie: undefined, ano: {} }), ['INU-023 ano', 'INU-023 serie']);
    for (const body of [null, 'x', []]) assert.equal(xmlOf(body).length, 6);
  });
});
