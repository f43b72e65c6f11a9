import type { Redis } from './connect.ts';
import { type Beat, beatKey, PRESENCE_TIMES, type ProcessIdentity, seenKey } from './presence.ts';

/** `silent`: two beats are overdue; `vanished`: gone without a goodbye, told of for a minute. */
export type ProcessState = 'starting' | 'up' | 'not-ready' | 'ending' | 'silent' | 'vanished' | 'failed';

/** A process as the others see it. */
export interface ProcessView extends ProcessIdentity {
  state: ProcessState;
  /** Since it was last heard of. */
  silentMs: number;
  /** Its last word; none once it has vanished. */
  beat?: Beat;
}

/** A beat may take as long as its checks and a slow Redis. */
const SILENT_MS = PRESENCE_TIMES.everyMs * 2 + 4_000;

const SEEN = `local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
return {now, redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')}`;

/** Every process of the hub, by service and start; those that went with a goodbye are not among them. Rejects while Redis is away. */
export async function readProcesses({ redis, prefix }: { redis: Redis; prefix: string }): Promise<ProcessView[]> {
  const [now, rows] = (await redis.eval(SEEN, 1, seenKey(prefix))) as [number, string[]];
  const seen: { identity: ProcessIdentity; silentMs: number }[] = [];
  for (let n = 0; n < rows.length; n += 2) {
    seen.push({ identity: JSON.parse(rows[n] as string) as ProcessIdentity, silentMs: Math.max(0, now - Number(rows[n + 1])) });
  }
  const beats = seen.length === 0 ? [] : await redis.mget(seen.map(({ identity }) => beatKey(prefix, identity)));
  return seen
    .map(({ identity, silentMs }, n) => viewOf(identity, silentMs, beats[n] ?? undefined))
    .sort((a, b) => a.service.localeCompare(b.service) || a.startedAt.localeCompare(b.startedAt));
}

function viewOf(identity: ProcessIdentity, silentMs: number, json: string | undefined): ProcessView {
  if (json === undefined) return { ...identity, state: 'vanished', silentMs };
  const beat = JSON.parse(json) as Beat;
  return { ...identity, state: stateOf(beat, silentMs), silentMs, beat };
}

function stateOf({ phase, failing }: Beat, silentMs: number): ProcessState {
  if (phase === 'failed') return 'failed';
  if (silentMs > SILENT_MS) return 'silent';
  if (phase !== 'running') return phase;
  return Object.keys(failing).length > 0 ? 'not-ready' : 'up';
}
