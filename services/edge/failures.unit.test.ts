import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unavailableProblem } from './failures.ts';

const statusOf = (error: object) => unavailableProblem(Object.assign(new Error('x'), error))?.status;

test('a database that is away, changes its primary, is full or ends in the middle of a write is a 503 that may be repeated', () => {
  for (const error of [{ name: 'MongoNetworkError' }, { code: 11600 }, { code: 14_031 }, { code: 'EPIPE' }, { code: 'ECONNRESET' }]) {
    assert.equal(statusOf(error), 503, JSON.stringify(error));
  }
});

test('a mistake of ours, a duplicate key and an error of the request are not taken for it', () => {
  for (const error of [{ name: 'TypeError' }, { code: 11000 }, { code: 'ECONNRESET', status: 400 }]) {
    assert.equal(statusOf(error), undefined, JSON.stringify(error));
  }
});
