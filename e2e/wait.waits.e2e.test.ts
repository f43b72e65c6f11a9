import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { connectRedis } from '@malote/redis/connect';
import { nudgeSubscriber } from '@malote/redis/nudges';
import { createLogger } from '@malote/runtime/logger';
import { eventually } from '@malote/testkit/eventually';
import { type Customer, type DocumentView, newCustomer } from './customer.ts';
import { startHub } from './hub.ts';

const hub = await startHub();
after(() => hub.close());

const till = (cnpj: string) => newCustomer(hub, { cnpj, modelo: '65' });

async function postAndWait(customer: Customer, numero: number, seconds: number) {
  const answer = await customer.post(customer.note({ numero }), { prefer: `wait=${seconds}` });
  assert.equal(answer.headers.get('preference-applied'), `wait=${seconds}`);
  assert.equal(answer.headers.get('location'), `${customer.path}/${hub.now().getFullYear()}/1/${numero}`);
  return { status: answer.status, view: (await answer.json()) as DocumentView };
}

const servicesCalled = async ({ cnpj }: Customer, numero: number) =>
  (await hub.simulator.calls({ cnpj, numero })).map(({ service }) => service);

async function authorisedOnce({ cnpj }: Customer, numero: number): Promise<void> {
  const [held, ...more] = await hub.simulator.authorizations({ cnpj, numero });
  assert.deepEqual([held?.authorizations.length, more.length], [1, 0]);
}

test('one call brings an authorised note: sent once, never asked for, its end told by a nudge', async () => {
  const customer = await till('11222333000181');
  const redis = connectRedis(hub.stack.redisUrl, createLogger({ service: 'test', level: 'silent' }));
  after(() => redis.disconnect());
  const subscriber = nudgeSubscriber({ redis, prefix: String(hub.env.MALOTE_REDIS_PREFIX) });
  after(() => subscriber.close());
  const channels = async () => ((await redis.pubsub('CHANNELS', `${hub.env.MALOTE_REDIS_PREFIX}doc:*`)) as string[]).length;
  // A connection that has just come wakes everybody who was there before it: that is over when another channel is there.
  subscriber.subscribe('another');
  await eventually(async () => (await channels()) === 1);
  const nudge = subscriber.subscribe('11222333000181.2.65.35.001.000000001');
  await eventually(async () => (await channels()) === 2);
  const { status, view } = await postAndWait(customer, 1, 10);
  assert.deepEqual([status, view.status, view.codigoStatus], [200, 'Autorizada', '100']);
  assert.match(String(view.conteudo), /<nfeProc/);
  assert.deepEqual(await servicesCalled(customer, 1), ['NFeAutorizacao4']);
  await authorisedOnce(customer, 1);
  assert.equal(await nudge.wait(10_000), 'nudged');
});

test('a refusal is a final answer too', async () => {
  const customer = await till('45543915000181');
  const invalid = customer.note({ numero: 2 }).replace(/<NCM>[^<]*<\/NCM>/, '<NCM>123</NCM>');
  const answer = await customer.post(invalid, { prefer: 'wait=10' });
  assert.deepEqual([answer.status, ((await answer.json()) as DocumentView).status], [200, 'Arquivo inválido']);
});

test('a SEFAZ slower than the caller: 202 in time, and the note is authorised without having been asked for', async () => {
  const customer = await till('07526557000100');
  await hub.simulator.fault({ fault: 'slow', delayMs: 4_000, match: { cnpj: customer.cnpj }, times: 1 });
  const { status, view } = await postAndWait(customer, 3, 1);
  assert.deepEqual([status, view.status], [202, 'Em processamento']);
  await customer.untilStatus(3, 'Autorizada');
  assert.deepEqual(await servicesCalled(customer, 3), ['NFeAutorizacao4'], 'a caller in a hurry makes no note uncertain');
  await authorisedOnce(customer, 3);
});

test('an answer that is lost: the call ends before the caller’s deadline, and the consult adopts what SEFAZ has', async () => {
  const customer = await till('12ABC34501DE35');
  await hub.simulator.fault({ fault: 'hang-after-authorising', match: { cnpj: customer.cnpj }, times: 1 });
  await postAndWait(customer, 4, 6);
  const { chaveAcesso } = await customer.untilStatus(4, 'Autorizada');
  assert.deepEqual(await servicesCalled(customer, 4), ['NFeAutorizacao4', 'NFeConsultaProtocolo4']);
  await authorisedOnce(customer, 4);
  const ledger = await customer.get(`${customer.path}/${chaveAcesso}/tentativas`);
  const { tentativas } = (await ledger.json()) as { tentativas: { resultado: string; motivo: string; duracaoMs: number }[] };
  assert.deepEqual([tentativas[0]?.resultado, tentativas[0]?.motivo], ['sem resposta', 'sem-resposta']);
  assert.ok((tentativas[0]?.duracaoMs ?? Number.NaN) < 20_000, `${tentativas[0]?.duracaoMs} ms, the usual timeout is 45 s`);
});

test('no worker: 202 at the deadline, and the note is authorised when there is one again', async () => {
  const customer = await till('61198164000160');
  await hub.stop('emission');
  try {
    const { status, view } = await postAndWait(customer, 5, 1);
    assert.deepEqual([status, view.status], [202, 'Em processamento']);
    assert.deepEqual(await servicesCalled(customer, 5), []);
  } finally {
    await hub.start('emission');
  }
  await customer.untilStatus(5, 'Autorizada');
  await authorisedOnce(customer, 5);
});

test('a worker that cannot reach Redis is ready and works, and whoever waits sees the end all the same', async () => {
  const customer = await till('02558157000162');
  await hub.stop('emission');
  try {
    await hub.start('emission', { MALOTE_REDIS_URL: 'redis://127.0.0.1:1' });
    const { status, view } = await postAndWait(customer, 6, 30);
    assert.deepEqual([status, view.status], [200, 'Autorizada']);
  } finally {
    await hub.stop('emission');
    await hub.start('emission');
  }
});
