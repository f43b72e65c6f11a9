import { readTable } from './tables.ts';

/** One tax authority's system, with the states it serves for one model. */
export interface Autorizador {
  name: string;
  modelo: string;
  kind: 'own' | 'virtual' | 'svc' | 'an';
  /** IBGE codes of the states served. */
  ufs: ReadonlySet<string>;
  /** IBGE code written in answers that concern no state (status without cUF, unreadable message). */
  home: string;
  /** First digit of nProt: 1 state, 2 Receita Federal, 3 SVRS, 7 SVC-RS, 8 AN (MOC 4.3.5). */
  protocolDigit: string;
}

interface Uf {
  uf: string;
  cUF: string;
  timezone: string;
}

const UFS = new Map<string, Uf>(readTable('ufs').map((row) => [row.cUF ?? '', row as unknown as Uf]));
const DIGITS: Record<string, string> = { SVAN: '2', 'SVC-AN': '2', SVRS: '3', 'SVC-RS': '7' };
const HOMES: Record<string, string> = { SVAN: '53', 'SVC-AN': '53', SVRS: '43', 'SVC-RS': '43' };
const AUTORIZADORES = loadAutorizadores();

/** The authoriser `name` of `modelo` (55, 65), or undefined when that authoriser does not serve the model. */
export function findAutorizador(modelo: string, name: string): Autorizador | undefined {
  return AUTORIZADORES.get(`${modelo}/${name}`);
}

/** Every (modelo, autorizador) of the data that authorises notes: AN, which has events only, is not one. */
export function allAutorizadores(): Autorizador[] {
  return [...AUTORIZADORES.values()].filter(({ kind }) => kind !== 'an');
}

export function isUf(cUF: string): boolean {
  return UFS.has(cUF);
}

/** Initials of the state with this IBGE code. */
export function ufOf(cUF: string): string | undefined {
  return UFS.get(cUF)?.uf;
}

/** IBGE code of the state with these initials. */
export function codigoUf(uf: string): string | undefined {
  return [...UFS.values()].find((row) => row.uf === uf)?.cUF;
}

/** `date` in the legal time of the state, `AAAA-MM-DDThh:mm:ssTZD` as TDateTimeUTC wants it. */
export function localTime(date: Date, cUF: string): string {
  const timeZone = UFS.get(cUF)?.timezone ?? 'America/Sao_Paulo';
  const parts = Object.fromEntries(
    formatterOf(timeZone)
      .formatToParts(date)
      .map(({ type, value }) => [type, value]),
  );
  const offset = (parts.timeZoneName ?? '').replace('GMT', '') || '+00:00';
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}:${parts.second}${offset}`;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    const two = '2-digit' as const;
    const fields = { year: 'numeric', month: two, day: two, hour: two, minute: two, second: two } as const;
    formatter = new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', timeZoneName: 'longOffset', ...fields });
    formatters.set(timeZone, formatter);
  }
  return formatter;
}

function loadAutorizadores(): Map<string, Autorizador> {
  const found = new Map<string, Autorizador & { ufs: Set<string> }>();
  for (const row of readTable('autorizadores')) {
    const { modelo = '', uf = '', cUF = '' } = row;
    for (const [name, kind] of [
      [row.normal ?? 'none', row.normal === uf ? 'own' : 'virtual'],
      [row.contingencia ?? 'none', 'svc'],
    ] as const) {
      if (name === 'none') continue;
      const key = `${modelo}/${name}`;
      const autorizador = found.get(key) ?? {
        name,
        modelo,
        kind,
        ufs: new Set<string>(),
        home: HOMES[name] ?? cUF,
        protocolDigit: DIGITS[name] ?? '1',
      };
      autorizador.ufs.add(cUF);
      found.set(key, autorizador);
    }
  }
  // Ambiente Nacional: events of NF-e of every state, nothing else.
  const an = { name: 'AN', modelo: '55', kind: 'an' as const, ufs: new Set(UFS.keys()), home: '53', protocolDigit: '8' };
  return found.set('55/AN', an);
}
