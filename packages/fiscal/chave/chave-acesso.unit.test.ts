import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { buildChave, isChave, parseChave } from './chave-acesso.ts';
import { cnpjDv } from './check-digits.ts';

const PARTS = {
  cUF: '35',
  aamm: '2611',
  documento: '12ABC34501DE35',
  modelo: '55',
  serie: '1',
  numero: '42',
  tpEmis: '1',
  cNF: '48151623',
};

const digits = (n: number) => fc.array(fc.constantFrom(...'0123456789'), { minLength: n, maxLength: n }).map((c) => c.join(''));
const letters = fc
  .array(fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'), { minLength: 12, maxLength: 12 })
  .map((c) => c.join(''));
const parts = fc.record({
  cUF: fc.constantFrom('11', '35', '53'),
  aamm: fc.tuple(digits(2), fc.integer({ min: 1, max: 12 })).map(([year, month]) => year + String(month).padStart(2, '0')),
  documento: fc.oneof(
    letters.map((base) => base + cnpjDv(base)),
    digits(11),
  ),
  modelo: fc.constantFrom('55', '65', '57', '67', '58'),
  serie: fc.integer({ min: 0, max: 999 }).map(String),
  numero: fc.integer({ min: 1, max: 999_999_999 }).map(String),
  tpEmis: fc.constantFrom('1', '4', '6', '7', '9'),
  cNF: digits(8),
});

describe('chave de acesso', () => {
  it('is built from its parts with zeros put in', () => {
    const chave = buildChave(PARTS);
    assert.equal(chave.slice(0, 43), '35261112ABC34501DE3555001000000042148151623');
    assert.equal(chave.length, 44);
  });

  it('holds a CPF with three zeros before it', () => {
    const chave = buildChave({ ...PARTS, documento: '52998224725', serie: '920' });
    assert.equal(parseChave(chave)?.documento, '00052998224725');
  });

  it('gives back the parts it was built from', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const chave = buildChave(given);
        assert.ok(isChave(chave));
        const { cDV, ...read } = parseChave(chave) ?? assert.fail('not parsed');
        assert.equal(cDV, chave[43]);
        assert.deepEqual(read, {
          ...given,
          documento: given.documento.padStart(14, '0'),
          serie: given.serie.padStart(3, '0'),
          numero: given.numero.padStart(9, '0'),
        });
      }),
    );
  });

  it('is refused with any other check digit', () => {
    fc.assert(
      fc.property(parts, fc.integer({ min: 1, max: 9 }), (given, shift) => {
        const chave = buildChave(given);
        const other = chave.slice(0, 43) + String((Number(chave[43]) + shift) % 10);
        assert.ok(!isChave(other));
        assert.equal(parseChave(other), undefined);
      }),
    );
  });

  it('is never what arbitrary text is taken for unless the text has the form', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        if (isChave(text)) assert.match(text, /^[0-9]{6}[0-9A-Z]{12}[0-9]{26}$/);
      }),
    );
  });

  const refused: [string, Partial<typeof PARTS>][] = [
    ['a month 13', { aamm: '2613' }],
    ['an unknown model', { modelo: '99' }],
    ['a number of 10 digits', { numero: '1234567890' }],
    ['lower case letters', { documento: '12abc34501de35' }],
    ['a cNF of 7 digits', { cNF: '4815162', numero: '0000000421' }],
  ];
  for (const [why, change] of refused) {
    it(`is not built from ${why}`, () => assert.throws(() => buildChave({ ...PARTS, ...change }), RangeError));
  }
});
