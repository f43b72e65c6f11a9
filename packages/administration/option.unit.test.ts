import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from './commands.ts';
import { checkOptions, fieldOf, OptionFault } from './option.ts';

test('options have a field name in camelCase, files without -file', () => {
  assert.equal(fieldOf('razao-social', { description: 'x' }), 'razaoSocial');
  assert.equal(fieldOf('senha-file', { description: 'x', file: 'text' }), 'senha');
  assert.equal(fieldOf('file', { description: 'x', file: 'bytes' }), 'file');
  assert.equal(fieldOf('log-file', { description: 'x' }), 'logFile');
});

test('no two options of a command have the same field', () => {
  for (const { name, options } of COMMANDS) {
    const fields = Object.entries(options).map(([option, of]) => fieldOf(option, of));
    assert.equal(new Set(fields).size, fields.length, name);
  }
});

test('every missing option is told at once, and a value that is none of those allowed', () => {
  const options = {
    conta: { description: 'x', required: true },
    uf: { description: 'x', required: true },
    so: { description: 'x', values: ['a', 'b'] },
  };
  const refusal = (given: Record<string, unknown>) => {
    try {
      checkOptions(options, given);
    } catch (error) {
      assert.ok(error instanceof OptionFault);
      return `${error.codigo} ${error.campo}: ${error.message}`;
    }
    return undefined;
  };
  assert.equal(refusal({}), 'opcao-invalida conta: falta --conta, --uf');
  assert.equal(refusal({ conta: 'c', uf: '' }), 'opcao-invalida uf: falta --uf');
  assert.equal(refusal({ conta: 'c', uf: 'SP', so: 'z' }), 'opcao-invalida so: --so z: use a, b');
  assert.equal(refusal({ conta: 'c', uf: 'SP', so: 'a' }), undefined);
});

test('names of commands are words, each command once, in order', () => {
  const names = COMMANDS.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)].sort());
  for (const name of names) assert.match(name, /^[a-z]+( [a-z]+(-[a-z]+)*)?$/);
});
