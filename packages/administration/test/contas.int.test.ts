import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@malote/runtime/clock';
import { matchSecret } from '@malote/runtime/password';
import { type FatoAuditado, HUB } from '@malote/store/auditoria';
import * as contas from '../contas.ts';
import { Refused } from '../refused.ts';
import { openStore } from './open-store.ts';

const store = await openStore('contas');
const deps = { store, clock: systemClock, quem: { tipo: 'cli', id: 'ana' } } as const;

const refusal = (codigo: string, campo?: string) => (error: unknown) =>
  error instanceof Refused && error.codigo === codigo && error.campo === campo;

/** What the trail says was done to an account, in order. */
async function trail(conta: string): Promise<Pick<FatoAuditado, 'acao' | 'alvo' | 'resultado'>[]> {
  const { registros } = await store.auditoria.list({ conta, skip: 0, limit: 50 });
  return registros.reverse().map(({ acao, alvo, resultado }) => ({ acao, ...(alvo ? { alvo } : {}), resultado }));
}

async function stored(token: string) {
  const credencial = await store.credenciais.find(token);
  assert.ok(credencial);
  return credencial;
}

test('an account comes with a credential that may do everything; another one has the scopes it was given, in their order', async () => {
  const { conta, token, secret } = await contas.createAccount(deps, { nome: '  Comercial Exemplo ' });
  const first = await stored(token);
  assert.equal(await matchSecret(secret, [first.secretHash]), 0);
  assert.deepEqual(first.escopos, ['emissao', 'recebimento', 'administracao', 'leitura']);
  const second = await contas.createCredential(deps, { conta, nome: 'Painel', escopos: ['leitura', 'emissao', 'leitura'] });
  assert.deepEqual(second.escopos, ['emissao', 'leitura']);
  const shown = await contas.listCredentials(deps, { conta });
  assert.deepEqual(
    shown.map((each) => [each.token, each.nome, each.escopos.length, each.ativa, each.secretAnteriorAte]),
    [
      [token, null, 4, true, null],
      [second.token, 'Painel', 2, true, null],
    ],
  );
  assert.equal(JSON.stringify(shown).includes('scrypt'), false);
  assert.deepEqual(await trail(conta), [
    { acao: 'conta.criar', alvo: token, resultado: 'ok' },
    { acao: 'credencial.criar', alvo: second.token, resultado: 'ok' },
  ]);
  const { total, contas: listed } = await contas.listAccounts(deps);
  assert.ok(total >= 1);
  const { criadaEm, ...own } = listed.find((each) => each.conta === conta) ?? assert.fail('not listed');
  assert.deepEqual(own, { conta, nome: 'Comercial Exemplo', ativa: true });
  assert.ok(criadaEm instanceof Date);
});

test('disabling ends the sessions and enabling does not bring them back', async () => {
  const { conta } = await contas.createAccount(deps, { nome: 'Desativada' });
  assert.equal((await contas.disableAccount(deps, { conta })).ativa, false);
  assert.equal((await contas.enableAccount(deps, { conta })).ativa, true);
  const known = (await store.contas.geracoes()).find(({ id }) => id === conta);
  assert.deepEqual([known?.active, known?.geracao], [true, 1]);
  await contas.endSessions(deps, { conta });
  assert.equal((await store.contas.find(conta))?.geracao, 2);
  assert.deepEqual(
    (await trail(conta)).map(({ acao }) => acao),
    ['conta.criar', 'conta.desativar', 'conta.ativar', 'conta.encerrar-sessoes'],
  );
});

