import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpeningsSpent, openingBudget } from './opening-budget.ts';

test('an account that has taken the process for too long waits for its window to end; the others do not', async () => {
  let now = 1_000;
  const budget = openingBudget({ monotonic: () => now });
  const open = (conta: string, ms: number) =>
    budget.run(conta, async () => {
      now += ms;
      return 'opened';
    });
  assert.equal(await open('a', 29_999), 'opened');
  assert.equal(budget.spent('a'), undefined);
  const wrong = new Error('a wrong password costs as much');
  const refused = budget.run('a', async () => {
    now += 1;
    throw wrong;
  });
  await assert.rejects(refused, wrong);
  assert.deepEqual(budget.spent('a'), { limit: 0, remaining: 0, resetS: 270, exceeded: true });
  await assert.rejects(
    open('a', 10),
    (error) => error instanceof OpeningsSpent && error.window.resetS === 270,
    'one that was in the queue',
  );
  assert.equal(budget.spent('b'), undefined);
  await open('b', 10);
  now += 270_000;
  assert.equal(budget.spent('a'), undefined);
  await open('a', 10);
  assert.equal(budget.spent('a'), undefined);
});
