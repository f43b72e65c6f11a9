import { setTimeout as pause } from 'node:timers/promises';

/**
 * A function that may answer `undefined` for "not yet" would end the wait at once, because a plain assertion also
 * answers `undefined`. Such a function is refused by the type check: let it answer `null` or `false` instead.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: it has to tell a function of assertions from one that may answer undefined
type NotUndefined<T> = [T] extends [void] ? unknown : undefined extends T ? 'answer null or false for "not yet", not undefined' : unknown;

export interface EventuallyOptions {
  /** Milliseconds until it gives up; default 10,000. */
  timeoutMs?: number;
  /** Milliseconds between two tries; default 50. */
  everyMs?: number;
  /** Said first in the error of a wait that ran out. */
  message?: string;
}

/**
 * Repeats `fn` until it neither throws nor answers `false`, `null`, `0` or `''`, and answers what `fn` answered.
 * A function of assertions (answering nothing) is done when it does not throw.
 * @throws Error with the last failure as `cause` when `timeoutMs` have passed.
 */
export async function eventually<T>(
  fn: (() => T | Promise<T>) & NotUndefined<T>,
  options: EventuallyOptions = {},
): Promise<NonNullable<T>> {
  const { timeoutMs = 10_000, everyMs = 50, message = 'eventually' } = options;
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await (fn as () => T | Promise<T>)();
      if (answer || answer === undefined) return answer as NonNullable<T>;
      last = new Error(`the last answer was ${JSON.stringify(answer)}`);
    } catch (error) {
      last = error;
    }
    if (performance.now() >= deadline) break;
    await pause(everyMs);
  }
  const reason = last instanceof Error ? last.message : String(last);
  throw new Error(`${message}: not within ${timeoutMs} ms; ${reason}`, { cause: last });
}
