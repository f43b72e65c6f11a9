import { join } from 'node:path';
import type { Autorizador } from './autorizadores.ts';
import { type NotaSummary, type NumberOf, numberId } from './document.ts';
import { createEventStore, type Evento } from './event-store.ts';
import { openJournal } from './journal.ts';
import { motivo } from './motivos.ts';
import { createProtocols } from './protocols.ts';
import { createRangeStore, type Inutilizacao, type Series } from './range-store.ts';

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
  /** What events are checked against; not known of a foreign note but for its recipient. */
  summary?: Partial<NotaSummary>;
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
  /** The note of this key, whichever authoriser has it: the authorisers share their notes for events. */
  findChave(ambiente: string, chave: string): Autorizacao | undefined;
  /** The event of this note, kind and sequence. */
  findEvent(ambiente: string, chave: string, tpEvento: string, nSeqEvento: number): Evento | undefined;
  /** Events of a note, of all authorisers, oldest first. */
  eventsOf(ambiente: string, chave: string): readonly Evento[];
  /** EPECs of a number (numberId), whatever their keys. */
  epecsOf(number: string): readonly Evento[];
  listEvents(filter: (evento: Evento) => boolean): Evento[];
  /** Registers an event, that must not be there yet, as `authorize` does a note. A cancellation makes its note cancelled. */
  registerEvent(autorizador: Autorizador, draft: Omit<Evento, 'kind' | 'autorizador' | 'nProt'>): Promise<Evento>;
  /** Ranges voided of this series that share a number with `from` to `to`. */
  voided(series: Series, from: number, to: number): Inutilizacao[];
  listVoided(): readonly Inutilizacao[];
  /** Voids a range whose numbers are free, as `authorize` does a note. */
  voidRange(autorizador: Autorizador, draft: Omit<Inutilizacao, 'kind' | 'autorizador' | 'nProt'>): Promise<Inutilizacao>;
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

/** Cancelamento, cancelamento por substituição. */
const CANCELS = new Set(['110111', '110112']);

/** State of all authorisers in `<dir>/state.jsonl`, read back when it exists. */
export function openDatabase(dir: string): Database {
  const journal = openJournal<Autorizacao | Evento | Inutilizacao>(join(dir, 'state.jsonl'), { sync: true });
  const byNumber = new Map<string, Autorizacao>();
  const byChave = new Map<string, Autorizacao>();
  const notes: Autorizacao[] = [];
  const events = createEventStore();
  const ranges = createRangeStore();
  const protocols = createProtocols();
  for (const entry of journal.entries) {
    if (!('kind' in entry)) index(entry);
    else if (entry.kind === 'evento') indexEvent(entry);
    else indexRange(entry);
  }

  function index(note: Autorizacao): void {
    byNumber.set(databaseKey(note.autorizador, note), note);
    byChave.set(`${note.ambiente}.${note.chave}`, note);
    notes.push(note);
    protocols.seen(note.nProt);
  }

  function indexEvent(evento: Evento): void {
    events.add(evento);
    protocols.seen(evento.nProt);
    const note = byChave.get(`${evento.ambiente}.${evento.chave}`);
    if (!note || !CANCELS.has(evento.tpEvento)) return;
    note.cStat = evento.cStat === '155' ? '151' : '101';
    note.xMotivo = motivo(note.cStat);
  }

  function indexRange(range: Inutilizacao): void {
    ranges.add(range);
    protocols.seen(range.nProt);
  }

  return {
    findNumber: (autorizador, number) => byNumber.get(databaseKey(autorizador, number)),
    list: (filter) => notes.filter(filter),
    async authorize(autorizador, draft) {
      const nProt = protocols.next(`${autorizador.protocolDigit}${draft.cUF}${draft.dhRecbto.slice(2, 4)}`);
      const nRec = `${draft.cUF}${autorizador.protocolDigit}${nProt.slice(5).padStart(12, '0')}`;
      const note: Autorizacao = { ...draft, autorizador: autorizador.name, nProt, nRec };
      index(note);
      await journal.append(note);
      return note;
    },
    findChave: (ambiente, chave) => byChave.get(`${ambiente}.${chave}`),
    findEvent: events.find,
    eventsOf: events.of,
    epecsOf: events.epecsOf,
    listEvents: (filter) => events.list().filter(filter),
    async registerEvent(autorizador, draft) {
      const nProt = protocols.next(`${autorizador.protocolDigit}${draft.cOrgao}${draft.dhRegEvento.slice(2, 4)}`);
      const evento: Evento = { kind: 'evento', ...draft, autorizador: autorizador.name, nProt };
      indexEvent(evento);
      await journal.append(evento);
      return evento;
    },
    voided: ranges.overlapping,
    listVoided: ranges.list,
    async voidRange(autorizador, draft) {
      const nProt = protocols.next(`${autorizador.protocolDigit}${draft.cUF}${draft.dhRecbto.slice(2, 4)}`);
      const range: Inutilizacao = { kind: 'inutilizacao', ...draft, autorizador: autorizador.name, nProt };
      indexRange(range);
      await journal.append(range);
      return range;
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
