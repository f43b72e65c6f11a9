import { readFile } from 'node:fs/promises';
import { type CscOwner, canonicalCscId, isCscCode } from '@malote/store/csc';
import type { Command } from './commands.ts';
import { readOptions, UsageError } from './usage.ts';
import { show, withStore } from './with-store.ts';

const owner = {
  conta: { description: 'id da conta', required: true },
  empresa: { description: 'CNPJ ou CPF da empresa', required: true },
  ambiente: { description: 'hom ou prod: cada ambiente tem os seus', required: true, example: 'hom|prod' },
};
const id = { description: 'identificador do CSC na SEFAZ (1 a 6 dígitos; zeros à esquerda são retirados)', required: true };
const putOptions = {
  ...owner,
  id,
  'csc-file': { description: 'arquivo que contém o CSC (o código nunca vai na linha de comando)', required: true, example: 'csc.txt' },
};
const removeOptions = { ...owner, id };

export const cscPut: Command = {
  name: 'csc put',
  summary: 'Guarda (cifrado) um CSC da NFC-e de uma empresa; no máximo dois ativos por ambiente. O código não sai mais.',
  options: putOptions,
  async run(args) {
    const { id: informed = '', 'csc-file': file = '', json, ...where } = readOptions(putOptions, args);
    const to = ownerOf(where);
    const plain = canonicalCscId(informed);
    if (plain === undefined) throw new UsageError(`--id ${informed}: são de 1 a 6 dígitos, maior que zero`);
    const codigo = await readCode(file);
    return withStore(
      async (store) => {
        if (!(await store.empresas.find({ conta: to.conta, documento: to.empresa })))
          throw new Error(`a conta ${to.conta} não tem a empresa ${to.empresa}`);
        await store.csc.put(to, { id: plain, codigo });
        return show({ empresa: to.empresa, ambiente: where.ambiente, id: plain }, json);
      },
      { secrets: true },
    );
  },
};

export const cscList: Command = {
  name: 'csc list',
  summary: 'Mostra os identificadores dos CSC ativos de uma empresa; o maior é o que está em uso.',
  options: owner,
  async run(args) {
    const { json, ...where } = readOptions(owner, args);
    const from = ownerOf(where);
    const rows = await withStore((store) => store.csc.list(from));
    if (json) return JSON.stringify(rows);
    return rows.map(({ id: known, createdAt }) => `${known}\t${createdAt.toISOString()}`).join('\n') || 'nenhum CSC ativo';
  },
};

export const cscRemove: Command = {
  name: 'csc remove',
  summary: 'Retira um CSC (o que foi revogado na SEFAZ).',
  options: removeOptions,
  async run(args) {
    const { id: informed = '', json, ...where } = readOptions(removeOptions, args);
    const from = ownerOf(where);
    return withStore(async (store) => {
      if (!(await store.csc.remove(from, informed)))
        throw new Error(`a empresa ${from.empresa} não tem o CSC ${informed} em ${where.ambiente}`);
      return show({ empresa: from.empresa, ambiente: where.ambiente, id: informed }, json);
    });
  },
};

/** tpAmb of the option `--ambiente`; throws UsageError. */
export function tpAmbOf(ambiente: string | undefined): '1' | '2' {
  if (ambiente === 'prod') return '1';
  if (ambiente === 'hom') return '2';
  throw new UsageError(`--ambiente ${ambiente ?? ''}: use hom ou prod`);
}

function ownerOf({ conta = '', empresa = '', ambiente }: { conta?: string; empresa?: string; ambiente?: string }): CscOwner {
  return { conta, empresa, tpAmb: tpAmbOf(ambiente) };
}

async function readCode(file: string): Promise<string> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new UsageError(`--csc-file ${file}: não foi possível ler o arquivo (${(error as NodeJS.ErrnoException).code})`);
  }
  if (!isCscCode(text)) throw new UsageError(`--csc-file ${file}: um CSC tem de 16 a 64 letras, dígitos e hífens, sem espaços`);
  return text;
}
