import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from './problems.ts';
import { escoposOfEvento, requireEscopo } from './route-escopos.ts';
import { emptyTable } from './test/empty-table.ts';

const table = emptyTable();
const signedIn = table.filter(({ access }) => access === 'session' || access === 'tss');

test('every route of an account asks for a scope, save those of the session itself', () => {
  for (const { method, path, tag, escopos } of signedIn) {
    assert.equal(tag === 'Sessão', escopos === undefined, `${method} ${path}`);
    assert.notEqual(escopos?.length, 0, `${method} ${path}`);
  }
});

test('with the scope leitura nothing is changed, and a document is read by whoever may emit or receive', () => {
  for (const { method, path, tag, escopos } of signedIn.filter(({ tag }) => tag !== 'Sessão')) {
    if (escopos?.includes('leitura')) assert.equal(method, 'GET', path);
    if (method === 'GET' && ['Documentos', 'Eventos', 'Inutilização'].includes(tag)) {
      for (const any of ['leitura', 'emissao', 'recebimento'] as const) assert.ok(escopos?.includes(any), path);
    }
  }
});

test('an entity may emit, ask for events and look at one document or event, and nothing else', () => {
  const ids = table.filter(({ entidade }) => entidade).map(({ id }) => id);
  assert.deepEqual(ids.sort(), [
    ...['baixarXmlDoEvento', 'baixarXmlPorChave', 'baixarXmlPorNumero', 'consultarDocumentoPorChave', 'consultarDocumentoPorNumero'],
    ...['consultarEvento', 'emitirDocumento', 'pedirEventoPorChave', 'pedirEventoPorNumero'],
  ]);
});

test('who lacks the scope is told which one, and what the credential has', () => {
  requireEscopo({ escopos: ['leitura'] }, ['administracao', 'leitura']);
  requireEscopo({ escopos: [] }, undefined);
  for (const [escopos, wanted, said] of [
    [['leitura'], ['emissao'], /exige o escopo emissao; a credencial desta chamada tem leitura\./],
    [['leitura', 'recebimento'], ['administracao', 'emissao'], /administracao ou emissao; .* tem leitura, recebimento\./],
    [[], ['emissao'], /tem nenhum\./],
  ] as const) {
    assert.throws(
      () => requireEscopo({ escopos }, wanted),
      (error: Problem) =>
        error instanceof Problem && error.codigo === 'escopo-insuficiente' && error.status === 403 && said.test(error.message),
    );
  }
});

test('a manifestação is for who receives, every other event for who emits', () => {
  assert.deepEqual(escoposOfEvento('210210'), ['recebimento']);
  assert.deepEqual(escoposOfEvento('110111'), ['emissao']);
});
