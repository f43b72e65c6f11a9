import type { Hub, ServiceName } from '../hub.ts';

/** Messages that a worker's handlers have ended by now, by how: `done`, `retry`, `dead`, or `lost` (handled, but the ack could not be sent). */
export async function handled(hub: Hub, worker: ServiceName = 'emission'): Promise<Record<string, number>> {
  const answer = await fetch(`${String(hub.service(worker).ready.url)}/metrics`);
  const counts: Record<string, number> = {};
  for (const [, outcome = '', value] of (await answer.text()).matchAll(/broker_handle_seconds_count\{[^}]*outcome="(\w+)"[^}]*\} (\d+)/g)) {
    counts[outcome] = (counts[outcome] ?? 0) + Number(value);
  }
  return counts;
}

export const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((total, value) => total + value, 0);
