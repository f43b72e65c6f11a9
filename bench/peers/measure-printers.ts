import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RateOptions } from '../rate.ts';
import { installPeers, lastLine } from './measure-peers.ts';

const run = promisify(execFile);

/** Libraries of npm that draw a DANFE and need nothing compiled. */
export const PRINTERS: readonly string[] = ['@alexssmusica/node-pdf-nfe', 'nfe-danfe-pdf'];

export interface PrinterFigure {
  peer: string;
  /** Of the printed document. */
  name?: string;
  perSecond?: number;
  /** Why there is no figure. */
  error?: string;
}

/** Measures every printer in a process of its own, one at a time; what cannot be had is said in its figure. */
export async function measurePrinters(
  dir: string,
  { rate, notes }: { rate: RateOptions; notes: readonly { name: string; xml: string }[] },
  log: (line: string) => void,
): Promise<PrinterFigure[]> {
  try {
    log('danfe, peers: install');
    await installPeers(dir, PRINTERS);
  } catch (error) {
    return PRINTERS.map((peer) => ({ peer, error: lastLine((error as Error).message) }));
  }
  const input = join(dir, 'input.json');
  writeFileSync(input, JSON.stringify({ dir, rate, notes }));
  const figures: PrinterFigure[] = [];
  for (const peer of PRINTERS) {
    log(`danfe, peers: ${peer}`);
    try {
      const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'printer.mjs'), peer, input], {
        cwd: dir,
        timeout: 300_000,
      });
      figures.push(...(JSON.parse(stdout.slice(stdout.lastIndexOf('\n[') + 1)) as PrinterFigure[]));
    } catch (error) {
      figures.push({ peer, error: lastLine((error as Error).message) });
    }
  }
  return figures;
}

/** The fastest at a document, as the `peer` of a row. */
export function bestPrinter(figures: readonly PrinterFigure[], name: string): { peer?: { name: string; value: number } } {
  const [best] = figures
    .filter((figure) => figure.name === name && figure.perSecond !== undefined)
    .sort((a, b) => (b.perSecond ?? 0) - (a.perSecond ?? 0));
  return best?.perSecond === undefined ? {} : { peer: { name: best.peer, value: best.perSecond } };
}
