import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openingBudget } from './opening-budget.ts';

test('an account that has taken the process for too long waits for its window to end; the others do not', () => {
  let now = 1_000;
  const budget = openingBudget({ monotonic: () => now });
  const open = (conta: string, ms: number) =>
    budget.run(conta, () => {
      now += ms;
      return 'opened';
    });
  assert.equal(open('a', 29_999), 'opened');
  assert.equal(budget.spent('a'), undefined);
  assert.throws(() =>
    budget.run('a', () => {
      now += 1;
      throw new Error('a wrong password costs as much');
    }),
  );
  assert.deepEqual(budget.spent('a'), { limit: 0, remaining: 0, resetS: 270, exceeded: true });
  assert.equal(budget.spent('b'), undefined);
  open('b', 10);
  now += 270_000;
  assert.equal(budget.spent('a'), undefined);
  open('a', 10);
  assert.equal(budget.spent('a'), undefined);
});
