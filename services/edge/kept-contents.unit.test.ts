import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptContents } from './kept-contents.ts';

function counted(bytes: (ref: string) => Buffer | undefined) {
  const reads: string[] = [];
  return {
    reads,
    read: async (ref: string) => {
      reads.push(ref);
      return bytes(ref);
    },
  };
}

test('a content is read once, and what is used longest ago goes when there is no more room', async () => {
  const { reads, read } = counted((ref) => Buffer.alloc(10, ref));
  const get = keptContents(read, 25);
  for (const ref of ['a', 'b', 'a', 'c', 'a', 'b']) assert.equal(String(await get(ref)), ref.repeat(10));
  assert.deepEqual(reads, ['a', 'b', 'c', 'b']);
});

test('what is not there is asked for again, and what is larger than the room is not kept', async () => {
  const { reads, read } = counted((ref) => (ref === 'none' ? undefined : Buffer.alloc(30)));
  const get = keptContents(read, 25);
  for (const ref of ['none', 'none', 'large', 'large']) await get(ref);
  assert.deepEqual(reads, ['none', 'none', 'large', 'large']);
});

test('two that ask for the same at once leave it counted once', async () => {
  const { reads, read } = counted((ref) => Buffer.alloc(10, ref));
  const get = keptContents(read, 25);
  await Promise.all([get('a'), get('a'), get('a')]);
  await get('b');
  reads.length = 0;
  await Promise.all([get('a'), get('b')]);
  assert.deepEqual(reads, []);
});
