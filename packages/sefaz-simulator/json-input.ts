/** What was given from outside (a body, a file, a form) is not right; the message says where and why. */
export class InputError extends Error {
  override name = 'InputError';
}

export type JsonObject = Record<string, unknown>;

export function object(value: unknown, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new InputError(`${what} must be a JSON object`);
  return value as JsonObject;
}

/** Refuses names that are not known, so that a misspelt one is not silently without effect. */
export function only(input: JsonObject, allowed: readonly string[], where = ''): void {
  const unknown = Object.keys(input).filter((key) => !allowed.includes(key));
  if (unknown.length > 0) throw new InputError(`${unknown.join(', ')} is not allowed${where}; allowed: ${allowed.join(', ') || 'nothing'}`);
}

/** A whole number; digits in a string are taken too (forms have no numbers). */
export function integer(value: unknown, name: string, min: number): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (!Number.isSafeInteger(number) || (number as number) < min) throw new InputError(`${name} must be a whole number of at least ${min}`);
  return number as number;
}

/** Text of a given form. */
export function text(value: unknown, name: string, form: RegExp, expected: string): string {
  if (typeof value !== 'string' || !form.test(value)) throw new InputError(`${name} must be ${expected}`);
  return value;
}

export function instant(value: unknown, name: string): string {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw new InputError(`${name} must be an instant in ISO 8601`);
  return new Date(time).toISOString();
}

/** Reads each entry of a list; what is wrong is told with its place, e.g. `faults[2]: …`. */
export function list<T>(value: unknown, name: string, read: (entry: unknown) => T): T[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new InputError(`${name} must be a list`);
  return value.map((entry, i) => {
    try {
      return read(entry);
    } catch (error) {
      if (error instanceof InputError) throw new InputError(`${name}[${i}]: ${error.message}`);
      throw error;
    }
  });
}

export function parseJson(source: string, what: string): unknown {
  try {
    return JSON.parse(source);
  } catch (error) {
    throw new InputError(`${what} is not JSON: ${(error as Error).message}`);
  }
}
