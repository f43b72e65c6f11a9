import { command } from '../command.ts';
import { OptionFault } from '../option.ts';

const MAX_NAME = 120;

export const accountCreate = command({
  name: 'account create',
  summary: 'Cria uma conta e a sua primeira credencial. O secret aparece só aqui: guarde-o.',
  options: { name: { description: 'nome do cliente', required: true, example: 'nome' } },
  reads: false,
  async run(deps, { name }) {
    const nome = name.trim();
    if (nome.length === 0 || nome.length > MAX_NAME) throw new OptionFault(`--name deve ter de 1 a ${MAX_NAME} caracteres`, 'name');
    const store = await deps.store();
    const { _id: conta } = await store.contas.create({ nome });
    return { conta, ...(await store.credenciais.create({ conta })) };
  },
});
