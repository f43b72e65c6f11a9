import { canonicalCscId, isCscCode } from '@malote/store/csc';
import { command } from '../command.ts';
import { listCsc, putCsc, removeCsc } from '../csc.ts';
import { OptionFault } from '../option.ts';
import { AMBIENTE, EMPRESA, tpAmbOf } from './owner.ts';

const owner = { ...EMPRESA, ambiente: AMBIENTE };
const id = { description: 'identificador do CSC na SEFAZ (1 a 6 dígitos; zeros à esquerda são retirados)', required: true } as const;

export const cscPut = command({
  name: 'csc put',
  summary: 'Guarda (cifrado) um CSC da NFC-e de uma empresa; no máximo dois ativos por ambiente. O código não sai mais.',
  options: {
    ...owner,
    id,
    'csc-file': {
      description: 'arquivo que contém o CSC (o código nunca vai na linha de comando)',
      required: true,
      file: 'text',
      example: 'csc.txt',
    },
  },
  reads: false,
  async run(deps, { id: informed, 'csc-file': given, ambiente, ...where }) {
    tpAmbOf(ambiente);
    if (canonicalCscId(informed) === undefined) throw new OptionFault(`--id ${informed}: são de 1 a 6 dígitos, maior que zero`, 'id');
    const codigo = given.trim();
    if (!isCscCode(codigo)) throw new OptionFault('--csc-file: um CSC tem de 16 a 64 letras, dígitos e hífens, sem espaços', 'csc-file');
    const store = await deps.store({ secrets: true });
    const stored = await putCsc({ store }, deps.quem, where, { ambiente, id: informed, codigo }, 'put');
    return { empresa: where.empresa, ambiente, id: stored.id };
  },
});

export const cscList = command({
  name: 'csc list',
  summary: 'Mostra os identificadores dos CSC ativos de uma empresa; o maior é o que está em uso.',
  options: owner,
  reads: true,
  async run(deps, { ambiente, ...where }) {
    tpAmbOf(ambiente);
    return listCsc({ store: await deps.store() }, where, ambiente);
  },
  text: (rows) => rows.map(({ id: known, createdAt }) => `${known}\t${createdAt.toISOString()}`).join('\n') || 'nenhum CSC ativo',
});

export const cscRemove = command({
  name: 'csc remove',
  summary: 'Retira um CSC (o que foi revogado na SEFAZ).',
  options: { ...owner, id },
  reads: false,
  async run(deps, { id: informed, ambiente, ...where }) {
    tpAmbOf(ambiente);
    await removeCsc({ store: await deps.store() }, deps.quem, where, { ambiente, id: informed });
    return { empresa: where.empresa, ambiente, id: informed };
  },
});
