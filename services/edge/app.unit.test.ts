import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { createMetrics } from '@malote/runtime/metrics';
import { createApp } from './app.ts';
import type { Exchange } from './exchange.ts';
import { listen } from './http-server.ts';
import { windowOf } from './rate-limit.ts';
import { compileRoutes, type Route } from './routing.ts';

async function answerOf(handler: (exchange: Exchange) => Promise<void>, request: RequestInit = {}) {
  const logged: string[] = [];
  const route: Route = {
    ...{ id: 'x', tag: 'Conta', summary: 'x', answers: {}, problems: [] },
    ...{ method: 'GET', path: '/x', sample: '/x', access: 'none', body: 'none', handler },
  };
  const app = createApp({
    match: compileRoutes([route], {}),
    authenticate: async () => ({ window: windowOf(10, 1, 300) }),
    clock: systemClock,
    log: createLogger({ service: 'edge', level: 'debug', destination: { write: (line) => void logged.push(line) } }),
    metrics: createMetrics('edge'),
    bodyLimitBytes: 1000,
    trustProxy: false,
    corsOrigins: [],
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  try {
    const answer = await fetch(`${server.url}/x`, request);
    return { answer, text: await answer.text().catch((error: Error) => error), logged };
  } finally {
    await server.close();
  }
}

test('a bug answers 500 without message and stack, which are in the log under the same trace', async () => {
  const { answer, text, logged } = await answerOf(async () => {
    throw new TypeError('internal detail');
  });
  assert.equal(answer.status, 500);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
  const problem = JSON.parse(String(text));
  assert.equal(problem.codigo, 'erro-interno');
  assert.equal(/internal detail|TypeError|\.ts:/.test(String(text)), false);
  const line = logged.map((entry) => JSON.parse(entry)).find((entry) => entry.msg === 'call failed');
  assert.equal(line.trace, problem.instance);
  assert.match(line.err.stack, /internal detail[\s\S]*app\.unit\.test\.ts/);
});

test('an error of the database driver answers 503 and may be tried again', async () => {
  const { answer, text } = await answerOf(async () => {
    throw Object.assign(new Error('no primary'), { name: 'MongoServerSelectionError' });
  });
  assert.equal(answer.status, 503);
  assert.equal(answer.headers.get('retry-after'), '5');
  assert.equal(JSON.parse(String(text)).codigo, 'armazenamento-indisponivel');
});

test('an error after the answer began cuts the connection, so that half an answer is not taken for a whole one', async () => {
  const { text } = await answerOf(async ({ res }) => {
    await new Promise((sent) => res.set('Content-Length', '100').write('half', sent));
    throw new Error('too late');
  });
  assert.ok(text instanceof Error);
});

test('what a handler tags stands in the closing line of the call', async () => {
  const { logged } = await answerOf(async (exchange) => {
    exchange.tag({ doc: 'd1' });
    exchange.res.json({});
  });
  const line = logged.map((entry) => JSON.parse(entry)).find((entry) => entry.msg === 'http');
  assert.equal(line.doc, 'd1');
  assert.equal(line.status, 200);
});
