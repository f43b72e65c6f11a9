import { isCnpj, isCpf } from '@malote/fiscal/chave/check-digits';
import { UFS, type Uf } from '@malote/fiscal/model/uf';
import type { Command } from './commands.ts';
import { readOptions, UsageError } from './usage.ts';
import { show, withStore } from './with-store.ts';

const options = {
  conta: { description: 'id da conta dona da empresa', required: true },
  cnpj: { description: 'CNPJ sem máscara (numérico ou alfanumérico)', example: 'cnpj' },
  cpf: { description: 'CPF sem máscara, para produtor pessoa física', example: 'cpf' },
  uf: { description: 'UF da inscrição', required: true },
  ie: { description: 'inscrição estadual' },
  'razao-social': { description: 'razão social', required: true, example: 'nome' },
};

export const companyAdd: Command = {
  name: 'company add',
  summary: 'Cadastra (ou atualiza) uma empresa de uma conta. Um CNPJ ou CPF pertence a uma única conta.',
  options,
  async run(args) {
    const { conta = '', cnpj, cpf, uf: informed = '', ie, 'razao-social': razaoSocial = '', json } = readOptions(options, args);
    const documento = documentoOf(cnpj, cpf);
    const uf = informed.toUpperCase();
    if (!Object.hasOwn(UFS, uf)) throw new UsageError(`--uf ${informed}: não é uma sigla de UF (exemplo: SP)`);
    return withStore(async (store) => {
      if (!(await store.contas.find(conta))) throw new Error(`a conta ${conta} não existe; crie com \`malote account create\``);
      const empresa = await store.empresas.put({ conta, documento, uf: uf as Uf, razaoSocial, ...(ie ? { ie } : {}) });
      return show({ empresa: empresa._id, conta, uf, ie, razaoSocial, version: empresa.version }, json);
    });
  },
};

function documentoOf(cnpj: string | undefined, cpf: string | undefined): string {
  if ((cnpj === undefined) === (cpf === undefined)) throw new UsageError('informe --cnpj ou --cpf, um dos dois');
  if (cnpj !== undefined && !isCnpj(cnpj))
    throw new UsageError(`--cnpj ${cnpj}: são 14 caracteres sem máscara, com dígitos verificadores certos`);
  if (cpf !== undefined && !isCpf(cpf)) throw new UsageError(`--cpf ${cpf}: são 11 dígitos sem máscara, com dígitos verificadores certos`);
  return (cnpj ?? cpf) as string;
}
