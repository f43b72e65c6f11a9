import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { CLI_COMMANDS } from './commands.ts';
import { commandHelp, GROUPS, generalHelp, subjectHelp, subjectOf } from './help.ts';

const MAIN = join(import.meta.dirname, 'main.ts');

test('every command is in exactly one group of the help', () => {
  const subjects = GROUPS.flatMap(([, ...each]) => each);
  assert.deepEqual([...new Set(CLI_COMMANDS.map(subjectOf))].sort(), [...subjects].sort());
  const help = generalHelp();
  for (const { name, summary } of CLI_COMMANDS) assert.equal(help.split(`  ${name} `).length, 2, `${name} ${summary}`);
});

test('summaries and descriptions are one line, and no option is called as one that all commands have', () => {
  for (const { name, summary, options } of CLI_COMMANDS) {
    assert.doesNotMatch(summary, /\n/, name);
    for (const [option, { description }] of Object.entries(options)) {
      assert.doesNotMatch(option, /^(json|help|h)$/, name);
      assert.match(option, /^[a-z]+(-[a-z]+)*$/, name);
      assert.ok(description.length > 0 && !description.includes('\n'), `${name} --${option}`);
    }
  }
});

test('one command’s help says which options are needed and what each takes', () => {
  const put = CLI_COMMANDS.find(({ name }) => name === 'csc put');
  assert.ok(put);
  assert.match(commandHelp(put), /--csc-file <csc\.txt> +arquivo que contém o CSC .*\(obrigatória\)/);
  assert.match(commandHelp(put), /--json +imprime o resultado em JSON\n$/);
  assert.match(String(subjectHelp('csc')), /csc list .*\n.*csc put/);
  assert.equal(subjectHelp('nada'), undefined);
});

test('a word alone shows its commands; what is no command is an error with code 2', () => {
  assert.match(execFileSync(process.execPath, [MAIN, 'dead'], { encoding: 'utf8' }), /^uso: malote dead <comando>/);
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'dead', 'bury'], { encoding: 'utf8' });
  assert.deepEqual([status, stdout], [2, '']);
  assert.match(stderr, /^comando desconhecido: dead bury\n\nuso: malote dead/);
});
