import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { parseXml } from '../xml/parse.ts';
import { buildEpec } from './epec.ts';

const CNPJ = sampleCnpj(1);
const DEST = sampleCnpj(7);
const dhEmi = '2026-11-22T10:00:00-03:00';
const nfe = (more: object = {}) => sampleNfe({ cnpj: CNPJ, numero: 7, dhEmi, tpEmis: '4', dest: { cnpj: DEST }, ...more });
const det = (xml: string, modelo: '55' | '65' = '55') => {
  const built = buildEpec(parseXml(xml), modelo);
  return built.ok ? /<detEvento.*<\/detEvento>/.exec(built.xml)?.[0] : built.faults.map(({ code, path }) => `${code} ${path}`);
};
const value = (xml: string, tag: string) => new RegExp(`<ICMSTot>.*<${tag}>([^<]+)`).exec(xml)?.[1];
const head =
  '<detEvento versao="1.00"><descEvento>EPEC</descEvento><cOrgaoAutor>35</cOrgaoAutor><tpAutor>1</tpAutor><verAplic>Malote</verAplic>' +
  `<dhEmi>${dhEmi}</dhEmi><tpNF>1</tpNF><IE>110042490114</IE>`;

test('the EPEC of an NF-e says what its note says, in the order of the layout', () => {
  const xml = nfe();
  const values = ['vNF', 'vICMS', 'vST'].map((tag) => `<${tag}>${value(xml, tag)}</${tag}>`).join('');
  assert.equal(det(xml), `${head}<dest><UF>SP</UF><CNPJ>${DEST}</CNPJ><IE>110042490223</IE>${values}</dest></detEvento>`);
});

test('a foreign recipient keeps its id, an empty one too, and its UF is EX; an IE that is no number is left out', () => {
  const abroad = (id: string) =>
    nfe()
      .replace(/<dest><CNPJ>\w+<\/CNPJ>/, `<dest><idEstrangeiro>${id}</idEstrangeiro>`)
      .replace(/(<enderDest>.*)<UF>SP<\/UF>/, '$1<UF>EX</UF>')
      .replace('<IE>110042490223</IE>', '<IE>ISENTO</IE>');
  for (const id of ['AB-12345', '']) {
    assert.ok(String(det(abroad(id))).includes(`<dest><UF>EX</UF><idEstrangeiro>${id}</idEstrangeiro><vNF>`), id);
  }
});

test('the EPEC of an NFC-e has its values outside the recipient, none of ST, and needs no recipient', () => {
  const plain = sampleNfce({ cnpj: CNPJ, numero: 7, dhEmi, tpEmis: '4', dest: null });
  const values = ['vNF', 'vICMS'].map((tag) => `<${tag}>${value(plain, tag)}</${tag}>`).join('');
  assert.equal(det(plain, '65'), `${head}${values}</detEvento>`);
  const named = sampleNfce({ cnpj: CNPJ, numero: 7, dhEmi, tpEmis: '4', dest: { cpf: '52998224725' } });
  assert.ok(
    String(det(named, '65')).includes(`<dest><UF>SP</UF><CPF>52998224725</CPF></dest>${values}</detEvento>`),
    String(det(named, '65')),
  );
});

test('a note without what the layout demands is refused, with the field', () => {
  assert.deepEqual(det(nfe({ ie: null })), ['EVT-028 infNFe/emit/IE']);
  assert.deepEqual(det(nfe({ ie: 'ISENTO' })), ['EVT-028 infNFe/emit/IE']);
  assert.deepEqual(det(nfe({ dest: null })), ['EVT-029 infNFe/dest']);
});
