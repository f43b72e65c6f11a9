import type { Store } from '@malote/store/connect';
import type { Empresa } from '@malote/store/empresas';
import type { CommandDeps } from '../command.ts';
import type { ContasDeps } from '../contas.ts';
import { OptionFault } from '../option.ts';
import { Refused } from '../refused.ts';

export const CONTA = { description: 'id da conta', required: true } as const;

/** Options of every command that is about one company. */
export const EMPRESA = {
  conta: CONTA,
  empresa: { description: 'CNPJ ou CPF da empresa', required: true },
} as const;

export const AMBIENTE = { description: 'hom ou prod: cada ambiente tem os seus', required: true, example: 'hom|prod' } as const;

/** tpAmb of the option `--ambiente`; throws OptionFault. */
export function tpAmbOf(ambiente: string | undefined): '1' | '2' {
  if (ambiente === 'prod') return '1';
  if (ambiente === 'hom') return '2';
  throw new OptionFault(`--ambiente ${ambiente ?? ''}: use hom ou prod`, 'ambiente');
}

/** The company of an account; throws Refused when the account has none of that CNPJ or CPF. */
export async function empresaOf(store: Store, { conta, empresa: documento }: { conta: string; empresa: string }): Promise<Empresa> {
  const empresa = await store.empresas.find({ conta, documento });
  if (!empresa) throw unknownEmpresa({ conta, empresa: documento });
  return empresa;
}

export function unknownEmpresa({ conta, empresa }: { conta: string; empresa: string }): Refused {
  return new Refused('empresa-desconhecida', `a conta ${conta} não tem a empresa ${empresa}`, 'empresa');
}

export async function contasDeps(deps: CommandDeps): Promise<ContasDeps> {
  return { store: await deps.store(), clock: deps.clock(), quem: deps.quem };
}
