import { Refused } from './refused.ts';

/** One option of a command: a value, a mark (`flag`) or the content of a file (`file`). */
export interface Option {
  /** Portuguese, for help and API description. */
  description: string;
  required?: boolean;
  flag?: boolean;
  /** The command line takes a path and reads it; HTTP takes the content itself, `bytes` as base64. */
  file?: 'bytes' | 'text';
  /** The command line also takes a folder of schemas, as the ZIP of it. */
  folder?: boolean;
  example?: string;
  /** One letter that stands for it. */
  short?: string;
  /** The only values it may have. */
  values?: readonly string[];
}

export type Options = Readonly<Record<string, Option>>;

type Value<O extends Option> = O extends { file: 'bytes' } ? Buffer : O extends { flag: true } ? true : string;

/** What was given for some options: required ones are there, the others where they were given. */
export type Given<O extends Options> = { [K in keyof O as O[K] extends { required: true } ? K : never]: Value<O[K]> } & {
  [K in keyof O as O[K] extends { required: true } ? never : K]?: Value<O[K]>;
};

/** An option is missing or wrong. The message names options as the command line does (`--limit`); HTTP shows their field names instead. */
export class OptionFault extends Refused {
  constructor(message: string, option?: string) {
    super('opcao-invalida', message, option);
    this.name = 'OptionFault';
  }
}

/** The name of an option in JSON and in a query: `razao-social` is razaoSocial, `csc-file` is csc. */
export function fieldOf(name: string, { file }: Option): string {
  const plain = file ? name.replace(/(?<=.)-file$/, '') : name;
  return plain.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Throws OptionFault for required options that are missing and for values that are none of those allowed. */
export function checkOptions(options: Options, given: Readonly<Record<string, unknown>>): void {
  const missing = Object.entries(options).filter(([name, { required }]) => required && !given[name]);
  if (missing.length > 0) throw new OptionFault(`falta ${missing.map(([name]) => `--${name}`).join(', ')}`, missing[0]?.[0]);
  for (const [name, { values }] of Object.entries(options)) {
    const value = given[name];
    if (values && typeof value === 'string' && !values.includes(value))
      throw new OptionFault(`--${name} ${value}: use ${values.join(', ')}`, name);
  }
}
