import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVhost } from '@malote/devstack/devstack';
import { type ChaosProxy, startChaosProxy } from '@malote/testkit/chaos-proxy';
import { eventually } from '@malote/testkit/eventually';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { basic, postXml, problemOf, type RunningEdge, runEdge, servers } from './running-edge.ts';

const CNPJ = sampleCnpj(31);
const note = (numero: number) => sampleNfe({ cnpj: CNPJ, numero, dhEmi: '2026-11-21T10:00:00-03:00' });

/** The URL of a server by way of the proxy. */
async function through(url: string): Promise<{ url: string; proxy: ChaosProxy }> {
  const target = new URL(url);
  const proxy = await startChaosProxy({ targetPort: Number(target.port) });
  target.port = String(proxy.port);
  return { url: target.href, proxy };
}

async function cutOff(proxy: ChaosProxy): Promise<void> {
  await proxy.setMode('refuse');
  proxy.cut();
}

async function withEdge(edge: RunningEdge, proxy: ChaosProxy, work: (docs: string, session: string) => Promise<void>): Promise<void> {
  try {
    const session = await edge.signIn(await edge.account(CNPJ));
    await work(`${edge.url}/api/empresas/${CNPJ}/docs/hom/55`, session);
  } finally {
    await proxy.setMode('pass');
    await edge.stop();
    await proxy.close();
  }
}

const ready = async (edge: RunningEdge) => {
  const answer = await fetch(`${edge.url}/health/ready`);
  return { status: answer.status, body: (await answer.json()) as { checks: Record<string, unknown> } };
};

test('with the broker down a document is still accepted at once, and its command goes out when the broker is back', async () => {
  const { url, proxy } = await through(await createVhost(await servers(), `edge-outage-${process.pid}`));
  await proxy.setMode('refuse');
  const edge = await runEdge('no-broker', { rabbitmqUrl: url, outboxLeaseMs: 300 });
  await withEdge(edge, proxy, async (docs, session) => {
    const began = performance.now();
    const answer = await postXml(docs, session, note(1));
    assert.equal(answer.status, 202);
    assert.ok(performance.now() - began < 8_000);
    const waiting = async () => (await edge.store.documentos.findById(`${CNPJ}.2.55.35.001.000000001`))?.outbox.length;
    assert.equal(await waiting(), 1);
    assert.equal((await ready(edge)).status, 200);
    const sweepers = edge.store.startSweepers({ publish: edge.broker.publish, everyMs: 50 });
    try {
      await proxy.setMode('pass');
      await eventually(async () => (await waiting()) === 0, { message: 'the command left the outbox' });
    } finally {
      await Promise.all(sweepers.map((sweeper) => sweeper.stop()));
    }
  });
});

test('with a broker that accepts connections and says nothing a document is accepted at once', async () => {
  const { url, proxy } = await through(await createVhost(await servers(), `edge-silent-${process.pid}`));
  const edge = await runEdge('silent-broker', { rabbitmqUrl: url });
  await withEdge(edge, proxy, async (docs, session) => {
    await eventually(() => edge.logged.some((line) => line.includes('broker connected')));
    await proxy.setMode('blackhole');
    const began = performance.now();
    assert.equal((await postXml(docs, session, note(3))).status, 202);
    assert.ok(performance.now() - began < 8_000);
  });
});

test('without Redis every call that needs a session is 503, the process lives, and works again when Redis is back', async () => {
  const { url, proxy } = await through((await servers()).redisUrl);
  const edge = await runEdge('no-redis', { redisUrl: url });
  await withEdge(edge, proxy, async (docs, session) => {
    await cutOff(proxy);
    for (const answer of [
      await postXml(docs, session, note(4)),
      await fetch(`${edge.url}/api/me`, { headers: { 'x-auth-token': session } }),
      await fetch(`${edge.url}/session`, { method: 'POST', headers: { authorization: basic('a', 'b') } }),
    ]) {
      assert.equal(answer.headers.get('retry-after'), '5');
      const problem = await problemOf(answer);
      assert.deepEqual([problem.status, problem.codigo], [503, 'sessoes-indisponiveis']);
    }
    const unready = await ready(edge);
    assert.equal(unready.status, 503);
    assert.equal(unready.body.checks.mongodb, true);
    assert.notEqual(unready.body.checks.redis, true);
    assert.equal((await fetch(`${edge.url}/health/live`)).status, 200);
    await proxy.setMode('pass');
    await eventually(async () => (await postXml(docs, session, note(4))).status === 202);
    assert.equal((await ready(edge)).status, 200);
  });
});

test('a Redis that does not answer costs a call two seconds, not for ever', async () => {
  const { url, proxy } = await through((await servers()).redisUrl);
  const edge = await runEdge('silent-redis', { redisUrl: url });
  await withEdge(edge, proxy, async (docs, session) => {
    await proxy.setMode('blackhole');
    const began = performance.now();
    assert.equal((await problemOf(await postXml(docs, session, note(5)))).codigo, 'sessoes-indisponiveis');
    assert.ok(performance.now() - began < 10_000);
    await proxy.setMode('pass');
    await eventually(async () => (await postXml(docs, session, note(5))).status === 202);
  });
});

test('without MongoDB a document is refused with 503 and taken when it is back', async () => {
  const stack = await servers();
  const direct = new URL(stack.mongoUrl);
  direct.searchParams.delete('replicaSet');
  direct.searchParams.set('directConnection', 'true');
  const { url, proxy } = await through(direct.href);
  const edge = await runEdge('no-mongo', { mongoUrl: url });
  await withEdge(edge, proxy, async (docs, session) => {
    await cutOff(proxy);
    const problem = await problemOf(await postXml(docs, session, note(6)));
    assert.deepEqual([problem.status, problem.codigo], [503, 'armazenamento-indisponivel']);
    assert.equal((await ready(edge)).status, 503);
    await proxy.setMode('pass');
    await eventually(async () => (await postXml(docs, session, note(6))).status === 202, { timeoutMs: 15_000 });
  });
});
