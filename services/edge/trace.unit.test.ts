import assert from 'node:assert/strict';
import { test } from 'node:test';
import { traceOf } from './trace.ts';

const random = (bytes: number) => Buffer.alloc(bytes, bytes);
const FRESH = { traceId: '10'.repeat(16), traceparent: `00-${'10'.repeat(16)}-${'08'.repeat(8)}-01` };
const ID = '4bf92f3577b34da6a3ce929d0e0e4736';

test('the trace of the caller goes on with a span of our own and its sampling', () => {
  assert.deepEqual(traceOf(`00-${ID}-00f067aa0ba902b7-01`, random), { traceId: ID, traceparent: `00-${ID}-0808080808080808-01` });
  assert.deepEqual(traceOf(`00-${ID}-00f067aa0ba902b7-00`, random), { traceId: ID, traceparent: `00-${ID}-0808080808080808-00` });
});

test('a later version of the header is read as version 00', () => {
  assert.equal(traceOf(`cc-${ID}-00f067aa0ba902b7-01-more`, random).traceId, ID);
});

test('an absent or invalid header begins a new trace', () => {
  for (const header of [
    undefined,
    '',
    'x',
    `ff-${ID}-00f067aa0ba902b7-01`,
    `00-${ID}-00f067aa0ba902b7-01-more`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${ID}-0000000000000000-01`,
    `00-${ID.toUpperCase()}-00f067aa0ba902b7-01`,
    `00-${ID}-00f067aa0ba902b7`,
  ]) {
    assert.deepEqual(traceOf(header, random), FRESH, String(header));
  }
});
