import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LinhaBloqueio } from '@malote/store/bloqueios';
import type { EntidadeDoPedido, TokenGuardado } from '@malote/store/entidades';
import { applyBlock, countResult, type PedidoBloqueio } from './apply-block.ts';

const now = new Date(0);
const facts = { now, newToken: ({ entidade }: EntidadeDoPedido) => ({ tokenHash: `hash ${entidade}` }) as TokenGuardado };
const quem = { tipo: 'credencial', id: 'token' } as const;
const pedido = (rows: LinhaBloqueio[], over: Partial<PedidoBloqueio> = {}): PedidoBloqueio => ({
  _id: 'c.p',
  seq: 10,
  rows,
  quem,
  ...over,
});
const row = (parametro: 1 | 2, over: Partial<LinhaBloqueio> = {}): LinhaBloqueio => ({
  ...{ tipopessoa: 2, documento: '53113791000122', ie: '111010945111', uf: 'SP', parametro },
  ...over,
});
const entidadeOf = (entidade: string, over: Partial<EntidadeDoPedido> = {}): EntidadeDoPedido => ({
  ...{ _id: `c.${entidade}`, version: 7, conta: 'c', documento: '53113791000122', chave: '53113791000122.SP.111010945111', entidade },
  ...{ bloqueada: false, seqInicial: 1, seq: 1, aplicada: false },
  ...over,
});

/** The rows of the TSS page's first payload. */
const PAGE = [
  row(1),
  row(2, { documento: '01159435000146', ie: 'ISENTO', uf: 'PE' }),
  row(1, { documento: '53113791000185', ie: '0014951780054', uf: 'MG' }),
];
const THREE = ['000002', '000121', '000122'].map((entidade, n) => entidadeOf(entidade, { idEmpresa: String(n + 1).padStart(20, '0') }));
const ACTIVE = entidadeOf('000003', { documento: '01159435000146', chave: '01159435000146.PE.ISENTO', bloqueada: true, ativadaEm: now });

test('the payload of the TSS page gives exactly its answer', () => {
  const { result, mudancas } = applyBlock(pedido(PAGE), [...THREE, ACTIVE], facts);
  const first = { CNPJ: '53113791000122', CPF: '', IE: '111010945111', UF: 'SP', OK: true, mensagem: 'Cliente bloqueado', error: 'null' };
  assert.deepEqual(result, [
    { ...first, IDEMPRESA: '00000000000000000001', Entidade: '000002' },
    { ...first, IDEMPRESA: '00000000000000000002', Entidade: '000121' },
    { ...first, IDEMPRESA: '00000000000000000003', Entidade: '000122' },
    {
      ...{ CNPJ: '01159435000146', CPF: '', IE: 'ISENTO', UF: 'PE', IDEMPRESA: '', Entidade: '000003' },
      ...{ OK: true, mensagem: 'Cliente liberado', error: 'null' },
    },
    {
      ...{ CNPJ: '53113791000185', CPF: '', IE: '0014951780054', UF: 'MG', IDEMPRESA: '', Entidade: '' },
      ...{ OK: false, mensagem: null, error: 'Entidade nao encontrada.' },
    },
  ]);
  assert.deepEqual(
    mudancas.map(({ _id, version, set }) => [_id, version, set.bloqueada]),
    [...THREE.map(({ _id }) => [_id, 7, true]), ['c.000003', 7, false]],
  );
});

test('a CPF is echoed as such, and the IE as it was given', () => {
  const { result } = applyBlock(pedido([row(1, { tipopessoa: 1, documento: '12345678909', ie: '111.010' })]), [], facts);
  assert.deepEqual([result[0]?.CNPJ, result[0]?.CPF, result[0]?.IE], ['', '12345678909', '111.010']);
});

test('rows of one establishment apply one after the other, in one write with each in the history', () => {
  const given = pedido([row(1), row(2, { ie: '111.010.945.111' }), row(1)], { contrato: '12345' });
  const { result, mudancas } = applyBlock(given, [entidadeOf('000002', { ativadaEm: now })], facts);
  assert.deepEqual(
    result.map(({ mensagem }) => mensagem),
    ['Cliente bloqueado', 'Cliente liberado', 'Cliente bloqueado'],
  );
  assert.deepEqual(mudancas, [
    {
      ...{ _id: 'c.000002', version: 7, set: { bloqueada: true, seq: 10, contrato: '12345' } },
      historico: [1, 2, 1].map((parametro, n) => ({ em: now, pedido: 'c.p', linha: n + 1, quem, contrato: '12345', parametro })),
    },
  ]);
});

test('only the first activation issues a TOKEN, in the row that activated, and never where there is one', () => {
  const [fresh, known, active] = [entidadeOf('000002'), entidadeOf('000121', { tokenHash: 'h' }), entidadeOf('000122', { ativadaEm: now })];
  const { result, mudancas } = applyBlock(pedido([row(1), row(2), row(2)]), [fresh, known, active], facts);
  const tokens = result.map(({ Entidade, tokenDe }) => [Entidade, tokenDe]).filter(([, tokenDe]) => tokenDe);
  assert.deepEqual(tokens, [['000002', 'c.000002']]);
  assert.equal(
    result.findIndex(({ tokenDe }) => tokenDe),
    3,
  );
  const set = mudancas[0]?.set;
  assert.deepEqual([set?.tokenHash, set?.ativadaEm, set?.tokenPor], ['hash 000002', now, { pedido: 'c.p', linha: 2, seq: 10 }]);
  assert.deepEqual([mudancas[1]?.set.tokenHash, mudancas[1]?.set.ativadaEm], [undefined, now]);
});

test('a repeated delivery gives the same rows, TOKEN included, and changes only what the first one had not reached', () => {
  const before = [entidadeOf('000002'), entidadeOf('000121')];
  const given = pedido([row(2)]);
  const once = applyBlock(given, before, facts);
  const [first, second] = before as [EntidadeDoPedido, EntidadeDoPedido];
  const reached: EntidadeDoPedido = { ...first, version: 8, ...(once.mudancas[0]?.set as object), aplicada: true };
  const again = applyBlock(given, [reached, second], facts);
  assert.deepEqual(again.result, once.result);
  assert.deepEqual(again.mudancas, once.mudancas.slice(1));
});

test('a request that is applied after a later one leaves the flag and the contract of that one, and does not reach entities made after it', () => {
  const later = entidadeOf('000002', { seq: 11, bloqueada: true });
  const made = entidadeOf('000121', { seq: 12, seqInicial: 12 });
  const { result, mudancas } = applyBlock(pedido([row(2)], { contrato: '1' }), [later, made], facts);
  assert.deepEqual(
    result.map(({ Entidade, mensagem }) => [Entidade, mensagem]),
    [['000002', 'Cliente liberado']],
  );
  assert.deepEqual([mudancas.length, mudancas[0]?.set.bloqueada, mudancas[0]?.set.contrato], [1, undefined, undefined]);
  assert.equal(mudancas[0]?.historico.length, 1);
});

test('the size of an answer is known before anything is changed', () => {
  assert.equal(countResult(pedido([...PAGE, row(1)]), [...THREE, ACTIVE]), 8);
});
