import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prettyLog } from './pretty-log.ts';

test('a JSON line becomes one line with time, service, level, message and the fields that say something', () => {
  const line = JSON.stringify({
    level: 'info',
    time: '2026-11-21T19:05:06.789Z',
    pid: 7,
    service: 'edge',
    doc: 'x.1',
    ms: 12,
    trace: 'abc',
    msg: 'http',
  });
  assert.deepEqual(prettyLog('edge', line), { text: '19:05:06 edge       info  http doc=x.1 ms=12', important: false });
});

test('warnings and errors are marked, with the message of the error only', () => {
  const line = JSON.stringify({ level: 'error', time: '2026-11-21T19:05:06Z', err: { message: 'no route', stack: 'at …' }, msg: 'failed' });
  assert.deepEqual(prettyLog('emission', line), { text: '19:05:06 emission   ERROR failed err="no route"', important: true });
});

test('text that is not JSON comes through as it is and is shown', () => {
  assert.deepEqual(prettyLog('edge', 'Error: boom'), { text: 'edge       Error: boom', important: true });
  assert.deepEqual(prettyLog('edge', '{broken'), { text: 'edge       {broken', important: true });
});
