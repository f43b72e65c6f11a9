import { answeredUnchanged } from './conditional.ts';
import type { Exchange } from './exchange.ts';
import { Problem } from './problems.ts';

/** Something that SEFAZ has answered, or not yet. */
interface Answered {
  _id: string;
  version: number;
  retorno?: { cStat: string; xMotivo: string };
}

/**
 * Answers the proc XML of a record, byte for byte as it was signed and received. `unavailable`: why there is none, when there is none.
 * @throws Problem `xml-indisponivel`
 */
export async function answerXml(
  exchange: Exchange,
  record: Answered,
  { unavailable, compose }: { unavailable: string | undefined; compose(): Promise<string | undefined> },
): Promise<void> {
  if (unavailable !== undefined) throw new Problem('xml-indisponivel', unavailable, saidOf(record));
  if (answeredUnchanged(exchange, record, 'xml')) return;
  const xml = await compose();
  exchange.res.set('Content-Type', 'application/xml; charset=utf-8').send(Buffer.from(xml ?? '', 'utf8'));
}

/** What SEFAZ said, as a problem shows it. */
export function saidOf({ retorno }: Pick<Answered, 'retorno'>): { cStat?: string; xMotivo?: string } {
  return retorno ? { cStat: retorno.cStat, xMotivo: retorno.xMotivo } : {};
}
