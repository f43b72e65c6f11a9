import { parseDateTime } from '../emission/date-time.ts';
import type { Aviso } from '../emission/lifecycle-state.ts';
import type { Modelo } from '../model/modelo.ts';
import type { Uf } from '../model/uf.ts';
import { PRAZO_DATA } from './data/prazos.data.ts';
import type { EventoRuleFacts, ReportEvento } from './rules.ts';

/** How long after the authorisation an event may come. */
export interface PrazoEvento {
  uf: Uf | '*';
  modelo: Modelo;
  tpEvento: string;
  minutos: number;
  /** true: refused here when it is over; false: a warning, SEFAZ decides */
  rigido: boolean;
  /** day from which the row counts, `2026-11-21` */
  desde: string;
  norma: string;
}

/** The rows the project knows; an operator's own rows go behind them. */
export const PRAZOS: readonly PrazoEvento[] = PRAZO_DATA;

/** The row in force on a day (`2026-11-21`): a UF's own before the national one, then the latest `desde`, then the later in the list. */
export function prazoOf(
  prazos: readonly PrazoEvento[],
  facts: { uf: Uf; modelo: Modelo; tpEvento: string; dia: string },
): PrazoEvento | undefined {
  const fits = prazos.filter(
    (p) => p.modelo === facts.modelo && p.tpEvento === facts.tpEvento && (p.uf === '*' || p.uf === facts.uf) && p.desde <= facts.dia,
  );
  const rank = (p: PrazoEvento) => `${p.uf === '*' ? 0 : 1}${p.desde}`;
  return fits.reduce<PrazoEvento | undefined>((best, p) => (!best || rank(p) >= rank(best) ? p : best), undefined);
}

/** An event whose time is over: a fault when the row is rigid, else an aviso. Nothing without a row or without the time of authorisation. */
export function checkPrazo({ kind, documento, prazos, now }: EventoRuleFacts, fault: ReportEvento, avisos: Aviso[]): void {
  const autorizado = parseDateTime(documento.dhRecbto ?? '');
  if (!autorizado) return;
  const { modelo, uf } = documento;
  const prazo = prazoOf(prazos, { uf, modelo, tpEvento: kind.tpEvento, dia: localDay(documento.dhRecbto ?? '', now) });
  if (!prazo || now.getTime() - autorizado.getTime() <= prazo.minutos * 60_000) return;
  const limit = `O prazo de ${kind.descEvento} (${kind.tpEvento}) é de ${duration(prazo.minutos)} após a autorização (${prazo.norma})`;
  const since = `a nota foi autorizada em ${documento.dhRecbto}`;
  if (prazo.rigido) {
    fault('EVT-050', 'infEvento/dhEvento', `${limit}; ${since}. A UF ${uf} não aceita este evento fora do prazo: nada foi enviado.`);
  } else {
    avisos.push({ codigo: 'prazo-do-evento', mensagem: `${limit}; ${since}. O evento é enviado mesmo assim: a SEFAZ decide se o aceita.` });
  }
}

/** The day of an instant in the offset of a date-time of the document. */
function localDay(dateTime: string, instant: Date): string {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(dateTime) ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return new Date(instant.getTime() + offset).toISOString().slice(0, 10);
}

function duration(minutes: number): string {
  return minutes % 60 === 0 ? `${minutes / 60} horas` : `${minutes} minutos`;
}
