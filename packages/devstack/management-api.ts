import { request } from 'node:http';

export interface ManagementAddress {
  rabbitmqManagementUrl: string;
  rabbitmqUser: string;
  rabbitmqPassword: string;
}

/**
 * One call to RabbitMQ's management API (`path` below /api/). The connection is closed after it: a connection kept open
 * makes the broker's shutdown wait 5 s for it.
 */
export function callManagement(
  address: ManagementAddress,
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const call = request(
      `${address.rabbitmqManagementUrl}/api/${path}`,
      {
        method,
        agent: false,
        timeout: 10_000,
        auth: `${address.rabbitmqUser}:${address.rabbitmqPassword}`,
        headers: { 'content-type': 'application/json', connection: 'close' },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('error', reject);
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
      },
    );
    call.once('timeout', () => call.destroy(new Error(`management API: ${method} ${path}: no answer`)));
    call.once('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Creates a vhost (a fresh one if it was there) and returns the AMQP URL to it. */
export async function createVhost(stack: ManagementAddress & { rabbitmqUrl: string }, name: string): Promise<string> {
  const vhost = encodeURIComponent(name);
  const call = async (method: 'PUT' | 'DELETE', path: string, body?: unknown): Promise<void> => {
    const { status, text } = await callManagement(stack, method, path, body);
    if (status >= 300 && !(method === 'DELETE' && status === 404)) {
      throw new Error(`management API: ${method} ${path} answered ${status}: ${text}`);
    }
  };
  await call('DELETE', `vhosts/${vhost}`);
  await call('PUT', `vhosts/${vhost}`, {});
  await call('PUT', `permissions/${vhost}/${encodeURIComponent(stack.rabbitmqUser)}`, { configure: '.*', write: '.*', read: '.*' });
  const url = new URL(stack.rabbitmqUrl);
  return `${url.protocol}//${url.username}:${url.password}@${url.host}/${vhost}`;
}

/** Best effort: the queues of a vhost, some hundred kB each, stay in the broker's memory until it goes. Its connections are to be closed before. */
export async function deleteVhost(stack: ManagementAddress, name: string): Promise<void> {
  await callManagement(stack, 'DELETE', `vhosts/${encodeURIComponent(name)}`).catch(() => undefined);
}
