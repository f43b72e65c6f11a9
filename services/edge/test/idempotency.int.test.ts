import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { postXml, problemOf, type RunningEdge, runEdge } from './running-edge.ts';

const CNPJ = sampleCnpj(81);
const OTHER = sampleCnpj(82);
const note = (numero: number, over: object = {}) => sampleNfe({ cnpj: CNPJ, numero, dhEmi: '2026-11-21T10:00:00-03:00', ...over });
const idOf = (numero: number) => `${CNPJ}.2.55.35.001.${String(numero).padStart(9, '0')}`;

let edge: RunningEdge;
let session: string;
before(async () => {
  edge = await runEdge('idempotency');
  session = await edge.signIn(await edge.account(CNPJ));
});
after(() => edge.stop());

const post = (key: string, xml: string, token = session, cnpj = CNPJ) =>
  postXml(`${edge.url}/api/empresas/${cnpj}/docs/hom/55`, token, xml, { 'idempotency-key': key });
const stored = (numero: number) => edge.store.documentos.findById(idOf(numero));
const codigoOf = async (answer: Response) => [answer.status, (await problemOf(answer)).codigo];

/** Ends a note with a refusal that frees its number, as emission would. */
async function reject(numero: number): Promise<void> {
  const documento = await stored(numero);
  assert.ok(documento);
  const attempt = { n: documento.version, kind: 'authorize', autorizador: 'SP', service: 'NFeAutorizacao4', trace: 't' } as const;
  const now = new Date();
  const attempts = [{ ...attempt, sentAt: now, until: now, endedAt: now, result: 'answered' as const, cStat: '610' }];
  const retorno = { class: 'rejected' as const, cStat: '610', xMotivo: 'Rejeicao: Total da NF difere' };
  await edge.store.documentos.transition(documento, { state: 'rejected', attempts, retorno, nextAt: undefined, nextAction: undefined });
}

test('the same key with the same body answers the present state, and writes nothing', async () => {
  assert.equal((await post('a', note(1))).status, 202);
  assert.equal((await post('a', note(1))).status, 202);
  await reject(1);
  const before = await stored(1);
  const again = await post('a', note(1));
  assert.equal(again.status, 200);
  assert.equal(((await again.json()) as { status: string }).status, 'Rejeitada');
  assert.equal((await stored(1))?.version, before?.version);
});

test('the same key with another body or another document is refused, and the other document is not accepted', async () => {
  assert.equal((await post('b', note(2))).status, 202);
  assert.deepEqual(await codigoOf(await post('b', note(2, { itens: 2 }))), [422, 'chave-de-idempotencia-reutilizada']);
  assert.deepEqual(await codigoOf(await post('b', note(3))), [422, 'chave-de-idempotencia-reutilizada']);
  assert.equal(await stored(3), undefined);
  assert.equal((await post('b2', note(3))).status, 202, 'with a key of its own it is taken');
});

test('a key is its account’s own', async () => {
  const stranger = await edge.signIn(await edge.account(OTHER));
  assert.equal((await post('c', note(4))).status, 202);
  const theirs = sampleNfe({ cnpj: OTHER, numero: 4, dhEmi: '2026-11-21T10:00:00-03:00' });
  assert.equal((await post('c', theirs, stranger, OTHER)).status, 202);
});

test('two posts with one key and different bodies at the same instant: exactly one is accepted', async () => {
  for (let round = 0; round < 20; round += 1) {
    const numeros = [100 + 2 * round, 101 + 2 * round];
    const answers = await Promise.all(numeros.map((numero) => post(`race-${round}`, note(numero))));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [202, 422], `round ${round}`);
    const taken = await Promise.all(numeros.map(stored));
    assert.equal(taken.filter(Boolean).length, 1);
  }
});

test('a request that is refused does not use its key up', async () => {
  assert.deepEqual(await codigoOf(await post('d', '<NFe')), [400, 'xml-malformado']);
  assert.equal((await post('d', note(5))).status, 202);
  // Refused only after the key was tied to its content.
  assert.deepEqual(await codigoOf(await post('e', note(5, { itens: 2 }))), [409, 'identidade-em-conflito']);
  assert.equal((await post('e', note(6))).status, 202);
});

test('a refusal of a repetition leaves the key with what it stands for', async () => {
  assert.equal((await post('f', note(7))).status, 202);
  await reject(7);
  assert.equal((await post('f2', note(7, { itens: 2 }))).status, 202, 'the corrected note takes the number');
  const corrected = await stored(7);
  const late = await post('f', note(7));
  assert.equal(late.status, 202, 'the first request, come late, is told what became of the number');
  await reject(7);
  const settled = await stored(7);
  assert.equal((await post('f', note(7))).status, 200);
  const present = await stored(7);
  assert.deepEqual([present?.fingerprint, present?.version], [corrected?.fingerprint, settled?.version], 'it did not take the number back');
  assert.deepEqual(await codigoOf(await post('f', note(8))), [422, 'chave-de-idempotencia-reutilizada']);
});

test('a key is 1 to 128 visible ASCII characters', async () => {
  for (const key of ['', 'a b', 'x'.repeat(129), 'é']) {
    assert.deepEqual(await codigoOf(await post(key, note(9))), [400, 'chave-de-idempotencia-invalida'], JSON.stringify(key));
  }
  assert.equal(await stored(9), undefined);
  assert.equal((await post(`"${'x'.repeat(126)}"`, note(9))).status, 202);
});
