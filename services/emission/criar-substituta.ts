import { emContingencia, permiteOffline } from '@malote/fiscal/contingencia/modo-da-nota';
import { substitutaOf } from '@malote/fiscal/contingencia/substituta';
import { inOffsetOf } from '@malote/fiscal/emission/date-time';
import { documentId, readIdentity } from '@malote/fiscal/emission/identity';
import { type Fact, isSettled, type OutroDocumento } from '@malote/fiscal/emission/lifecycle-state';
import { unsign } from '@malote/fiscal/emission/unsign';
import { parseXml } from '@malote/fiscal/xml/parse';
import type { AnyEnvelope } from '@malote/messages/envelope';
import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { Store } from '@malote/store/connect';
import type { Documento } from '@malote/store/documento';
import { signedBytes } from './call-sefaz.ts';
import { notaOf, type PrepareDeps } from './prepare-document.ts';

type SubstitutaDeps = Pick<PrepareDeps, 'modos' | 'respTec'> & { store: Store; clock: Clock };

/** A substitute as it was stored, or found, and the command that would have it handled. */
export interface Substituta {
  documento: Documento;
  message?: AnyEnvelope;
}

/**
 * The number of the substitute that a note of unknown fate gets, since its till waits no longer: of the série that the company reserved for it.
 * Stored in the first note before the substitute itself is there, so that a crash in between leaves one substitute to be made, never two.
 */
export async function reservarSubstituta(documento: Documento, deps: SubstitutaDeps & { log: Logger }): Promise<Fact> {
  const { store, clock, modos, log } = deps;
  const { conta, empresa, uf, modelo, emitente, tpAmb, cUF } = documento;
  const politica = await modos.politica({ conta, uf, documento: empresa });
  const serie = politica.modelos[modelo].serieContingencia?.valor;
  if (serie === undefined || !permiteOffline(await notaDaPrimeira(documento, deps), politica)) return { kind: 'no-substitute' };
  try {
    const numero = await store.numeracao.next({ emitente, tpAmb, modelo, cUF, serie });
    const por = { documentoId: documentId({ emitente, tpAmb, modelo, cUF, serie, numero }) };
    return { kind: 'substituted', por, substituicao: { situacao: 'aguarda', desde: clock.now() } };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    log.error({ err: error, doc: documento._id, serie }, 'the série of contingência is used up');
    return { kind: 'no-substitute' };
  }
}

/**
 * The substitute that the first note names, made from its signed bytes when it is not there yet. `unneeded`: the fate of the first became known
 * before one was there, and none is made. `taken`: somebody has used the number that was meant for it (an ERP before the série was reserved).
 */
export async function obterSubstituta(
  primeira: Documento & { substituidaPor: OutroDocumento },
  deps: SubstitutaDeps,
): Promise<Substituta | 'unneeded' | 'taken'> {
  const { store } = deps;
  const por = primeira.substituidaPor;
  const known = await store.documentos.findById(por.documentoId);
  if (known) return isSubstitutaOf(known, primeira) ? { documento: known } : 'taken';
  if (isSettled(primeira.state)) return 'unneeded';
  const { conta, responderAte, trace: traceparent, chave } = primeira;
  const xml = await bodyOf(primeira, por, deps);
  const read = readIdentity(parseXml(xml), 'sefaz');
  if (!read.ok) throw new Error(`the substitute of ${primeira._id} cannot be read: ${read.faults[0]?.message}`);
  const { identity, fingerprint } = read;
  const substitui = { documentoId: primeira._id, ...(chave ? { chave } : {}) };
  const novo = { conta, identity, fingerprint, layout: 'sefaz' as const, entrada: Buffer.from(xml), traceparent, substitui };
  const { documento, message } = await store.documentos.accept({ ...novo, ...(responderAte ? { responderAte } : {}) });
  return isSubstitutaOf(documento, primeira) ? { documento, ...(message ? { message } : {}) } : 'taken';
}

/** Writes the substitute's key into the first note, whose caller waits for it. Answers whether there was anything to write. */
export async function dizerChave(
  { _id, substitui, chave }: Documento,
  { documentos }: Pick<Store, 'documentos'>,
): Promise<string | undefined> {
  if (!substitui || !chave) return undefined;
  for (;;) {
    const primeira = await documentos.findById(substitui.documentoId);
    const por = primeira?.substituidaPor;
    if (!por || por.documentoId !== _id || por.chave === chave) return undefined;
    if (await documentos.transition(primeira, { substituidaPor: { ...por, chave } })) return primeira._id;
  }
}

function isSubstitutaOf({ substitui }: Documento, { _id }: Documento): boolean {
  return substitui?.documentoId === _id;
}

/** Its série and number are in its id. */
async function bodyOf(primeira: Documento, { documentoId }: OutroDocumento, deps: SubstitutaDeps): Promise<string> {
  const { conta, uf, empresa, contingencia } = primeira;
  const [serie, numero] = documentoId.split('.').slice(-2).map(Number) as [number, number];
  const politica = await deps.modos.politica({ conta, uf, documento: empresa });
  const dhEmi = inOffsetOf(primeira.dhEmi, deps.clock.now());
  // Since when SEFAZ does not answer: the transmission that brought no answer.
  const desde = primeira.attempts.find(({ kind }) => kind === 'authorize')?.sentAt ?? contingencia?.desde ?? deps.clock.now();
  const nota = { ...(await notaDaPrimeira(primeira, deps)), dhEmi };
  const { dhCont, xJust } = emContingencia(nota, 'OFFLINE', desde, politica);
  const signedXml = await signedBytes(primeira, deps);
  return substitutaOf({ signedXml, serie, numero, dhEmi, dhCont, xJust, csrt: deps.respTec?.csrt });
}

async function notaDaPrimeira(primeira: Documento, deps: Pick<SubstitutaDeps, 'store'>) {
  const read = readIdentity(parseXml(unsign(await signedBytes(primeira, deps))), 'sefaz');
  if (!read.ok) throw new Error(`signed bytes of ${primeira._id} are not readable: ${read.faults[0]?.message}`);
  return notaOf(read.identity, read.inf, primeira.tpEmisInformado);
}
