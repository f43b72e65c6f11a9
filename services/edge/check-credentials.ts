import { hashSecret, matchSecret } from '@malote/runtime/password';
import type { Auditoria, Quem } from '@malote/store/auditoria';
import { HUB } from '@malote/store/auditoria';
import type { Credencial } from '@malote/store/credenciais';
import type { Locked, Lockout } from './lockout.ts';
import { Problem } from './problems.ts';
import type { RateWindow } from './rate-limit.ts';
import type { Credentials } from './session-routes.schema.ts';
import type { Owner } from './sessions.ts';

export const BASIC_CHALLENGE = { 'WWW-Authenticate': 'Basic realm="malote", charset="UTF-8"' };

/** One text, whatever was wrong. */
export const invalidCredentials = () => new Problem('credenciais-invalidas', 'Token ou secret inválido.', { headers: BASIC_CHALLENGE });

/** Where a call comes from. */
export interface From {
  /** The address of rate-limit.ts. */
  origin: string;
  ip: string | undefined;
}

/** `former`: it was the secret before the present one. */
export type Checked = { owner: Owner & { former: boolean } } | { refused: RateWindow };

/** Whose token and secret these are, or the window of a lock. Throws `credenciais-invalidas`. */
export type CheckCredentials = (credentials: Credentials, from: From) => Promise<Checked>;

export interface CheckDeps {
  findCredencial(token: string): Promise<Credencial | undefined>;
  findConta(conta: string): Promise<{ active: boolean; geracao?: number } | undefined>;
  lockout: Lockout;
  audit: Auditoria['append'];
  now: () => Date;
}

/**
 * A refusal has one answer and takes the same time whether the token is unknown, the secret wrong, or credential or account switched off: an
 * unknown token is checked against a hash of its own, and two secrets that are good at the same time cost one derivation (hashSecret).
 */
export function createCheckCredentials({ findCredencial, findConta, lockout, audit, now }: CheckDeps): CheckCredentials {
  const dummyHash = hashSecret('no credential has this secret');

  return async ({ token, secret }, from) => {
    const attempt = { subject: `credencial:${token}`, origin: from.origin };
    const refused = await lockout.check(attempt);
    if (refused) return { refused };
    const credencial = await findCredencial(token);
    const which = await matchSecret(secret, credencial ? hashesOf(credencial, now()) : [await dummyHash]);
    const conta = credencial?.active && which >= 0 ? await findConta(credencial.conta) : undefined;
    if (!credencial || !conta?.active) {
      await auditLocks(audit, await lockout.failed(attempt), { conta: credencial?.conta, id: credencial?.token, from });
      throw invalidCredentials();
    }
    await lockout.succeeded(attempt);
    const former = which > 0;
    const { escopos, geracao = 0 } = credencial;
    const geracoes = { conta: conta.geracao ?? 0, credencial: former ? geracao - 1 : geracao };
    return { owner: { conta: credencial.conta, credencial: token, escopos, geracoes, former } };
  };
}

function hashesOf({ secretHash, secretHashAnterior, anteriorAte }: Credencial, now: Date): string[] {
  return secretHashAnterior && anteriorAte && anteriorAte > now ? [secretHash, secretHashAnterior] : [secretHash];
}

/** Who failed: what is not known to exist is not written down, for it may be a secret in the wrong place. */
interface Failed {
  conta: string | undefined;
  id: string | undefined;
  tipo?: Quem['tipo'];
  from: From;
}

/** Locks stand in the audit trail; the failures that led to them are counted only. */
export async function auditLocks(audit: Auditoria['append'], locked: Locked, failed: Failed): Promise<void> {
  const { conta = HUB, id, tipo = 'credencial', from } = failed;
  const quem: Quem = { tipo, ...(id ? { id } : {}), ...(from.ip ? { ip: from.ip } : {}) };
  const about = { quem, resultado: 'recusado' } as const;
  if (locked.subject > 0)
    await audit({ ...about, conta, acao: 'sessao.travar', alvo: id ?? 'desconhecida', detalhe: `${locked.subject} s` });
  if (locked.origin > 0) await audit({ ...about, conta: HUB, acao: 'endereco.travar', alvo: from.origin, detalhe: `${locked.origin} s` });
}
