import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basicCredentials, sessionToken } from './sessions.ts';

const basic = (text: string) => `Basic ${Buffer.from(text, 'utf8').toString('base64')}`;

test('the session token is taken from x-auth-token, else from a Bearer header', () => {
  assert.equal(sessionToken({ 'x-auth-token': ' abc ' }), 'abc');
  assert.equal(sessionToken({ authorization: 'Bearer abc' }), 'abc');
  assert.equal(sessionToken({ authorization: 'bearer  abc ' }), 'abc');
  assert.equal(sessionToken({ 'x-auth-token': 'abc', authorization: 'Bearer def' }), 'abc');
  assert.equal(sessionToken({ authorization: basic('a:b') }), undefined);
  assert.equal(sessionToken({ 'x-auth-token': '' }), undefined);
  assert.equal(sessionToken({}), undefined);
});

test('token and secret are split at the first colon and read as UTF-8', () => {
  assert.deepEqual(basicCredentials(basic('token:se:gredo ç')), { token: 'token', secret: 'se:gredo ç' });
  assert.deepEqual(basicCredentials(basic('token:')), { token: 'token', secret: '' });
  assert.deepEqual(basicCredentials(basic('t:s').replace('Basic', 'basic')), { token: 't', secret: 's' });
});

test('what is no Basic header gives no credentials', () => {
  for (const header of [
    undefined,
    '',
    'Basic',
    'Basic ',
    `Bearer ${'a'.repeat(8)}`,
    basic('sem dois pontos'),
    basic(':secret'),
    'Basic ***',
  ]) {
    assert.equal(basicCredentials(header), undefined, String(header));
  }
});
