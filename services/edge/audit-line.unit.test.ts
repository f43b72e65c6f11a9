import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { FatoAuditado, RegistroAuditoria } from '@malote/store/auditoria';
import { inLine } from './audit-line.ts';

const fato = (conta: string, acao: string): FatoAuditado => ({ conta, acao, quem: { tipo: 'servico' }, resultado: 'ok' });

test('of one account one link at a time, in order, also after one failed; accounts do not wait for each other', async () => {
  const began: string[] = [];
  const underWay = new Map<string, number>();
  const append = inLine(async ({ conta, acao }) => {
    began.push(`${conta}${acao}`);
    underWay.set(conta, (underWay.get(conta) ?? 0) + 1);
    assert.equal(underWay.get(conta), 1);
    await turn();
    underWay.set(conta, 0);
    if (acao === '2') throw new Error('no primary');
    return { acao } as RegistroAuditoria;
  });
  const results = await Promise.allSettled([fato('a', '1'), fato('a', '2'), fato('a', '3'), fato('b', '1')].map(append));
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  );
  assert.deepEqual(began, ['a1', 'b1', 'a2', 'a3']);
  assert.equal((await append(fato('a', '4'))).acao, '4');
});
