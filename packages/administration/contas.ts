import type { Clock } from '@malote/runtime/clock';
import type { Auditoria, Quem } from '@malote/store/auditoria';
import type { Conta, Contas } from '@malote/store/contas';
import { type Credenciais, type Credencial, ESCOPOS, type Escopo } from '@malote/store/credenciais';
import { Refused } from './refused.ts';

export interface ContasDeps {
  store: { contas: Contas; credenciais: Credenciais; auditoria: Auditoria };
  clock: Pick<Clock, 'now'>;
  /** Who does it. */
  quem: Quem;
}

/** Shown once: the secret is stored nowhere. */
export interface NovaChave {
  conta: string;
  token: string;
  secret: string;
}

export interface ContaShown {
  conta: string;
  nome: string;
  ativa: boolean;
  criadaEm: Date;
}

export interface CredencialShown {
  conta: string;
  token: string;
  nome: string | null;
  escopos: Escopo[];
  ativa: boolean;
  criadaEm: Date;
  /** Until then the former secret works as well. */
  secretAnteriorAte: Date | null;
}

const MAX_NOME = 120;
const HOUR_MS = 3_600_000;
export const OVERLAP_HOURS = 24;
export const MAX_OVERLAP_HOURS = 720;

/** An account and its first credential, which may do everything. @throws Refused */
export async function createAccount(deps: ContasDeps, { nome }: { nome: string }): Promise<NovaChave> {
  const { store, quem } = deps;
  const { _id: conta } = await store.contas.create({ nome: nomeOf(nome) });
  const chave = await store.credenciais.create({ conta });
  await store.auditoria.append({ conta, quem, acao: 'conta.criar', alvo: chave.token, resultado: 'ok' });
  return { conta, ...chave };
}

/** Accounts, a page at a time. */
export async function listAccounts(
  { store }: Pick<ContasDeps, 'store'>,
  { skip = 0, limit = 1000 }: { skip?: number; limit?: number } = {},
): Promise<{ total: number; contas: ContaShown[] }> {
  const { total, contas } = await store.contas.list({ skip, limit });
  return { total, contas: contas.map(shownConta) };
}

/** Ends every session of the account, on every edge within two seconds, and opens no other; its documents under way still end. @throws Refused */
export async function disableAccount(deps: ContasDeps, { conta }: { conta: string }): Promise<ContaShown> {
  return changeConta(deps, conta, 'conta.desativar', (store) => store.contas.setActive(conta, false));
}

/** Its sessions of before stay ended. @throws Refused */
export async function enableAccount(deps: ContasDeps, { conta }: { conta: string }): Promise<ContaShown> {
  return changeConta(deps, conta, 'conta.ativar', (store) => store.contas.setActive(conta, true));
}

/** Ends every session of an account, on every edge within two seconds; new ones may be opened. @throws Refused */
export async function endSessions(deps: ContasDeps, { conta }: { conta: string }): Promise<ContaShown> {
  return changeConta(deps, conta, 'conta.encerrar-sessoes', (store) => store.contas.endSessions(conta));
}

/** Another credential of an account; without scopes it may do everything. @throws Refused */
export async function createCredential(
  deps: ContasDeps,
  { conta, nome, escopos }: { conta: string; nome?: string; escopos?: readonly string[] },
): Promise<NovaChave & { escopos: Escopo[] }> {
  const { store, quem } = deps;
  const own = escoposOf(escopos);
  const named = nome === undefined ? {} : { nome: nomeOf(nome) };
  if (!(await store.contas.find(conta))) throw unknownConta(conta);
  const chave = await store.credenciais.create({ conta, escopos: own, ...named });
  await store.auditoria.append({ conta, quem, acao: 'credencial.criar', alvo: chave.token, resultado: 'ok', detalhe: own.join(', ') });
  return { conta, ...chave, escopos: own };
}

/** The credentials of an account, in order of creation. @throws Refused */
export async function listCredentials({ store }: Pick<ContasDeps, 'store'>, { conta }: { conta: string }): Promise<CredencialShown[]> {
  if (!(await store.contas.find(conta))) throw unknownConta(conta);
  return (await store.credenciais.listOf(conta)).map(shownCredencial);
}

/**
 * Gives a credential another secret. For `sobreposicaoHoras` (24 unless told otherwise, at most 720) the former one works as well; with 0 it stops
 * at once and its sessions end: for a secret that was seen by others. @throws Refused
 */
