import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testStack } from '@malote/devstack/devstack';
import { callManagement } from '@malote/devstack/management-api';
import { TOPOLOGY as PRODUCTION } from '@malote/messages/routes';
import { eventually } from '@malote/testkit/eventually';
import { assertTopology, topologyAsDefinitions } from '../topology.ts';
import { QUEUE, TOPOLOGY, testVhost } from './broker-under-test.ts';

interface Queue {
  name: string;
  type: string;
  durable: boolean;
  arguments: Record<string, unknown>;
}

test('declared twice the production topology is the same: every queue quorum, every dead-lettering at least once', async (t) => {
  const vhost = await testVhost(t);
  const channel = await vhost.rawChannel();
  await assertTopology(channel, PRODUCTION);
  await assertTopology(channel, PRODUCTION);
  const queues = (await vhost.management('queues/{vhost}')) as Queue[];
  assert.equal(queues.length, PRODUCTION.queues.length + PRODUCTION.retrySteps.length + 1);
  for (const queue of queues) {
    assert.equal(queue.type, 'quorum', queue.name);
    assert.equal(queue.durable, true, queue.name);
    if (queue.name === 'dead') continue;
    if (PRODUCTION.queues.find(({ name }) => name === queue.name)?.lossy) {
      assert.deepEqual([queue.arguments['x-dead-letter-exchange'], queue.arguments['x-overflow']], [undefined, 'drop-head'], queue.name);
      continue;
    }
    assert.equal(queue.arguments['x-dead-letter-strategy'], 'at-least-once', queue.name);
    assert.equal(queue.arguments['x-overflow'], 'reject-publish', queue.name);
    assert.equal(queue.arguments['x-dead-letter-exchange'], queue.name.startsWith('retry.') ? 'work' : 'dead', queue.name);
  }
  const work = (await vhost.management('exchanges/{vhost}/work')) as { arguments: unknown };
  assert.deepEqual(work.arguments, { 'alternate-exchange': 'dead' });
});

test('the printed definitions, imported by an operator, are what the code declares', async (t) => {
  const vhost = await testVhost(t);
  const stack = await testStack();
  const name = decodeURIComponent(new URL(vhost.url).pathname.slice(1));
  const imported = await callManagement(stack, 'POST', 'definitions', topologyAsDefinitions(PRODUCTION, name));
  assert.ok(imported.status < 300, imported.text);
  await assertTopology(await vhost.rawChannel(), PRODUCTION);
});

test('a queue that exists with other arguments is said by name, the broker stays unready and recovers when it is gone', async (t) => {
  const vhost = await testVhost(t);
  const raw = await vhost.rawChannel();
  await raw.assertQueue(QUEUE, { durable: true, arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 3 } });
  const broker = vhost.broker({ topology: TOPOLOGY });
  const line = await eventually(() => vhost.logLines().find((each) => each.msg === 'broker connection failed, trying again') ?? null);
  assert.match(JSON.stringify(line), /PRECONDITION.FAILED.*test\.work/);
  assert.equal(broker.ready(), false);
  await raw.deleteQueue(QUEUE);
  await eventually(() => broker.ready());
});
