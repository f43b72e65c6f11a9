import { type ConfigKey, describeCatalogue, redactedConfig } from '@malote/runtime/config';
import { type CommandDeps, command } from '../command.ts';

export const configPrint = command({
  name: 'config print',
  summary: 'Mostra cada variável MALOTE_, o valor em uso (segredos ocultos) e para que serve.',
  options: {},
  reads: true,
  async run(deps) {
    return describeCatalogue().map(({ key, name, description, required }) => ({ name, value: inUse(deps, key), required, description }));
  },
  text: (rows) => rows.map(({ name, value, description }) => `${name}=${value ?? ''}\n    ${description}`).join('\n'),
});

/** Each variable on its own, so that one that is missing does not hide the others; a wrong one is shown as its error. */
function inUse({ config }: CommandDeps, key: ConfigKey): unknown {
  try {
    return redactedConfig(config([key]))[key];
  } catch (error) {
    return `<${(error as Error).message
      .split('\n')
      .at(-1)
      ?.replace(/^\s*- /, '')}>`;
  }
}
