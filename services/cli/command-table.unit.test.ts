import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandPage } from './test/command-table.ts';

test('docs/operations/command-line.md has the table that the commands make; `node services/cli/test/command-table.ts` writes it', () => {
  const { is, shouldBe } = commandPage();
  assert.equal(is, shouldBe);
  assert.match(
    is,
    /\| `csc put` \| .* \| `POST \/api\/admin\/csc\/put` \| `conta`\\\*, `empresa`\\\*, `ambiente`\\\*, `id`\\\*, `csc`\\\* \|/,
  );
  assert.match(is, /\| `danfe` \| .* \| command line only \| \|/);
});
