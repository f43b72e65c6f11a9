import assert from 'node:assert/strict';
import { test } from 'node:test';
import { command } from '@malote/administration/command';
import { readGiven } from './read-given.ts';

const row = command({
  name: 'thing do',
  summary: 'x',
  options: {
    'razao-social': { description: 'x' },
    limit: { description: 'x' },
    logo: { description: 'x', file: 'bytes' },
    file: { description: 'x', file: 'bytes' },
    'senha-file': { description: 'x', file: 'text' },
    'no-logo': { description: 'x', flag: true },
    all: { description: 'x', flag: true },
  },
  reads: false,
  run: async () => ({}),
});

test('fields are options by their JSON name: text and numbers as text, files as their content, marks as true', () => {
  const values = { razaoSocial: 'Loja', limit: 20, logo: 'AAEC\n', senha: 'abc', noLogo: true, all: 'false', file: '' };
  const { given, faults } = readGiven(row, values);
  assert.deepEqual(faults, []);
  assert.deepEqual(given, { 'razao-social': 'Loja', limit: '20', logo: Buffer.from([0, 1, 2]), 'senha-file': 'abc', 'no-logo': true });
});

test('null and empty count as not given', () => {
  assert.deepEqual(readGiven(row, { razaoSocial: null, limit: '', logo: '', noLogo: null }), { given: {}, faults: [] });
});

test('every fault is told at once, each with its field', () => {
  const { faults } = readGiven(row, { 'razao-social': 'x', limit: ['1', '2'], logo: '%%', noLogo: 'sim', senha: { a: 1 } });
  assert.deepEqual(
    faults.map(({ code, path }) => `${code} ${path}`),
    ['campo-desconhecido razao-social', 'campo-invalido limit', 'campo-invalido logo', 'campo-invalido noLogo', 'campo-invalido senha'],
  );
  assert.match(String(faults[0]?.message), /use razaoSocial, limit, logo, file, senha, noLogo, all\./);
  assert.match(String(faults[2]?.message), /O campo logo deve ser o conteúdo do arquivo em base64\./);
});

test('names of JavaScript’s own are no fields', () => {
  const { given, faults } = readGiven(row, JSON.parse('{"__proto__":{"limit":"1"},"constructor":"x"}'));
  assert.deepEqual([given, faults.map(({ code }) => code)], [{}, ['campo-desconhecido', 'campo-desconhecido']]);
});
