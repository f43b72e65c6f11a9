import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectBroker } from '@malote/broker/connection';
import { startDevstack } from '@malote/devstack/devstack';
import { callManagement } from '@malote/devstack/management-api';
import { TOPOLOGY } from '@malote/messages/routes';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { eventually } from '@malote/testkit/eventually';

const root = join(import.meta.dirname, '../../..');

test('on the definitions of make-secrets.sh the services connect, and the operator sees everything and changes nothing', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'malote-compose-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  cpSync(join(root, 'deploy/make-secrets.sh'), join(dir, 'make-secrets.sh'));
  execFileSync('sh', [join(dir, 'make-secrets.sh')], { stdio: 'pipe' });
  const secret = (name: string) => readFileSync(join(dir, 'secrets', name), 'utf8').trim();
  assert.match(secret('rabbitmq.conf'), /^load_definitions = \/run\/secrets\/rabbitmq_definitions$/m);

  mkdirSync(join(dir, 'servers', 'rabbitmq'), { recursive: true });
  const identity = { node: `malote-compose-${process.pid}@localhost`, user: 'malote', password: secret('rabbitmq-password.txt') };
  writeFileSync(join(dir, 'servers', 'rabbitmq', 'identity.json'), JSON.stringify(identity));
  const stack = await startDevstack({
    dir: join(dir, 'servers'),
    servers: ['rabbitmq'],
    rabbitmqConfig: [`load_definitions = ${join(dir, 'secrets', 'rabbitmq-definitions.json')}`],
    log: () => {},
    env: { PATH: process.env.PATH },
  });
  t.after(() => stack.stop());

  const log = createLogger({ service: 'test', level: 'silent' });
  const broker = connectBroker({ url: stack.rabbitmqUrl, name: 'test', log, clock: systemClock, topology: TOPOLOGY });
  t.after(() => broker.close());
  await eventually(() => broker.state().publishing);

  const operator = { ...stack, rabbitmqUser: 'operador', rabbitmqPassword: secret('rabbitmq-operator-password.txt') };
  const call = (...[method, path, body]: [method: 'GET' | 'POST' | 'DELETE' | 'PUT', path: string, body?: unknown]) =>
    callManagement(operator, method, path, body);
  const queues = await call('GET', 'queues/%2F');
  assert.equal(queues.status, 200);
  assert.equal((JSON.parse(queues.text) as unknown[]).length, TOPOLOGY.queues.length + TOPOLOGY.retrySteps.length + 1);
  assert.equal((await call('GET', 'connections')).status, 200);
  const get = { count: 1, ackmode: 'ack_requeue_true', encoding: 'auto' };
  const refused = await Promise.all([
    call('DELETE', 'queues/%2F/dead/contents'),
    call('DELETE', 'queues/%2F/dead'),
    call('POST', 'queues/%2F/dead/get', get),
    call('POST', 'exchanges/%2F/dead/publish', { routing_key: '', payload: 'x', payload_encoding: 'string', properties: {} }),
    call('PUT', 'queues/%2F/mine', { durable: true }),
    call('PUT', 'users/other', { password: 'x', tags: 'administrator' }),
  ]);
  for (const { status, text } of refused)
    assert.ok([400, 401, 403].includes(status) && /access|ACCESS|refused|authoris/i.test(text), `${status} ${text}`);
  assert.equal(
    (JSON.parse((await call('GET', 'queues/%2F')).text) as unknown[]).length,
    TOPOLOGY.queues.length + TOPOLOGY.retrySteps.length + 1,
  );
});
