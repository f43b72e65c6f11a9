import type { Customer } from '../customer.ts';
import type { Hub } from '../hub.ts';
import type { SimulatorCall } from '../simulator-api.ts';
import { mayRefuse, type NoteFault } from './fault-script.ts';

export interface PlannedNote {
  customer: Customer;
  numero: number;
  fault?: NoteFault;
}

/** What became of the notes for which a kind of fault was scripted; `none` for the others. */
export interface FaultRow {
  kind: string;
  notes: number;
  /** Calls that a fault of this kind took, whosever they were. */
  taken: number;
  authorized: number;
  refused: number;
  other: number;
  /** Calls to SEFAZ for these notes. */
  authorizeCalls: number;
  consultCalls: number;
}

const HOUR_MS = 3_600_000;
const keyOf = (cnpj: unknown, numero: unknown) => `${cnpj} ${numero}`;

export async function faultTable(
  hub: Hub,
  notes: readonly PlannedNote[],
  calls: readonly SimulatorCall[],
): Promise<{ table: FaultRow[]; refusedWithoutReason: string[] }> {
  const states = new Map<string, string>();
  for await (const row of hub.raw.collection('documentos').find({}, { projection: { emitente: 1, numero: 1, state: 1 } })) {
    states.set(keyOf(row.emitente, row.numero), row.state);
  }
  const rows = new Map<string, FaultRow>();
  const rowOf = (kind: string): FaultRow => {
    const known = rows.get(kind) ?? { kind, notes: 0, taken: 0, authorized: 0, refused: 0, other: 0, authorizeCalls: 0, consultCalls: 0 };
    rows.set(kind, known);
    return known;
  };
  const kinds = new Map<string, string>();
  const refusedWithoutReason: string[] = [];
  for (const { customer, numero, fault } of notes) {
    const key = keyOf(customer.cnpj, numero);
    const row = rowOf(fault?.kind ?? 'none');
    kinds.set(key, row.kind);
    row.notes += 1;
    const state = states.get(key);
    if (state === 'authorized') row.authorized += 1;
    else if (state === 'rejected' || state === 'invalid') {
      row.refused += 1;
      if (!mayRefuse(fault?.kind)) refusedWithoutReason.push(`${key}: ${state}, fault ${row.kind}`);
    } else row.other += 1;
  }
  for (const { cnpj, numero, service, fault } of calls) {
    if (fault) rowOf(fault).taken += 1;
    const row = rows.get(kinds.get(keyOf(cnpj, numero)) ?? 'none');
    if (row && service === 'NFeAutorizacao4') row.authorizeCalls += 1;
    if (row && service === 'NFeConsultaProtocolo4') row.consultCalls += 1;
  }
  return { table: [...rows.values()].sort((a, b) => a.kind.localeCompare(b.kind)), refusedWithoutReason };
}

/** Of one key within any hour of the simulator's clock; SEFAZ allows 10 (NT 2018.002). */
export function mostConsultsInAnHour(calls: readonly SimulatorCall[]): number {
  const times = new Map<string, number[]>();
  for (const { service, chave, at } of calls) {
    if (service === 'NFeConsultaProtocolo4' && chave) times.set(chave, [...(times.get(chave) ?? []), Date.parse(at)]);
  }
  let most = 0;
  for (const list of times.values()) {
    list.sort((a, b) => a - b);
    for (const [index, from] of list.entries()) most = Math.max(most, list.filter((at, i) => i >= index && at - from < HOUR_MS).length);
  }
  return most;
}
