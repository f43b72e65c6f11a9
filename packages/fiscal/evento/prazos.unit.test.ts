import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Aviso } from '../emission/lifecycle-state.ts';
import { eventoKind } from './kinds.ts';
import { checkPrazo, PRAZOS, type PrazoEvento, prazoOf } from './prazos.ts';
import type { EventoRuleFacts } from './rules.ts';

const RIGIDO: PrazoEvento = {
  ...{ uf: 'SP', modelo: '65', tpEvento: '110111', minutos: 30, rigido: true, desde: '2026-11-21', norma: 'Portaria de teste' },
};
const DH_RECBTO = '2026-11-21T10:00:00-03:00';

function check(minutes: number, prazos: readonly PrazoEvento[], { uf = 'SP' as const, dhRecbto = DH_RECBTO } = {}) {
  const kind = eventoKind('65', '110111');
  const faults: string[] = [];
  const avisos: Aviso[] = [];
  const now = new Date(Date.parse(DH_RECBTO) + minutes * 60_000);
  const facts = { kind, documento: { modelo: '65', uf, dhRecbto }, prazos, now } as unknown as EventoRuleFacts;
  checkPrazo(facts, (code, _path, message) => faults.push(`${code} ${message}`), avisos);
  return { faults, avisos };
}

describe('prazoOf', () => {
  const facts = { uf: 'SP', modelo: '65', tpEvento: '110111', dia: '2026-11-21' } as const;
  it('takes the row of the UF before the national one, and the latest in force', () => {
    assert.equal(prazoOf(PRAZOS, facts)?.minutos, 30);
    const later = { ...RIGIDO, minutos: 20, desde: '2026-11-22' };
    assert.equal(prazoOf([...PRAZOS, later, RIGIDO], facts), RIGIDO);
    assert.equal(prazoOf([...PRAZOS, later, RIGIDO], { ...facts, dia: '2026-11-22' }), later);
    assert.equal(prazoOf([RIGIDO, ...PRAZOS], { ...facts, uf: 'RJ' })?.uf, '*');
    assert.equal(prazoOf([...PRAZOS, RIGIDO, { ...RIGIDO, rigido: false }], facts)?.rigido, false);
    assert.equal(prazoOf(PRAZOS, { ...facts, tpEvento: '110130' }), undefined);
  });

  it('knows the national limits and none of them is rigid', () => {
    const known = PRAZOS.map(({ modelo, tpEvento, minutos, rigido }) => `${modelo} ${tpEvento} ${minutos / 60} h ${rigido}`);
    assert.deepEqual(known.sort(), ['55 110110 720 h false', '55 110111 24 h false', '65 110111 0.5 h false', '65 110112 168 h false']);
  });
});

describe('checkPrazo', () => {
  it('is silent in time, warns when it is over, and refuses only where the row is rigid', () => {
    assert.deepEqual(check(30, [...PRAZOS, RIGIDO]), { faults: [], avisos: [] });
    const tolerant = check(31, PRAZOS);
    assert.deepEqual([tolerant.faults, tolerant.avisos.map(({ codigo }) => codigo)], [[], ['prazo-do-evento']]);
    assert.match(tolerant.avisos[0]?.mensagem ?? '', /30 minutos após a autorização/);
    const rigid = check(31, [...PRAZOS, RIGIDO]);
    assert.deepEqual(rigid.avisos, []);
    assert.match(rigid.faults[0] ?? '', /^EVT-050 .*30 minutos.*Portaria de teste/);
  });

  it('counts the day in the zone of the note, and says nothing without the time of authorisation', () => {
    // 23:59 in São Paulo is the next day in UTC: a row of that day is not in force yet.
    const tomorrow = { ...RIGIDO, desde: '2026-11-22' };
    assert.deepEqual(check(13 * 60 + 59, [tomorrow]).faults, []);
    assert.equal(check(14 * 60, [tomorrow]).faults.length, 1);
    assert.deepEqual(check(99, [RIGIDO], { dhRecbto: '' }), { faults: [], avisos: [] });
  });
});
