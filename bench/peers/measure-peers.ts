import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { RateOptions } from '../rate.ts';
import { ITEMS, preparedNote, SENHA, signedNote, signingKit } from '../sample.ts';

const run = promisify(execFile);

/** Other projects' libraries for the same documents. They are installed for the measurement alone and are no dependency of anything. */
export const PEERS: readonly string[] = ['nfewizard-io', 'node-sped-nfe'];

export interface PeerFigure {
  peer: string;
  task: 'sign' | 'validate';
  items: number;
  perSecond?: number;
  /** Why there is no figure. */
  error?: string;
}

export interface Peers {
  figures: PeerFigure[];
  /** Version of each, and the Node they ran on. */
  about: string;
  /** Why nothing could be measured. */
  error?: string;
}

/** Installs libraries with npm into `dir` unless they are there. Throws with npm's last line. */
export async function installPeers(dir: string, names: readonly string[]): Promise<void> {
  if (names.every((name) => existsSync(join(dir, 'node_modules', name)))) return;
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'package.json'), '{"private":true}');
  await run('npm', ['install', '--no-audit', '--no-fund', '--no-save', ...names], { cwd: dir, timeout: 300_000 });
}

/** Measures every peer in a process of its own, one at a time; what cannot be had is said in the result. */
export async function measurePeers(dir: string, rate: RateOptions, log: (line: string) => void): Promise<Peers> {
  try {
    log('peers: install');
    await installPeers(dir, PEERS);
  } catch (error) {
    return { figures: [], about: '', error: `peers not installed: ${lastLine((error as Error).message)}` };
  }
  const kit = signingKit();
  const notes = ITEMS.map((items) => ({ items, prepared: preparedNote(items), signed: signedNote(items, kit) }));
  const input = join(dir, 'input.json');
  const pfx = join(dir, 'company.pfx');
  writeFileSync(pfx, kit.pfx.pfx);
  const { keyPem, certPem } = kit.pfx;
  writeFileSync(input, JSON.stringify({ dir, rate, notes, pfx, senha: SENHA, keyPem, certPem }));
  const node = await nodeFor(dir);
  const figures: PeerFigure[] = [];
  let about = '';
  for (const peer of PEERS) {
    log(`peers: ${peer}`);
    try {
      const { stdout } = await run(node, [join(import.meta.dirname, 'peer.mjs'), peer, input], { cwd: dir, timeout: 300_000 });
      const said = JSON.parse(stdout.slice(stdout.lastIndexOf('\n{') + 1)) as { version: string; node: string; figures: PeerFigure[] };
      figures.push(...said.figures);
      about += `${about && ', '}${peer} ${said.version} on Node ${said.node}`;
    } catch (error) {
      figures.push({ peer, task: 'sign', items: 0, error: lastLine((error as Error).message) });
    }
  }
  return { figures, about };
}

/** The fastest peer at a task, as the `peer` of a row; else why there is none as its note. */
export function bestPeer({ figures }: Peers, task: PeerFigure['task'], items: number): { peer?: { name: string; value: number } } {
  const [best] = figures
    .filter((figure) => figure.task === task && figure.items === items && figure.perSecond !== undefined)
    .sort((a, b) => (b.perSecond ?? 0) - (a.perSecond ?? 0));
  return best?.perSecond === undefined ? {} : { peer: { name: best.peer, value: best.perSecond } };
}

/** This Node, unless npm built the native part of a peer for the other one on the PATH. */
async function nodeFor(dir: string): Promise<string> {
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  for (const node of [process.execPath, ...onPath.filter((file) => existsSync(file))]) {
    const loads = await run(node, ['-e', `require('libxmljs2')`], { cwd: dir }).then(
      () => true,
      () => false,
    );
    if (loads) return node;
  }
  return process.execPath;
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 160) ?? '';
}
