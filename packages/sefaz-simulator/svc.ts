import { allAutorizadores, codigoUf, localTime, ufOf } from './autorizadores.ts';
import { InputError, instant, integer, object, only, text } from './json-input.ts';
import { motivo, toMotivo } from './motivos.ts';

/** `active`: 107, takes notes. `ending`: 113, still takes them. `off`: 114, takes none. */
export type SvcState = 'active' | 'ending' | 'off';

/** Whether an SVC serves a state, as that state's SEFAZ switched it. */
export interface SvcSwitch {
  autorizador?: string;
  /** Initials of the state; every state of the SVC when absent. */
  uf?: string;
  ambiente?: string;
  state: SvcState;
  /** Instant (ISO 8601, the simulator's clock) from which it holds. */
  from: string;
  /** Of `ending`: the instant at which it is off. */
  endsAt?: string;
}

export interface SvcSwitches {
  /** One that holds from now on takes the place of all of the same SVC, state and environment; a later one follows them. @throws InputError */
  add(input: unknown, now: Date): SvcSwitch;
  list(): SvcSwitch[];
  /** Back to what no test has touched: every SVC is active for every state it serves. */
  clear(): number;
  /** The most particular one that holds, and of those the last one. */
  of(place: { autorizador: string; cUF: string; ambiente: string }, now: Date): { state: SvcState; endsAt?: string };
}

const STATES = ['active', 'ending', 'off'];
/** NT 2013.007: the SVC tells its end some time ahead; how long is the state's choice. */
const ENDING_MINUTES = 15;

export function createSvcSwitches(): SvcSwitches {
  let entries: SvcSwitch[] = [];
  const place = ({ autorizador, uf, ambiente }: SvcSwitch) => [autorizador, uf, ambiente].join('|');
  return {
    add(input, now) {
      const read = readSvcSwitch(input, now);
      if (read.from <= now.toISOString()) entries = entries.filter((entry) => place(entry) !== place(read));
      entries.push(read);
      return read;
    },
    list: () => [...entries],
    clear() {
      const { length } = entries;
      entries = [];
      return length;
    },
    of({ autorizador, cUF, ambiente }, now) {
      const at = now.toISOString();
      const uf = ufOf(cUF);
      const fits = (wanted: string | undefined, value: string | undefined) => wanted === undefined || wanted === value;
      const particularity = (s: SvcSwitch) => (s.uf ? 4 : 0) + (s.autorizador ? 2 : 0) + (s.ambiente ? 1 : 0);
      const [found] = entries
        .filter((s) => s.from <= at && fits(s.autorizador, autorizador) && fits(s.uf, uf) && fits(s.ambiente, ambiente))
        .sort((a, b) => particularity(b) - particularity(a) || b.from.localeCompare(a.from));
      if (!found) return { state: 'active' };
      const { state, endsAt } = found;
      if (endsAt === undefined) return { state };
      return endsAt <= at ? { state: 'off' } : { state, endsAt };
    },
  };
}

/** @throws InputError */
export function readSvcSwitch(input: unknown, now: Date): SvcSwitch {
  const body = object(input, 'an SVC');
  only(body, ['autorizador', 'uf', 'ambiente', 'state', 'minutes', 'from', 'afterS'], ' in an SVC');
  if (!STATES.includes(String(body.state))) throw new InputError(`state is one of ${STATES.join(', ')}`);
  if (body.from !== undefined && body.afterS !== undefined) throw new InputError('give from or afterS, not both');
  const state = body.state as SvcState;
  const after = body.afterS === undefined ? 0 : integer(body.afterS, 'afterS', 0);
  const from = body.from === undefined ? new Date(now.getTime() + after * 1_000).toISOString() : instant(body.from, 'from');
  const read: SvcSwitch = { ...readPlace(body), state, from };
  if (state !== 'ending') {
    if (body.minutes !== undefined) throw new InputError('minutes needs state "ending"');
    return read;
  }
  const minutes = body.minutes === undefined ? ENDING_MINUTES : integer(body.minutes, 'minutes', 1);
  return { ...read, endsAt: new Date(Date.parse(from) + minutes * 60_000).toISOString() };
}

function readPlace(body: Record<string, unknown>): Pick<SvcSwitch, 'autorizador' | 'uf' | 'ambiente'> {
  const place: Pick<SvcSwitch, 'autorizador' | 'uf' | 'ambiente'> = {};
  const svcs = allAutorizadores().filter(({ kind }) => kind === 'svc');
  if (body.autorizador !== undefined) place.autorizador = String(body.autorizador);
  if (body.ambiente !== undefined) place.ambiente = text(String(body.ambiente), 'ambiente', /^[12]$/, '"1" or "2"');
  if (place.autorizador !== undefined && !svcs.some(({ name }) => name === place.autorizador)) {
    throw new InputError(
      `autorizador "${place.autorizador}" is no SVC; there are ${[...new Set(svcs.map(({ name }) => name))].join(', ')}`,
    );
  }
  if (body.uf === undefined) return place;
  const uf = text(body.uf, 'uf', /^[A-Z]{2}$/, 'the initials of a state');
  const cUF = codigoUf(uf);
  const serving = svcs.find(({ ufs }) => cUF !== undefined && ufs.has(cUF));
  if (!serving) throw new InputError(`uf "${uf}" is no state`);
  if (place.autorizador !== undefined && place.autorizador !== serving.name) throw new InputError(`${uf} has ${serving.name}`);
  return { ...place, autorizador: serving.name, uf };
}

/** xMotivo of 113: the state and its local time at which the SVC ends for it. */
export function endingMotivo(cUF: string, endsAt: string | undefined): string {
  if (endsAt === undefined) return motivo('113');
  const [date = '', time = ''] = localTime(new Date(endsAt), cUF).split('T');
  const [yyyy = '', mm = '', dd = ''] = date.split('-');
  const end = `em ${dd}/${mm}/${yyyy.slice(2)} às ${time.slice(0, 5)} horas`;
  return toMotivo(`SVC em processo de desativação. SVC será desabilitada para a SEFAZ-${ufOf(cUF) ?? 'XX'} ${end}`);
}
