import { parseArgs } from 'node:util';

/** The words of the command line are not right: the message says which, in Portuguese; the help of the command follows it. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** An option of a command: all take a value but those with `flag`. */
export interface Option {
  description: string;
  required?: boolean;
  flag?: boolean;
  example?: string;
}

/** Reads the options of one command; `json` is known to all. Throws UsageError naming every missing or unknown option. */
export function readOptions<const O extends Record<string, Option>>(
  options: O,
  args: string[],
): { [K in keyof O]?: string } & { json: boolean } {
  const types = Object.fromEntries(
    Object.entries(options).map(([name, { flag }]) => [name, { type: flag ? 'boolean' : 'string' } as const]),
  );
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({ args, options: { ...types, json: { type: 'boolean' } }, strict: true, allowPositionals: false }));
  } catch (error) {
    throw new UsageError(`opção inválida: ${(error as Error).message}`);
  }
  const missing = Object.entries(options).filter(([name, { required }]) => required && !values[name]);
  if (missing.length > 0) throw new UsageError(`falta ${missing.map(([name]) => `--${name}`).join(', ')}`);
  return { ...values, json: values.json === true } as never;
}
