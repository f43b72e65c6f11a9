import type { Clock } from '@malote/runtime/clock';
import type { Connection } from 'mongoose';

/** This machine's clock minus the primary's, in ms; the truth is at most `uncertaintyMs` away. */
export interface ClockSkew {
  skewMs: number;
  uncertaintyMs: number;
}

const READINGS = 3;

/**
 * The best of three readings of the primary's own time (`hello.localTime`), taken to be the middle of the round trip. The test clock does
 * not count: it moves every process alike. Throws when no primary answers.
 */
export async function readClockSkew(connection: Connection, clock: Clock): Promise<ClockSkew> {
  let best: ClockSkew | undefined;
  for (let n = 0; n < READINGS; n += 1) {
    const reading = await readOnce(connection, clock);
    if (!best || reading.uncertaintyMs < best.uncertaintyMs) best = reading;
  }
  return best as ClockSkew;
}

async function readOnce(connection: Connection, clock: Clock): Promise<ClockSkew> {
  if (!connection.db) throw new Error('mongodb is not connected');
  const sentAt = clock.machine().getTime();
  const begun = clock.monotonic();
  const { localTime } = (await connection.db.admin().command({ hello: 1 })) as unknown as { localTime: Date };
  const halfTripMs = (clock.monotonic() - begun) / 2;
  return { skewMs: Math.round(sentAt + halfTripMs - localTime.getTime()), uncertaintyMs: Math.ceil(halfTripMs) };
}
