import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleCnpj, sampleCpf } from './sample-cnpj.ts';
import { sampleNfce } from './sample-nfce.ts';
import { HOMOLOGACAO_XPROD, sampleNfe } from './sample-nfe.ts';

const BASE = { cnpj: sampleCnpj(1), numero: 3, dhEmi: '2026-11-21T10:00:00-03:00' };

test('the NFC-e is a sale over the counter, to nobody in particular or to a CPF', () => {
  const anonymous = sampleNfce(BASE);
  assert.match(anonymous, /<mod>65<\/mod>.*<tpImp>4<\/tpImp>.*<indFinal>1<\/indFinal><indPres>1<\/indPres><procEmi>/s);
  assert.doesNotMatch(anonymous, /<dest>|<indIntermed>|<infNFeSupl>|<cNF>|<Signature/);
  const cpf = sampleCpf(1);
  assert.match(sampleNfce({ ...BASE, dest: { cpf } }), new RegExp(`<dest><CPF>${cpf}</CPF><indIEDest>9</indIEDest></dest>`));
});

test('only the first item of an NFC-e in homologação has the fixed sentence', () => {
  const items = (xml: string) => [...xml.matchAll(/<xProd>(.*?)<\/xProd>/g)].map(([, text]) => text);
  assert.deepEqual(items(sampleNfce({ ...BASE, itens: 2 })), [HOMOLOGACAO_XPROD, 'Produto de exemplo 2']);
  assert.ok(!items(sampleNfce({ ...BASE, tpAmb: '1' })).includes(HOMOLOGACAO_XPROD));
  assert.ok(!items(sampleNfe(BASE)).includes(HOMOLOGACAO_XPROD));
});
