import { readdirSync, readFileSync } from 'node:fs';

/** What one process has used. */
export interface Usage {
  cpuS: number;
  rssMb: number;
}

/** Clock ticks of /proc: fixed at 100 per second for user space on Linux. */
const TICKS = 100;
const PAGE_KB = 4;

/**
 * CPU and memory of this process and everything below it, added up by name: edge, emission, simulator, mongodb, rabbitmq, redis, bench.
 * Reads /proc, so it is empty on anything but Linux.
 */
export function readUsage(named: ReadonlyMap<number, string>): Map<string, Usage> {
  const parents = new Map<number, { parent: number; usage: Usage }>();
  for (const entry of listProcesses()) {
    const pid = Number(entry);
    const read = Number.isInteger(pid) ? readProcess(pid) : undefined;
    if (read) parents.set(pid, read);
  }
  const result = new Map<string, Usage>();
  for (const [pid, { usage }] of parents) {
    const name = nameOf(pid);
    if (name === undefined) continue;
    const sum = result.get(name) ?? { cpuS: 0, rssMb: 0 };
    result.set(name, { cpuS: sum.cpuS + usage.cpuS, rssMb: sum.rssMb + usage.rssMb });
  }
  return result;

  function nameOf(pid: number): string | undefined {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)?.parent) {
      const name = named.get(at);
      if (name !== undefined) return name;
    }
    return undefined;
  }
}

/** CPU seconds between two readings, by name. */
export function cpuBetween(before: ReadonlyMap<string, Usage>, after: ReadonlyMap<string, Usage>): Map<string, number> {
  return new Map([...after].map(([name, { cpuS }]) => [name, cpuS - (before.get(name)?.cpuS ?? 0)]));
}

function listProcesses(): string[] {
  try {
    return readdirSync('/proc');
  } catch {
    return [];
  }
}

function readProcess(pid: number): { parent: number; usage: Usage } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name is in brackets and may hold anything: the fields begin behind the last one.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [, parent = 0, , , , , , , , , , utime = 0, stime = 0] = fields;
    return { parent, usage: { cpuS: (utime + stime) / TICKS, rssMb: ((fields[21] ?? 0) * PAGE_KB) / 1024 } };
  } catch {
    return undefined;
  }
}
