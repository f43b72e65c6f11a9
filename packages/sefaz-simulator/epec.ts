import type { Autorizador } from './autorizadores.ts';
import { readChave } from './chave.ts';
import type { Database } from './database.ts';
import { type NotaFacts, numberId, numberOfChave } from './document.ts';
import { at, parse, textAt } from './dom.ts';
import type { EventFacts } from './event-document.ts';
import type { Evento } from './event-store.ts';
import type { Verdict } from './verdict.ts';

/** Evento Prévio de Emissão em Contingência: NT 2014.001 (NF-e, at AN), NT 2014.003 (NFC-e, at SP's own service). */
export const EPEC = '110140';

interface EpecContext {
  autorizador: Autorizador;
  ambiente: string;
  now: Date;
  db: Database;
}

const MINUTE = 60_000;
/** After so long without its note an EPEC blocks the emitter's further ones. */
const PENDING_MS = 168 * 60 * MINUTE;

/** The rules of the registration: the key is of a note in tpEmis 4 that nobody has authorised; undefined = to be registered. */
export function epecFault(e: EventFacts, { db, ambiente, now }: EpecContext): Verdict | undefined {
  if (!e.chave) return { cStat: '491' };
  const number = numberOfChave(e.chave, ambiente);
  if (e.chave.tpEmis !== '4') return { cStat: '484' };
  if (number.emitente !== e.autor) return { cStat: '574' };
  const same = db.findEvent(ambiente, e.chNFe, e.tpEvento, e.nSeqEvento);
  if (same) return { cStat: '573', detail: `[nProt:${same.nProt}]` };
  const [ofNumber] = db.epecsOf(numberId(number));
  if (ofNumber) return { cStat: '485', detail: `[chNFe:${ofNumber.chave}][nProt:${ofNumber.nProt}]` };
  if (e.dhEvento > now.getTime() + 5 * MINUTE) return { cStat: '578' };
  const note = db.findChave(ambiente, e.chNFe);
  if (note) return { cStat: '204', detail: `[nRec:${note.nRec}]` };
  return isBlocked(e, { db, ambiente, now }) ? { cStat: '142' } : undefined;
}

function isBlocked({ autor }: EventFacts, { db, ambiente, now }: Omit<EpecContext, 'autorizador'>): boolean {
  const late = (epec: Evento) => now.getTime() - Date.parse(epec.at) > PENDING_MS;
  return db
    .listEvents((each) => each.tpEvento === EPEC && each.ambiente === ambiente && each.autor === autor)
    .some((epec) => late(epec) && !db.findChave(ambiente, epec.chave));
}

/**
 * What the authorisation of a note checks of EPECs: in tpEmis 4 its own must be there (468) and say the same (467), and the number of an EPEC
 * takes no other note (691, 692).
 */
export function epecOfNoteFault(nota: NotaFacts, { db, ambiente }: Pick<EpecContext, 'db' | 'ambiente'>): Verdict | undefined {
  const { cUF, emitente, modelo, serie, numero, tpEmis } = nota;
  const [epec] = db.epecsOf(numberId({ ambiente, cUF, emitente, modelo, serie, numero, tpEmis }));
  if (!epec) return tpEmis === '4' ? { cStat: '468' } : undefined;
  const detail = `[Chave EPEC: ${epec.chave}]`;
  if (tpEmis !== '4') return { cStat: '692', detail };
  if (epec.chave !== nota.chave?.text) return { cStat: '691', detail };
  const different = differenceOf(nota, epec);
  return different === undefined ? undefined : { cStat: '467', detail: `[tag: ${different}]` };
}

/** Name of the first field that the EPEC does not have as the note has it. */
function differenceOf({ inf, modelo }: NotaFacts, { xml }: Evento): string | undefined {
  const evento = parse(xml).documentElement;
  const det = evento && at(evento, 'infEvento/detEvento');
  if (!det) return 'detEvento';
  const inDest = modelo === '55';
  const compared = [
    ['dhEmi', 'ide/dhEmi'],
    ['IE', 'emit/IE'],
    ...['CNPJ', 'CPF', 'idEstrangeiro'].map((name) => [`dest/${name}`, `dest/${name}`]),
    ...['vNF', 'vICMS', ...(inDest ? ['vST'] : [])].map((name) => [inDest ? `dest/${name}` : name, `total/ICMSTot/${name}`]),
  ] as [string, string][];
  const [, noted] = compared.find(([said, noted]) => textAt(det, said) !== textAt(inf, noted)) ?? [];
  return noted?.replace(/^.*\//, '');
}

/** The number that an EPEC stands for; undefined for any other event. */
export function numberOfEpec({ tpEvento, chave, ambiente }: Pick<Evento, 'tpEvento' | 'chave' | 'ambiente'>): string | undefined {
  const read = tpEvento === EPEC ? readChave(chave) : undefined;
  return read && numberId(numberOfChave(read, ambiente));
}
