import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cNfFromRandom, isWeakCnf } from './cnf.ts';

describe('cNF', () => {
  const weak = [
    '00000000',
    '11111111',
    '99999999',
    '12345678',
    '23456789',
    '34567890',
    '45678901',
    '90123456',
    '01234567',
    '',
    '1234567',
    '123456789',
  ];
  for (const cNF of weak) it(`counts "${cNF}" as weak (rejection 897)`, () => assert.ok(isWeakCnf(cNF, 7)));

  it('counts the number of the document itself as weak', () => {
    assert.ok(isWeakCnf('00004711', 4711));
    assert.ok(!isWeakCnf('00004712', 4711));
  });

  it('accepts digits that only begin in sequence', () => {
    for (const cNF of ['12345679', '11111112', '98765432', '48151623']) assert.ok(!isWeakCnf(cNF, 1), cNF);
  });

  it('is never weak and always the same for the same random bytes', () => {
    const bytes = fc.uint8Array({ minLength: 8, maxLength: 16 });
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 999_999_999 }), (random, numero) => {
        const cNF = cNfFromRandom(random, numero);
        assert.match(cNF, /^[0-9]{8}$/);
        assert.ok(!isWeakCnf(cNF, numero));
        assert.equal(cNfFromRandom(random, numero), cNF);
      }),
    );
  });

  it('steps over a weak value: all-zero bytes do not give 00000000', () => {
    assert.equal(cNfFromRandom(new Uint8Array(8), 1), '00000002');
  });

  it('refuses fewer than 8 random bytes', () => {
    assert.throws(() => cNfFromRandom(new Uint8Array(7), 1), RangeError);
  });
});
