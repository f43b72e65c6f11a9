import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProblemCode, PROBLEMS, Problem, problemBody } from './problems.ts';

test('every row has a code that fits into a path, an error status and a title of its own', () => {
  const titles = new Set<string>();
  for (const [codigo, { status, title }] of Object.entries(PROBLEMS)) {
    assert.match(codigo, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    assert.ok(status >= 400 && status < 600, codigo);
    titles.add(title);
  }
  assert.equal(titles.size, Object.keys(PROBLEMS).length);
});

test('a problem body has the members of RFC 9457 and ours, and only those that apply', () => {
  const faults = [{ code: 'EMI-014', path: '/NFe/infNFe/ide/serie', message: 'Série ausente.' }];
  const problem = new Problem('identificacao-invalida', 'Série ausente.', { faults, line: 3, column: 7 });
  assert.deepEqual(problemBody(problem, 'abc'), {
    type: '/problemas/identificacao-invalida',
    title: 'Identificação do documento inválida',
    status: 400,
    detail: 'Série ausente.',
    instance: 'abc',
    codigo: 'identificacao-invalida',
    linha: 3,
    coluna: 7,
    faults,
  });
  assert.deepEqual(Object.keys(problemBody(new Problem('erro-interno', 'x', { cause: new Error('secret') }), 'abc')), [
    'type',
    'title',
    'status',
    'detail',
    'instance',
    'codigo',
  ]);
});

test('only codes of the table are problem codes', () => {
  assert.equal(isProblemCode('xml-dtd'), true);
  assert.equal(isProblemCode('toString'), false);
});
