import { parseDateTime } from '../emission/date-time.ts';
import type { Modelo } from '../model/modelo.ts';
import { UFS, type Uf } from '../model/uf.ts';
import { diaUtilAfter, FERIADOS, type Feriado } from './dia-util.ts';

/** What the deadline of a document issued in contingência depends on. tpImp does not count: tpEmis 9 of a 55 exists with tpImp 6 only. */
export interface PrazoFacts {
  modelo: Modelo;
  tpEmis: string;
  /** as in the document, with its own offset: `2026-11-21T10:00:00-03:00` */
  dhEmi: string;
  /** of the emitter */
  uf: Uf;
}

export interface PrazoTransmissao {
  /** the last instant at which SEFAZ may receive the document, inclusive */
  ate: Date;
  /** 24 h after dhEmi: what the hub aims at; later an off-line NFC-e comes back as 150. Never after `ate` */
  alvo: Date;
  norma: string;
}

/** How loud an alarm is, from the softest to the loudest. */
export type GrauAlarme = 'atencao' | 'alerta' | 'urgente' | 'critico' | 'vencido';

/** Code of the aviso that tells a document's deadline; it goes when the document is authorised. */
export const AVISO_PRAZO = 'prazo-contingencia';

export interface AlarmePrazo {
  grau: GrauAlarme;
  /** from when on it is due */
  em: Date;
}

interface Rule {
  limit: 'dia-util' | '168h';
  norma: string;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NFCE: Rule = { limit: 'dia-util', norma: 'Ajuste SINIEF 19/16, cl. 11, § 1º, II' };
const NFE: Rule = { limit: '168h', norma: 'Ajuste SINIEF 07/05, cl. 11' };
const CTE: Rule = { limit: '168h', norma: 'Ajuste SINIEF 09/07, cl. 13' };

/** By modelo and tpEmis. What is not here is authorised when it is sent (1, SVC, NFF), or does not exist. */
const RULES: Readonly<Record<Modelo, Readonly<Record<string, Rule>>>> = {
  '55': { '2': NFE, '4': NFE, '5': NFE, '9': { limit: 'dia-util', norma: `NT 2026.002; ${NFCE.norma}` } },
  // The EPEC of an NFC-e (SP only) has no longer limit that is certain: the shorter one holds.
  '65': { '4': NFCE, '9': NFCE },
  '57': { '4': CTE, '5': CTE },
  '67': { '5': { limit: '168h', norma: 'MOC CT-e 4.00, 11' } },
  '58': { '2': { limit: '168h', norma: 'Ajuste SINIEF 21/10, cl. 12' } },
};

/**
 * Until when a document issued in contingência must have been transmitted: off line (65, and 55 with tpImp 6) to the end of the first dia útil
 * after the day of dhEmi, that day in the offset of dhEmi; EPEC, FS-DA and an off-line MDF-e 168 h from dhEmi. Never later than the law: see
 * `isDiaUtil`. Undefined for a form of emission that leaves nothing to transmit later. `feriados` replaces the table: an operator's rows are
 * `[...FERIADOS, ...own]`. Throws RangeError for a dhEmi that is no date-time of the layout.
 */
export function prazoTransmissao(facts: PrazoFacts, feriados: readonly Feriado[] = FERIADOS): PrazoTransmissao | undefined {
  const { modelo, tpEmis, dhEmi, uf } = facts;
  const rule = Object.hasOwn(RULES[modelo], tpEmis) ? RULES[modelo][tpEmis] : undefined;
  if (!rule) return undefined;
  const emission = parseDateTime(dhEmi)?.getTime();
  if (emission === undefined) throw new RangeError(`dhEmi is no date-time of the layout: ${dhEmi}`);
  const ate = rule.limit === '168h' ? emission + 168 * HOUR : endOfDay(diaUtilAfter(dhEmi.slice(0, 10), uf, feriados), dhEmi, emission);
  return { ate: new Date(ate), alvo: new Date(emission + DAY), norma: rule.norma };
}

/**
 * The alarms due at `now` for a document not yet transmitted, the softest first; each stays due, so that whoever remembers the last one raised
 * sees what is new. `atencao` when the target is missed, `alerta` 12 h before the deadline or when three quarters of the time are gone,
 * whichever is earlier, `urgente` 4 h and `critico` 1 h before, `vencido` once it has passed.
 */
export function alarmes({ ate, alvo }: Pick<PrazoTransmissao, 'ate' | 'alvo'>, now: Date): AlarmePrazo[] {
  const end = ate.getTime();
  const whole = end - (alvo.getTime() - DAY);
  const alerta = end - Math.max(12 * HOUR, whole / 4);
  const steps: [GrauAlarme, number][] = [
    ['atencao', Math.min(alvo.getTime(), alerta)],
    ['alerta', alerta],
    ['urgente', end - 4 * HOUR],
    ['critico', end - HOUR],
    ['vencido', end + 1],
  ];
  return steps.filter(([, em]) => em <= now.getTime()).map(([grau, em]) => ({ grau, em: new Date(em) }));
}

/** A deadline as its reader's clock shows it, to the minute before: `23/11/2026, 23:59 (hora de SP)`. */
export function prazoNaUf(uf: Uf, ate: Date): string {
  const local = new Intl.DateTimeFormat('pt-BR', { timeZone: UFS[uf].timezone, dateStyle: 'short', timeStyle: 'short' });
  return `${local.format(ate)} (hora de ${uf})`;
}

/** The last millisecond of a day, as an instant, in the offset of a date-time. */
function endOfDay(dia: string, dateTime: string, instant: number): number {
  const offset = Date.parse(`${dateTime.slice(0, 19)}Z`) - instant;
  return Date.parse(dia) + DAY - 1 - offset;
}
