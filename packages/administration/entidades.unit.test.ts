import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FatoAuditado } from '@malote/store/auditoria';
import type { Bloqueio, NovoPedido } from '@malote/store/bloqueios';
import type { Entidade } from '@malote/store/entidades';
import { addEntidade, type EntidadesDeps, type NovaEntidade } from './entidades.ts';

const CNPJ = '53113791000122';
const quem = { tipo: 'operador' } as const;

/** A worker that answers at once with what it is given, or never. */
function deps(answer: Partial<Bloqueio> = {}): { deps: EntidadesDeps; audit: FatoAuditado[]; asked: NovoPedido[] } {
  const [audit, asked] = [[] as FatoAuditado[], [] as NovoPedido[]];
  const pedido = { _id: 'c.p1', conta: 'c', state: 'received' } as Bloqueio;
  let now = 0;
  const store = {
    contas: { find: async (id: string) => (id === 'c' ? { _id: 'c' } : undefined) },
    entidades: { findById: async () => ({ conta: 'c', entidade: '000001', documento: CNPJ, uf: 'SP', ie: 'ISENTO' }) as Entidade },
    bloqueios: {
      async insert(novo: NovoPedido) {
        asked.push(novo);
        return { pedido, message: {} };
      },
      findById: async () => ({ ...pedido, ...answer }),
    },
    auditoria: { append: async (fato: FatoAuditado) => audit.push(fato) },
  } as unknown as EntidadesDeps['store'];
  const clock = { monotonic: () => (now += 6_000) };
  return { deps: { store, quem, clock, publish: async () => Promise.reject(new Error('away')), traceparent: 't' }, audit, asked };
}

test('an entity is asked for with its numbers filled up, and shown when the worker has made it', async () => {
  const scene = deps({ state: 'done', entidadeId: 'c.x' });
  const given = { conta: 'c', cnpj: CNPJ, uf: 'sp', entidade: '12', idEmpresa: '7', nome: 'Filial' };
  const { pedido, entidade } = await addEntidade(scene.deps, given);
  assert.deepEqual([pedido, entidade?.entidade, entidade?.contrato], ['p1', '000001', null]);
  const cadastro = { documento: CNPJ, uf: 'SP', entidade: '000012', idEmpresa: '7'.padStart(20, '0'), nome: 'Filial' };
  assert.deepEqual(scene.asked[0], { conta: 'c', quem, traceparent: 't', kind: 'cadastro', cadastro });
  assert.deepEqual(scene.audit, [{ conta: 'c', quem, acao: 'entidade.criar', empresa: CNPJ, alvo: 'c.x', resultado: 'ok' }]);
});

test('a refusal of the worker is one here, recorded; no answer in time is not', async () => {
  const recusa = { codigo: 'entidade-existente', message: 'já existe' };
  const refused = deps({ state: 'done', recusa });
  await assert.rejects(addEntidade(refused.deps, { conta: 'c', cpf: '12345678909', uf: 'SP' }), recusa);
  assert.deepEqual(
    refused.audit.map(({ resultado, detalhe }) => [resultado, detalhe]),
    [['recusado', 'entidade-existente']],
  );
  const late = deps();
  assert.equal((await addEntidade(late.deps, { conta: 'c', cnpj: CNPJ, uf: 'SP' })).entidade, null);
  assert.equal(late.audit[0]?.detalhe, 'pendente');
});

const WRONG: [string, Partial<NovaEntidade>, RegExp][] = [
  ['no document', { cnpj: undefined }, /Campo cnpj: informe cnpj ou cpf/],
  ['two documents', { cpf: '12345678909' }, /informe cnpj ou cpf/],
  ['a masked CNPJ', { cnpj: '53.113.791/0001-22' }, /Campo cnpj: são 14 caracteres/],
  ['a short CPF', { cnpj: undefined, cpf: '1234567890' }, /Campo cpf: são 11 dígitos/],
  ['no such UF', { uf: 'XX' }, /Campo uf: XX não é/],
  ['a long IE', { ie: '1'.repeat(19) }, /Campo ie: tem 19/],
  ['Entidade zero', { entidade: '000000' }, /Campo entidade: deve ter de 1 a 6 dígitos/],
  ['a long Entidade', { entidade: '1234567' }, /Campo entidade/],
  ['a long IDEMPRESA', { idEmpresa: '1'.repeat(21) }, /Campo idEmpresa: deve ter de 1 a 20/],
  ['an empty name', { nome: ' ' }, /Campo nome/],
  ['an unknown account', { conta: 'd' }, /A conta d não existe/],
];
for (const [what, over, message] of WRONG) {
  test(`refused, and nothing asked: ${what}`, async () => {
    const scene = deps({ state: 'done' });
    await assert.rejects(addEntidade(scene.deps, { conta: 'c', cnpj: CNPJ, uf: 'SP', ...over }), { name: 'Refused', message });
    assert.deepEqual(scene.asked, []);
  });
}

test('several faults are told at once', async () => {
  const wrong = { conta: 'c', cnpj: '1', uf: 'XX', entidade: 'a' };
  await assert.rejects(addEntidade(deps().deps, wrong), (error) => (error as { faults: unknown[] }).faults.length === 3);
});
