import { setTimeout as pause } from 'node:timers/promises';
import { isUf, type Uf } from '@malote/fiscal/model/uf';
import type { AnyEnvelope } from '@malote/messages/envelope';
import type { Clock } from '@malote/runtime/clock';
import type { Auditoria, Quem } from '@malote/store/auditoria';
import { type Bloqueio, type Bloqueios, type CadastroEntidade, pedidoId } from '@malote/store/bloqueios';
import type { Contas } from '@malote/store/contas';
import type { Entidade, Entidades, ListaEntidades } from '@malote/store/entidades';
import { type Reading, startReading } from './read-fields.ts';
import { Refused, refusedAll } from './refused.ts';

export interface EntidadesDeps {
  store: {
    entidades: Pick<Entidades, 'findById' | 'list'>;
    bloqueios: Pick<Bloqueios, 'insert' | 'findById'>;
    contas: Pick<Contas, 'find'>;
  } & {
    auditoria: Pick<Auditoria, 'append'>;
  };
  /** Who does it. */
  quem: Quem;
  clock: Pick<Clock, 'monotonic'>;
  /** Failing is allowed: the outbox has the command. */
  publish(message: AnyEnvelope): Promise<unknown>;
  traceparent: string;
  /** How long the worker is waited for. */
  waitMs?: number;
}

/** As it was given: every field is checked here. */
export interface NovaEntidade {
  conta: string;
  cnpj?: string | undefined;
  cpf?: string | undefined;
  uf: string;
  ie?: string | undefined;
  entidade?: string | undefined;
  idEmpresa?: string | undefined;
  nome?: string | undefined;
}

export interface EntidadeShown {
  conta: string;
  entidade: string;
  documento: string;
  uf: Uf;
  ie: string;
  idEmpresa: string | null;
  nome: string | null;
  contrato: string | null;
  bloqueada: boolean;
  ativadaEm: Date | null;
}

const WAIT_MS = 10_000;
const LOOK_EVERY_MS = 100;
const MAX_IE = 18;
const MAX_NOME = 120;

/**
 * Asks the entity-block worker for an entity and waits for it. Check digits of CNPJ and CPF are not looked at: a contract system names
 * customers as it knows them. `entidade` is null when the worker did not answer in time; it will be created all the same.
 * @throws Refused
 */
export async function addEntidade(deps: EntidadesDeps, given: NovaEntidade): Promise<{ pedido: string; entidade: EntidadeShown | null }> {
  const { store, quem, traceparent } = deps;
  const { conta } = given;
  const cadastro = readEntidade(given);
  if (!(await store.contas.find(conta))) throw new Refused('conta-desconhecida', `A conta ${conta} não existe.`, 'conta');
  const { pedido, message } = await store.bloqueios.insert({ conta, quem, traceparent, kind: 'cadastro', cadastro });
  await deps.publish(message).catch(() => {});
  const { state, entidadeId, recusa } = await untilDone(deps, pedido);
  const fato = { conta, quem, acao: 'entidade.criar', empresa: cadastro.documento };
  if (recusa) {
    await store.auditoria.append({ ...fato, resultado: 'recusado', detalhe: recusa.codigo });
    throw new Refused(recusa.codigo, recusa.message, 'entidade');
  }
  await store.auditoria.append({
    ...fato,
    alvo: entidadeId ?? pedido._id,
    resultado: 'ok',
    ...(state === 'done' ? {} : { detalhe: 'pendente' }),
  });
  const created = entidadeId === undefined ? undefined : await store.entidades.findById({ conta, id: entidadeId });
  return { pedido: pedidoId(pedido), entidade: created ? shown(created) : null };
}

/** Entities of an account (of all, for the operator), a page at a time. */
export async function listEntidades(
  { store }: Pick<EntidadesDeps, 'store'>,
  query: ListaEntidades,
): Promise<{ total: number; entidades: EntidadeShown[] }> {
  const { total, entidades } = await store.entidades.list(query);
  return { total, entidades: entidades.map(shown) };
}

async function untilDone({ store, clock, waitMs = WAIT_MS }: EntidadesDeps, asked: Bloqueio): Promise<Bloqueio> {
  const until = clock.monotonic() + waitMs;
  const where = { conta: asked.conta, id: pedidoId(asked) };
  for (;;) {
    const now = (await store.bloqueios.findById(where)) ?? asked;
    if (now.state === 'done' || clock.monotonic() >= until) return now;
    await pause(LOOK_EVERY_MS);
  }
}

function readEntidade({ cnpj, cpf, uf, ie, entidade, idEmpresa, nome }: NovaEntidade): CadastroEntidade {
  const reading = startReading();
  const documento = readDocumento(reading, cnpj, cpf);
  const known = uf.toUpperCase();
  if (!isUf(known)) reading.fault('campo-valor', 'uf', `${uf} não é uma sigla de UF (exemplo: SP)`);
  if (ie !== undefined && ie.length > MAX_IE) reading.fault('campo-tamanho', 'ie', `tem ${ie.length} caracteres; são no máximo ${MAX_IE}`);
  const digits = (name: string, value: string | undefined, max: number): string | undefined => {
    if (value === undefined) return undefined;
    if (!/^\d+$/.test(value) || value.length > max || !/[1-9]/.test(value))
      return reading.fault('campo-valor', name, `deve ter de 1 a ${max} dígitos e não ser zero`);
    return value.padStart(max, '0');
  };
  const fields = { ie, entidade: digits('entidade', entidade, 6), idEmpresa: digits('idEmpresa', idEmpresa, 20), nome };
  if (nome !== undefined && (nome.trim() === '' || nome.length > MAX_NOME))
    reading.fault('campo-tamanho', 'nome', `deve ter de 1 a ${MAX_NOME} caracteres`);
  if (reading.faults.length > 0 || documento === undefined) throw refusedAll(reading.faults);
  const present = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return { documento, uf: known as Uf, ...present };
}

function readDocumento(reading: Reading, cnpj: string | undefined, cpf: string | undefined): string | undefined {
  if ((cnpj === undefined) === (cpf === undefined)) return reading.fault('campo-obrigatorio', 'cnpj', 'informe cnpj ou cpf, um dos dois');
  if (cnpj === undefined) return /^\d{11}$/.test(cpf ?? '') ? cpf : reading.fault('campo-valor', 'cpf', 'são 11 dígitos, sem máscara');
  const text = cnpj.toUpperCase();
  return /^[0-9A-Z]{12}\d{2}$/.test(text) ? text : reading.fault('campo-valor', 'cnpj', 'são 14 caracteres, sem máscara');
}

function shown({ conta, entidade, documento, uf, ie, idEmpresa, nome, contrato, bloqueada, ativadaEm }: Entidade): EntidadeShown {
  return {
    ...{ conta, entidade, documento, uf, ie, idEmpresa: idEmpresa ?? null, nome: nome ?? null, contrato: contrato ?? null, bloqueada },
    ativadaEm: ativadaEm ?? null,
  };
}
