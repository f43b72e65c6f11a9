import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { done } from '@malote/broker/consumer';
import { startOf } from '@malote/fiscal/contingencia/situacao';
import type { AnyEnvelope } from '@malote/messages/envelope';
import { CONTINGENCY_QUEUE } from '@malote/messages/routes';
import { startPresence } from '@malote/redis/presence';
import { readProcesses } from '@malote/redis/processes';
import { systemClock } from '@malote/runtime/clock';
import { createErrorRing } from '@malote/runtime/error-ring';
import type { Contingencia } from '@malote/store/contingencias';
import { eventually } from '@malote/testkit/eventually';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { reportSchema, simulacaoSchema, situacaoSchema, situacoesSchema } from '../contingencia/situacao.schema.ts';
import { authorizedDocument } from './authorized-document.ts';
import { problemOf, type RunningEdge, runEdge, type TestAccount } from './running-edge.ts';

const CNPJ = sampleCnpj(821);
const CONTA = '/api/conta/contingencia';
const at = (text: string) => new Date(`2026-11-21T${text}Z`);

let edge: RunningEdge;
let account: TestAccount;
let session: string;
/** Commands that reached the contingency worker, which this test is. */
const commands: AnyEnvelope[] = [];
/** What the worker does with one; nothing: it is away. */
let work: (command: AnyEnvelope) => Promise<void> = async () => {};

before(async () => {
  edge = await runEdge('ordens');
  account = await edge.account(CNPJ);
  session = await edge.signIn(account);
  edge.broker.consume(CONTINGENCY_QUEUE.name, async (received) => {
    commands.push(received);
    await work(received);
    return done;
  });
});
after(() => edge.stop());

function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  return fetch(`${edge.url}${path}`, {
    method,
    headers: { 'x-auth-token': session, 'content-type': 'application/json', ...headers },
    ...sent,
  });
}
const change = async (key: Parameters<Store['obtain']>[0], fields: Partial<Contingencia>) => {
  const row = await edge.store.contingencias.obtain(key, 't');
  assert.ok(await edge.store.contingencias.transition(row, fields));
};
type Store = RunningEdge['store']['contingencias'];
const jsonOf = async (answer: Response) => (await answer.json()) as Record<string, unknown>;

const HUB = { modelo: '55', uf: 'SP', ambiente: 'hom' } as const;
const ORDER = { ...HUB, modo: 'SVC', justificativa: 'Link da loja fora do ar desde as 9h' };

