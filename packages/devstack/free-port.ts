import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the kernel's ephemeral range (32768 up): an outgoing connection can never sit on a port of a server that is being restarted. */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** True when nobody listens on the port of 127.0.0.1 (or of all addresses). Only a hint: another process may take it right after. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** The preferred port or the next free one after it (at most 200 further); without a preference a random free one. */
export async function freePort(preferred?: number, taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = preferred === undefined ? randomInt(LOWEST, HIGHEST) : preferred + tries;
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new Error(preferred === undefined ? 'no free port found' : `no free port from ${preferred} to ${preferred + 199}`);
}
