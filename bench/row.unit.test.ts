import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figure, type Row, tableOf, verdictOf } from './row.ts';

const row = (more: Partial<Row>): Row => ({ group: 'sign', name: '1 item', value: 950, unit: '/s', ...more });

test('a figure is ok from its target on, in the direction that the target says', () => {
  assert.equal(verdictOf(row({ target: { atLeast: 950 } })), 'ok');
  assert.equal(verdictOf(row({ target: { atLeast: 951 } })), 'short');
  assert.equal(verdictOf(row({ target: { atMost: 950 } })), 'ok');
  assert.equal(verdictOf(row({ target: { atMost: 949 } })), 'short');
  assert.equal(verdictOf(row({})), '');
});

test('a figure that could not be taken is short', () => {
  assert.equal(verdictOf(row({ value: Number.NaN, target: { atLeast: 1 } })), 'short');
  assert.equal(verdictOf(row({ value: Number.NaN, target: { atMost: 1 } })), 'short');
});

test('the table shows target, verdict and both ratios, aligned', () => {
  const lines = tableOf([
    row({ target: { atLeast: 900 }, peer: { name: 'other', value: 95 }, limit: { name: 'openssl', value: 1900 } }),
    row({ name: '60 items', value: 7.125, note: 'a note' }),
  ]).split('\n');
  assert.equal(lines.length, 3);
  assert.match(lines[1] ?? '', /^sign +1 item +950 +\/s +≥ 900 +ok +10 × other +0\.50 × openssl$/);
  assert.match(lines[2] ?? '', /^sign +60 items +7\.13 +\/s +a note$/);
  assert.equal(lines[1]?.indexOf('/s'), lines[2]?.indexOf('/s'));
});

test('figures keep three significant digits', () => {
  assert.deepEqual([1234.5, 99.94, 7.125, 0.04567, Number.NaN].map(figure), ['1235', '99.9', '7.13', '0.046', '–']);
});