test('the modes in force: of the hub, and before it what a person of the account ordered; nothing known is normal', async () => {
  const bare = await jsonOf(await call('GET', `${CONTA}/situacao?uf=rj`));
  assert.equal(situacoesSchema.validate(bare).error, undefined);
  const shown = (bare.situacoes as { modelo: string; ambiente: string; modo: string; desde: unknown }[]).map(
    ({ modelo, ambiente, modo, desde }) => [modelo, ambiente, modo, desde],
  );
  assert.equal(shown.length, 4);
  assert.deepEqual(shown[0], ['55', 'prod', 'NORMAL', null]);

  const { mode, evidence } = startOf(at('12:00:00'));
  const why = { reason: 'outage', failures: 3, documents: 3 } as const;
  const asked = { at: at('13:00:00').getTime(), inARow: 1 };
  const status = { svc: { ...asked, answer: '107' }, normal: { ...asked, answer: 'none' } };
  const passo = { em: at('13:00:01'), de: 'NORMAL', para: 'SVC', motivo: 'outage', quem: 'hub' } as const;
  await change(HUB, {
    situacao: { mode: { ...mode, modo: 'SVC', since: at('13:00:01'), why, version: 1 }, evidence: { ...evidence, status } },
    historico: [{ ...passo, observado: { failures: 3, documents: 3, normal: 'none', svc: '107' } }],
    emVigor: true,
  });
  const read = async () => {
    const { situacoes } = await jsonOf(await call('GET', `${CONTA}/situacao?uf=SP&modelo=55`));
    return (situacoes as Record<string, never>[]).find(({ ambiente }) => ambiente === 'hom') ?? assert.fail();
  };
  const svc = await read();
  assert.equal(situacaoSchema.validate(svc).error, undefined);
  assert.deepEqual([svc.modo, svc.desde, svc.origem], ['SVC', '2026-11-21T13:00:01.000Z', 'hub']);
  const { status: heard, historico } = svc.hub as unknown as {
    status: Record<string, { resposta: string }>;
    historico: { observado: object }[];
  };
  assert.deepEqual([heard.normal?.resposta, heard.svc?.resposta], ['sem-resposta', '107']);
  assert.deepEqual(historico[0]?.observado, { falhas: 3, documentos: 3, normal: 'sem-resposta', svc: '107', epec: null });

  const ordem = { modo: 'EPEC', desde: at('14:00:00'), quem: 'x', pedidoId: 'p' } as const;
  await change({ ...HUB, conta: account.conta }, { ordem });
  const simulacao = { id: 'd', desde: at('15:00:00'), ate: new Date(Date.now() + 3_600_000), quem: 'x', modo: 'OFFLINE' } as const;
  assert.deepEqual([(await read()).modo, (await read()).origem], ['EPEC', 'ordem']);
  await change({ ...HUB, conta: account.conta }, { simulacao });
  assert.deepEqual([(await read()).modo, (await read()).origem], ['OFFLINE', 'simulacao']);
  await change({ ...HUB, conta: account.conta }, { simulacao: { ...simulacao, ate: at('15:10:00') } });
  assert.equal((await read()).origem, 'ordem', 'a drill that is over holds no more');
  // Another account sees neither.
  const other = await edge.signIn(await edge.account(sampleCnpj(822)));
  const theirs = await jsonOf(await call('GET', `${CONTA}/situacao?uf=SP&modelo=55`, undefined, { 'x-auth-token': other }));
  assert.deepEqual(
    (theirs.situacoes as { origem: string; modo: string }[]).map(({ origem, modo }) => `${origem} ${modo}`),
    ['hub NORMAL', 'hub SVC'],
  );
  await change({ ...HUB, conta: account.conta }, { ordem: undefined, simulacao: undefined });
});

test('an order goes to the worker, and 200 says that it holds; while the worker is away it is 202', async () => {
  commands.length = 0;
  const away = await call('POST', `${CONTA}/situacao`, ORDER);
  assert.equal(away.status, 202);
  assert.equal(situacaoSchema.validate(await jsonOf(away)).error, undefined);

  const presence = startPresence({
    redis: edge.redis,
    prefix: edge.redisPrefix,
    service: 'contingency',
    clock: systemClock,
    errors: createErrorRing(),
  });
  after(() => presence.stop());
  presence.running({ checks: {} });
  await eventually(async () => {
    const all = await readProcesses({ redis: edge.redis, prefix: edge.redisPrefix });
    return all.some(({ service, state }) => service === 'contingency' && state === 'up');
  });
  work = async ({ type, payload }) => {
    assert.equal(type, 'contingency.order');
    const { pedidoId, modo, quem, ...key } = payload as { pedidoId: string; modo: 'SVC'; quem: string } & typeof HUB & { conta: string };
    await change(key, { ordem: { modo, desde: new Date(), quem, pedidoId }, pedidos: [pedidoId], emVigor: true });
  };
  const held = await call('POST', `${CONTA}/situacao`, ORDER);
  assert.equal(held.status, 200);
  assert.equal(held.headers.get('location'), `${CONTA}/situacao?uf=SP&modelo=55`);
  const body = await jsonOf(held);
  assert.deepEqual([body.modo, body.origem], ['SVC', 'ordem']);
  const payload = commands.at(-1)?.payload as unknown as Record<string, unknown>;
  assert.deepEqual(
    [payload.conta, payload.modo, payload.justificativa, payload.quem],
    [...[account.conta, 'SVC', ORDER.justificativa, account.token]],
  );
  const { registros } = await edge.store.auditoria.list({ conta: account.conta, skip: 0, limit: 1 });
  assert.deepEqual([registros[0]?.acao, registros[0]?.alvo, registros[0]?.detalhe], ['contingencia.ordenar', '55 SP hom', 'SVC']);

  const wrong = await problemOf(await call('POST', `${CONTA}/situacao`, { ...ORDER, modelo: '65' }));
  assert.deepEqual(
    [wrong.status, wrong.codigo, (wrong.faults as { path: string }[]).map(({ path }) => path)],
    [400, 'ordem-invalida', ['modo']],
  );
});

