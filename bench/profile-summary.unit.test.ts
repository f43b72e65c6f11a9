import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CpuProfile, ownInclusiveTimes, packageTimes, selfTimes } from './profile-summary.ts';

const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 9 });
const OWN = 'file:///x/malote/packages/store/documentos.ts';
const LIBRARY = 'file:///x/malote/node_modules/.pnpm/bson@7.0.0/node_modules/bson/lib/bson.cjs';

/** accept → serialize → accept (it calls itself), 1 ms of each but 2 of the library, and 5 of nothing. */
const PROFILE: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 5] },
    { id: 2, callFrame: frame('accept', OWN), children: [3] },
    { id: 3, callFrame: frame('serialize', LIBRARY), children: [4] },
    { id: 4, callFrame: frame('accept', OWN) },
    { id: 5, callFrame: frame('(idle)') },
  ],
  samples: [2, 3, 3, 4, 5],
  timeDeltas: [1_000, 1_000, 1_000, 1_000, 5_000],
};

test('self times leave idle time out of the shares', () => {
  assert.deepEqual(
    selfTimes(PROFILE).map(({ where, ms, share }) => [where, ms, share]),
    [
      ['accept packages/store/documentos.ts:10', 2, 0.5],
      ['serialize bson/lib/bson.cjs:10', 2, 0.5],
    ],
  );
});

test('times by package name ours and those of node_modules', () => {
  assert.deepEqual(
    packageTimes(PROFILE).map(({ where, ms }) => [where, ms]),
    [
      ['packages/store', 2],
      ['bson', 2],
    ],
  );
});

test('the time of our own functions includes what they call, and a function that calls itself counts once', () => {
  assert.deepEqual(
    ownInclusiveTimes(PROFILE).map(({ where, ms, share }) => [where, ms, share]),
    [['accept packages/store/documentos.ts:10', 4, 1]],
  );
});
