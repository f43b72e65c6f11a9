import { isDeepStrictEqual } from 'node:util';
import { efetiva, type Origem, type Politica, type PoliticaEfetiva } from '@malote/fiscal/contingencia/politica';
import { type Escopo, readPolitica } from '@malote/fiscal/contingencia/read-politica';
import type { Uf } from '@malote/fiscal/model/uf';
import type { Quem } from '@malote/store/auditoria';
import type { Store } from '@malote/store/connect';
import type { EscopoPolitica } from '@malote/store/politicas';
import { audited } from './audited.ts';
import { findEmpresa } from './empresas.ts';
import { Refused } from './refused.ts';

export interface PoliticasDeps {
  store: Pick<Store, 'politicas' | 'empresas' | 'auditoria'>;
}

/** Whose policy: an account's, that of its companies in a UF, or a company's. */
export type PoliticaWhere = EscopoPolitica;

/** What a scope says itself, and what holds in it, with where each value comes from. */
export interface PoliticaShown {
  escopo: Exclude<Origem, 'hub'>;
  /** Of a UF's policy; of a company's, the UF that `efetiva` is about. */
  uf?: Uf;
  propria?: Politica;
  updatedAt?: Date;
  efetiva: PoliticaEfetiva;
}

/** The policy of a scope; of a company what holds in `uf`, else in the UF it is registered in. Throws Refused `empresa-desconhecida`. */
export async function findPolitica({ store }: PoliticasDeps, where: PoliticaWhere, uf?: Uf): Promise<PoliticaShown> {
  const { conta } = where;
  const found = await store.politicas.find(where);
  const own = found && { propria: found.politica, updatedAt: found.updatedAt };
  const propria = found?.politica ?? {};
  if (where.tipo === 'conta') return { escopo: 'conta', ...own, efetiva: efetiva({ conta: propria }) };
  if (where.tipo === 'uf') {
    const daConta = await store.politicas.find({ conta, tipo: 'conta' });
    return { escopo: 'uf', uf: where.uf, ...own, efetiva: efetiva({ uf: propria, ...(daConta && { conta: daConta.politica }) }) };
  }
  const { documento } = where;
  const empresa = await findEmpresa({ store }, { conta, documento });
  const inUf = uf ?? empresa.uf;
  return { escopo: 'cnpj', uf: inUf, ...own, efetiva: efetiva(await store.politicas.ofEmpresa({ conta, documento, uf: inUf })) };
}

/**
 * Puts `given` in the place of the scope's policy: what it does not say is inherited. The same again changes nothing. Throws Refused with
 * every fault (`politica-invalida`; its faults have the codes of readPolitica).
 */
export async function putPolitica(deps: PoliticasDeps, quem: Quem, where: PoliticaWhere, given: unknown): Promise<PoliticaShown> {
  const { store } = deps;
  await audited(store.auditoria, { ...fatoOf(quem, where), acao: 'contingencia.gravar-politica' }, async (note) => {
    await checkEmpresa(deps, where);
    const read = readPolitica(given, escopoOf(where));
    if (!read.ok) throw refusedPolitica(read.faults);
    const before = await store.politicas.find(where);
    if (before && isDeepStrictEqual(before.politica, read.politica)) return;
    await store.politicas.put(where, read.politica);
    note(Object.keys(read.politica).join(' '));
  });
  return findPolitica(deps, where);
}

/** Takes the scope's own policy away: the wider ones hold from then on. One that is not there is no fault. Throws Refused. */
export async function removePolitica(deps: PoliticasDeps, quem: Quem, where: PoliticaWhere): Promise<void> {
  const { store } = deps;
  await audited(store.auditoria, { ...fatoOf(quem, where), acao: 'contingencia.retirar-politica' }, async (note) => {
    await checkEmpresa(deps, where);
    if (await store.politicas.remove(where)) note('');
  });
}

async function checkEmpresa({ store }: PoliticasDeps, where: PoliticaWhere): Promise<void> {
  if (where.tipo === 'cnpj') await findEmpresa({ store }, where);
}

function escopoOf(where: PoliticaWhere): Escopo {
  if (where.tipo === 'conta') return { tipo: 'conta' };
  if (where.tipo === 'uf') return { tipo: 'uf', uf: where.uf };
  return { tipo: 'cnpj', emitente: where.documento.length === 11 ? 'CPF' : 'CNPJ' };
}

function fatoOf(quem: Quem, where: PoliticaWhere) {
  const { conta } = where;
  if (where.tipo === 'cnpj') return { conta, quem, empresa: where.documento };
  return { conta, quem, alvo: where.tipo === 'uf' ? where.uf : 'conta' };
}

function refusedPolitica(faults: readonly { code: string; path: string; message: string; norm?: string }[]): Refused {
  const all = faults.map(({ code, path, message, norm }) => ({ codigo: code, message, campo: path, ...(norm ? { norma: norm } : {}) }));
  return new Refused('politica-invalida', all.map(({ message }) => message).join(' '), all[0]?.campo, all);
}