test('a drill of homologação, and what happened to each note that came while it ran', async () => {
  work = async ({ payload }) => {
    const { pedidoId, minutos, quem, ...key } = payload as { pedidoId: string; minutos: number; quem: string } & typeof HUB & {
        conta: string;
      };
    const desde = new Date();
    const simulacao = { id: pedidoId, desde, ate: new Date(desde.getTime() + minutos * 60_000), quem, modo: 'SVC' } as const;
    await change(key, { simulacao, pedidos: [pedidoId], emVigor: true });
  };
  const begun = await call('POST', `${CONTA}/simulacao`, { modelo: '55', uf: 'SP', minutos: 5 });
  assert.equal(begun.status, 200);
  const drill = await jsonOf(begun);
  assert.equal(simulacaoSchema.validate(drill).error, undefined);
  const location = begun.headers.get('location') ?? '';
  assert.equal(location, `${CONTA}/simulacao/${drill.id}`);

  await authorizedDocument(edge, { cnpj: CNPJ, numero: 1, session });
  await authorizedDocument(edge, { cnpj: CNPJ, numero: 2, session, state: 'rejected' });
  await authorizedDocument(edge, { cnpj: CNPJ, numero: 3, session, modelo: '65' });
  const report = await jsonOf(await call('GET', location));
  assert.equal(reportSchema.validate(report).error, undefined);
  const rows = report.registros as { numero: number; resultado: string }[];
  assert.deepEqual(
    rows.map(({ numero, resultado }) => `${numero} ${resultado}`),
    ['1 normal', '2 recusada'],
  );
  assert.deepEqual([report.totalElementos, (report.resumo as { normal: number }).normal], [2, 1]);
  const { simulacoes } = await jsonOf(await call('GET', `${CONTA}/simulacao`));
  assert.deepEqual(
    (simulacoes as { id: string }[]).map(({ id }) => id),
    [drill.id],
  );

  const other = await edge.signIn(await edge.account(sampleCnpj(823)));
  assert.equal((await problemOf(await call('GET', location, undefined, { 'x-auth-token': other }))).codigo, 'simulacao-desconhecida');
  await edge.store.politicas.put({ conta: account.conta, tipo: 'conta' }, { modelos: { 55: { modo: 'desligado' } } });
  const off = await problemOf(await call('POST', `${CONTA}/simulacao`, { modelo: '55', uf: 'SP', minutos: 5 }));
  assert.deepEqual([off.status, off.codigo], [409, 'contingencia-desligada']);
});

test('an order that the broker does not confirm is no order: 503, and nothing is recorded', async () => {
  const alone = await runEdge('ordens-sem', { rabbitmqUrl: 'amqp://127.0.0.1:1' });
  try {
    const own = await alone.account(sampleCnpj(824));
    const answer = await fetch(`${alone.url}${CONTA}/situacao`, {
      method: 'POST',
      headers: { 'x-auth-token': await alone.signIn(own), 'content-type': 'application/json' },
      body: JSON.stringify(ORDER),
    });
    assert.equal(answer.headers.get('retry-after'), '5');
    assert.deepEqual([answer.status, (await problemOf(answer)).codigo], [503, 'ordem-nao-entregue']);
    const { registros } = await alone.store.auditoria.list({ conta: own.conta, skip: 0, limit: 20 });
    assert.ok(registros.every(({ acao }) => acao !== 'contingencia.ordenar'));
  } finally {
    await alone.stop();
  }
});
