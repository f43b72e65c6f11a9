import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '@malote/runtime/clock';
import { readChave } from '../chave.ts';
import { consSitNFe, enviNFe, signedNfe } from './signed-nfe.ts';
import { assertValid, CNPJ, type Stage, startStage } from './stage.ts';

interface Stored {
  chave: string;
  nRec: string;
  nProt: string;
  digVal: string;
  error?: string;
}

let stage: Stage;
let next = 1;
before(async () => {
  stage = await startStage();
});
after(() => stage.close());

const note = (numero: number) => signedNfe({ cnpj: CNPJ, numero, signer: stage.company });
const register = (body: object) => stage.admin<Stored>('POST', '/documents', body);
const authorize = (xml: string) => stage.call('NFeAutorizacao4', enviNFe(xml));
const consult = (chave: string) => stage.call('NFeConsultaProtocolo4', consSitNFe(chave));
const holding = (more: object = {}) => register({ uf: 'SP', cnpj: CNPJ, numero: next, ...more });
const lastMonth = () => {
  const date = systemClock.now();
  date.setUTCDate(15);
  date.setUTCMonth(date.getUTCMonth() - 1);
  return date.toISOString().slice(2, 7).replace('-', '');
};

test('a number that a foreign key holds is 539 with that key and its receipt, and a consult of the foreign key gives its digest', async () => {
  const numero = next++;
  const foreign = await register({ uf: 'SP', cnpj: CNPJ, numero, cNF: '11223344' });
  const reply = await authorize(note(numero).xml);
  assert.deepEqual(reply.all('cStat'), ['104', '539']);
  const expected = `Rejeição: Duplicidade de NF-e com diferença na Chave de Acesso [chNFe:${foreign.chave}][nRec:${foreign.nRec}]`;
  assert.equal(reply.all('xMotivo')[1], expected);
  assertValid(stage, reply);
  const theirs = await consult(foreign.chave);
  assert.deepEqual([theirs.all('cStat'), theirs.all('digVal'), theirs.all('nProt')], [['100', '100'], [foreign.digVal], [foreign.nProt]]);
  assertValid(stage, theirs);
});

test("a consult of one's own key is 562, 561 or 613 by what the foreign key differs in", async () => {
  for (const [cStat, more, tells] of [
    ['562', { cNF: '11223344' }, true],
    ['561', { cNF: '48019273', aamm: lastMonth() }, false],
    ['613', { cNF: '48019273', tpEmis: '5' }, false],
  ] as const) {
    const { chave } = await holding(more);
    const reply = await consult(note(next++).chave);
    assert.deepEqual(reply.all('cStat'), [cStat]);
    assert.equal(reply.body.includes(`[chNFe:${chave}]`), tells);
    assertValid(stage, reply);
  }
});

test("a key with a digest of one's choice can be put under one's own key: 204, and the consult tells the other digest", async () => {
  const mine = note(next++);
  const digVal = Buffer.alloc(20, 7).toString('base64');
  await register({ chave: mine.chave, digVal });
  assert.deepEqual((await authorize(mine.xml)).all('cStat'), ['104', '204']);
  assert.deepEqual((await consult(mine.chave)).all('digVal'), [digVal]);
});

test('a cancelled document is told with the protocol of its authorisation, and another send of it is 218; a denied one is 205', async () => {
  const cancelled = note(next++);
  await register({ chave: cancelled.chave, cStat: '101' });
  const reply = await consult(cancelled.chave);
  assert.deepEqual(reply.all('cStat'), ['101', '100']);
  assertValid(stage, reply);
  assert.deepEqual((await authorize(cancelled.xml)).all('cStat'), ['104', '218']);
  const denied = note(next++);
  await register({ chave: denied.chave, cStat: '110' });
  assert.deepEqual((await authorize(denied.xml)).all('cStat'), ['104', '205']);
});

test('foreign documents are listed as such, are no authorisations, and survive a restart', async () => {
  const { total, foreign } = await stage.admin<{ total: number; foreign: number }>('GET', '/authorizations');
  assert.deepEqual([total, foreign], [0, next - 1]);
  assert.equal((await stage.admin<unknown[]>('GET', '/documents?foreign=true')).length, foreign);
  const { chave } = await holding({ cNF: '11223344' });
  await stage.restart();
  assert.deepEqual((await authorize(note(next++).xml)).all('cStat'), ['104', '539']);
  assert.equal((await register({ chave })).chave, chave, 'the same key again is no error');
});

test('a foreign document of tpEmis 6 is at SVC-AN, and the same number authorised at the state counts as doubled', async () => {
  const numero = next++;
  const { chave } = await register({ uf: 'SP', cnpj: CNPJ, numero, tpEmis: '6' });
  assert.equal(readChave(chave)?.tpEmis, '6');
  assert.deepEqual((await authorize(note(numero).xml)).all('cStat'), ['104', '100']);
  type Report = { doubled: number; numbers: { authorizations: { autorizador: string; tpEmis: string; foreign?: boolean }[] }[] };
  const report = await stage.admin<Report>('GET', `/authorizations?numero=${numero}`);
  assert.equal(report.doubled, 1);
  const seen = report.numbers[0]?.authorizations.map((a) => [a.autorizador, a.tpEmis, a.foreign]);
  assert.deepEqual(seen, [
    ['SVC-AN', '6', true],
    ['SP', '1', undefined],
  ]);
});

test('a document that cannot be stored is refused with the reason', async () => {
  const { chave } = note(next);
  const wrongDigit = chave.slice(0, 43) + ((Number(chave[43]) + 1) % 10);
  for (const [body, reason] of [
    [{ chave: '123' }, /key of 44/],
    [{ chave: wrongDigit }, /check digit/],
    [{ chave, numero: 3 }, /leave out numero/],
    [{ cnpj: CNPJ, numero: 3 }, /uf must be/],
    [{ uf: 'SP', cnpj: CNPJ }, /numero must be/],
    [{ chave, cStat: '539' }, /cStat of a stored/],
    [{ chave, digVal: 'x' }, /digVal/],
    [{ chave, autorizador: 'XX' }, /no authoriser/],
    [{ chave, nProt: '1' }, /nProt is not allowed/],
  ] as const) {
    assert.match((await register(body)).error ?? '', reason);
  }
  await register({ chave });
  assert.match((await register({ uf: 'SP', cnpj: CNPJ, numero: next, cNF: '11223344' })).error ?? '', /held by/);
});
