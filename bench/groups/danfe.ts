import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { printDanfe } from '@malote/danfe/print-danfe';
import { sampleProc } from '@malote/testkit/sample-proc';
import { richOptions } from '@malote/testkit/sample-rich-nfe';
import type { Group } from '../group.ts';
import { bestPrinter, measurePrinters } from '../peers/measure-printers.ts';
import { cpuNote, rateOf } from '../rate.ts';
import type { Row } from '../row.ts';
import { ROOT } from '../stage.ts';

const run = promisify(execFile);

/** What is printed: the name of the row, what it is to reach, and the document. */
const PRINTED = [
  { name: 'DANFE, 1 item', target: 300, xml: sampleProc({ itens: 1 }).xml },
  { name: 'DANFE, 25 items', target: 100, xml: sampleProc({ itens: 25 }).xml },
  { name: 'DANFE, 60 items', target: undefined, xml: sampleProc({ itens: 60 }).xml },
  { name: 'NFC-e, 3 items', target: 500, xml: sampleProc({ nfce: true, itens: 3 }).xml },
] as const;

const MAX_MB = 150;

/** PDFs per second of one thread, from the XML to the bytes, and the memory of the longest note that there can be, with every tax group. */
export const danfe: Group = async ({ rate, dir, withPeers, log }) => {
  const measured = PRINTED.map(({ name, target, xml }) => {
    log(`danfe, ${name}`);
    return { name, target, own: rateOf(() => printDanfe(xml), rate) };
  });
  const longest = join(dir, 'longest.xml');
  writeFileSync(longest, sampleProc(richOptions({ itens: 990 })).xml);
  const printer = join(import.meta.dirname, '..', 'print-once.ts');
  const { stdout } = await run(process.execPath, [printer, longest]);
  const notes = PRINTED.map(({ name, xml }) => ({ name, xml }));
  const others = withPeers ? await measurePrinters(join(ROOT, '.malote', 'bench-printers'), { rate, notes }, log) : [];
  for (const { peer, error } of others.filter(({ error }) => error)) log(`danfe, ${peer}: ${error}`);
  return [
    ...measured.map(({ name, target, own }): Row => {
      const row = { group: 'danfe', name, value: own.perSecond, unit: '/s', note: cpuNote(own), ...bestPrinter(others, name) };
      return target === undefined ? row : { ...row, target: { atLeast: target } };
    }),
    {
      group: 'danfe',
      name: 'peak memory, 990 items',
      value: Number(stdout),
      unit: 'MB',
      target: { atMost: MAX_MB },
      note: 'a process of its own',
    },
  ];
};
