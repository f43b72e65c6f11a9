import { readFile, stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { checkOptions, type Option, OptionFault, type Options } from '@malote/administration/option';
import { errorCode, errorMessage } from '@malote/runtime/errors';
import { zipFolder } from '@malote/schemas/operator-packs';

export interface Read {
  /** By option name: text, true, or the content of a file. */
  given: Record<string, unknown>;
  json: boolean;
}

/** Reads the options of one command, and the files they name; `json` is known to all. Throws OptionFault naming every missing or unknown option. */
export async function readOptions(options: Options, args: string[]): Promise<Read> {
  const { values, json } = parse(options, args, false);
  return { given: await withFiles(options, values), json };
}

/** The same for a command that takes one XML file besides its options. */
export function readFileAndOptions(options: Options, args: string[]): { values: Record<string, string>; json: boolean; file: string } {
  const { values, json, words } = parse(options, args, true);
  const [file] = words;
  if (file === undefined || words.length > 1) throw new OptionFault('informe um arquivo XML, e um só');
  return { values: values as Record<string, string>, json, file };
}

function parse(options: Options, args: string[], words: boolean) {
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
    throw new OptionFault(`opção inválida: ${(error as Error).message}`);
  }
  const { json, ...given } = values;
  checkOptions(options, given);
  return { values: given, json: json === true, words: positionals };
}

async function withFiles(options: Options, values: Record<string, unknown>): Promise<Record<string, unknown>> {
  const read = async (name: string, { file, folder = false }: Option, value: unknown) => [
    name,
    file && typeof value === 'string' ? await contentOf({ name, file, folder }, value) : value,
  ];
  return Object.fromEntries(
    await Promise.all(Object.entries(values).map(([name, value]) => read(name, options[name] ?? never(name), value))),
  );
}

async function contentOf(
  { name, file, folder }: { name: string; file: 'bytes' | 'text'; folder: boolean },
  path: string,
): Promise<Buffer | string> {
  try {
    if (folder && (await stat(path)).isDirectory()) return await zipFolder(path);
    return file === 'text' ? await readFile(path, 'utf8') : await readFile(path);
  } catch (error) {
    throw new OptionFault(`--${name} ${path}: não foi possível ler o arquivo (${errorCode(error) ?? errorMessage(error)})`, name);
  }
}

function never(name: string): never {
  throw new Error(`--${name} is no option of the command`);
}