test('after a rotation both secrets work until the end of the overlap, with 0 hours only the new one', async () => {
  const { conta, token, secret } = await contas.createAccount(deps, { nome: 'Rotação' });
  const before = systemClock.now().getTime();
  const rotated = await contas.rotateSecret(deps, { token, sobreposicaoHoras: 2 });
  const until = rotated.secretAnteriorAte?.getTime() ?? 0;
  assert.ok(until >= before + 7_200_000 && until < before + 7_260_000);
  let credencial = await stored(token);
  const both = [credencial.secretHash, credencial.secretHashAnterior ?? ''];
  assert.equal(await matchSecret(rotated.secret, both), 0);
  assert.equal(await matchSecret(secret, both), 1);
  // One salt: one derivation tells both, and no call takes longer because there are two.
  assert.equal(both[0]?.split('$')[4], both[1]?.split('$')[4]);
  assert.deepEqual([credencial.geracao, credencial.anteriorAte], [1, rotated.secretAnteriorAte]);

  const now = await contas.rotateSecret(deps, { token, sobreposicaoHoras: 0 });
  credencial = await stored(token);
  assert.equal(await matchSecret(now.secret, [credencial.secretHash]), 0);
  assert.deepEqual([credencial.secretHashAnterior, credencial.anteriorAte, credencial.geracao], [undefined, undefined, 2]);
  assert.deepEqual(
    (await trail(conta)).map(({ acao, resultado }) => [acao, resultado]),
    [
      ['conta.criar', 'ok'],
      ['credencial.trocar-secret', 'ok'],
      ['credencial.trocar-secret', 'ok'],
    ],
  );
});

test('a disabled credential takes its former secret with it and gets no other; the refusal is in the trail', async () => {
  const { conta, token } = await contas.createAccount(deps, { nome: 'Sem credencial' });
  await contas.rotateSecret(deps, { token });
  assert.equal((await contas.disableCredential(deps, { token })).ativa, false);
  assert.equal((await stored(token)).secretHashAnterior, undefined);
  await assert.rejects(contas.rotateSecret(deps, { token }), refusal('credencial-desativada', 'token'));
  assert.deepEqual((await trail(conta)).at(-1), { acao: 'credencial.trocar-secret', alvo: token, resultado: 'recusado' });
});

test('of two rotations at the same time, who was given a secret can use it: the other is told', async () => {
  const { token } = await contas.createAccount(deps, { nome: 'Corrida' });
  const results = await Promise.allSettled([1, 2].map(() => contas.rotateSecret(deps, { token })));
  const { secretHash, secretHashAnterior = '' } = await stored(token);
  for (const each of results) {
    if (each.status === 'rejected') assert.ok(refusal('troca-simultanea', 'token')(each.reason));
    else assert.ok((await matchSecret(each.value.secret, [secretHash, secretHashAnterior])) >= 0);
  }
  assert.ok(results.some(({ status }) => status === 'fulfilled'));
});

test('what does not exist, or breaks a rule, is refused by name and changes nothing', async () => {
  const { conta, token } = await contas.createAccount(deps, { nome: 'Regras' });
  const unknown = refusal('conta-desconhecida', 'conta');
  await assert.rejects(contas.disableAccount(deps, { conta: 'x' }), unknown);
  await assert.rejects(contas.enableAccount(deps, { conta: 'x' }), unknown);
  await assert.rejects(contas.endSessions(deps, { conta: 'x' }), unknown);
  await assert.rejects(contas.createCredential(deps, { conta: 'x' }), unknown);
  await assert.rejects(contas.listCredentials(deps, { conta: 'x' }), unknown);
  for (const attempt of [contas.disableCredential, contas.rotateSecret]) {
    await assert.rejects(attempt(deps, { token: 'x' }), refusal('credencial-desconhecida', 'token'));
  }
  for (const nome of ['', '   ', 'x'.repeat(121)]) {
    await assert.rejects(contas.createAccount(deps, { nome }), refusal('nome-invalido', 'nome'));
    await assert.rejects(contas.createCredential(deps, { conta, nome }), refusal('nome-invalido', 'nome'));
  }
  for (const escopos of [[], ['tudo'], ['emissao', 'Leitura']]) {
    await assert.rejects(contas.createCredential(deps, { conta, escopos }), refusal('escopo-desconhecido', 'escopos'));
  }
  for (const sobreposicaoHoras of [-1, 1.5, 721, Number.NaN]) {
    await assert.rejects(contas.rotateSecret(deps, { token, sobreposicaoHoras }), refusal('sobreposicao-invalida', 'sobreposicaoHoras'));
  }
  assert.equal((await contas.listCredentials(deps, { conta })).length, 1);
  assert.equal((await stored(token)).geracao, undefined);
  assert.deepEqual((await store.auditoria.list({ conta: HUB, skip: 0, limit: 5 })).registros, []);
});
