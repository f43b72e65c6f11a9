import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { testStack } from '@malote/devstack/devstack';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { eventually } from '@malote/testkit/eventually';
import { type BlockedKey, blockListReader, blockListWriter } from '../block-list.ts';
import { connectRedis } from '../connect.ts';

const log = createLogger({ service: 'test', level: 'silent' });
const { redisUrl } = await testStack();
const redis = connectRedis(redisUrl, log);
after(() => redis.disconnect());
await eventually(() => redis.status === 'ready');

const WHERE = { conta: 'c', documento: '53113791000122', uf: 'SP', ie: '111.010' } as const;
const CHAVE = '53113791000122.SP.111010';
let scenes = 0;

/** MongoDB as a map, and an edge and workers that share a list of their own. */
function scene() {
  const prefix = `block-list-${process.pid}-${++scenes}:`;
  const truth = new Map<string, BlockedKey>();
  let asked = 0;
  const reader = blockListReader({
    redis,
    prefix,
    async fallback() {
      asked += 1;
      return truth.get(CHAVE) && { contrato: 'from mongodb' };
    },
  });
  const read = async (of?: { chaves: readonly string[] }) => [...truth.values()].filter(({ chave }) => !of || of.chaves.includes(chave));
  const writer = (over: { read?: typeof read } = {}) => blockListWriter({ redis, prefix, clock: systemClock, read, ...over });
  return {
    ...{ key: `${prefix}bloqueios`, reader, writer, read },
    asked: () => asked,
    block: (contrato?: string) => truth.set(CHAVE, { conta: 'c', chave: CHAVE, ...(contrato ? { contrato } : {}) }),
    free: () => truth.delete(CHAVE),
  };
}
const never = async () => false;
const update = { conta: 'c', chaves: [CHAVE] };

test('without a list the edge asks MongoDB; with one it does not, and a change is seen at once', async () => {
  const { reader, writer, asked, block, free } = scene();
  const list = writer();
  assert.equal(await reader.isBlocked(WHERE), undefined);
  assert.equal(asked(), 1);
  await eventually(() => list.replace());
  assert.equal(await eventually(async () => (await reader.isBlocked(WHERE)) === undefined && asked() <= 2), true);
  const before = asked();
  block('12345');
  assert.equal(await list.update(update), true);
  assert.deepEqual(await reader.isBlocked(WHERE), { contrato: '12345' });
  assert.equal(await reader.isBlocked({ ...WHERE, conta: 'd' }), undefined);
  assert.equal(await reader.isBlocked({ ...WHERE, uf: 'MG' }), undefined);
  block();
  await list.update(update);
  assert.deepEqual(await reader.isBlocked(WHERE), {});
  free();
  await list.update(update);
  assert.equal(await reader.isBlocked(WHERE), undefined);
  assert.equal(asked(), before);
});

test('a list that was flushed, evicted, restored from another server or not kept is not trusted', async () => {
  const { reader, writer, key, asked, block } = scene();
  const list = writer();
  block();
  const whole = async () => {
    await eventually(() => list.replace());
    await eventually(async () => assert.deepEqual(await reader.isBlocked(WHERE), {}));
  };
  const lost: [string, () => Promise<unknown>][] = [
    ['gone', () => redis.del(key)],
    ['of another server', () => redis.hset(key, '#run', 'another')],
    ['run out', () => redis.pexpire(key, 1)],
  ];
  for (const [how, lose] of lost) {
    await whole();
    const before = asked();
    await lose();
    await eventually(async () => assert.deepEqual(await reader.isBlocked(WHERE), { contrato: 'from mongodb' }, how));
    assert.ok(asked() > before, how);
    assert.equal(await list.keep(never), true);
    assert.deepEqual(await reader.isBlocked(WHERE), {}, how);
  }
});

test('an update of a list that is gone tells nobody that the rest is not blocked', async () => {
  const { reader, writer, key } = scene();
  const list = writer();
  await eventually(() => list.replace());
  await redis.del(key);
  assert.equal(await list.update(update), true);
  await reader.isBlocked(WHERE);
  assert.equal(await redis.hget(key, '#run'), null);
});

test('keeping a list renews its life; while a request may be under way it is built anew', async () => {
  const { writer, key, block } = scene();
  const list = writer();
  await eventually(() => list.replace());
  await redis.pexpire(key, 5_000);
  assert.equal(await list.keep(never), true);
  assert.ok((await redis.pttl(key)) > 5_000);
  block();
  assert.equal(await list.keep(never), true);
  assert.equal(await redis.hexists(key, `c.${CHAVE}`), 0);
  assert.equal(await list.keep(async () => true), true);
  assert.equal(await redis.hexists(key, `c.${CHAVE}`), 1);
});

test('whoever read MongoDB before a change cannot overwrite it, whole or in part', async () => {
  for (const how of ['replace', 'update'] as const) {
    const { reader, writer, read, block, free } = scene();
    const fast = writer();
    await eventually(() => fast.replace());
    block();
    let interrupted = false;
    const slow = writer({
      async read(of) {
        const seen = await read(of);
        if (!interrupted) {
          interrupted = true;
          free();
          await fast.update(update);
        }
        return seen;
      },
    });
    await eventually(() => (how === 'replace' ? slow.replace() : slow.update(update)));
    assert.ok(interrupted);
    assert.equal(await reader.isBlocked(WHERE), undefined, how);
  }
});

test('while Redis is away nothing is written, and the edge asks MongoDB', async () => {
  const away = connectRedis('redis://127.0.0.1:1/0', log);
  const list = blockListWriter({ redis: away, prefix: 'x:', clock: systemClock, read: async () => [] });
  assert.deepEqual([await list.update(update), await list.replace(), await list.keep(never)], [false, false, false]);
  const reader = blockListReader({ redis: away, prefix: 'x:', fallback: async () => ({ contrato: 'from mongodb' }) });
  assert.deepEqual(await reader.isBlocked(WHERE), { contrato: 'from mongodb' });
  away.disconnect();
});
