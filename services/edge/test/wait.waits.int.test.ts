import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { nudgePublisher } from '@malote/redis/nudges';
import { startChaosProxy } from '@malote/testkit/chaos-proxy';
import { eventually } from '@malote/testkit/eventually';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { postXml, type RunningEdge, runEdge, servers } from './running-edge.ts';

const CNPJ = sampleCnpj(71);
const note = (numero: number) => sampleNfe({ cnpj: CNPJ, numero, dhEmi: '2026-11-21T10:00:00-03:00' });
const idOf = (numero: number) => `${CNPJ}.2.55.35.001.${String(numero).padStart(9, '0')}`;

interface Till {
  edge: RunningEdge;
  post(numero: number, prefer: string, signal?: AbortSignal): Promise<Response>;
}

async function tillAt(edge: RunningEdge): Promise<Till> {
  const session = await edge.signIn(await edge.account(CNPJ));
  const docs = `${edge.url}/api/empresas/${CNPJ}/docs/hom/55`;
  return {
    edge,
    post: (numero, prefer, signal) =>
      fetch(docs, {
        method: 'POST',
        headers: { 'x-auth-token': session, 'content-type': 'application/xml', prefer },
        body: note(numero),
        ...(signal ? { signal } : {}),
      }),
  };
}

/** Waits until somebody waits for it, and ends it as emission would. */
async function settle({ edge }: Till, numero: number): Promise<void> {
  const documento = await stored(edge, numero);
  const retorno = { class: 'rejected' as const, cStat: '703', xMotivo: 'Rejeicao: Data-Hora de Emissao posterior ao horario' };
  assert.ok(await edge.store.documentos.transition(documento, { state: 'rejected', retorno, nextAt: undefined, nextAction: undefined }));
}
const stored = (edge: RunningEdge, numero: number) => eventually(async () => (await edge.store.documentos.findById(idOf(numero))) ?? null);
const statusOf = async (answer: Response) => ((await answer.json()) as { status: string }).status;
const waits = async (edge: RunningEdge) => /^malote_http_waits\S* (\d+)$/m.exec(await (await fetch(`${edge.url}/metrics`)).text())?.[1];

/** Subscribers of the document's channel, as Redis counts them. */
async function subscribers(edge: RunningEdge, numero: number): Promise<unknown> {
  return ((await edge.redis.pubsub('NUMSUB', `${edge.redisPrefix}doc:${idOf(numero)}`)) as unknown[])[1];
}

let till: Till;
before(async () => {
  till = await tillAt(await runEdge('wait'));
});
after(() => till.edge.stop());

test('a caller that waits gets the final state, its deadline is stored and its note takes the fast lane', async () => {
  const { edge } = till;
  const began = Date.now();
  const answer = till.post(1, 'wait=30');
  await eventually(async () => (await subscribers(edge, 1)) === 1);
  const { responderAte, fila } = await stored(edge, 1);
  assert.equal(fila, 'agora');
  const promised = (responderAte?.getTime() ?? 0) - began;
  assert.ok(promised >= 30_000 && promised < 45_000, `${promised}`);
  assert.equal(await waits(edge), '1');
  await settle(till, 1);
  nudgePublisher({ redis: edge.redis, prefix: edge.redisPrefix })(idOf(1));
  const { status, headers } = await answer;
  assert.deepEqual([status, headers.get('preference-applied')], [200, 'wait=30']);
  assert.equal(headers.get('location'), `/api/empresas/${CNPJ}/docs/hom/55/2026/1/1`);
  assert.equal(await statusOf(await answer), 'Rejeitada');
  await eventually(async () => (await subscribers(edge, 1)) === 0);
  assert.equal(await waits(edge), '0');
});

test('at the deadline the answer is 202 with the present object and where it will be', async () => {
  const answer = await till.post(2, 'wait=1');
  assert.deepEqual([answer.status, answer.headers.get('preference-applied')], [202, 'wait=1']);
  assert.equal(answer.headers.get('location'), `/api/empresas/${CNPJ}/docs/hom/55/2026/1/2`);
  assert.equal(await statusOf(answer), 'Em processamento');
});

