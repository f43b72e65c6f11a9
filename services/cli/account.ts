import type { Command } from './commands.ts';
import { readOptions, UsageError } from './usage.ts';
import { show, withStore } from './with-store.ts';

const options = { name: { description: 'nome do cliente', required: true, example: 'nome' } };
const MAX_NAME = 120;

export const accountCreate: Command = {
  name: 'account create',
  summary: 'Cria uma conta e a sua primeira credencial. O secret aparece só aqui: guarde-o.',
  options,
  async run(args) {
    const { name = '', json } = readOptions(options, args);
    const nome = name.trim();
    if (nome.length === 0 || nome.length > MAX_NAME) throw new UsageError(`--name deve ter de 1 a ${MAX_NAME} caracteres`);
    return withStore(async (store) => {
      const { _id: conta } = await store.contas.create({ nome });
      return show({ conta, ...(await store.credenciais.create({ conta })) }, json);
    });
  },
};
