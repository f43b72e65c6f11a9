import { HUB, type Quem } from '@malote/store/auditoria';
import type { Store } from '@malote/store/connect';
import type { RewrapResult, SealedCount } from '@malote/store/segredos';
import { Refused } from './refused.ts';

export interface ChavesMestrasDeps {
  /** With a SecretBox. */
  store: Pick<Store, 'auditoria' | 'segredos'>;
}

export interface Rotacao {
  /** The master key that wraps from now on: the first one of MALOTE_MASTER_KEY. */
  kid: string;
  simulacao: boolean;
  antes: SealedCount[];
  /** As it is at the end. */
  depois: SealedCount[];
  regravados: number;
  falhas: RewrapResult['falhas'];
  totalFalhas: number;
  /** Every secret is wrapped by `kid`. */
  completa: boolean;
  /** Configured master keys that wrap nothing any more: they may go, unless a backup is older than this. */
  semUso: string[];
}

const MAX_PASSES = 5;

/**
 * Wraps every secret at rest with the first master key while the hub works; see docs/security.md for the order of the steps. `dryRun` only
 * counts. Run again after an interruption. Whoever shows the result ends with a failure when `completa` is false and it was no dry run.
 */
export async function rotateChavesMestras(
  { store }: ChavesMestrasDeps,
  { dryRun = false, quem, signal }: { dryRun?: boolean; quem: Quem; signal?: AbortSignal },
): Promise<Rotacao> {
  const kids = store.segredos.kids();
  const kid = kids[0];
  if (kid === undefined) throw new Refused('sem-chave-mestra', 'falta a chave mestra (MALOTE_MASTER_KEY)');
  const antes = await store.segredos.count();
  let depois = antes;
  let done: RewrapResult = { regravados: 0, falhas: [], totalFalhas: 0, terminou: true };
  // More than one pass only where a process that still seals with an old key wrote meanwhile.
  for (let pass = 0; !dryRun && done.terminou && pass < MAX_PASSES && others(depois, kid) > done.totalFalhas; pass += 1) {
    const { regravados, ...rest } = await store.segredos.rewrap(signal ? { signal } : {});
    done = { ...rest, regravados: done.regravados + regravados };
    depois = await store.segredos.count();
  }
  const completa = others(depois, kid) === 0;
  const { regravados, falhas, totalFalhas } = done;
  if (!dryRun)
    await store.auditoria.append({
      ...{ conta: HUB, quem, acao: 'chave-mestra.trocar', alvo: kid, resultado: completa ? 'ok' : 'recusado' },
      detalhe: `${regravados} segredos regravados, ${others(depois, kid)} ainda com outra chave`,
    });
  const used = new Set(depois.flatMap((place) => Object.keys(place.kids)));
  const semUso = kids.filter((one) => one !== kid && !used.has(one));
  return { kid, simulacao: dryRun, antes, depois, regravados, falhas, totalFalhas, completa, semUso };
}

/** How many secrets another master key wraps. */
function others(counts: readonly SealedCount[], kid: string): number {
  const each = counts.flatMap((place) => Object.entries(place.kids));
  return each.reduce((sum, [other, n]) => sum + (other === kid ? 0 : n), 0);
}