test('the same content posted again waits for the note that is under way, and does not wait for one that is final', async () => {
  const first = await till.post(3, 'respond-async');
  assert.deepEqual([first.status, first.headers.get('preference-applied')], [202, null]);
  const { version } = await stored(till.edge, 3);
  const again = till.post(3, 'wait=30');
  await eventually(async () => (await subscribers(till.edge, 3)) === 1);
  await settle(till, 3);
  assert.equal((await again).status, 200);
  const more = await till.post(3, 'wait=30');
  assert.deepEqual([more.status, await statusOf(more)], [200, 'Rejeitada']);
  assert.equal((await stored(till.edge, 3)).version, version + 1, 'only the end was written');
});

test('a caller that leaves ends its wait, and nothing stays subscribed', async () => {
  const { edge } = till;
  const caller = new AbortController();
  const answer = till.post(4, 'wait=60', caller.signal);
  const gone = assert.rejects(answer, { name: 'AbortError' });
  await eventually(async () => (await subscribers(edge, 4)) === 1);
  caller.abort();
  await gone;
  await eventually(async () => (await subscribers(edge, 4)) === 0);
  await eventually(async () => (await waits(edge)) === '0');
});

test('a longer wait than the configured one is shortened to it, and the answer says so', async () => {
  const short = await tillAt(await runEdge('wait-max', { config: { waitMaxS: 1 } }));
  try {
    const answer = await short.post(5, 'wait=9999');
    assert.deepEqual([answer.status, answer.headers.get('preference-applied')], [202, 'wait=1']);
    const nonsense = await short.post(5, 'wait=soon');
    assert.deepEqual([nonsense.status, nonsense.headers.get('preference-applied')], [202, null]);
  } finally {
    await short.edge.stop();
  }
});

test('a shutdown answers whoever waits at once', async () => {
  const ending = await tillAt(await runEdge('wait-end'));
  const answer = ending.post(6, 'wait=60');
  await eventually(async () => (await subscribers(ending.edge, 6)) === 1);
  const began = performance.now();
  const stopped = ending.edge.stop();
  assert.equal((await answer).status, 202);
  await stopped;
  assert.ok(performance.now() - began < 20_000, 'it did not wait the minute');
});

/** An edge of which one server is reached by way of a proxy. */
async function tillBehind(server: 'redisUrl' | 'mongoUrl', name: string) {
  const address = new URL((await servers())[server]);
  const proxy = await startChaosProxy({ targetPort: Number(address.port) });
  address.port = String(proxy.port);
  address.searchParams.delete('replicaSet');
  if (server === 'mongoUrl') address.searchParams.set('directConnection', 'true');
  const behind = await tillAt(await runEdge(name, { [server]: address.href }));
  const cutOff = async () => {
    await proxy.setMode('refuse');
    proxy.cut();
  };
  const close = async () => {
    await proxy.setMode('pass');
    await behind.edge.stop();
    await proxy.close();
  };
  return { behind, cutOff, close };
}

test('Redis lost in the middle of a wait: the final state is found by looking', async () => {
  const { behind, cutOff, close } = await tillBehind('redisUrl', 'wait-no-redis');
  try {
    const answer = behind.post(7, 'wait=60');
    await eventually(async () => (await subscribers(behind.edge, 7)) === 1);
    await cutOff();
    await eventually(() => behind.edge.redis.status !== 'ready');
    const began = performance.now();
    await settle(behind, 7);
    assert.equal((await answer).status, 200);
    assert.ok(performance.now() - began < 20_000, 'long before the deadline');
  } finally {
    await close();
  }
});

test('MongoDB lost in the middle of a wait: an accepted note is answered 202 at the deadline, never with an error', async () => {
  const { behind, cutOff, close } = await tillBehind('mongoUrl', 'wait-no-mongo');
  try {
    const answer = behind.post(8, 'wait=3');
    await eventually(async () => (await subscribers(behind.edge, 8)) === 1);
    await stored(behind.edge, 8);
    await cutOff();
    assert.equal((await answer).status, 202);
  } finally {
    await close();
  }
});

test('what is posted without Prefer is answered at once', async () => {
  const session = await till.edge.signIn(await till.edge.account(sampleCnpj(72)));
  const xml = sampleNfe({ cnpj: sampleCnpj(72), numero: 1, dhEmi: '2026-11-21T10:00:00-03:00' });
  const answer = await postXml(`${till.edge.url}/api/empresas/${sampleCnpj(72)}/docs/hom/55`, session, xml);
  assert.deepEqual([answer.status, answer.headers.get('preference-applied')], [202, null]);
  const documento = await till.edge.store.documentos.findById(`${sampleCnpj(72)}.2.55.35.001.000000001`);
  assert.deepEqual([documento?.fila, documento?.responderAte], ['lote', undefined]);
});
