import { setTimeout as delay } from 'node:timers/promises';

/** The promise's value, or `late` after `ms`; the promise goes on by itself. */
export async function within<T, L>(promise: Promise<T>, ms: number, late: L): Promise<T | L> {
  const stop = new AbortController();
  try {
    return await Promise.race([promise, delay(ms, late, { signal: stop.signal })]);
  } finally {
    stop.abort();
  }
}

/** The promise's value. Throws `<what> was not answered within <ms> ms` after that time; the promise goes on by itself. */
export async function answered<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  const late = Symbol('late');
  const result = await within(promise, ms, late);
  if (result === late) throw new Error(`${what} was not answered within ${ms} ms`);
  return result as T;
}
