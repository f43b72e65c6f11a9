import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { chaveDv, cnpjDv, isCnpj, isCpf } from './check-digits.ts';

const LETTERS_AND_DIGITS = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

describe('CNPJ check digits', () => {
  const cases: [text: string, valid: boolean, why: string][] = [
    ['11222333000181', true, 'a numeric CNPJ'],
    ['12ABC34501DE35', true, 'the alphanumeric example of Receita Federal'],
    ['12ABC34501DE36', false, 'a wrong second digit'],
    ['12ABC34501DE25', false, 'a wrong first digit'],
    ['12abc34501de35', false, 'lower case letters'],
    ['12ABC34501DEA5', false, 'a letter among the check digits'],
    ['11.222.333/0001-81', false, 'a mask'],
    ['1122233300018', false, '13 characters'],
    ['00000000000000', false, 'all zeros'],
    ['', false, 'nothing'],
  ];
  for (const [text, valid, why] of cases) {
    it(`${valid ? 'accepts' : 'refuses'} ${why}`, () => assert.equal(isCnpj(text), valid));
  }

  it('refuses to compute over a base that is not 12 characters of 0-9 and A-Z', () => {
    assert.throws(() => cnpjDv('12ABC34501D'), RangeError);
    assert.throws(() => cnpjDv('12ABC34501Dé'), RangeError);
  });

  it('makes every base valid with its own digits and invalid with any other', () => {
    const base = fc.array(fc.constantFrom(...LETTERS_AND_DIGITS), { minLength: 12, maxLength: 12 }).map((c) => c.join(''));
    fc.assert(
      fc.property(base, fc.integer({ min: 1, max: 99 }), (text, shift) => {
        fc.pre(text !== '000000000000');
        const dv = cnpjDv(text);
        assert.ok(isCnpj(text + dv));
        assert.ok(!isCnpj(text + String((Number(dv) + shift) % 100).padStart(2, '0')));
      }),
    );
  });
});

describe('CPF check digits', () => {
  const cases: [text: string, valid: boolean, why: string][] = [
    ['52998224725', true, 'a valid CPF'],
    ['01234567890', true, 'a valid CPF with a leading zero and a zero digit'],
    ['52998224726', false, 'a wrong digit'],
    ['11111111111', false, 'one digit repeated'],
    ['529.982.247-25', false, 'a mask'],
    ['5299822472A', false, 'a letter'],
  ];
  for (const [text, valid, why] of cases) {
    it(`${valid ? 'accepts' : 'refuses'} ${why}`, () => assert.equal(isCpf(text), valid));
  }
});

describe('check digit of the chave de acesso', () => {
  it('agrees with chaves of authorised documents', () => {
    for (const chave of ['42220575277525000178550030000292481295366801', '41180678393592000146558900000006041028190697']) {
      assert.equal(chaveDv(chave.slice(0, 43)), chave[43]);
    }
  });

  it('is the weighted sum modulo 11 written out for a key with letters', () => {
    const first43 = '35260712ABC34501DE35550010000000011481516231'.slice(0, 43);
    let sum = 0;
    for (let i = 0; i < 43; i++) sum += (first43.charCodeAt(i) - 48) * (2 + ((42 - i) % 8));
    const rest = sum % 11;
    assert.equal(chaveDv(first43), String(rest < 2 ? 0 : 11 - rest));
  });

  it('detects any single changed digit among the ten of the number and the série', () => {
    const first43 = '3526071122233300018155001000000123148151623';
    const dv = chaveDv(first43);
    for (let i = 22; i < 34; i++) {
      const changed = first43.slice(0, i) + String((Number(first43[i]) + 1) % 10) + first43.slice(i + 1);
      assert.notEqual(chaveDv(changed), dv, `position ${i}`);
    }
  });
});
