import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fullAccount } from './full-scene.ts';
import { startHub } from './hub.ts';
import { recordAnswers } from './recorded-answers.ts';

const LIMITS = ['RATE_LIMIT_IP', 'RATE_LIMIT_CONTA', 'SESSION_RATE_LIMIT', 'LOCKOUT_TOKEN', 'LOCKOUT_IP'];
const env = { ...Object.fromEntries(LIMITS.map((name) => [`MALOTE_${name}`, '1000000'])), MALOTE_LOG_LEVEL: 'debug' };
const hub = await startHub({ env });
await hub.start('entity-block');
const recorded = recordAnswers();
after(async () => {
  recorded.stop();
  await hub.close();
});
const owner = await fullAccount(hub, '11222333000181');

test('x', async () => {
  assert.ok(owner);
});
