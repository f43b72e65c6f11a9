import { numberOfEpec } from './epec.ts';

/** One event registered, as the state file keeps it. */
export interface Evento {
  kind: 'evento';
  autorizador: string;
  ambiente: string;
  /** As the event gives it: the state, 91 (AN) or 92 (SVRS). */
  cOrgao: string;
  chave: string;
  tpEvento: string;
  nSeqEvento: number;
  /** CNPJ or CPF. */
  autor: string;
  xEvento: string;
  /** CNPJ or CPF of the note's recipient. */
  dest?: string;
  nProt: string;
  /** Instant of the registration, ISO 8601 UTC by the simulator's clock. */
  at: string;
  /** The same as the answer writes it. */
  dhRegEvento: string;
  cStat: string;
  xMotivo: string;
  /** The signed evento as received, with its namespace. */
  xml: string;
}

export interface EventStore {
  /** Takes one that is registered, or was before a restart. */
  add(evento: Evento): void;
  find(ambiente: string, chave: string, tpEvento: string, nSeqEvento: number): Evento | undefined;
  /** Events of a note, oldest first. */
  of(ambiente: string, chave: string): readonly Evento[];
  /** EPECs of a number (numberId), whatever their keys. */
  epecsOf(number: string): readonly Evento[];
  list(): readonly Evento[];
}

export function createEventStore(): EventStore {
  const byNote = new Map<string, Evento[]>();
  const epecs = new Map<string, Evento[]>();
  const all: Evento[] = [];
  const of = (ambiente: string, chave: string) => byNote.get(`${ambiente}.${chave}`) ?? [];
  return {
    add(evento) {
      const id = `${evento.ambiente}.${evento.chave}`;
      byNote.set(id, [...(byNote.get(id) ?? []), evento]);
      all.push(evento);
      const number = numberOfEpec(evento);
      if (number !== undefined) epecs.set(number, [...(epecs.get(number) ?? []), evento]);
    },
    find: (ambiente, chave, tpEvento, nSeqEvento) =>
      of(ambiente, chave).find((e) => e.tpEvento === tpEvento && e.nSeqEvento === nSeqEvento),
    of,
    epecsOf: (number) => epecs.get(number) ?? [],
    list: () => all,
  };
}
