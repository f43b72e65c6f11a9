import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refused, refusedAll } from '@malote/administration/refused';
import { problemSchema } from './problems.schema.ts';
import { problemBody } from './problems.ts';
import { refusedProblem } from './refused-problem.ts';

test('a refusal is a problem with all its faults, the first of them told', () => {
  const one = { codigo: 'uf-invalida', message: 'Campo uf: XX não é uma UF.', campo: 'uf' };
  const two = { codigo: 'campo-desconhecido', message: 'Campo x: não existe.', campo: 'x' };
  const body = problemBody(refusedProblem(refusedAll([one, two])), '');
  assert.equal(problemSchema.validate(body).error, undefined);
  const { status, codigo, detail, faults } = body;
  assert.deepEqual([status, codigo, detail], [400, 'cadastro-recusado', 'Campo uf: XX não é uma UF. (e mais 1; veja "faults")']);
  assert.deepEqual(faults, [
    { code: 'uf-invalida', path: 'uf', message: one.message },
    { code: 'campo-desconhecido', path: 'x', message: two.message },
  ]);
  assert.equal(refusedProblem(refusedAll([one])).message, one.message);
  assert.deepEqual(refusedProblem(new Refused('senha-errada', 'A senha não abre o arquivo.')).facts.faults, [
    { code: 'senha-errada', path: '', message: 'A senha não abre o arquivo.' },
  ]);
});

test('a refusal whose code is that of a problem is this problem', () => {
  const problem = refusedProblem(new Refused('empresa-desconhecida', 'A empresa 1 não está cadastrada nesta conta.', 'empresa'));
  assert.deepEqual([problem.status, problem.codigo, problem.facts.faults], [404, 'empresa-desconhecida', undefined]);
});

test('a refusal has something to say', () => {
  assert.throws(() => refusedAll([]), RangeError);
  assert.equal(
    refusedAll([
      { codigo: 'a', message: 'Um.' },
      { codigo: 'b', message: 'Dois.' },
    ]).message,
    'Um. Dois.',
  );
});
