import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { connectBroker } from '@malote/broker/connection';
import { createVhost, testStack } from '@malote/devstack/devstack';
import { callManagement, deleteVhost } from '@malote/devstack/management-api';
import { TOPOLOGY } from '@malote/messages/routes';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { eventually } from '@malote/testkit/eventually';

const MAIN = join(import.meta.dirname, '..', 'main.ts');

test('what `malote topology print` prints makes a fresh virtual host on which a service connects without declaring anything else', async (t) => {
  const stack = await testStack();
  const vhost = `cli-topology-${process.pid}`;
  const url = await createVhost(stack, vhost);
  t.after(() => deleteVhost(stack, vhost));
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, 'topology', 'print', '--vhost', vhost]);
  const imported = await callManagement(stack, 'POST', 'definitions', JSON.parse(stdout));
  assert.ok(imported.status < 300, imported.text);
  const inventory = async () => {
    const read = async (kind: string) => JSON.parse((await callManagement(stack, 'GET', `${kind}/${vhost}`)).text) as { name?: string }[];
    const [exchanges, queues, bindings] = await Promise.all([read('exchanges'), read('queues'), read('bindings')]);
    const names = [exchanges, queues].map((rows) => rows.map(({ name }) => name).filter((name) => name && !name.startsWith('amq.'))) as [
      string[],
      string[],
    ];
    return { exchanges: names[0].sort(), queues: names[1].sort(), bindings: bindings.length };
  };
  const before = await inventory();
  assert.equal(before.queues.length, TOPOLOGY.queues.length + TOPOLOGY.retrySteps.length + 1);
  assert.deepEqual(
    before.exchanges,
    [...['commands', 'dead', 'events'], ...TOPOLOGY.retrySteps.map(({ name }) => `retry.${name}`), 'work'].sort(),
  );

  const log = createLogger({ service: 'test', level: 'silent' });
  const broker = connectBroker({ url, name: 'test', log, clock: systemClock, topology: TOPOLOGY });
  t.after(() => broker.close());
  // A queue with other arguments would be refused (406) and the connection never be usable.
  await eventually(() => broker.state().publishing);
  assert.deepEqual(await inventory(), before);
});
