import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openJournal } from './journal.ts';

const dir = mkdtempSync(join(tmpdir(), 'journal-'));
const file = join(dir, 'sub', 'j.jsonl');
after(() => rmSync(dir, { recursive: true }));

test('each entry is in the file when its append resolves, in the order of the appends', async () => {
  const journal = openJournal<number>(file, { sync: true });
  const written = Array.from({ length: 50 }, (_, i) =>
    journal.append(i).then(() => assert.match(readFileSync(file, 'utf8'), new RegExp(`^${i}$`, 'm'))),
  );
  await Promise.all(written);
  await journal.flushed();
  await journal.close();
  assert.equal(readFileSync(file, 'utf8'), Array.from({ length: 50 }, (_, i) => `${i}\n`).join(''));
});

test('a last line without its end is cut off when the file is opened again, and writing goes on after the whole ones', async () => {
  appendFileSync(file, '{"half":');
  const journal = openJournal<unknown>(file, { sync: true });
  assert.equal(journal.entries.length, 50);
  await journal.append('next');
  await journal.close();
  const again = openJournal<unknown>(file, { sync: false });
  assert.deepEqual([again.entries.length, again.entries.at(-1)], [51, 'next']);
  await again.close();
});
