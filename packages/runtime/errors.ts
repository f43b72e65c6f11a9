import { inspect } from 'node:util';

/** Whatever was thrown, as an Error; a non-Error becomes the message and is kept as `cause`. */
export function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  const text = typeof thrown === 'string' ? thrown : inspect(thrown, { depth: 2, breakLength: Number.POSITIVE_INFINITY });
  return new Error(text, { cause: thrown });
}

/** The message of an error followed by those of its causes (`a: b: c`), the code when there is no message; at most five levels. */
export function errorMessage(thrown: unknown): string {
  const parts: string[] = [];
  let current: unknown = thrown;
  for (let depth = 0; depth < 5 && current !== undefined && current !== null; depth += 1) {
    const error = asError(current);
    const first = error instanceof AggregateError && !error.message ? error.errors[0] : undefined;
    const text = error.message || errorCode(error) || error.name;
    if (first === undefined && !parts.includes(text)) parts.push(text);
    current = first ?? (error.cause === thrown ? undefined : error.cause);
    if (!(current instanceof Error)) break;
  }
  return parts.join(': ');
}

/** `error.code` when it is a string (`ECONNREFUSED`, `ENOENT`), else undefined. */
export function errorCode(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
