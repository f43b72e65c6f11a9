import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMarks } from './listing-marks.ts';

const now = new Date('2026-11-21T12:00:00Z');
const at = (minutes: number, skip = 1) => ({ from: new Date(now.getTime() + minutes * 60_000), skip });
const ever = Number.POSITIVE_INFINITY;

test('the nearest place is the last one at or before the row', () => {
  const marks = createMarks()('a');
  assert.deepEqual(marks.nearest(100, now), { row: 0, anchor: undefined });
  marks.put(20, at(-9), ever);
  marks.put(60, at(-7), ever);
  marks.put(40, at(-8), ever);
  assert.deepEqual(marks.nearest(59, now), { row: 40, anchor: at(-8) });
  assert.deepEqual(marks.nearest(60, now), { row: 60, anchor: at(-7) });
  assert.deepEqual(marks.nearest(19, now), { row: 0, anchor: undefined });
});

test('a place is believed in until its time only', () => {
  const marks = createMarks()('a');
  marks.put(20, at(-9), now.getTime() + 1000);
  assert.equal(marks.nearest(20, new Date(now.getTime() + 1000)).row, 20);
  assert.equal(marks.nearest(20, new Date(now.getTime() + 1001)).row, 0);
});

test('a row that has moved takes with it what was known further on, and nothing before it', () => {
  const marks = createMarks()('a');
  for (const row of [20, 40, 60]) marks.put(row, at(row), ever);
  marks.put(40, at(40), ever);
  assert.equal(marks.nearest(60, now).row, 60);
  marks.put(40, at(41), ever);
  assert.equal(marks.nearest(60, now).row, 40);
  assert.deepEqual(marks.nearest(39, now), { row: 20, anchor: at(20) });
});

test('the oldest places and the list that was not read for the longest time are forgotten', () => {
  const lists = createMarks(2, 3);
  for (const row of [20, 40, 60, 80]) lists('a').put(row, at(row), ever);
  assert.equal(lists('a').nearest(39, now).row, 0);
  assert.equal(lists('a').nearest(80, now).row, 80);
  lists('b').put(20, at(1), ever);
  lists('a');
  lists('c');
  assert.equal(lists('a').nearest(80, now).row, 80);
  assert.equal(lists('b').nearest(20, now).row, 0);
});
