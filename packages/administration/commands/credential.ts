import { ESCOPOS } from '@malote/store/credenciais';
import { command } from '../command.ts';
import { createCredential, disableCredential, listCredentials } from '../contas.ts';
import { table } from '../show.ts';
import { CONTA, contasDeps } from './owner.ts';

export const credentialCreate = command({
  name: 'credential create',
  summary: 'Cria mais uma credencial de uma conta. O secret aparece só aqui: guarde-o.',
  options: {
    conta: CONTA,
    nome: { description: 'para que serve, até 120 caracteres' },
    escopos: { description: `o que pode, separado por vírgula: ${ESCOPOS.join(', ')} (padrão: tudo)`, example: 'escopos' },
  },
  reads: false,
  async run(deps, { conta, nome, escopos: list }) {
    const escopos = list
      ?.split(',')
      .map((escopo) => escopo.trim())
      .filter(Boolean);
    return createCredential(await contasDeps(deps), { conta, ...(nome === undefined ? {} : { nome }), ...(escopos ? { escopos } : {}) });
  },
});

export const credentialList = command({
  name: 'credential list',
  summary: 'Lista as credenciais de uma conta, com escopos e situação; os secrets não saem.',
  options: { conta: CONTA },
  reads: true,
  run: async (deps, { conta }) => listCredentials({ store: await deps.store() }, { conta }),
  text: (rows) => table(rows, ['token', 'nome', 'ativa', 'escopos', 'criadaEm', 'secretAnteriorAte'], 'nenhuma credencial'),
});

export const credentialDisable = command({
  name: 'credential disable',
  summary: 'Desativa uma credencial de vez; as sessões dela acabam em até dois segundos.',
  options: { token: { description: 'token da credencial', required: true } },
  reads: false,
  run: async (deps, { token }) => disableCredential(await contasDeps(deps), { token }),
});
