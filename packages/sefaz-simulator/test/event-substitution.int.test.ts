import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '@malote/runtime/clock';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { checkDigit } from '../chave.ts';
import { type Authorised, eventScene } from './event-scene.ts';
import { cancelamento } from './signed-evento.ts';
import { signedNfce, v3OfflineTo } from './signed-nfce.ts';
import { assertValid, CNPJ, type Stage, startStage } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await startStage();
});
after(() => stage.close());
const { authorised, authorisedNfce, event, cancel, send, consult, eventCode, nextNumber } = eventScene(() => stage);

const minutesAgo = (minutes: number) => new Date(systemClock.now().getTime() - minutes * 60_000);
const substitute = (options: Parameters<typeof authorisedNfce>[0] = {}) => authorisedNfce({ tpEmis: '9', ...options });
const det = (nProt: string, chNFeRef: string) =>
  `<cOrgaoAutor>35</cOrgaoAutor><tpAutor>1</tpAutor><verAplic>ERP 1.0</verAplic>${cancelamento(nProt)}<chNFeRef>${chNFeRef}</chNFeRef>`;
const replace = (note: Authorised, chNFeRef: string, modelo = '65') =>
  send(event(note.chave, '110112', { det: det(note.nProt, chNFeRef) }), { modelo });
const fixDigit = (text: string) => text.slice(0, 43) + checkDigit(text.slice(0, 43));

test('an NFC-e is cancelled by the one that took its place, and the consult tells it', async () => {
  const [original, other] = [await authorisedNfce(), await substitute()];
  const reply = await replace(original, other.chave);
  assert.deepEqual(reply.all('cStat'), ['128', '135'], reply.body);
  assertValid(stage, reply, '110112');
  const consulted = await consult(original.chave, { modelo: '65' });
  assert.deepEqual(consulted.all('cStat'), ['101', '100', '135']);
  assert.deepEqual(consulted.all('chNFeRef'), [other.chave]);
  assertValid(stage, consulted);
  assert.equal(await eventCode(replace(original, other.chave)), '573');
  assert.equal(await eventCode(send(cancel(original), { modelo: '65' })), '218');
});

test('the substitute is off-line and the original on-line: 920', async () => {
  const [first, second] = [await authorisedNfce(), await authorisedNfce()];
  assert.equal(await eventCode(replace(first, second.chave)), '920');
  const [offline, other] = [await substitute(), await substitute()];
  assert.equal(await eventCode(replace(offline, other.chave)), '920');
});

test('the substitute is known and authorised: 910, 911, 912, 913', async () => {
  const [original, other] = [await authorisedNfce(), await substitute()];
  const wrongDigit = other.chave.slice(0, 43) + ((Number(other.chave[43]) + 1) % 10);
  assert.equal(await eventCode(replace(original, wrongDigit)), '910');
  const company = fixDigit(other.chave.slice(0, 6) + sampleCnpj(7) + other.chave.slice(20));
  assert.equal(await eventCode(replace(original, company)), '911');
  assert.equal(await eventCode(replace(original, fixDigit(`43${other.chave.slice(2)}`))), '911');
  const unknown = signedNfce({ cnpj: CNPJ, numero: nextNumber(), tpEmis: '9', signer: stage.company }).chave;
  assert.equal(await eventCode(replace(original, unknown)), '912');
  assert.equal(await eventCode(send(cancel(other), { modelo: '65' })), '135');
  assert.equal(await eventCode(replace(original, other.chave)), '913');
});

test('the substitute sells the same to the same one within two hours: 914 to 919', async () => {
  // One item at 10,37 and two at 5,00 and 5,37 come to the same total and the same ICMS.
  const single = { precoCentavos: 1_037 };
  const original = await authorisedNfce(single);
  const cases: [string, Parameters<typeof substitute>[0]][] = [
    ['914', { ...single, dhEmi: minutesAgo(121) }],
    ['915', { precoCentavos: 1_038 }],
    ['916', { ...single, edit: (xml) => xml.replace(/(<ICMSTot>.*?<vICMS>)[^<]*/, '$10.01') }],
    ['917', { ...single, identified: true, qr: v3OfflineTo('2|10000000108') }],
    ['918', { itens: 2, precoCentavos: 500 }],
    ['919', { ...single, edit: (xml) => xml.replace('<cProd>P0001', '<cProd>P0002') }],
    ['135', { ...single, dhEmi: minutesAgo(119) }],
  ];
  for (const [cStat, options] of cases) {
    const other = await substitute(options);
    assert.equal(await eventCode(replace(original, other.chave)), cStat);
  }
});

test('without what the event needs it is 493, and an NF-e is not cancelled so', async () => {
  const [original, other] = [await authorisedNfce(), await substitute()];
  const short = send(event(original.chave, '110112', { det: cancelamento(original.nProt) }), { modelo: '65' });
  assert.equal(await eventCode(short), '493');
  const nfe = await authorised();
  assert.equal(await eventCode(replace(nfe, other.chave, '55')), '491');
});
