import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type RunningEdge, runEdge } from './running-edge.ts';

let edge: RunningEdge;
before(async () => {
  edge = await runEdge('docs');
});
after(() => edge.stop());

test('the page takes everything from this host, runs nothing inline, and may be framed by nobody', async () => {
  const answer = await fetch(`${edge.url}/docs`);
  assert.equal(answer.status, 200);
  const policy = answer.headers.get('content-security-policy') ?? '';
  for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"])
    assert.ok(policy.includes(part), policy);
  assert.equal(/unsafe|https?:/.test(policy), false, policy);
  const html = await answer.text();
  const urls = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url]) => url ?? '').filter((url) => url !== 'data:,');
  assert.equal(urls.length, 4);
  for (const url of urls) {
    assert.match(url, /^\/docs\//);
    const part = await fetch(`${edge.url}${url}`);
    assert.equal(part.status, 200, url);
    assert.match(part.headers.get('cache-control') ?? '', /immutable/);
    assert.match(part.headers.get('content-type') ?? '', url.includes('.css') ? /^text\/css/ : /^text\/javascript/);
    assert.equal(part.headers.get('content-encoding'), 'gzip');
    assert.ok((await part.text()).length > 500, url);
  }
  assert.equal(/<script>|<style|\son\w+=|style="/.test(html), false);
});

test('a part asked for under another hash, or without one, is checked each time', async () => {
  const plain = await fetch(`${edge.url}/docs/docs.js`, { headers: { 'accept-encoding': 'identity' } });
  assert.equal(plain.headers.get('content-encoding'), null);
  assert.equal(plain.headers.get('cache-control'), 'no-cache');
  assert.equal((await fetch(`${edge.url}/docs/docs.js?v=old`)).headers.get('cache-control'), 'no-cache');
  const known = await fetch(`${edge.url}/docs/docs.js`, { headers: { 'if-none-match': plain.headers.get('etag') ?? '' } });
  assert.equal(known.status, 304);
  assert.equal((await fetch(`${edge.url}/docs/package.json`)).status, 404);
  assert.equal((await fetch(`${edge.url}/docs/..%2Fpackage.json`)).status, 404);
});
