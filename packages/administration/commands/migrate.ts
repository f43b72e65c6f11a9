import { command } from '../command.ts';
import { show } from '../show.ts';

export const migrate = command({
  name: 'migrate',
  summary: 'Cria coleções e índices e atualiza os dados à versão desta instalação; pode ser repetido.',
  options: {},
  reads: false,
  acao: 'hub.migrar',
  async run(deps) {
    return (await deps.store()).migrations.run();
  },
  text: (result) => show({ ...result, indexes: result.indexes.length }),
});
