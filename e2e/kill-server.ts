import type { RabbitServer } from '@malote/devstack/rabbitmq-server';
import type { Server } from '@malote/devstack/server';
import { eventually } from '@malote/testkit/eventually';

/** SIGKILL, and its end: a server is only started again when it is gone. */
export async function killServer(server: Server | RabbitServer): Promise<void> {
  if ('untilQueuesAreKept' in server) await server.untilQueuesAreKept();
  server.kill('SIGKILL');
  await eventually(() => server.pid === undefined);
}
