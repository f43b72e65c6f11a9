import { readFile } from 'node:fs/promises';
import { readPfx } from '@malote/sefaz/pfx';
import type { Command } from './commands.ts';
import { readOptions, UsageError } from './usage.ts';
import { show, withStore } from './with-store.ts';

const options = {
  conta: { description: 'id da conta', required: true },
  empresa: { description: 'CNPJ ou CPF da empresa', required: true },
  file: { description: 'arquivo .pfx ou .p12 do certificado A1', required: true, example: 'certificado.pfx' },
  'senha-file': { description: 'arquivo que contém a senha (a senha nunca vai na linha de comando)', required: true, example: 'senha.txt' },
};
/** Base of a CNPJ: the certificate may be of any branch of the same company (rejection 213). */
const CNPJ_BASE = 8;

export const certificatePut: Command = {
  name: 'certificate put',
  summary: 'Instala o certificado A1 de uma empresa; a chave é guardada cifrada e não sai mais.',
  options,
  async run(args) {
    const { conta = '', empresa = '', file = '', 'senha-file': senhaFile = '', json } = readOptions(options, args);
    const [pfx, senha] = await Promise.all([read('--file', file), read('--senha-file', senhaFile)]);
    const {
      key: _key,
      keyPem,
      certPem,
      certDer: _certDer,
      chainPem,
      tipo: _tipo,
      ...info
    } = readPfx(pfx, senha.toString('utf8').replace(/\r?\n$/, ''));
    if (!belongsTo(info.documento, empresa)) {
      throw new Error(`o certificado é de ${info.documento}, não da empresa ${empresa} (a base do CNPJ deve ser a mesma)`);
    }
    return withStore(
      async (store) => {
        const owner = { conta, empresa };
        if (!(await store.empresas.find({ conta, documento: empresa }))) throw new Error(`a conta ${conta} não tem a empresa ${empresa}`);
        const certificado = await store.certificados.put(owner, info, { keyPem, certPem, chainPem });
        await store.empresas.useCertificado({ conta, documento: empresa }, certificado);
        return show({ certificado, ...info }, json);
      },
      { secrets: true },
    );
  },
};

async function read(option: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new UsageError(`${option} ${path}: não foi possível ler o arquivo (${(error as NodeJS.ErrnoException).code})`);
  }
}

function belongsTo(documento: string, empresa: string): boolean {
  if (empresa.length === 14 && documento.length === 14) return documento.slice(0, CNPJ_BASE) === empresa.slice(0, CNPJ_BASE);
  return documento === empresa;
}
