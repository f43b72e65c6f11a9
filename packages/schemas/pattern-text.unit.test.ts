import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describePattern } from './pattern-text.ts';

const cases: [pattern: string, text: RegExp][] = [
  ['[0-9A-Z]{12}[0-9]{2}', /^CNPJ de 14 posições/],
  ['[A-Z0-9]{12}[0-9]{2}', /^CNPJ de 14 posições/],
  ['[0-9]{6}[0-9A-Z]{12}[0-9]{26}', /^chave de acesso de 44 posições/],
  ['NFe[0-9]{6}[0-9A-Z]{12}[0-9]{26}', /^sigla do documento seguida da chave/],
  ['[!-ÿ]{1}[ -ÿ]{0,}[!-ÿ]{1}|[!-ÿ]{1}', /^texto sem espaço no começo ou no fim/],
  ['[0-9]{8}', /^8 algarismos$/],
  ['[0-9]{1}', /^1 algarismo$/],
  ['[0-9]{1,15}', /^de 1 a 15 algarismos$/],
  ['[1-9]{1}[0-9]{0,8}', /^número inteiro maior que zero, de até 9 algarismos/],
  ['0|0\\.[0-9]{2}|[1-9]{1}[0-9]{0,12}(\\.[0-9]{2})?', /de até 13 algarismos inteiros e 2 casas decimais/],
  ['0|0\\.[0-9]{2,4}|[1-9]{1}[0-9]{0,2}(\\.[0-9]{2,4})?', /de até 3 algarismos inteiros e 2 a 4 casas decimais/],
  [
    '0\\.[0-9]{1}[1-9]{1}|0\\.[1-9]{1}[0-9]{1}|[1-9]{1}[0-9]{0,12}(\\.[0-9]{2})?',
    /13 algarismos inteiros e 2 casas decimais.*maior que zero$/,
  ],
  ['[A-Z]{2}[0-9]{4}', /^expressão \[A-Z\]\{2\}\[0-9\]\{4\}$/],
];

for (const [pattern, text] of cases) {
  test(`the pattern ${pattern} is explained`, () => assert.match(describePattern(pattern), text));
}

test('an unknown pattern of great length is quoted in part', () => {
  assert.ok(describePattern('x'.repeat(500)).length < 180);
});
