import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CallEnd, type CallOutcome, callOutcome } from './outcome.ts';

test('only silence and 108/109 speak against an authoriser; whatever else it answers shows that it is there', () => {
  const table: [CallEnd, CallOutcome][] = [
    [{ cStat: '100' }, 'answered'],
    [{ cStat: '108' }, 'paused'],
    [{ cStat: '109' }, 'paused'],
    ...['204', '225', '280', '290', '539', '656', '678', '703', '999', '114'].map((cStat): [CallEnd, CallOutcome] => [
      { cStat },
      'answered',
    ]),
    [{ failed: 'transport' }, 'failure'],
    [{ failed: 'local' }, 'local'],
    [{ failed: 'refused' }, 'answered'],
  ];
  for (const [end, outcome] of table) assert.equal(callOutcome(end), outcome, JSON.stringify(end));
});
