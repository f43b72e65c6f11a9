import type { Ancora, VeredictoCorrente } from '@malote/store/audit-chain';
import { HUB, type RegistroAuditoria } from '@malote/store/auditoria';
import type { Store } from '@malote/store/connect';
import { Refused } from './refused.ts';

export interface AuditoriaDeps {
  store: Pick<Store, 'auditoria' | 'contas'>;
}

const PAGE_ROWS = 20;
const MAX_PAGE = 9_999_999;

/** One page of an account's audit trail (`*`: of the hub's own), newest first. Throws Refused for an unknown account. */
export async function listAuditoria(
  { store }: AuditoriaDeps,
  { conta, pagina = 1 }: { conta: string; pagina?: number },
): Promise<{ totalElementos: number; registros: RegistroAuditoria[] }> {
  if (!Number.isInteger(pagina) || pagina < 1 || pagina > MAX_PAGE)
    throw new Refused('pagina-invalida', `a página é um número inteiro de 1 a ${MAX_PAGE}`, 'pagina');
  await needConta(store, conta);
  const { total, registros } = await store.auditoria.list({ conta, skip: (pagina - 1) * PAGE_ROWS, limit: PAGE_ROWS });
  return { totalElementos: total, registros };
}

export interface Verificacao {
  integra: boolean;
  correntes: VeredictoCorrente[];
}

/**
 * Verifies the chain of one account (`*`: the hub's own) or of all. `ate` is `<seq>:<hash>` of a link noted earlier outside of the database: only
 * it shows an end that was cut off or a chain that was made anew. Whoever shows the result ends with a failure when `integra` is false.
 * Throws Refused.
 */
export async function verifyAuditoria(
  { store }: AuditoriaDeps,
  { conta, ate }: { conta?: string; ate?: string } = {},
): Promise<Verificacao> {
  if (conta === undefined && ate !== undefined)
    throw new Refused(
      'ancora-sem-conta',
      'um elo anotado é de uma conta só: informe também a conta (ou * para a corrente do hub)',
      'conta',
    );
  const ancora = ate === undefined ? undefined : readAncora(ate);
  if (conta !== undefined) await needConta(store, conta);
  const correntes: VeredictoCorrente[] = [];
  for (const one of conta === undefined ? await store.auditoria.contas() : [conta])
    correntes.push(await store.auditoria.verify({ conta: one, ...(ancora ? { ancora } : {}) }));
  return { integra: correntes.every(({ integra }) => integra), correntes };
}

/** `<seq>:<hash>` as `verifyAuditoria` takes it back. */
export function ancoraText({ seq, hash }: Ancora): string {
  return `${seq}:${hash}`;
}

function readAncora(text: string): Ancora {
  const [, seq, hash] = /^([1-9]\d{0,11}):([0-9a-f]{64})$/i.exec(text.trim()) ?? [];
  if (!seq || !hash) throw new Refused('ancora-invalida', 'o elo anotado tem a forma <número>:<hash de 64 dígitos hexadecimais>', 'ate');
  return { seq: Number(seq), hash: hash.toLowerCase() };
}

async function needConta(store: AuditoriaDeps['store'], conta: string): Promise<void> {
  if (conta !== HUB && !(await store.contas.find(conta))) throw new Refused('conta-desconhecida', `a conta ${conta} não existe`, 'conta');
}
