import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networksOf } from './networks.ts';

test('an address is found by word, by network and by itself, as IPv4 and as IPv4 inside IPv6', () => {
  const near = networksOf('loopback, 10.1.0.0/16,192.0.2.7 , 2001:db8::/32');
  for (const inside of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '10.1.255.3', '::ffff:10.1.0.1', '192.0.2.7', '2001:db8::5'])
    assert.equal(near(inside), true, inside);
  for (const outside of ['10.2.0.1', '192.0.2.8', '::2', '2001:db9::1', '::ffff:10.2.0.1', '', 'localhost', '127.0.0.1, 10.2.0.1'])
    assert.equal(near(outside), false, outside);
  assert.equal(networksOf('linklocal')('fe80::1%eth0'), true);
  assert.equal(networksOf('uniquelocal')('172.18.0.1'), true);
  assert.equal(networksOf('')('127.0.0.1'), false);
  assert.equal(networksOf('0.0.0.0/0')('203.0.113.9'), true);
});

test('what is no address, no network and no word is refused', () => {
  for (const wrong of ['localhost', '10.0.0.0/33', '10.0.0/8', '10.0.0.0/', '::/129', '10.0.0.0/8/8', 'uniquelocals', '10.0.0.0/-1'])
    assert.throws(() => networksOf(wrong), /is no address or network/, wrong);
});
