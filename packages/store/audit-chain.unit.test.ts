import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Ancora, chainCheck, hashOf, linkId, MAX_FALHAS } from './audit-chain.ts';
import type { RegistroAuditoria } from './auditoria.ts';

const CONTA = 'a';

function chain(length: number): RegistroAuditoria[] {
  const rows: RegistroAuditoria[] = [];
  for (let seq = 1; seq <= length; seq += 1) {
    const facts = { conta: CONTA, quem: { tipo: 'credencial' as const, id: 't', ip: '10.0.0.1' }, acao: 'sessao.abrir', alvo: `s${seq}` };
    const row = { ...facts, resultado: 'ok' as const, _id: linkId({ conta: CONTA, seq }), seq, em: new Date(seq * 1000) };
    const linked = { ...row, anterior: rows.at(-1)?.hash ?? '' };
    rows.push({ ...linked, hash: hashOf(linked) });
  }
  return rows;
}

function verify(rows: unknown[], ancora?: Ancora) {
  const check = chainCheck(CONTA, ancora);
  for (const row of rows) check.next(row as Record<string, unknown>);
  return check.end();
}

const kinds = (rows: unknown[], ancora?: Ancora) => verify(rows, ancora).falhas.map(({ seq, tipo }) => `${seq} ${tipo}`);
/** From `row` on as somebody writes it who knows how links are made. */
function relinked(rows: RegistroAuditoria[], from: number): RegistroAuditoria[] {
  const done = rows.slice(0, from);
  for (const [n, row] of rows.slice(from).entries()) {
    const seq = from + n + 1;
    const linked = { ...row, seq, _id: linkId({ conta: CONTA, seq }), anterior: done.at(-1)?.hash ?? '' };
    done.push({ ...linked, hash: hashOf(linked) });
  }
  return done;
}

test('an untouched chain is whole and says where it ends; so is one of no links', () => {
  const rows = chain(5);
  assert.deepEqual(verify(rows), { conta: 'a', integra: true, elos: 5, fim: { seq: 5, hash: rows[4]?.hash }, falhas: [], totalFalhas: 0 });
  assert.deepEqual(verify([]), { conta: 'a', integra: true, elos: 0, falhas: [], totalFalhas: 0 });
});

test('every field of a link that is changed shows, and a field put in too', () => {
  for (const [field, value] of Object.entries({
    acao: 'outra.coisa',
    alvo: 'outro',
    em: new Date(7),
    quem: { tipo: 'cli' },
    empresa: '11222333000181',
    resultado: 'recusado',
    detalhe: 'nada',
  }))
    assert.deepEqual(kinds(chain(4).map((row) => (row.seq === 2 ? { ...row, [field]: value } : row))), ['2 alterado'], field);
  for (const quem of [undefined, null, 7])
    assert.deepEqual(kinds(chain(2).map((row) => (row.seq === 2 ? { ...row, quem } : row))), ['2 alterado']);
  assert.deepEqual(kinds(chain(2).map((row) => (row.seq === 2 ? { ...row, em: 'ontem' } : row))), ['2 alterado']);
  const more = chain(3).map((row) => (row.seq === 2 ? { ...row, nota: 'x' } : row));
  assert.deepEqual(kinds(more), ['2 intruso', '2 faltando']);
  const inQuem = chain(3).map((row) => (row.seq === 3 ? { ...row, quem: { ...row.quem, nome: 'x' } } : row));
  assert.deepEqual(kinds(inQuem), ['3 intruso']);
});

test('a link changed with its hash breaks the chain at the next one', () => {
  const rows = chain(4);
  const forged = { ...(rows[1] as RegistroAuditoria), acao: 'outra.coisa' };
  rows[1] = { ...forged, hash: hashOf(forged) };
  assert.deepEqual(kinds(rows), ['3 fora-da-corrente']);
});

test('links taken out show: one, several, the first ones', () => {
  const without = (...gone: number[]) => kinds(chain(6).filter(({ seq }) => !gone.includes(seq)));
  assert.deepEqual(without(3), ['3 faltando']);
  assert.deepEqual(without(2, 3, 5), ['2 faltando', '5 faltando']);
  assert.deepEqual(without(1), ['1 faltando']);
  // The numbers closed up behind it.
  const closed = chain(4).filter(({ seq }) => seq !== 2);
  const renumbered = closed.map((row, n) => ({ ...row, seq: n + 1, _id: linkId({ conta: CONTA, seq: n + 1 }) }));
  assert.deepEqual(kinds(renumbered), ['2 fora-da-corrente', '2 alterado', '3 alterado']);
});

test('a row put in shows: under a number that is taken, without one, and where the others were moved up for it', () => {
  const rows = chain(3);
  const extra = { ...(rows[1] as RegistroAuditoria), _id: 'a.x' };
  assert.deepEqual(kinds([rows[0], rows[1], extra, rows[2]]), ['3 intruso']);
  assert.deepEqual(kinds([rows[0], extra, rows[1], rows[2]]), ['2 intruso']);
  assert.deepEqual(kinds([...rows, { ...extra, seq: 'quatro' }]), ['4 intruso']);
  const pushed = [rows[0], extra, rows[1], rows[2]].map((row, n) => ({ ...row, seq: n + 1, _id: linkId({ conta: CONTA, seq: n + 1 }) }));
  assert.equal(verify(pushed).integra, false);
});

test('a cut end and a chain made anew are found by an anchor, and by nothing else', () => {
  const rows = chain(6);
  const ancora = { seq: 5, hash: rows[4]?.hash ?? '' };
  assert.deepEqual(kinds(rows, ancora), []);
  assert.equal(verify(rows.slice(0, 3)).integra, true);
  assert.deepEqual(kinds(rows.slice(0, 3), ancora), ['5 ancora']);
  assert.deepEqual(kinds([], ancora), ['5 ancora']);
  const forged = relinked(
    rows.filter(({ seq }) => seq !== 2),
    1,
  );
  assert.equal(verify(forged).integra, true);
  assert.deepEqual(kinds(forged, ancora), ['5 ancora']);
});

test('of very many faults the first ones are told, and their number', () => {
  const { falhas, totalFalhas } = verify(chain(300).map((row) => ({ ...row, acao: 'x.y' })));
  assert.deepEqual([falhas.length, totalFalhas], [MAX_FALHAS, 300]);
});
