import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { type SampleNfeOptions, sampleNfe } from '@malote/testkit/sample-nfe';
import { parseXml } from '../xml/parse.ts';
import { readIdentity } from './identity.ts';
import { previewOf } from './preview.ts';

const NOW = new Date('2026-11-21T13:05:00Z');
const sample = (options: Partial<SampleNfeOptions> = {}): string =>
  sampleNfe({ cnpj: sampleCnpj(5), numero: 7, dhEmi: '2026-11-21T10:00:00-03:00', ...options });

function preview(xml: string, layout: 'sefaz' | 'oobj' = 'sefaz') {
  const doc = parseXml(xml);
  const read = readIdentity(doc, layout);
  assert.ok(read.ok);
  return previewOf({ doc, layout, identity: read.identity, inf: read.inf, now: NOW });
}

test('a key that the note does not bring is not made up', () => {
  const seen = preview(sample());
  assert.ok(seen.ok);
  assert.match(seen.xml, /^<NFe [^>]*><infNFe versao="4.00"><ide>/);
});

test('a cNF of the note is its key already', () => {
  const seen = preview(sample({ cNF: '12873465' }));
  assert.ok(seen.ok);
  assert.match(seen.xml, /<infNFe Id="NFe35\d{33}12873465\d"/);
});

test('the layout of the old hub comes out in the official namespace', () => {
  const seen = preview(sample({ namespace: 'oobj' }), 'oobj');
  assert.ok(seen.ok);
  assert.match(seen.xml, /^<NFe xmlns="http:\/\/www.portalfiscal.inf.br\/nfe">/);
});

test('what emission would refuse is said, without a certificate', () => {
  const refused = preview(sample({ dhEmi: '2026-11-21T12:00:00-03:00' }));
  assert.deepEqual(refused.ok ? [] : refused.faults.map(({ code }) => code), ['EMI-055']);
  const contradicted = preview(sample({ cNF: '11111111' }));
  assert.deepEqual(contradicted.ok ? [] : contradicted.faults.map(({ code }) => code), ['EMI-034']);
});
