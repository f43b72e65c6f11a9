import { createClient } from '../client.ts';

export interface Asked {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
}

type Reply = Response | Error | 'silence';

/** A client whose `fetch` is answered by `replies`, in order; sign-ins are answered by themselves, with a new token each. */
export function fakeHub(replies: (Reply | ((asked: Asked) => Reply))[], options: { retries?: number; timeoutMs?: number } = {}) {
  const asked: Asked[] = [];
  let signIns = 0;
  const fetch = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input));
    const call = { method: String(init.method), path: url.pathname + url.search, headers: init.headers as never, body: init.body };
    asked.push(call);
    if (call.path === '/session' && call.method === 'POST') {
      signIns += 1;
      return Response.json({ 'x-auth-token': `token-${signIns}` });
    }
    const next = replies.shift() ?? new Error('nothing more was expected');
    const reply = typeof next === 'function' ? next(call) : next;
    if (reply instanceof Error) throw reply;
    if (reply !== 'silence') return reply;
    return new Promise((_, reject) => init.signal?.addEventListener('abort', () => reject(init.signal?.reason), { once: true }));
  };
  const client = createClient({
    url: 'https://hub.example/',
    token: 't',
    secret: 'ségredo',
    fetch: fetch as typeof globalThis.fetch,
    ...options,
  });
  const paths = () =>
    asked.filter(({ method, path }) => !(method === 'POST' && path === '/session')).map(({ method, path }) => `${method} ${path}`);
  return { client, asked, paths, signIns: () => signIns };
}

export function problem(
  codigo: string,
  status: number,
  more: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Response {
  const body = { type: `/problemas/${codigo}`, title: 'Título', status, detail: 'O que houve.', instance: 'abc', codigo, ...more };
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json', ...headers } });
}
