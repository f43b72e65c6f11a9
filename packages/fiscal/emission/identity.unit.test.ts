import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sampleAlphanumericCnpj, sampleCnpj, sampleCpf } from '@malote/testkit/sample-cnpj';
import { type SampleNfeOptions, sampleNfe } from '@malote/testkit/sample-nfe';
import { buildChave } from '../chave/chave-acesso.ts';
import { parseXml } from '../xml/parse.ts';
import { documentId, type Layout, readIdentity } from './identity.ts';

const CNPJ = sampleCnpj(1);
const BASE: SampleNfeOptions = { cnpj: CNPJ, uf: 'SP', serie: 7, numero: 42, dhEmi: '2026-11-21T10:00:00-03:00' };
const NFE = sampleNfe(BASE);

function read(xml: string, layout: Layout = 'sefaz') {
  const result = readIdentity(parseXml(xml), layout);
  if (!result.ok) assert.fail(JSON.stringify(result.faults));
  return result;
}

function faultsOf(xml: string, layout: Layout = 'sefaz') {
  const result = readIdentity(parseXml(xml), layout);
  return result.ok ? [] : result.faults;
}

describe('readIdentity', () => {
  it('reads every field of an unsigned NF-e', () => {
    assert.deepEqual(read(NFE).identity, {
      emitente: CNPJ,
      tipoEmitente: 'CNPJ',
      tpAmb: '2',
      modelo: '55',
      cUF: '35',
      uf: 'SP',
      serie: 7,
      numero: 42,
      dhEmi: '2026-11-21T10:00:00-03:00',
      chaveInformada: undefined,
      tpEmis: '1',
      tpImp: '1',
      semIe: false,
      ie: '110042490114',
      assinado: false,
    });
  });

  it('makes the natural key of the document from it', () => {
    assert.equal(documentId(read(NFE).identity), `${CNPJ}.2.55.35.007.000000042`);
  });

  it('takes an alphanumeric CNPJ, a CPF and a note without IE', () => {
    const letters = sampleAlphanumericCnpj(3);
    assert.equal(read(sampleNfe({ ...BASE, cnpj: letters })).identity.emitente, letters);
    const cpf = read(sampleNfe({ ...BASE, cnpj: undefined, cpf: sampleCpf(1), serie: 920 })).identity;
    assert.deepEqual([cpf.emitente, cpf.tipoEmitente], [sampleCpf(1), 'CPF']);
    assert.equal(read(sampleNfe({ ...BASE, ie: null })).identity.semIe, true);
  });

  it('reads the NF-e inside its lote, and gives infNFe as the element', () => {
    const lote = `<enviNFe xmlns="http://www.portalfiscal.inf.br/nfe" versao="4.00"><idLote>1</idLote>${NFE}</enviNFe>`;
    const result = read(lote);
    assert.equal(result.inf.local, 'infNFe');
    assert.equal(result.identity.numero, 42);
  });

  it('reads a prefixed document by its namespace', () => {
    const prefixed = NFE.replace(/<(\/?)(?=[a-zA-Z])/g, '<$1n:').replace('xmlns=', 'xmlns:n=');
    assert.equal(read(prefixed).identity.numero, 42);
  });

  it('takes the oobj namespace by layout oobj, and the official one there too', () => {
    const oobj = sampleNfe({ ...BASE, namespace: 'oobj' });
    assert.equal(read(oobj, 'oobj').identity.numero, 42);
    assert.equal(read(NFE, 'oobj').identity.numero, 42);
  });

  it('gives the chave of a valid Id and ignores one that is none', () => {
    const parts = { cUF: '35', aamm: '2611', documento: CNPJ, modelo: '55', serie: '7', numero: '42', tpEmis: '1', cNF: '48151623' };
    const chave = buildChave(parts);
    assert.equal(read(NFE.replace('<infNFe', `<infNFe Id="NFe${chave}"`)).identity.chaveInformada, chave);
    assert.equal(read(NFE.replace('<infNFe', '<infNFe Id="NFe123"')).identity.chaveInformada, undefined);
  });

  it('takes a signed note only outside tpEmis 1', () => {
    const signed = (xml: string) => xml.replace('</NFe>', '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></NFe>');
    assert.deepEqual(
      faultsOf(signed(NFE)).map((f) => f.code),
      ['EMI-030'],
    );
    const contingencia = { dhCont: '2026-11-21T09:00:00-03:00', xJust: 'SEFAZ indisponivel' };
    assert.equal(read(signed(sampleNfe({ ...BASE, tpEmis: '9', contingencia }))).identity.assinado, true);
  });
});

describe('the fingerprint', () => {
  it('is the same for the same content written with other attribute quotes, comments or declaration', () => {
    const { fingerprint } = read(NFE);
    assert.match(fingerprint, /^[0-9a-f]{64}$/);
    for (const other of [
      `<?xml version="1.0" encoding="UTF-8"?>\n${NFE}`,
      NFE.replace('versao="4.00"', "versao = '4.00'"),
      NFE.replace('<natOp>', '<!-- x --><natOp>'),
    ]) {
      assert.equal(read(other).fingerprint, fingerprint);
    }
  });

  it('changes with one character of content', () => {
    assert.notEqual(read(NFE.replace('Venda', 'venda')).fingerprint, read(NFE).fingerprint);
  });

  it('covers the signed element only', () => {
    const supl = NFE.replace('</NFe>', '<infNFeSupl><qrCode>x</qrCode></infNFeSupl></NFe>');
    assert.equal(read(supl).fingerprint, read(NFE).fingerprint);
  });
});

