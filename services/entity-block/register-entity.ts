import { canonicalIe, chaveEntidade } from '@malote/fiscal/model/chave-entidade';
import type { Clock } from '@malote/runtime/clock';
import type { Bloqueio, Bloqueios, CadastroEntidade } from '@malote/store/bloqueios';
import type { Contadores } from '@malote/store/contadores';
import { ENTIDADE_SCHEMA, type Entidade } from '@malote/store/entidade';
import type { Entidades } from '@malote/store/entidades';
import type { Outcome } from './block-entities.ts';

export interface RegisterDeps {
  entidades: Entidades;
  bloqueios: Bloqueios;
  contadores: Contadores;
  clock: Clock;
}

const LAST_ENTIDADE = 999_999;

/** Creates one entity, with the number that is asked for or the next free one of its account. */
export async function registerEntity(pedido: Bloqueio & { cadastro: CadastroEntidade }, deps: RegisterDeps): Promise<Outcome | 'again'> {
  const { conta, cadastro } = pedido;
  const there = await deps.entidades.findByKey({ conta, ...cadastro });
  const own = there.find((entidade) => entidade.pedido === pedido._id) ?? (cadastro.seAusente ? there[0] : undefined);
  if (own) return { entidadeId: own._id };
  if (cadastro.entidade !== undefined) return insert(pedido, cadastro.entidade.padStart(6, '0'), deps);
  if (pedido.reservada !== undefined) return insert(pedido, pedido.reservada, deps);
  const next = await nextFree(conta, deps);
  if (next === undefined) return { recusa: noneLeft() };
  // Reserved first: two workers on one request (one of them paused for long) then insert the same entity, not two.
  const reserved = await deps.bloqueios.transition(pedido, { reservada: next });
  return reserved ? insert({ ...reserved, cadastro }, next, deps) : 'again';
}

async function nextFree(conta: string, { entidades, contadores }: RegisterDeps): Promise<string | undefined> {
  for (;;) {
    const n = await contadores.next(conta, 'entidade');
    if (n > LAST_ENTIDADE) return undefined;
    const entidade = String(n).padStart(6, '0');
    // Somebody may have asked for this very number.
    if (!(await entidades.find({ conta, entidade }))) return entidade;
  }
}

async function insert(pedido: Bloqueio & { cadastro: CadastroEntidade }, entidade: string, deps: RegisterDeps): Promise<Outcome> {
  const { conta } = pedido;
  const taken = await deps.entidades.find({ conta, entidade });
  if (taken && taken.pedido !== pedido._id) return { recusa: numberTaken(taken) };
  const fresh = freshEntidade(pedido, entidade, deps.clock.now());
  // False: this very request has inserted it meanwhile, from another process.
  await deps.entidades.insert(fresh);
  return { entidadeId: fresh._id };
}

function freshEntidade(
  { _id: pedido, conta, seq, cadastro }: Bloqueio & { cadastro: CadastroEntidade },
  entidade: string,
  now: Date,
): Entidade {
  const { uf, idEmpresa, nome } = cadastro;
  const chave = chaveEntidade(cadastro);
  return {
    ...{ _id: `${conta}.${chave}.${entidade}`, schema: ENTIDADE_SCHEMA, version: 1, conta, chave, entidade },
    ...{ documento: cadastro.documento.toUpperCase(), uf, ie: canonicalIe(cadastro.ie) },
    ...(idEmpresa === undefined ? {} : { idEmpresa }),
    ...(nome === undefined ? {} : { nome }),
    ...{ bloqueada: false, pedido, seqInicial: seq, seq, historico: [], createdAt: now, updatedAt: now },
  };
}

function numberTaken({ entidade, documento, uf, ie }: Entidade): NonNullable<Bloqueio['recusa']> {
  const message = `A Entidade ${entidade} já existe nesta conta (${documento}, ${uf}, IE ${ie}): informe outro número, ou nenhum para receber o próximo.`;
  return { codigo: 'entidade-existente', message };
}

function noneLeft(): NonNullable<Bloqueio['recusa']> {
  const message = 'Os números de Entidade desta conta acabaram (999999 foi o último): informe um número livre.';
  return { codigo: 'entidades-esgotadas', message };
}
