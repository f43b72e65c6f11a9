import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { clockWith, systemClock } from './clock.ts';

const HOUR = 3_600_000;

test('the test clock follows its file: absent, written, replaced, half written, removed', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'malote-clock-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'clock.json');
  const clock = clockWith({ testClockFile: file, production: false });
  const offset = async () => {
    await delay(60);
    return Math.round((clock.now().getTime() - systemClock.now().getTime()) / 1000) * 1000 + 0;
  };
  assert.equal(await offset(), 0);
  writeFileSync(file, JSON.stringify({ offsetMs: 5 * HOUR }));
  assert.equal(await offset(), 5 * HOUR);
  writeFileSync(join(dir, 'next.json'), JSON.stringify({ offsetMs: -HOUR }));
  renameSync(join(dir, 'next.json'), file);
  assert.equal(await offset(), -HOUR);
  writeFileSync(file, '{"offsetMs": 7');
  assert.equal(await offset(), -HOUR);
  writeFileSync(file, JSON.stringify({ offsetMs: 2 * HOUR }));
  assert.equal(await offset(), 2 * HOUR);
  rmSync(file);
  assert.equal(await offset(), 0);
});

test('the test clock is refused in production', () => {
  assert.throws(() => clockWith({ testClockFile: '/any', production: true }), /MALOTE_TEST_CLOCK_FILE/);
  assert.equal(clockWith({ production: true }), systemClock);
});
