import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lacunas } from './lacunas.ts';
import { diaNaUf, inutilizaveis, JUSTIFICATIVA_PADRAO, justificativaFault } from './politica.ts';

const gapOf = (aamm: string, hoje: string) => {
  const used = (numero: number) => ({ numero, state: 'authorized' as const, tpEmis: ['1'], transmitido: true, aamm });
  return inutilizaveis(lacunas({ de: 1, ate: 3, numeros: [used(1), used(3)], inutilizadas: [], hoje }).propostas, hoje).length;
};

test('a gap is made void from day 1 to day 10 of the month after it, and in no other month', () => {
  const days = ['2026-10-31', '2026-11-01', '2026-11-09', '2026-11-10', '2026-11-11', '2026-11-30', '2026-12-01', '2027-11-05'];
  assert.deepEqual(
    days.map((day) => gapOf('2610', day)),
    [0, 1, 1, 1, 0, 0, 0, 0],
  );
  assert.deepEqual([gapOf('2612', '2026-12-31'), gapOf('2612', '2027-01-01'), gapOf('2612', '2027-01-11')], [0, 1, 0]);
});

test('the day is that of the emitter: Acre is two hours behind São Paulo, Noronha is not asked', () => {
  const at = new Date('2026-11-01T04:30:00Z');
  assert.deepEqual([diaNaUf('SP', at), diaNaUf('AC', at), diaNaUf('AM', at)], ['2026-11-01', '2026-10-31', '2026-11-01']);
  assert.equal(diaNaUf('SP', new Date('2026-11-11T02:59:59Z')), '2026-11-10');
});

test('a justificativa is what SEFAZ takes', () => {
  assert.equal(justificativaFault(JUSTIFICATIVA_PADRAO), undefined);
  assert.equal(justificativaFault('x'.repeat(255)), undefined);
  for (const text of ['x'.repeat(14), 'x'.repeat(256), ' números pulados ', 'números pulados – erro', 'números\npulados aqui'])
    assert.equal(typeof justificativaFault(text), 'string', text);
});
