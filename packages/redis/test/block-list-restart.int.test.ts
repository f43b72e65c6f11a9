import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startDevstack } from '@malote/devstack/devstack';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { eventually } from '@malote/testkit/eventually';
import { blockListReader, blockListWriter } from '../block-list.ts';
import { connectRedis } from '../connect.ts';

const log = createLogger({ service: 'test', level: 'silent' });
const dir = mkdtempSync(join(tmpdir(), 'malote-redis-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const prefix = 'restart:';
const KEY = `${prefix}bloqueios`;
const blocked = { conta: 'c', chave: '53113791000122.SP.ISENTO', contrato: '12345' };
const WHERE = { conta: 'c', documento: '53113791000122', uf: 'SP' } as const;

/** A Redis that keeps its data, an edge with no other source, and a worker. */
async function start() {
  const stack = await startDevstack({ dir, servers: ['redis'], redisAppendOnly: true, log: () => {} });
  const redis = connectRedis(stack.redisUrl, log);
  after(async () => {
    redis.disconnect();
    await stack.stop();
  });
  await eventually(() => redis.status === 'ready');
  const reader = blockListReader({ redis, prefix, fallback: async () => ({ contrato: 'from mongodb' }) });
  const list = blockListWriter({ redis, prefix, clock: systemClock, read: async () => [blocked] });
  return { stack, redis, reader, list };
}

test('a Redis that comes back with older data is not believed until a worker has built the list anew', async () => {
  const first = await start();
  await eventually(() => first.list.replace());
  await first.redis.persist(KEY);
  await eventually(async () => assert.deepEqual(await first.reader.isBlocked(WHERE), { contrato: '12345' }));
  // As written before the last block came, and on disk for certain.
  await first.redis.hdel(KEY, 'c.53113791000122.SP.ISENTO');
  await first.redis.bgrewriteaof();
  await eventually(async () => /aof_rewrite_in_progress:0/.test(await first.redis.info('persistence')));
  first.redis.disconnect();
  await first.stack.stop();

  const again = await start();
  assert.ok(await again.redis.hget(KEY, '#run'), 'the old list is there');
  await eventually(async () => assert.equal((await again.redis.info('server')).includes('run_id'), true));
  for (let n = 0; n < 20; n++) assert.deepEqual(await again.reader.isBlocked(WHERE), { contrato: 'from mongodb' });
  assert.equal(await again.list.keep(async () => false), true);
  assert.deepEqual(await again.reader.isBlocked(WHERE), { contrato: '12345' });
});
