import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attempt } from '@malote/fiscal/emission/lifecycle-state';
import { systemClock } from '@malote/runtime/clock';
import { NotSent } from '@malote/sefaz/failure';
import type { Documento } from '@malote/store/documento';
import { callSefaz, type Known, newAttempt, type TransmitDeps } from './call-sefaz.ts';

const inForce = { notBefore: new Date(0), notAfter: new Date('2100-01-01T00:00:00Z') };
const documento = { _id: 'd', modelo: '55', tpAmb: '2', numero: 7, conteudo: 'stored', empresa: 'e', conta: 'c' } as Documento;
const attempt = { n: 1, kind: 'authorize', autorizador: 'SP', sentAt: new Date(0), until: new Date(55_000) } as Attempt;

function depsWith(sent: string[], dates = inForce): TransmitDeps {
  return {
    store: { empresas: { find: async () => ({}) }, conteudos: { get: async (id: string) => Buffer.from(`bytes ${id}`) } },
    credentials: { of: async () => dates },
    sefaz: {
      authorize: async ({ signedXml }: { signedXml: string }) => {
        sent.push(signedXml);
        throw new NotSent('conexao-recusada');
      },
    },
    clock: systemClock,
    sefazTimeoutMs: 45_000,
  } as unknown as TransmitDeps;
}

test('what was prepared is sent only while the document refers to it: after another worker was first, the stored bytes are', async () => {
  for (const [conteudo, expected] of [
    ['stored', 'bytes prepared here'],
    ['never stored', 'bytes stored'],
  ]) {
    const sent: string[] = [];
    const known = { conteudo, signedXml: 'bytes prepared here', credential: {} } as Known;
    await callSefaz(documento, attempt, known, depsWith(sent));
    assert.deepEqual(sent, [expected]);
  }
});

test('nothing is sent with a certificate out of its dates', async () => {
  const sent: string[] = [];
  const fact = await callSefaz(documento, attempt, undefined, depsWith(sent, { notBefore: new Date(0), notAfter: new Date(1) }));
  assert.deepEqual(sent, []);
  assert.ok(fact.kind === 'failed' && fact.failure === 'not-sent' && fact.reason === 'certificado-fora-da-validade');
});

test('the caller’s deadline shortens an authorisation, but not to less than five seconds, not a consult, and not once it has passed', () => {
  const now = systemClock.now();
  const deps = { clock: { ...systemClock, now: () => now }, sefazTimeoutMs: 45_000 };
  const timeoutOf = (kind: Attempt['kind'], leftMs?: number) => {
    const responderAte = leftMs === undefined ? {} : { responderAte: new Date(now.getTime() + leftMs) };
    const { until } = newAttempt(kind, { modelo: '65', trace: 't', autorizador: 'SP', ...responderAte }, deps);
    return until.getTime() - now.getTime() - 10_000;
  };
  assert.equal(timeoutOf('authorize'), 45_000);
  assert.equal(timeoutOf('authorize', 60_000), 45_000);
  assert.equal(timeoutOf('authorize', 10_000), 9_500);
  assert.equal(timeoutOf('authorize', 5_500), 5_000);
  assert.equal(timeoutOf('authorize', 5_499), 45_000);
  assert.equal(timeoutOf('authorize', -1), 45_000);
  assert.equal(timeoutOf('consult', 10_000), 45_000);
});
