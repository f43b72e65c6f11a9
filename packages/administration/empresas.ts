import { isDeepStrictEqual } from 'node:util';
import { isCnpj, isCpf } from '@malote/fiscal/chave/check-digits';
import type { Quem } from '@malote/store/auditoria';
import type { Store } from '@malote/store/connect';
import {
  type Empresa,
  type EmpresaChange,
  EmpresaDeOutraConta,
  type EmpresaWhere,
  type Inscricao,
  inscricoesOf,
} from '@malote/store/empresas';
import { audited } from './audited.ts';
import { readEmpresa } from './read-empresa.ts';
import { Refused } from './refused.ts';

export interface EmpresasDeps {
  store: Pick<Store, 'contas' | 'empresas' | 'conteudos' | 'auditoria'>;
  /** Makes an entity of an inscription that has none yet (the TSS block goes by entities). */
  registerEntity?: (cadastro: { conta: string; documento: string; nome: string; quem: Quem } & Inscricao) => Promise<void>;
}

export interface SavedEmpresa {
  empresa: Empresa;
  created: boolean;
}

/**
 * Creates a company or replaces what is known of it: what `given` does not say goes back to its default, except the picture and the
 * certificate, which stay. `given` has the names of the HTTP API (EMPRESA_CAMPOS). The same again changes nothing. Throws Refused with
 * every fault; `empresa-de-outra-conta` when another account has the CNPJ or CPF.
 */
export function putEmpresa(deps: EmpresasDeps, quem: Quem, where: EmpresaWhere, given: unknown): Promise<SavedEmpresa> {
  return saveEmpresa(deps, quem, where, given, { create: true, replace: true });
}

/** As putEmpresa, but what `given` does not say stays as it is. */
export function addEmpresa(deps: EmpresasDeps, quem: Quem, where: EmpresaWhere, given: unknown): Promise<SavedEmpresa> {
  return saveEmpresa(deps, quem, where, given, { create: true, replace: false });
}

/** As addEmpresa, of a company that there is; Refused `empresa-desconhecida` otherwise. A field given as `null` goes back to its default. */
export async function changeEmpresa(deps: EmpresasDeps, quem: Quem, where: EmpresaWhere, given: unknown): Promise<Empresa> {
  return (await saveEmpresa(deps, quem, where, given, { create: false, replace: false })).empresa;
}

/** A company of an account; Refused `empresa-desconhecida`, also for one of another account. */
export async function findEmpresa({ store }: { store: Pick<Store, 'empresas'> }, where: EmpresaWhere): Promise<Empresa> {
  const empresa = await store.empresas.find(where);
  if (!empresa) throw unknown(where);
  return empresa;
}

function saveEmpresa(
  deps: EmpresasDeps,
  quem: Quem,
  where: EmpresaWhere,
  given: unknown,
  { create, replace }: { create: boolean; replace: boolean },
): Promise<SavedEmpresa> {
  const { store } = deps;
  const { conta, documento } = where;
  return audited(store.auditoria, { conta, quem, acao: 'empresa.alterar', empresa: documento }, async (note) => {
    if (!isCnpj(documento) && !isCpf(documento))
      throw new Refused('documento-invalido', `${documento} não é um CNPJ nem um CPF: os dígitos verificadores não conferem.`, 'empresa');
    if (create && !(await store.contas.find(conta))) throw new Refused('conta-desconhecida', `A conta ${conta} não existe.`, 'conta');
    const atual = await store.empresas.find(where);
    if (!atual && !create) throw unknown(where);
    const { change, logo } = readEmpresa(given, { documento, atual, replace });
    // Where a month stands in the ids of documents, so that nothing that ages takes it away.
    if (logo !== undefined) change.logo = logo && (await store.conteudos.put(logo, { emitente: documento, aamm: 'logo' }));
    const changed = changedBy(change, atual);
    if (atual && changed.length === 0) return { empresa: atual, created: false };
    const saved = await store.empresas.save(where, change, { create }).catch((error: Error) => {
      throw error instanceof EmpresaDeOutraConta ? new Refused('empresa-de-outra-conta', error.message, 'empresa') : error;
    });
    if (!saved) throw unknown(where);
    note(changed.join(' '), saved.created ? 'empresa.criar' : 'empresa.alterar');
    if (saved.created || changed.some((field) => ['uf', 'ie', 'outrasInscricoes', 'razaoSocial'].includes(field)))
      await registerEntities(deps, quem, saved.empresa);
    return saved;
  });
}

async function registerEntities({ registerEntity }: EmpresasDeps, quem: Quem, empresa: Empresa): Promise<void> {
  if (!registerEntity) return;
  const { conta, _id: documento, razaoSocial: nome } = empresa;
  for (const inscricao of inscricoesOf(empresa)) await registerEntity({ conta, documento, nome, quem, ...inscricao });
}

/** Names of the fields that a change makes other than they are. */
function changedBy({ nfceUrls, ...change }: EmpresaChange, atual: Empresa | undefined): string[] {
  const fields = Object.entries(change).flatMap(([field, value]) =>
    value === undefined || isDeepStrictEqual(value ?? undefined, atual?.[field as keyof Empresa]) ? [] : [field],
  );
  const urls = Object.entries(nfceUrls ?? {}).flatMap(([tpAmb, value]) =>
    isDeepStrictEqual(value ?? undefined, atual?.nfceUrls?.[tpAmb as '1' | '2']) ? [] : [`nfceUrls.${tpAmb}`],
  );
  return [...fields, ...urls];
}

function unknown({ documento }: EmpresaWhere): Refused {
  return new Refused('empresa-desconhecida', `A empresa ${documento} não está cadastrada nesta conta.`, 'empresa');
}
