import { join } from 'node:path';
import type { Autorizador } from './autorizadores.ts';
import { type NumberOf, numberId } from './document.ts';
import { openJournal } from './journal.ts';

/** One authorised note, as the state file keeps it. */
export interface Autorizacao extends NumberOf {
  autorizador: string;
  chave: string;
  digVal: string;
  nProt: string;
  nRec: string;
  /** Instant of the authorisation, ISO 8601 UTC by the simulator's clock. */
  at: string;
  /** The same as the protocol writes it. */
  dhRecbto: string;
  cStat: string;
  xMotivo: string;
  /** Put there by the admin API: not authorised for a caller. */
  foreign?: boolean;
}

export interface NumberReport {
  number: Omit<NumberOf, 'tpEmis'>;
  authorizations: Pick<Autorizacao, 'autorizador' | 'tpEmis' | 'chave' | 'digVal' | 'nProt' | 'at' | 'foreign'>[];
}

/** `total`: authorised for callers. `doubled`: numbers that two notes hold, whatever their tpEmis and whoever brought them. */
export interface Report {
  total: number;
  foreign: number;
  doubled: number;
  numbers: NumberReport[];
}

export interface Database {
  /** The note of this number in this authoriser's own database, whatever its key. */
  findNumber(autorizador: string, number: NumberOf): Autorizacao | undefined;
  /** Authorised notes of all authorisers, oldest first. */
  list(filter: (note: Autorizacao) => boolean): Autorizacao[];
  /**
   * Authorises: seen by the next lookup at once, on the disk when the promise resolves. The number must be free there.
   * nProt and nRec are counted per authoriser, state and year.
   */
  authorize(autorizador: Autorizador, note: Omit<Autorizacao, 'autorizador' | 'nProt' | 'nRec'>): Promise<Autorizacao>;
  /** Resolves when all that lookups have shown so far is on the disk. */
  flushed(): Promise<void>;
  /** Per (UF, emitter, model, series, number, environment) over all authorisers. */
  report(filter: (note: Autorizacao) => boolean): Report;
  close(): Promise<void>;
}

/** State of all authorisers in `<dir>/state.jsonl`, read back when it exists. */
export function openDatabase(dir: string): Database {
  const journal = openJournal<Autorizacao>(join(dir, 'state.jsonl'), { sync: true });
  const byNumber = new Map<string, Autorizacao>();
  const notes: Autorizacao[] = [];
  const sequences = new Map<string, number>();
  for (const note of journal.entries) index(note);

  function index(note: Autorizacao): void {
    byNumber.set(databaseKey(note.autorizador, note), note);
    notes.push(note);
    const sequence = sequenceOf(note.nProt);
    sequences.set(sequence.prefix, Math.max(sequence.value, sequences.get(sequence.prefix) ?? 0));
  }

  return {
    findNumber: (autorizador, number) => byNumber.get(databaseKey(autorizador, number)),
    list: (filter) => notes.filter(filter),
    async authorize(autorizador, draft) {
      const prefix = `${autorizador.protocolDigit}${draft.cUF}${draft.dhRecbto.slice(2, 4)}`;
      const next = (sequences.get(prefix) ?? 0) + 1;
      const nProt = prefix + String(next).padStart(10, '0');
      const nRec = `${draft.cUF}${autorizador.protocolDigit}${String(next).padStart(12, '0')}`;
      const note: Autorizacao = { ...draft, autorizador: autorizador.name, nProt, nRec };
      index(note);
      await journal.append(note);
      return note;
    },
    flushed: () => journal.flushed(),
    report(filter) {
      const numbers = new Map<string, NumberReport>();
      for (const note of notes.filter(filter)) {
        const { ambiente, cUF, emitente, modelo, serie, numero, autorizador, tpEmis, chave, digVal, nProt, at, foreign } = note;
        const id = numberId(note);
        const entry = numbers.get(id) ?? { number: { ambiente, cUF, emitente, modelo, serie, numero }, authorizations: [] };
        entry.authorizations.push({ autorizador, tpEmis, chave, digVal, nProt, at, ...(foreign ? { foreign } : {}) });
        numbers.set(id, entry);
      }
      const list = [...numbers.values()];
      const all = list.flatMap(({ authorizations }) => authorizations);
      const foreign = all.filter((entry) => entry.foreign).length;
      return {
        total: all.length - foreign,
        foreign,
        doubled: list.filter(({ authorizations }) => authorizations.length > 1).length,
        numbers: list,
      };
    },
    close: () => journal.close(),
  };
}

/** For NFC-e tpEmis is part of the identity (Ajuste SINIEF 19/16 cl. 5 § 3 II); for NF-e it is not (MOC, rule 2B08). */
function databaseKey(autorizador: string, n: NumberOf): string {
  return `${autorizador}.${numberId(n)}${n.modelo === '65' ? `.${n.tpEmis}` : ''}`;
}

function sequenceOf(nProt: string): { prefix: string; value: number } {
  return { prefix: nProt.slice(0, 5), value: Number(nProt.slice(5)) };
}
