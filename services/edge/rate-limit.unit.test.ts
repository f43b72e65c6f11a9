import assert from 'node:assert/strict';
import { test } from 'node:test';
import { originOf, tighter, windowOf } from './rate-limit.ts';

test('an address is counted as itself, an IPv6 one as its /64', () => {
  for (const [ip, origin] of [
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2:ffff::1', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8::2:3:4:5:6', '2001:db8:0:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    [undefined, 'unknown'],
  ] as const) {
    assert.equal(originOf(ip), origin, ip);
  }
});

test('a window is exceeded by the call after its last one', () => {
  assert.deepEqual(windowOf(3, 3, 200), { limit: 3, remaining: 0, resetS: 200, exceeded: false });
  assert.deepEqual(windowOf(3, 4, 0), { limit: 3, remaining: 0, resetS: 1, exceeded: true });
});

test('the tighter window is the one that refuses, else the one with less left', () => {
  const [wide, narrow, over] = [windowOf(100, 1, 10), windowOf(5, 2, 20), windowOf(100, 101, 5)];
  assert.equal(tighter(wide, narrow), narrow);
  assert.equal(tighter(narrow, wide), narrow);
  assert.equal(tighter(narrow, over), over);
  assert.equal(tighter(over, windowOf(1, 1, 5)), over);
});
