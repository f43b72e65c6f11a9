import { isCnpj, isCpf } from '@malote/fiscal/chave/check-digits';
import { UFS, type Uf } from '@malote/fiscal/model/uf';
import { command } from '../command.ts';
import { OptionFault } from '../option.ts';
import { Refused } from '../refused.ts';

export const companyAdd = command({
  name: 'company add',
  summary: 'Cadastra (ou atualiza) uma empresa de uma conta. Um CNPJ ou CPF pertence a uma única conta.',
  options: {
    conta: { description: 'id da conta dona da empresa', required: true },
    cnpj: { description: 'CNPJ sem máscara (numérico ou alfanumérico)', example: 'cnpj' },
    cpf: { description: 'CPF sem máscara, para produtor pessoa física', example: 'cpf' },
    uf: { description: 'UF da inscrição', required: true },
    ie: { description: 'inscrição estadual' },
    'razao-social': { description: 'razão social', required: true, example: 'nome' },
  },
  reads: false,
  async run(deps, { conta, cnpj, cpf, uf: informed, ie, 'razao-social': razaoSocial }) {
    const documento = documentoOf(cnpj, cpf);
    const uf = informed.toUpperCase();
    if (!Object.hasOwn(UFS, uf)) throw new OptionFault(`--uf ${informed}: não é uma sigla de UF (exemplo: SP)`, 'uf');
    const store = await deps.store();
    if (!(await store.contas.find(conta)))
      throw new Refused('conta-desconhecida', `a conta ${conta} não existe; crie com \`malote account create\``, 'conta');
    const empresa = await store.empresas.put({ conta, documento, uf: uf as Uf, razaoSocial, ...(ie ? { ie } : {}) });
    return { empresa: empresa._id, conta, uf, ie, razaoSocial, version: empresa.version };
  },
});

export function documentoOf(cnpj: string | undefined, cpf: string | undefined): string {
  if ((cnpj === undefined) === (cpf === undefined)) throw new OptionFault('informe --cnpj ou --cpf, um dos dois', 'cnpj');
  if (cnpj !== undefined && !isCnpj(cnpj))
    throw new OptionFault(`--cnpj ${cnpj}: são 14 caracteres sem máscara, com dígitos verificadores certos`, 'cnpj');
  if (cpf !== undefined && !isCpf(cpf))
    throw new OptionFault(`--cpf ${cpf}: são 11 dígitos sem máscara, com dígitos verificadores certos`, 'cpf');
  return (cnpj ?? cpf) as string;
}
