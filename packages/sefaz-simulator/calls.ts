import { join } from 'node:path';
import type { CallIdentity } from './identify.ts';
import { openJournal } from './journal.ts';

/** One call, or one connection that became none (`service` is absent then). */
export interface Call extends CallIdentity {
  n: number;
  /** Arrival by the simulator's clock, ISO 8601 UTC. */
  at: string;
  ambiente?: string;
  autorizador?: string;
  modelo?: string;
  service?: string;
  cStat?: string;
  xMotivo?: string;
  /** Kind of the fault that took the call. */
  fault?: string;
  /** `answered`; `cut` or `hanging` by a fault; `gone`: the caller left before the answer; `no-tls`: the connection never became a call. */
  outcome: 'answered' | 'cut' | 'hanging' | 'gone' | 'no-tls';
  httpStatus?: number;
  durationMs: number;
  error?: string;
}

export type CallFilter = Partial<Record<keyof Call, string>>;

export interface CallLog {
  nextNumber(): number;
  add(call: Call): void;
  /** Calls whose given fields, as text, are equal; in the order of their ends. */
  list(filter: CallFilter): Call[];
  close(): Promise<void>;
}

/** Every call in `<dir>/calls.jsonl`; calls before a restart are still listed after it. */
export function openCallLog(dir: string, print: (line: string) => void): CallLog {
  const journal = openJournal<Call>(join(dir, 'calls.jsonl'), { sync: false });
  const calls = [...journal.entries];
  let last = calls.reduce((max, call) => Math.max(max, call.n), 0);
  return {
    nextNumber: () => ++last,
    add(call) {
      calls.push(call);
      print(describe(call));
      journal.append(call).catch((error: Error) => print(`calls.jsonl: ${error.message}`));
    },
    list: (filter) =>
      calls.filter((call) => Object.entries(filter).every(([key, value]) => String(call[key as keyof Call] ?? '') === value)),
    close: () => journal.close(),
  };
}

/** One readable line: number, time, service, place, document, outcome. */
function describe(call: Call): string {
  const where = call.service ? `${call.service} ${call.autorizador}/${call.modelo}/${call.ambiente}` : 'connection';
  const last = call.numeroFinal === undefined ? '' : `-${call.numeroFinal}`;
  const event = call.tpEvento === undefined ? '' : ` ${call.tpEvento} ${call.nSeqEvento ?? ''}`.trimEnd();
  const what = call.numero === undefined ? '' : ` ${call.cnpj} ${call.serie}/${call.numero}${last}${event}`;
  const result = call.cStat ? `${call.cStat} ${call.xMotivo ?? ''}` : `${call.httpStatus ?? ''}${call.error ? ` ${call.error}` : ''}`;
  const how = call.outcome === 'answered' ? '' : ` [${call.outcome}]`;
  const fault = call.fault ? ` fault=${call.fault}` : '';
  return `#${call.n} ${call.at} ${where}${what} -> ${result.trim().slice(0, 120)}${how}${fault} (${Math.round(call.durationMs)} ms)`;
}
