import { type ConfigKey, describeCatalogue, loadConfig, redactedConfig } from '@malote/runtime/config';
import type { Command } from './commands.ts';
import { readOptions } from './usage.ts';

export const configPrint: Command = {
  name: 'config print',
  summary: 'Mostra cada variável MALOTE_, o valor em uso (segredos ocultos) e para que serve.',
  options: {},
  async run(args) {
    const { json } = readOptions({}, args);
    const rows = describeCatalogue().map(({ key, name, description, required }) => ({ name, value: inUse(key), required, description }));
    if (json) return JSON.stringify(rows);
    return rows.map(({ name, value, description }) => `${name}=${value ?? ''}\n    ${description}`).join('\n');
  },
};

/** Each variable on its own, so that one that is missing does not hide the others; a wrong one is shown as its error. */
function inUse(key: ConfigKey): unknown {
  try {
    return redactedConfig(loadConfig([key]))[key];
  } catch (error) {
    return `<${(error as Error).message
      .split('\n')
      .at(-1)
      ?.replace(/^\s*- /, '')}>`;
  }
}
