import assert from 'node:assert/strict';
import { test } from 'node:test';
import Joi from 'joi';
import { pageQuery } from './pages.ts';
import { Problem } from './problems.ts';
import { readQuery } from './query.ts';

const layout = Joi.object({ layout: Joi.string().valid('sefaz', 'oobj').default('sefaz').empty('') });

/** What a refused query says. */
function refusal(schema: Joi.ObjectSchema, query: object): string {
  try {
    readQuery(schema, query);
  } catch (error) {
    assert.ok(error instanceof Problem && error.codigo === 'parametro-invalido', String(error));
    return error.message;
  }
  throw new Error(`not refused: ${JSON.stringify(query)}`);
}

test('a missing or blank parameter has its default, an unknown one is left out', () => {
  for (const query of [{}, { layout: '' }, { outro: 'x' }]) assert.deepEqual(readQuery(layout, query), { layout: 'sefaz' });
  for (const pagina of [undefined, '', ' ', '1', ' 1 ']) {
    assert.deepEqual(readQuery(pageQuery, pagina === undefined ? {} : { pagina }), { pagina: 1 }, String(pagina));
  }
  assert.deepEqual(readQuery(pageQuery, { pagina: '12' }), { pagina: 12 });
  assert.deepEqual(readQuery(undefined, { layout: 'x' }), {});
});

test('a refusal names parameter and rule in Portuguese', () => {
  assert.equal(refusal(layout, { layout: 'outro' }), 'O parâmetro layout deve ser um destes, uma vez só: sefaz, oobj.');
  assert.match(refusal(layout, { layout: ['sefaz', 'oobj'] }), /layout deve ser um destes, uma vez só/);
  assert.equal(refusal(pageQuery, { pagina: '0' }), 'O parâmetro pagina deve ser um número a partir de 1.');
  for (const pagina of ['x', '1.5', '1e999', ['1', '2']]) {
    assert.match(refusal(pageQuery, { pagina }), /^O parâmetro pagina deve ser um número/, String(pagina));
  }
});

test('every fault is told at once', () => {
  const both = layout.concat(pageQuery);
  assert.match(refusal(both, { layout: 'x', pagina: '0' }), /layout.*pagina/);
});
