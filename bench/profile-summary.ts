// node bench/profile-summary.ts file.cpuprofile [rows]
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}

export interface ProfileRow {
  where: string;
  ms: number;
  share: number;
}

/** Self time by function, the most first; shares are of the time that was not idle. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): ProfileRow[] {
  return sumBy({ nodes, samples, timeDeltas }, ({ functionName, url, lineNumber }) => {
    const name = functionName || '(anonymous)';
    return url === '' ? name : `${name} ${shorten(url)}:${lineNumber + 1}`;
  });
}

/** Self time by package of node_modules, by our own package, or by `node:` module. */
export function packageTimes(profile: CpuProfile): ProfileRow[] {
  return sumBy(profile, ({ functionName, url }) => (url === '' ? functionName || '(native)' : packageOf(url)));
}

/** Time in a function of this repository and in everything it called, awaited work apart. A function that calls itself counts once. */
export function ownInclusiveTimes({ nodes, samples, timeDeltas }: CpuProfile): ProfileRow[] {
  const isIdle = (id: number) => byId.get(id)?.callFrame.functionName === '(idle)';
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const self = new Map<number, number>();
  for (const [index, id] of samples.entries()) if (!isIdle(id)) self.set(id, (self.get(id) ?? 0) + (timeDeltas[index] ?? 0) / 1_000);
  const totals = new Map<string, number>();
  const visit = (id: number, above: ReadonlySet<string>): number => {
    const node = byId.get(id);
    if (!node) return 0;
    const { functionName, url, lineNumber } = node.callFrame;
    const isOwn = url.startsWith('file:') && !url.includes('/node_modules/');
    const key = `${functionName || '(anonymous)'} ${shorten(url)}:${lineNumber + 1}`;
    const counts = isOwn && !above.has(key);
    const below = counts ? new Set(above).add(key) : above;
    let sum = self.get(id) ?? 0;
    for (const child of node.children ?? []) sum += visit(child, below);
    if (counts) totals.set(key, (totals.get(key) ?? 0) + sum);
    return sum;
  };
  const all = visit(nodes[0]?.id ?? 0, new Set());
  return [...totals].map(([where, ms]) => ({ where, ms, share: ms / all })).sort((a, b) => b.ms - a.ms);
}

function sumBy(
  { nodes, samples, timeDeltas }: CpuProfile,
  keyOf: (frame: CpuProfile['nodes'][number]['callFrame']) => string,
): ProfileRow[] {
  const keys = new Map(nodes.map(({ id, callFrame }) => [id, keyOf(callFrame)]));
  const times = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const key = keys.get(id) ?? '?';
    times.set(key, (times.get(key) ?? 0) + (timeDeltas[index] ?? 0) / 1_000);
  }
  times.delete('(idle)');
  const all = [...times.values()].reduce((sum, ms) => sum + ms, 0);
  return [...times].map(([where, ms]) => ({ where, ms, share: ms / all })).sort((a, b) => b.ms - a.ms);
}

function shorten(url: string): string {
  const path = decodeURIComponent(url.replace(/^file:\/\//, ''));
  const inModules = path.lastIndexOf('node_modules/');
  if (inModules >= 0) return path.slice(inModules + 'node_modules/'.length);
  return path.replace(/^.*\/(packages|services)\//, '$1/');
}

function packageOf(url: string): string {
  if (url.startsWith('node:')) return url;
  const [first = '', second = ''] = shorten(url).split('/');
  return first.startsWith('@') || first === 'packages' || first === 'services' ? `${first}/${second}` : first;
}

function print(title: string, rows: readonly ProfileRow[], count: number): void {
  process.stdout.write(`${title}\n`);
  for (const { where, ms, share } of rows.slice(0, count)) {
    process.stdout.write(`${ms.toFixed(0).padStart(8)} ms ${(share * 100).toFixed(1).padStart(5)} %  ${where}\n`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [file = '', count = '40'] = process.argv.slice(2);
  const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
  print('self time by package', packageTimes(profile), 20);
  print('self time by function', selfTimes(profile), Number(count));
  print('time in our own functions and what they call', ownInclusiveTimes(profile), Number(count));
}
