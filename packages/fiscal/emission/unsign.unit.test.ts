import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { parseXml } from '../xml/parse.ts';
import { signXml } from '../xml/sign.ts';
import { readIdentity } from './identity.ts';
import { prepare } from './prepare.ts';
import { hashCsrt } from './resp-tec.ts';
import { checkRules } from './rules.ts';
import { asPosted, unsign } from './unsign.ts';

const { privateKey: key } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const certificate = { key, certDer: new Uint8Array([1]) };
const RESP = { cnpj: '12345678000195', xContato: 'Suporte', email: 'nfe@exemplo.com.br', fone: '1133334444', idCSRT: '01' };
const HUB = { layout: 'sefaz', cNF: '87651234', respTec: RESP, csrt: 'SEGREDO' } as const;
const SVC = { tpEmis: '6', contingencia: { dhCont: '2026-11-21T09:50:00-03:00', xJust: 'Autorizador da SEFAZ indisponível' } };
const posted = sampleNfe({ cnpj: '11222333000181', numero: 7, dhEmi: '2026-11-21T10:00:00-03:00', nastyText: true, tpEmis: '1' });

function prepared(text: string, form: typeof SVC | { tpEmis: string }) {
  const made = prepare({ ...HUB, ...form, text });
  assert.ok(made.ok, JSON.stringify(made));
  return made;
}

function signed(text: string, form: typeof SVC | { tpEmis: string }): string {
  return signXml(prepared(text, form).xml, { element: 'infNFe' }, certificate).xml;
}

function rulesOf(text: string) {
  const doc = parseXml(text);
  const read = readIdentity(doc, 'sefaz');
  assert.ok(read.ok);
  return checkRules({ doc, identity: read.identity, now: new Date('2026-11-21T13:01:00Z') }).map(({ code }) => code);
}

test('a note signed for the SVC is again as its ERP posted it: tpEmis 1, no key, no dhCont and xJust, its cNF and all else kept', () => {
  const again = asPosted(signed(posted, SVC), HUB.csrt);
  for (const gone of ['<Signature', ' Id=', '<cDV>', '<dhCont>', '<xJust>', '<hashCSRT>']) assert.ok(!again.includes(gone), gone);
  assert.match(again, /<cNF>87651234<\/cNF>.*<tpEmis>1<\/tpEmis><tpAmb>/);
  assert.deepEqual(rulesOf(again), rulesOf(posted));
  // Only unsigned it is a note of the SVC: what the rules see of it is another form, and in normal emission its dates are refused.
  const onlyUnsigned = unsign(signed(posted, SVC), HUB.csrt);
  assert.ok(rulesOf(onlyUnsigned.replace('<tpEmis>6<', '<tpEmis>1<')).includes('EMI-068'));
});

test('prepared again it is, byte for byte, what it would have been at first, in any form and however often it went to and fro', () => {
  const normal = prepared(posted, { tpEmis: '1' });
  const epec = { tpEmis: '4', contingencia: { dhCont: '2026-11-21T09:58:00-03:00', xJust: 'Outra justificativa bem explicada' } };
  for (const form of [SVC, epec, { tpEmis: '1' }]) {
    const back = prepared(asPosted(signed(posted, form), HUB.csrt), { tpEmis: '1' });
    assert.deepEqual([back.xml, back.chave], [normal.xml, normal.chave]);
    assert.ok(back.xml.includes(`<hashCSRT>${hashCsrt(HUB.csrt, normal.chave)}</hashCSRT>`));
  }
  const moved = asPosted(signed(posted, SVC), HUB.csrt);
  assert.equal(prepared(moved, epec).xml, prepared(posted, epec).xml);
  assert.equal(asPosted(signed(moved, epec), HUB.csrt), moved);
});

test('what the ERP wrote of its key is made again, and what is no signed note is refused', () => {
  const { chave } = prepared(posted, { tpEmis: '1' });
  const withKey = prepared(posted, { tpEmis: '1' }).xml;
  assert.ok(withKey.includes(`Id="NFe${chave}"`));
  assert.equal(prepared(asPosted(signed(withKey, SVC), HUB.csrt), { tpEmis: '1' }).chave, chave);
  assert.throws(() => asPosted(posted), /not a signed NFe/);
});
