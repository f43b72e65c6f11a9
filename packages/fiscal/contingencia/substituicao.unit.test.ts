import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DocumentState } from '../emission/lifecycle-state.ts';
import { decideSubstituicao, type FatosDaSubstituicao, type Substituicao } from './substituicao.ts';

const T0 = new Date('2026-11-22T13:00:00Z');
const after = (minutes: number) => new Date(T0.getTime() + minutes * 60_000);
const CHAVE = '35261111222333000181650500000000019123456781';
const retorno = { class: 'authorized', cStat: '100', xMotivo: '', dhRecbto: '2026-11-22T10:00:00-03:00' } as const;

const facts = (
  primeira: DocumentState,
  substituta?: DocumentState,
  more: Partial<FatosDaSubstituicao> & {
    saga?: Partial<Substituicao>;
    modelo?: '55' | '65';
    semRetorno?: boolean;
    pendente?: boolean;
  } = {},
): FatosDaSubstituicao => {
  const { saga, modelo = '65', semRetorno, pendente, ...rest } = more;
  const substituicao: Substituicao = { situacao: 'aguarda', desde: T0, ...saga };
  return {
    primeira: { state: primeira, substituicao, modelo, uf: 'SP', ...(semRetorno ? {} : { retorno }) },
    substituta: substituta && { state: substituta, chave: CHAVE, tpEmis: '9', ...(pendente ? { pendenteDesde: T0 } : {}) },
    ...rest,
  };
};
const step = (given: FatosDaSubstituicao, minutes = 1) => decideSubstituicao(given, after(minutes));
const stored = (given: FatosDaSubstituicao) => {
  const passo = step(given);
  return passo.do === 'store' ? [passo.substituicao.situacao, passo.substituicao.por] : passo.do;
};

test('nothing is done before both fates are known', () => {
  for (const first of ['signed', 'uncertain'] as const) assert.deepEqual(step(facts(first, 'authorized')), { do: 'nothing' });
  for (const second of ['received', 'signed', 'issued', 'uncertain'] as const)
    assert.deepEqual(step(facts('authorized', second)), { do: 'nothing' });
  assert.deepEqual(step(facts('authorized')), { do: 'nothing' });
  assert.deepEqual(step(facts('authorized', 'rejected', { pendente: true })), { do: 'nothing' });
});

test('both authorised: 110111 inside its window, then 110112 with the key of the substitute, at last a person', () => {
  const both = facts('authorized', 'authorized');
  assert.deepEqual(step(both, 28), { do: 'cancel', tpEvento: '110111' });
  assert.deepEqual(step(both, 28.1), { do: 'cancel', tpEvento: '110112', chNFeRef: CHAVE });
  assert.deepEqual(step(both, 10_078), { do: 'cancel', tpEvento: '110112', chNFeRef: CHAVE });
  const passo = step(both, 10_079);
  assert.ok(passo.do === 'store' && passo.substituicao.situacao === 'manual');
  assert.match(passo.substituicao.motivo ?? '', /110112/);
});

test('the 110112 of an NF-e does not exist: 110111 is tried after its window, too', () => {
  assert.deepEqual(step(facts('authorized', 'authorized', { modelo: '55' }), 100_000), { do: 'cancel', tpEvento: '110111' });
});

test('a UF that cuts its window short is heeded', () => {
  const prazos = [{ uf: 'SP', modelo: '65', tpEvento: '110111', minutos: 5, rigido: false, desde: '2020-01-01', norma: '' }] as const;
  assert.deepEqual(step(facts('authorized', 'authorized', { prazos }), 4), { do: 'cancel', tpEvento: '110112', chNFeRef: CHAVE });
});

test('what was asked for is waited for, asked again when it was never stored, and told when it is refused', () => {
  const saga = { situacao: 'cancelar', eventoId: 'e1' } as const;
  const both = (evento?: FatosDaSubstituicao['evento'], modelo: '55' | '65' = '65') =>
    facts('authorized', 'authorized', { saga, evento, modelo });
  assert.deepEqual(step(both()), { do: 'cancel', tpEvento: '110111' });
  assert.deepEqual(step(both({ tpEvento: '110111', fim: 'aberto' })), { do: 'nothing' });
  assert.deepEqual(step(both({ tpEvento: '110111', fim: 'recusado', motivo: '501' })), {
    do: 'cancel',
    tpEvento: '110112',
    chNFeRef: CHAVE,
  });
  assert.deepEqual(stored(both({ tpEvento: '110111', fim: 'registrado' })), ['concluida', 'cancelamento']);
  for (const given of [
    both({ tpEvento: '110112', fim: 'recusado', motivo: '915' }),
    both({ tpEvento: '110111', fim: 'recusado', motivo: '915' }, '55'),
  ]) {
    const passo = step(given);
    assert.ok(passo.do === 'store' && passo.substituicao.situacao === 'manual');
    assert.match(passo.substituicao.motivo ?? '', /915/);
  }
});

test('a first that SEFAZ never got is made void, once', () => {
  const gone = (inutilizacao?: FatosDaSubstituicao['inutilizacao']) =>
    facts('rejected', 'issued', { semRetorno: true, inutilizacao, saga: { inutilizacaoId: 'i1' } });
  assert.deepEqual(step(facts('rejected', 'issued', { semRetorno: true })), { do: 'void' });
  assert.deepEqual(step(gone()), { do: 'void' });
  assert.deepEqual(step(gone({ fim: 'aberto' })), { do: 'nothing' });
  assert.deepEqual(stored(gone({ fim: 'registrado' })), ['concluida', 'inutilizacao']);
  assert.deepEqual(stored(gone({ fim: 'recusado', motivo: '241' })), ['manual', undefined]);
});

test('the other ends', () => {
  assert.deepEqual(stored(facts('cancelled', 'authorized')), ['concluida', 'cancelamento']);
  assert.deepEqual(stored(facts('rejected', 'issued')), ['concluida', 'rejeicao']);
  assert.deepEqual(stored(facts('denied', 'issued')), ['concluida', 'rejeicao']);
  assert.deepEqual(stored(facts('conflict', 'issued')), ['manual', undefined]);
  assert.deepEqual(stored(facts('authorized', 'rejected')), ['concluida', 'substituta-recusada']);
  assert.deepEqual(stored(facts('authorized', 'invalid')), ['concluida', 'substituta-recusada']);
  assert.deepEqual(stored(facts('authorized', 'denied')), ['concluida', 'substituta-recusada']);
  assert.deepEqual(stored(facts('authorized', 'cancelled')), ['manual', undefined]);
  assert.deepEqual(stored(facts('authorized', 'conflict')), ['manual', undefined]);
  for (const situacao of ['concluida', 'manual'] as const) {
    assert.deepEqual(step(facts('authorized', 'authorized', { saga: { situacao } })), { do: 'nothing' });
  }
});
