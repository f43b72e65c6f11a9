import { hash } from 'node:crypto';
import type { RegistroAuditoria } from './auditoria.ts';

/**
 * What is wrong at one place of a chain. `alterado`: its hash is not that of its content; `faltando`: links before it are gone; `fora-da-corrente`:
 * it hangs on another link than the one before it; `intruso`: a row that no chain of the hub has (its id, its number or a field); `ancora`: the
 * link noted elsewhere is another one, or gone with the end of the chain.
 */
export interface FalhaAuditoria {
  seq: number;
  tipo: 'alterado' | 'faltando' | 'fora-da-corrente' | 'intruso' | 'ancora';
  /** In Portuguese. */
  detalhe: string;
}

/** One link as somebody noted it outside of the database. */
export interface Ancora {
  seq: number;
  hash: string;
}

export interface VeredictoCorrente {
  conta: string;
  integra: boolean;
  /** Rows read. */
  elos: number;
  /** The last link: to be noted outside of the database, and given back as anchor at the next verification. */
  fim?: Ancora;
  /** The first MAX_FALHAS of them. */
  falhas: FalhaAuditoria[];
  /** How many there are. */
  totalFalhas: number;
}

export const MAX_FALHAS = 100;
const SEQ_DIGITS = 12;
const QUEM_FIELDS: readonly string[] = ['tipo', 'id', 'ip'];
const FIELDS: readonly string[] = 'acao alvo anterior conta detalhe em empresa hash _id quem resultado seq'.split(' ');

/** The `_id` of a link: it makes two links of one number impossible. */
export function linkId({ conta, seq }: { conta: string; seq: number }): string {
  return `${conta}.${String(seq).padStart(SEQ_DIGITS, '0')}`;
}

/** The hash of a link, from its other fields in a fixed order. */
export function hashOf(row: Omit<RegistroAuditoria, 'hash'>): string {
  const { anterior, conta, seq, em, quem, acao, empresa, alvo, resultado, detalhe } = row;
  const said = [conta, seq, em.toISOString(), quem.tipo, quem.id, quem.ip, acao, empresa, alvo, resultado, detalhe];
  return hash('sha256', `${anterior}\n${JSON.stringify(said.map((part) => part ?? null))}`);
}

/**
 * Checks a chain row by row in the order of `seq`, in constant memory. A plain hash chain shows what was changed, taken out or put in between;
 * somebody who may write the database can make a new end or a whole new chain, which only an anchor noted elsewhere shows.
 */
export function chainCheck(conta: string, ancora?: Ancora): { next(row: Record<string, unknown>): void; end(): VeredictoCorrente } {
  const falhas: FalhaAuditoria[] = [];
  let totalFalhas = 0;
  let elos = 0;
  let last: Ancora = { seq: 0, hash: '' };
  let anchored = ancora === undefined;

  const fault = (seq: number, tipo: FalhaAuditoria['tipo'], detalhe: string) => {
    totalFalhas += 1;
    if (falhas.length < MAX_FALHAS) falhas.push({ seq, tipo, detalhe });
  };

  return {
    next(raw) {
      elos += 1;
      const row = raw as unknown as RegistroAuditoria;
      const strange = strangeness(raw, conta, last.seq);
      if (strange !== undefined) return fault(last.seq + 1, 'intruso', `depois do elo ${last.seq}: ${strange} (_id ${String(raw._id)})`);
      const { seq, anterior } = row;
      const gone = seq - last.seq - 1;
      if (gone > 0)
        fault(last.seq + 1, 'faltando', gone === 1 ? `falta o elo ${last.seq + 1}` : `faltam os elos ${last.seq + 1} a ${seq - 1}`);
      else if (anterior !== last.hash) fault(seq, 'fora-da-corrente', `o elo ${seq} não aponta para o elo ${seq - 1} que está guardado`);
      if (contentHash(row) !== row.hash) fault(seq, 'alterado', `o conteúdo do elo ${seq} não confere com o hash dele`);
      if (ancora && seq === ancora.seq) {
        anchored = true;
        if (row.hash !== ancora.hash) fault(seq, 'ancora', `o elo ${seq} não é o que foi anotado (hash ${ancora.hash})`);
      }
      last = { seq, hash: row.hash };
    },
    end() {
      if (ancora && !anchored)
        fault(ancora.seq, 'ancora', `o elo ${ancora.seq}, que foi anotado, não existe: a corrente termina no ${last.seq}`);
      return { conta, integra: totalFalhas === 0, elos, ...(last.seq > 0 ? { fim: last } : {}), falhas, totalFalhas };
    },
  };
}

/** Why a row is no link of this chain whatever it says. */
function strangeness(row: Record<string, unknown>, conta: string, after: number): string | undefined {
  const { seq, _id } = row;
  if (!Number.isInteger(seq)) return 'uma linha sem número de elo';
  if ((seq as number) <= after || _id !== linkId({ conta, seq: seq as number })) return `uma linha a mais com o número ${seq}`;
  // What the hash does not cover must not be there.
  const more = Object.keys(row).filter((name) => !FIELDS.includes(name));
  more.push(...Object.keys(row.quem ?? {}).filter((name) => !QUEM_FIELDS.includes(name)));
  return more.length > 0 ? `campos que um elo não tem (${more.join(', ')})` : undefined;
}

/** Undefined for a content that no link has. */
function contentHash(row: RegistroAuditoria): string | undefined {
  try {
    return hashOf(row);
  } catch {
    return undefined;
  }
}
