import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attempt, Lifecycle } from '../emission/lifecycle-state.ts';
import { ASSENTAMENTO_MS, escolheDescarga, modoParaDescarga, type Pendente, situacaoNaDescarga } from './descarga.ts';
import type { ModosVistos } from './modo-da-nota.ts';
import { type Modo, startOf } from './situacao.ts';

const NOW = new Date('2026-11-22T13:00:00Z');
const HOUR = 3_600_000;
const inHours = (hours: number) => new Date(NOW.getTime() + hours * HOUR);
const up = () => 'NORMAL' as const;
const down = () => 'OFFLINE' as const;

/** Issued in the order of their numbers, a day before their deadline. */
const note = (numero: number, changes: Partial<Pendente> = {}): Pendente => ({
  ...{ id: `${changes.serie ?? 1}/${numero}`, empresa: '11222333000181', tpAmb: '1', modelo: '65', uf: 'SP', serie: 1, numero },
  ...{ autorizador: 'SP', emitidaEm: new Date(NOW.getTime() - HOUR + numero * 1000), prazoAte: inHours(24), situacao: 'espera' },
  ...changes,
});
const chosen = (pendentes: Pendente[], modoOf: (one: Pendente) => Modo = up, vagas = 5) =>
  escolheDescarga(pendentes, modoOf, NOW, { vagas }).map(({ id }) => id);

test('each série gives its oldest, one at a time, the oldest of all first', () => {
  const other = note(9, { serie: 2, emitidaEm: inHours(-2) });
  assert.deepEqual(chosen([note(2), note(1), note(3), other]), ['2/9', '1/1']);
});

test('what was just handed over waits a minute, and those behind it, unless the deadline is near', () => {
  const entregueEm = new Date(NOW.getTime() - ASSENTAMENTO_MS + 1);
  assert.deepEqual(chosen([note(1, { entregueEm }), note(2), note(1, { serie: 2 })]), ['2/1']);
  assert.deepEqual(chosen([note(1, { entregueEm: new Date(NOW.getTime() - ASSENTAMENTO_MS) }), note(2)]), ['1/1']);
  assert.deepEqual(chosen([note(1, { entregueEm, prazoAte: inHours(1) })]), ['1/1']);
});

test('one under way holds its série, a refused one does not', () => {
  assert.deepEqual(chosen([note(1, { situacao: 'em-curso' }), note(2), note(1, { serie: 2 })]), ['2/1']);
  assert.deepEqual(chosen([note(1, { situacao: 'recusada' }), note(2)]), ['1/2']);
});

test('homologação and production, and two companies, are séries of their own', () => {
  const pendentes = [
    note(1),
    note(1, { tpAmb: '2', id: 'hom' }),
    note(1, { empresa: '99888777000166', id: 'other' }),
    note(1, { modelo: '55', id: '55' }),
  ];
  assert.deepEqual(chosen(pendentes).length, 4);
});

test('nothing goes to an authoriser that is away, and no more than its pace', () => {
  assert.deepEqual(chosen([note(1)], down), []);
  const many = Array.from({ length: 9 }, (_, serie) => note(1, { serie }));
  assert.equal(chosen(many, up, 3).length, 3);
  const two = [...many, ...many.map((one) => ({ ...one, id: `MG${one.id}`, uf: 'MG' as const, autorizador: 'MG' as const }))];
  assert.equal(chosen(two, up, 3).length, 6);
  assert.deepEqual(chosen(two, ({ uf }) => (uf === 'MG' ? 'NORMAL' : 'OFFLINE'), 9).length, 9);
});

test('near its deadline, or past it, a note is tried whatever the mode and its série, before the others and within the pace', () => {
  const near = note(7, { prazoAte: inHours(3.9) });
  const past = note(8, { prazoAte: inHours(-1) });
  assert.deepEqual(chosen([note(1), near, past], down), ['1/8', '1/7']);
  assert.deepEqual(chosen([note(1, { situacao: 'em-curso' }), near], down), ['1/7']);
  assert.deepEqual(chosen([note(1, { serie: 2 }), near, past], up, 2), ['1/8', '1/7']);
  assert.deepEqual(chosen([note(1, { prazoAte: inHours(4.1) })], down), []);
  // While one is near its deadline the older of its série still goes in its turn.
  assert.deepEqual(chosen([note(1), near], up), ['1/7']);
});

test('where a document stands', () => {
  const base = {
    state: 'issued' as Lifecycle['state'],
    attempts: [] as Attempt[],
    pendenteDesde: NOW,
    contingencia: { modo: 'OFFLINE' as const, desde: NOW },
  };
  assert.equal(situacaoNaDescarga(base), 'espera');
  assert.equal(situacaoNaDescarga({ ...base, contingencia: { ...base.contingencia, vez: NOW } }), 'em-curso');
  assert.equal(situacaoNaDescarga({ ...base, state: 'uncertain' }), 'em-curso');
  assert.equal(situacaoNaDescarga({ ...base, state: 'received' }), 'em-curso');
  assert.equal(situacaoNaDescarga({ ...base, state: 'rejected' }), 'recusada');
  const { pendenteDesde: _, ...authorized } = { ...base, state: 'authorized' as const };
  assert.equal(situacaoNaDescarga(authorized), undefined);
});

test('the mode that counts: a drill, a person who says normal, a suspicion, the hub; not for a note of another authoriser', () => {
  const of = (modo: Modo, suspeitaDesde?: Date): ModosVistos => {
    const { mode, evidence } = startOf(inHours(-1));
    return { hub: { situacao: { mode: { ...mode, modo }, evidence }, ...(suspeitaDesde ? { suspeitaDesde } : {}) } };
  };
  const modo = (vistos: ModosVistos, one = note(1)) => modoParaDescarga(one, vistos, NOW);
  assert.equal(modo({}), 'NORMAL');
  assert.equal(modo(of('OFFLINE')), 'OFFLINE');
  assert.equal(modo(of('NORMAL', new Date(NOW.getTime() - 1000))), 'OFFLINE');
  assert.equal(modo(of('NORMAL', new Date(NOW.getTime() - 30_000))), 'NORMAL');
  assert.equal(modo({ ...of('OFFLINE'), conta: { ordem: { modo: 'NORMAL', desde: NOW } } }), 'NORMAL');
  assert.equal(modo({ ...of('NORMAL'), conta: { ordem: { modo: 'OFFLINE', desde: NOW } } }), 'NORMAL');
  assert.equal(modo({ conta: { simulacao: { desde: inHours(-1), ate: inHours(1), modo: 'OFFLINE' } } }), 'OFFLINE');
  assert.equal(modo({ conta: { simulacao: { desde: inHours(-1), ate: NOW, modo: 'OFFLINE' } } }), 'NORMAL');
  assert.equal(modo(of('SVC'), note(1, { modelo: '55', autorizador: 'SVRS' })), 'NORMAL');
});
