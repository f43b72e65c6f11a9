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
  /** One letter that stands for it. */
  short?: string;
  /** The only values it may have. */
  values?: readonly string[];
}

type Given<O> = { [K in keyof O]?: string } & { json: boolean };

/** Reads the options of one command; `json` is known to all. Throws UsageError naming every missing or unknown option. */
export function readOptions<const O extends Record<string, Option>>(options: O, args: string[]): Given<O> {
  return read(options, args, false).given;
}

/** The same for a command that takes one XML file besides its options. */
export function readFileAndOptions<const O extends Record<string, Option>>(options: O, args: string[]): Given<O> & { file: string } {
  const { given, words } = read(options, args, true);
  const [file] = words;
  if (file === undefined || words.length > 1) throw new UsageError('informe um arquivo XML, e um só');
  return { ...given, file };
}

function read<O extends Record<string, Option>>(options: O, args: string[], words: boolean): { given: Given<O>; words: string[] } {
  const types = Object.fromEntries(
    Object.entries(options).map(([name, { flag, short }]) => {
      return [name, { type: flag ? 'boolean' : 'string', ...(short ? { short } : {}) } as const];
    }),
  );
  let values: Record<string, string | boolean | undefined>;
  let positionals: string[];
  try {
    ({ values, positionals } = parseArgs({
      args,
      options: { ...types, json: { type: 'boolean' } },
      strict: true,
      allowPositionals: words,
    }));
  } catch (error) {
    throw new UsageError(`opção inválida: ${(error as Error).message}`);
  }
  const missing = Object.entries(options).filter(([name, { required }]) => required && !values[name]);
  if (missing.length > 0) throw new UsageError(`falta ${missing.map(([name]) => `--${name}`).join(', ')}`);
  for (const [name, { values: known }] of Object.entries(options)) {
    const value = values[name];
    if (known && typeof value === 'string' && !known.includes(value)) throw new UsageError(`--${name} ${value}: use ${known.join(', ')}`);
  }
  return { given: { ...values, json: values.json === true } as never, words: positionals };
}
