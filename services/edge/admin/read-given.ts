import type { Command } from '@malote/administration/command';
import { fieldOf, type Option } from '@malote/administration/option';
import type { Fault } from '@malote/fiscal/fault';

/**
 * What a query or a JSON body gives to a command, by option name: text (numbers as they are written), true for a mark, bytes of base64.
 * Empty and null count as not given. Every fault is in the list.
 */
export function readGiven(
  { options }: Command,
  values: Readonly<Record<string, unknown>>,
): { given: Record<string, unknown>; faults: Fault[] } {
  const names = new Map(Object.entries(options).map(([name, option]) => [fieldOf(name, option), { name, option }]));
  const given: Record<string, unknown> = {};
  const faults: Fault[] = [];
  for (const [field, value] of Object.entries(values)) {
    const known = names.get(field);
    if (!known) {
      const those = names.size > 0 ? `use ${[...names.keys()].join(', ')}` : 'este comando não tem campos';
      faults.push({ code: 'campo-desconhecido', path: field, message: `O campo ${field} não existe; ${those}.` });
      continue;
    }
    if (value === undefined || value === null || value === '') continue;
    const read = contentOf(known.option, value);
    if (read.rule) faults.push({ code: 'campo-invalido', path: field, message: `O campo ${field} deve ser ${read.rule}.` });
    else if (read.value !== false) given[known.name] = read.value;
  }
  return { given, faults };
}

/** 200 kB of a logo and 10 MB of a pack of schemas are written so; a line break in it is what `base64` of a shell gives. */
const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

function contentOf({ flag, file }: Option, value: unknown): { value?: unknown; rule?: string } {
  if (flag) {
    if (typeof value === 'boolean') return { value };
    return value === 'true' || value === 'false' ? { value: value === 'true' } : { rule: 'true ou false' };
  }
  if (file === 'bytes') {
    if (typeof value !== 'string' || !BASE64.test(value)) return { rule: 'o conteúdo do arquivo em base64' };
    return { value: Buffer.from(value, 'base64') };
  }
  if (typeof value === 'string') return { value };
  return typeof value === 'number' ? { value: String(value) } : { rule: 'um texto, informado uma vez só' };
}
