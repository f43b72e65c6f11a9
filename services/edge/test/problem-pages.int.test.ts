import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { PROBLEM_TEXTS } from '../problem-texts.ts';
import { PROBLEMS } from '../problems.ts';
import { problemOf, type RunningEdge, runEdge } from './running-edge.ts';

let edge: RunningEdge;
before(async () => {
  edge = await runEdge('problems', { config: { rateLimitIp: 500 } });
});
after(() => edge.stop());

const get = (path: string, accept = 'text/html,application/xhtml+xml,*/*;q=0.8') => fetch(`${edge.url}${path}`, { headers: { accept } });
const text = (html: string) =>
  html.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

test('the type of a problem leads, without a session, to a page that explains it', async () => {
  const { type } = await problemOf(await fetch(`${edge.url}/api/conta/em-recuperacao`));
  const page = await get(String(type));
  assert.equal(page.status, 200);
  assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
  const html = await page.text();
  assert.match(html, /<html lang="pt-BR">/);
  assert.match(html, /<meta name="viewport" content="width=device-width/);
  const shown = text(html);
  const { explicacao, solucao } = PROBLEM_TEXTS['sessao-ausente'];
  for (const part of [PROBLEMS['sessao-ausente'].title, '401', 'sessao-ausente', explicacao, solucao, '"codigo": "sessao-ausente"'])
    assert.ok(shown.includes(part), part);
});

test('every problem has its page, and the same as JSON for who asks for it', async () => {
  const list = await (await get('/problemas')).text();
  for (const [codigo, { explicacao, solucao }] of Object.entries(PROBLEM_TEXTS)) {
    assert.ok(list.includes(`href="/problemas/${codigo}"`), codigo);
    const shown = text(await (await get(`/problemas/${codigo}`)).text());
    assert.ok(shown.includes(explicacao) && shown.includes(solucao), codigo);
    const json = await get(`/problemas/${codigo}`, 'application/json');
    assert.match(json.headers.get('content-type') ?? '', /^application\/json/);
    const { exemplo, ...rest } = (await json.json()) as Record<string, unknown> & { exemplo: Record<string, unknown> };
    const { status, title } = PROBLEMS[codigo as keyof typeof PROBLEMS];
    assert.deepEqual(rest, { codigo, status, titulo: title, explicacao, solucao });
    assert.deepEqual([exemplo.type, exemplo.title, exemplo.status], [`/problemas/${codigo}`, title, status]);
  }
  const { problemas } = (await (await get('/problemas', 'application/json')).json()) as { problemas: { codigo: string }[] };
  assert.deepEqual(
    problemas.map(({ codigo }) => codigo),
    Object.keys(PROBLEMS),
  );
});

test('the page may load nothing but its own style, and that one is in its policy', async () => {
  for (const path of ['/problemas', '/problemas/erro-interno']) {
    const page = await get(path);
    const policy = page.headers.get('content-security-policy') ?? '';
    const style = /<style>([\s\S]*?)<\/style>/.exec(await page.text())?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    assert.equal(policy, `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`);
    assert.match(page.headers.get('vary') ?? '', /Accept(,|$)/);
  }
});

test('a code that does not exist is a problem itself, and calls are counted by address', async () => {
  for (const path of ['/problemas/nada-disso', '/problemas/toString', '/problemas/constructor']) {
    const unknown = await problemOf(await get(path));
    assert.deepEqual([unknown.status, unknown.codigo], [404, 'rota-desconhecida'], path);
  }
  const answer = await get('/problemas');
  assert.equal(answer.headers.get('ratelimit-limit'), '500');
  await edge.redis.set(`${edge.redisPrefix}limite:ip:127.0.0.1`, 500, 'EX', 100);
  assert.equal((await get('/problemas')).status, 429);
});
