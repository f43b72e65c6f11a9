import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentsQuery } from './list-documents.query.ts';
import { STATES_OF, statusOf } from './present-document.ts';
import { Problem } from './problems.ts';
import { readQuery } from './query.ts';

const read = (query: object) => readQuery(documentsQuery, query);
const refusal = (query: object): string => {
  try {
    read(query);
  } catch (error) {
    assert.ok(error instanceof Problem && error.codigo === 'parametro-invalido', String(error));
    return error.message;
  }
  throw new Error(`not refused: ${JSON.stringify(query)}`);
};

test('without parameters, or with blank ones, it is the first page of everything', () => {
  assert.deepEqual(read({}), { pagina: 1 });
  assert.deepEqual(read({ pagina: '', status: ' ', de: '', ate: '', serie: '' }), { pagina: 1 });
});

test('a status is known by its literal, whatever case, accents and separators', () => {
  for (const [literal, states] of Object.entries(STATES_OF)) {
    assert.deepEqual(read({ status: literal }).status, states, literal);
    for (const state of states) assert.equal(statusOf({ state }), literal);
  }
  for (const status of ['em recuperacao', 'EM RECUPERAÇÃO', 'em-recuperação', 'Em_Recuperacao', 'Em recuperac\u0327a\u0303o']) {
    assert.deepEqual(read({ status }).status, ['uncertain'], status);
  }
  assert.deepEqual(read({ status: 'Em processamento' }).status, ['received', 'signed']);
  assert.deepEqual(read({ status: 'Encerrada' }).status, []);
  assert.match(refusal({ status: 'pendente' }), /status deve ser um destes: .*Em recuperação, Autorizada/);
  assert.match(refusal({ status: ['Autorizada', 'Rejeitada'] }), /status/);
});

test('a date is read in every form of the contract, as it is written', () => {
  for (const de of [
    '2026-11-21',
    '20261121',
    '2026-11-21T00:00:00.000Z',
    '2026-11-21T23:59:59-03:00',
    '2026-11-21T23:59:59 03:00',
    '2026-11-21T10:00',
    ' 2026-11-21 ',
  ]) {
    assert.equal(read({ de }).de, '2026-11-21', de);
  }
  for (const ate of ['2026-02-30', '2026-13-01', '21/11/2026', '2026-11', '202611211', '2026-11-21T', 'hoje', '0000']) {
    assert.match(refusal({ ate }), /parâmetro ate deve ser uma data/, ate);
  }
  assert.equal(read({ de: '2028-02-29' }).de, '2028-02-29');
  assert.match(refusal({ de: '2026-02-02', ate: '2026-02-01' }), /não pode ser depois/);
});

test('série and page are numbers, padded or not', () => {
  assert.deepEqual(read({ serie: '001', pagina: '0002' }), { serie: 1, pagina: 2 });
  assert.equal(read({ serie: '0' }).serie, 0);
  for (const query of [{ serie: '1000' }, { serie: '-1' }, { serie: 'A' }, { pagina: '0' }]) assert.match(refusal(query), /serie|pagina/);
});