describe('identity faults', () => {
  const without = (tag: string) => NFE.replace(new RegExp(`<${tag}>.*?</${tag}>`), '');
  const withText = (tag: string, text: string) => NFE.replace(new RegExp(`<${tag}>.*?</${tag}>`), `<${tag}>${text}</${tag}>`);
  const official = 'http://www.portalfiscal.inf.br/nfe';

  const cases: [what: string, xml: string, code: string, path: string][] = [
    ['an unknown root', '<nota/>', 'EMI-001', 'nota'],
    ['no namespace', NFE.replace(/ xmlns="[^"]*"/, ''), 'EMI-002', 'NFe'],
    ['another namespace', NFE.replace(official, 'http://example.com'), 'EMI-002', 'NFe'],
    ['ide in another namespace', NFE.replace('<ide>', '<ide xmlns="urn:x">'), 'EMI-002', 'ide'],
    ['the oobj namespace without its layout', sampleNfe({ ...BASE, namespace: 'oobj' }), 'EMI-003', 'NFe'],
    ['a lote without a document', `<enviNFe xmlns="${official}"><idLote>1</idLote></enviNFe>`, 'EMI-004', 'enviNFe'],
    ['a lote of two', `<enviNFe xmlns="${official}">${NFE}${NFE}</enviNFe>`, 'EMI-004', 'enviNFe'],
    ['no infNFe', `<NFe xmlns="${official}"/>`, 'EMI-005', 'NFe/infNFe'],
    ['no ide', NFE.replace(/<ide>.*<\/ide>/, ''), 'EMI-005', 'infNFe/ide'],
    ['no cUF', without('cUF'), 'EMI-010', 'infNFe/ide/cUF'],
    ['a cUF that is no UF', withText('cUF', '91'), 'EMI-010', 'infNFe/ide/cUF'],
    ['no mod', without('mod'), 'EMI-011', 'infNFe/ide/mod'],
    ['the model of another root', withText('mod', '57'), 'EMI-011', 'infNFe/ide/mod'],
    ['no serie', without('serie'), 'EMI-012', 'infNFe/ide/serie'],
    ['a serie with leading zeros', withText('serie', '001'), 'EMI-012', 'infNFe/ide/serie'],
    ['number zero', withText('nNF', '0'), 'EMI-013', 'infNFe/ide/nNF'],
    ['a number of 10 digits', withText('nNF', '1234567890'), 'EMI-013', 'infNFe/ide/nNF'],
    ['no dhEmi', without('dhEmi'), 'EMI-014', 'infNFe/ide/dhEmi'],
    ['a dhEmi without offset', withText('dhEmi', '2026-11-21T10:00:00'), 'EMI-014', 'infNFe/ide/dhEmi'],
    ['a dhEmi on a day that does not exist', withText('dhEmi', '2026-02-30T10:00:00-03:00'), 'EMI-014', 'infNFe/ide/dhEmi'],
    ['tpAmb 3', withText('tpAmb', '3'), 'EMI-015', 'infNFe/ide/tpAmb'],
    ['an empty tpEmis', NFE.replace('<tpAmb>', '<tpEmis></tpEmis><tpAmb>'), 'EMI-017', 'infNFe/ide/tpEmis'],
    ['a CNPJ with a mask', NFE.replace(CNPJ, '11.222.333/0001-81'), 'EMI-016', 'infNFe/emit/CNPJ'],
    ['no emitter', NFE.replace(/<emit>.*<\/emit>/, ''), 'EMI-016', 'infNFe/emit/CNPJ'],
    ['an emitter with CNPJ and CPF', NFE.replace('<emit>', '<emit><CPF>52998224725</CPF>'), 'EMI-016', 'infNFe/emit'],
    ['a CPF of 10 digits', NFE.replace(`<CNPJ>${CNPJ}</CNPJ>`, '<CPF>5299822472</CPF>'), 'EMI-016', 'infNFe/emit/CPF'],
  ];
  for (const [what, xml, code, path] of cases) {
    it(`name ${what} (${code} at ${path})`, () => {
      const faults = faultsOf(xml);
      assert.deepEqual(
        faults.map((f) => [f.code, f.path]),
        [[code, path]],
      );
      assert.match(faults[0]?.message ?? '', /\.$/, 'a sentence');
    });
  }

  it('come all at once, one for each field', () => {
    const codes = faultsOf(`<NFe xmlns="${official}"><infNFe><ide/></infNFe></NFe>`).map((f) => f.code);
    assert.deepEqual(codes, ['EMI-010', 'EMI-011', 'EMI-012', 'EMI-013', 'EMI-014', 'EMI-015', 'EMI-016']);
  });

  it('name a relative namespace, which C14N cannot write, instead of throwing', () => {
    const codes = faultsOf(NFE.replace('<infNFe', '<infNFe xmlns:p="relativo"')).map((f) => f.code);
    assert.deepEqual(codes, ['EMI-002']);
  });

  it('cut what they quote', () => {
    const [fault] = faultsOf(withText('serie', 'x'.repeat(5000)));
    assert.ok((fault?.message.length ?? 0) < 200);
  });
});
