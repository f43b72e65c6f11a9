import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleAlphanumericCnpj, sampleCnpj, sampleCpf } from './sample-cnpj.ts';
import { dhEmiText, sampleNfe } from './sample-nfe.ts';

const at = new Date('2026-11-21T01:30:00Z');

test('the sample carries no Id, cNF, cDV, tpEmis or Signature unless asked', () => {
  const xml = sampleNfe({ cnpj: sampleCnpj(1), numero: 9, dhEmi: at });
  assert.doesNotMatch(xml, /Id=|<cNF>|<cDV>|<tpEmis>|<Signature/);
  assert.match(xml, /<serie>1<\/serie><nNF>9<\/nNF><dhEmi>2026-11-20T22:30:00-03:00<\/dhEmi>/);
  const given = sampleNfe({ cnpj: sampleCnpj(1), numero: 9, dhEmi: at, tpEmis: '1', cNF: '12873465', namespace: 'oobj' });
  assert.match(given, /<NFe xmlns="http:\/\/www.oobj.com.br\/nfe">.*<cNF>12873465<\/cNF>.*<tpEmis>1<\/tpEmis>/s);
});

test('the emitter is a CNPJ or a CPF, with or without IE', () => {
  assert.match(sampleNfe({ cpf: sampleCpf(1), ie: null, numero: 1, dhEmi: at }), /<emit><CPF>\d{11}<\/CPF>.*<\/enderEmit><CRT>/);
  assert.throws(() => sampleNfe({ numero: 1, dhEmi: at }), /exactly one/);
});

test('totals are the sums of the items', () => {
  const xml = sampleNfe({ cnpj: sampleCnpj(1), numero: 1, dhEmi: at, itens: 25 });
  const cents = (name: string) => [...xml.matchAll(new RegExp(`<${name}>([\\d.]+)<`, 'g'))].map((m) => Math.round(Number(m[1]) * 100));
  const prods = cents('vProd');
  assert.equal(prods.length, 26);
  assert.equal(
    prods.slice(0, -1).reduce((a, b) => a + b),
    prods.at(-1),
  );
  assert.deepEqual(cents('vNF'), [prods.at(-1)]);
});

test('dhEmi takes the offset of the UF', () => {
  assert.equal(dhEmiText(at, 'AC'), '2026-11-20T20:30:00-05:00');
  assert.equal(dhEmiText(at, 'MT'), '2026-11-20T21:30:00-04:00');
});

test('sample CNPJs have the published check digits', () => {
  assert.equal(sampleCnpj(1), '10000001000190');
  assert.match(sampleAlphanumericCnpj(1), /^AA[0-9A-Z]{6}0001\d{2}$/);
  assert.equal(new Set(Array.from({ length: 500 }, (_, n) => sampleAlphanumericCnpj(n))).size, 500);
  assert.match(sampleCpf(1), /^\d{11}$/);
});
