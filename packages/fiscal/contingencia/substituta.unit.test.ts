import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { readIdentity } from '../emission/identity.ts';
import { prepare } from '../emission/prepare.ts';
import { hashCsrt } from '../emission/resp-tec.ts';
import { unsign } from '../emission/unsign.ts';
import { parseXml } from '../xml/parse.ts';
import { signXml } from '../xml/sign.ts';
import { substitutaOf } from './substituta.ts';

const { privateKey: key } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const certificate = { key, certDer: new Uint8Array([1]) };
const RESP = { cnpj: '12345678000195', xContato: 'Suporte', email: 'nfe@exemplo.com.br', fone: '1133334444', idCSRT: '01' };
const CSRT = 'SEGREDO';
const CNF = '12345678'.split('').reverse().join('');

function signedNote() {
  const text = sampleNfce({ cnpj: '11222333000181', numero: 7, dhEmi: '2026-11-21T10:00:00-03:00', dest: { cpf: '52998224725' } });
  const prepared = prepare({ text, layout: 'sefaz', tpEmis: '1', cNF: CNF, respTec: RESP, csrt: CSRT });
  assert.ok(prepared.ok, JSON.stringify(prepared));
  const { xml } = signXml(prepared.xml, { element: 'infNFe' }, certificate);
  const supl = '<infNFeSupl><qrCode>x</qrCode><urlChave>y</urlChave></infNFeSupl>';
  return { ...prepared, signedXml: xml.replace('</infNFe>', `</infNFe>${supl}`) };
}

test('unsigned again, a note is prepared for another tpEmis with the same cNF and a hashCSRT of its new key', () => {
  const { signedXml, chave, xml } = signedNote();
  assert.equal(unsign(signedXml), xml);
  const text = unsign(signedXml, CSRT);
  const contingencia = { dhCont: '2026-11-21T10:00:00-03:00', xJust: 'Sem comunicação com a SEFAZ' };
  const again = prepare({ text, layout: 'sefaz', tpEmis: '9', cNF: CNF, respTec: RESP, csrt: CSRT, contingencia });
  assert.ok(again.ok, JSON.stringify(again));
  assert.equal(again.chave.slice(0, 34) + again.chave.slice(35, 43), chave.slice(0, 34) + chave.slice(35, 43));
  assert.equal(again.chave[34], '9');
  assert.ok(again.xml.includes(`<hashCSRT>${hashCsrt(CSRT, again.chave)}</hashCSRT>`));
  assert.ok(again.xml.includes(`<dhCont>${contingencia.dhCont}</dhCont><xJust>${contingencia.xJust}</xJust></ide>`));
  // Somebody else's hash is not the hub's to make.
  assert.ok(unsign(signedXml, 'OUTRO').includes(`<hashCSRT>${hashCsrt(CSRT, chave)}</hashCSRT>`));
  assert.throws(() => unsign(text), /not a signed NFe/);
});

test('a substitute is the same sale under another number: only ide and the key differ', () => {
  const { signedXml, xml: first } = signedNote();
  const fields = {
    serie: 889,
    numero: 3,
    dhEmi: '2026-11-21T10:00:04-03:00',
    dhCont: '2026-11-21T10:00:00-03:00',
    xJust: 'Sem SEFAZ no caixa',
  };
  const text = substitutaOf({ signedXml, ...fields, csrt: CSRT });
  const read = readIdentity(parseXml(text), 'sefaz');
  assert.ok(read.ok);
  const { serie, numero, tpEmis, dhEmi, chaveInformada } = read.identity;
  assert.deepEqual([serie, numero, tpEmis, dhEmi, chaveInformada], [889, 3, '9', fields.dhEmi, undefined]);
  const prepared = prepare({ text, layout: 'sefaz', tpEmis: '9', cNF: '87651234', respTec: RESP, csrt: CSRT });
  assert.ok(prepared.ok, JSON.stringify(prepared));
  assert.equal(prepared.chave.slice(35, 43), '87651234');
  const sale = (xml: string) => xml.slice(xml.indexOf('<emit>'), xml.indexOf('<infRespTec>'));
  assert.equal(sale(prepared.xml), sale(first));
  assert.ok(sale(first).includes('<det nItem="1">') && sale(first).includes('52998224725'));
});
