import assert from 'node:assert/strict';
import { test } from 'node:test';
import { equalRejectionsFault } from './equal-rejections.ts';

const T0 = Date.parse('2026-11-21T12:00:00Z');
const at = (minutes: number) => new Date(T0 + minutes * 60_000);
const rounds = (...cStats: (string | undefined)[]) =>
  cStats.map((cStat, index) => ({ endedAt: at(index), ...(cStat ? { retorno: { cStat, xMotivo: 'Rejeição: x' } } : {}) }));

test('the sixth transmission after five equal rejections within the hour is stopped, and says when it may go', () => {
  const five = rounds('703', '703', '703', '703', '703');
  assert.equal(equalRejectionsFault(five.slice(1), at(5)), undefined);
  const fault = equalRejectionsFault(five, at(5));
  assert.equal(fault?.code, 'consumo-rejeicoes-iguais');
  assert.match(fault?.message ?? '', /703: Rejeição: x.*2026-11-21T13:00:00/s);
  assert.equal(equalRejectionsFault(five, at(60)), undefined, 'an hour after the first there is room again');
});

test('another reason starts a count of its own, and rounds that never left count for nothing', () => {
  assert.equal(equalRejectionsFault(rounds('703', '703', '703', '703', '610'), at(5)), undefined);
  assert.notEqual(equalRejectionsFault(rounds('703', '703', '610', '703', '703', '703'), at(6)), undefined);
  assert.equal(equalRejectionsFault(rounds('703', '703', '703', '703', undefined), at(5)), undefined);
  assert.equal(equalRejectionsFault([], at(0)), undefined);
});