export async function rotateSecret(
  deps: ContasDeps,
  { token, sobreposicaoHoras = OVERLAP_HOURS }: { token: string; sobreposicaoHoras?: number },
): Promise<NovaChave & { secretAnteriorAte: Date | null }> {
  const { store, quem, clock } = deps;
  if (!Number.isInteger(sobreposicaoHoras) || sobreposicaoHoras < 0 || sobreposicaoHoras > MAX_OVERLAP_HOURS) {
    const rule = `A sobreposição deve ser um número inteiro de horas, de 0 (o secret anterior deixa de valer já) a ${MAX_OVERLAP_HOURS}.`;
    throw new Refused('sobreposicao-invalida', rule, 'sobreposicaoHoras');
  }
  const { conta, active } = await credencialOf(store.credenciais, token);
  const refuse = async (codigo: string, message: string) => {
    await store.auditoria.append({ conta, quem, acao: 'credencial.trocar-secret', alvo: token, resultado: 'recusado', detalhe: codigo });
    return new Refused(codigo, message, 'token');
  };
  if (!active) throw await refuse('credencial-desativada', `A credencial ${token} está desativada; crie outra.`);
  const anteriorAte = sobreposicaoHoras === 0 ? undefined : new Date(clock.now().getTime() + sobreposicaoHoras * HOUR_MS);
  const rotated = await store.credenciais.rotate(token, anteriorAte ? { anteriorAte } : {});
  if (!rotated) throw await refuse('troca-simultanea', `O secret da credencial ${token} foi trocado por outra pessoa ao mesmo tempo.`);
  const detalhe = anteriorAte ? `anterior até ${anteriorAte.toISOString()}` : 'anterior sem validade';
  await store.auditoria.append({ conta, quem, acao: 'credencial.trocar-secret', alvo: token, resultado: 'ok', detalhe });
  return { conta, token, ...rotated, secretAnteriorAte: anteriorAte ?? null };
}

/** Switches a credential off for good and ends its sessions, on every edge within two seconds. @throws Refused */
export async function disableCredential(deps: ContasDeps, { token }: { token: string }): Promise<CredencialShown> {
  const { store, quem } = deps;
  const { conta } = await credencialOf(store.credenciais, token);
  const disabled = await store.credenciais.disable(token);
  if (!disabled) throw unknownCredencial(token);
  await store.auditoria.append({ conta, quem, acao: 'credencial.desativar', alvo: token, resultado: 'ok' });
  return shownCredencial(disabled);
}

async function changeConta(
  { store, quem }: ContasDeps,
  conta: string,
  acao: string,
  change: (store: ContasDeps['store']) => Promise<Conta | undefined>,
): Promise<ContaShown> {
  const changed = await change(store);
  if (!changed) throw unknownConta(conta);
  await store.auditoria.append({ conta, quem, acao, resultado: 'ok' });
  return shownConta(changed);
}

async function credencialOf(credenciais: Credenciais, token: string): Promise<Credencial> {
  const found = await credenciais.find(token);
  if (!found) throw unknownCredencial(token);
  return found;
}

function unknownConta(conta: string): Refused {
  return new Refused('conta-desconhecida', `Não há conta ${conta}; veja as que há com "malote account list".`, 'conta');
}

function unknownCredencial(token: string): Refused {
  return new Refused('credencial-desconhecida', `Não há credencial ${token}; veja as da conta com "malote credential list".`, 'token');
}

function nomeOf(given: string): string {
  const nome = given.trim();
  if (nome.length < 1 || nome.length > MAX_NOME)
    throw new Refused('nome-invalido', `O nome deve ter de 1 a ${MAX_NOME} caracteres.`, 'nome');
  return nome;
}

function escoposOf(given: readonly string[] = ESCOPOS): Escopo[] {
  const unknown = given.filter((escopo) => !(ESCOPOS as readonly string[]).includes(escopo));
  if (unknown.length > 0 || given.length === 0) {
    const which = unknown.length > 0 ? `Não há escopo ${unknown.join(', ')}` : 'Informe ao menos um escopo';
    throw new Refused('escopo-desconhecido', `${which}; os escopos são ${ESCOPOS.join(', ')}.`, 'escopos');
  }
  return ESCOPOS.filter((escopo) => given.includes(escopo));
}

const shownConta = ({ _id, nome, active, createdAt }: Conta): ContaShown => ({ conta: _id, nome, ativa: active, criadaEm: createdAt });

function shownCredencial({ conta, token, nome, escopos, active, createdAt, anteriorAte }: Credencial): CredencialShown {
  return { conta, token, nome: nome ?? null, escopos, ativa: active, criadaEm: createdAt, secretAnteriorAte: anteriorAte ?? null };
}
