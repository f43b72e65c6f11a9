import type { Command } from './commands.ts';
import { readOptions } from './usage.ts';
import { show, withStore } from './with-store.ts';

export const migrate: Command = {
  name: 'migrate',
  summary: 'Cria coleções e índices e atualiza os dados à versão desta instalação; pode ser repetido.',
  options: {},
  async run(args) {
    const { json } = readOptions({}, args);
    const result = await withStore((store) => store.migrations.run());
    return show({ ...result, indexes: json ? result.indexes : result.indexes.length }, json);
  },
};
