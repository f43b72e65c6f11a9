import { callManagement } from '@malote/devstack/management-api';
import type { Hub } from './hub.ts';

/** The hub's virtual host as an operator with the management API sees it. */
export interface Rabbit {
  /** Publishes a body as any client could; throws when no queue took it. */
  publish(message: { exchange: string; key: string; body: string; properties?: Record<string, unknown> }): Promise<void>;
  /** Takes the messages out of a queue for good. */
  take(queue: string): Promise<{ payload: string; properties: Record<string, unknown> }[]>;
  bind(queue: string, exchange: string, key: string): Promise<void>;
  unbind(queue: string, exchange: string, key: string): Promise<void>;
}

export function rabbitOf({ stack, env }: Pick<Hub, 'stack' | 'env'>): Rabbit {
  const vhost = new URL(String(env.MALOTE_RABBITMQ_URL)).pathname.slice(1);
  const call = async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) => {
    const { status, text } = await callManagement(stack, method, path, body);
    if (status >= 300) throw new Error(`management API: ${method} ${path}: ${status} ${text}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  };
  return {
    async publish({ exchange, key, body, properties = {} }) {
      const message = { routing_key: key, payload: body, payload_encoding: 'string', properties: { delivery_mode: 2, ...properties } };
      const { routed } = (await call('POST', `exchanges/${vhost}/${exchange}/publish`, message)) as { routed: boolean };
      if (!routed) throw new Error(`no queue took ${key}`);
    },
    async take(queue) {
      const wish = { count: 1000, ackmode: 'ack_requeue_false', encoding: 'auto' };
      return (await call('POST', `queues/${vhost}/${queue}/get`, wish)) as never;
    },
    async bind(queue, exchange, key) {
      await call('POST', `bindings/${vhost}/e/${exchange}/q/${queue}`, { routing_key: key, arguments: {} });
    },
    async unbind(queue, exchange, key) {
      await call('DELETE', `bindings/${vhost}/e/${exchange}/q/${queue}/${encodeURIComponent(key)}`);
    },
  };
}
