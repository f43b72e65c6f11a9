import { equalRejectionsFault } from '@malote/fiscal/consumo/equal-rejections';
import { dhEventoText } from '@malote/fiscal/evento/dh-evento';
import { type EventoKind, eventoKind } from '@malote/fiscal/evento/kinds';
import { locateEvento } from '@malote/fiscal/evento/locate-evento';
import { readNotaComparada } from '@malote/fiscal/evento/nota-comparada';
import type { PrazoEvento } from '@malote/fiscal/evento/prazos';
import { prepareEvento } from '@malote/fiscal/evento/prepare-evento';
import { buildEnvEvento } from '@malote/fiscal/evento/ret-evento';
import { checkEventoRules, type DocumentoDoEvento } from '@malote/fiscal/evento/rules';
import type { Autorizador } from '@malote/fiscal/model/autorizador';
import { decodeXml, parseXml, textAt, type XmlDocument } from '@malote/fiscal/xml/parse';
import { signXml } from '@malote/fiscal/xml/sign';
import type { Clock } from '@malote/runtime/clock';
import type { Validator } from '@malote/schemas/validator';
import type { Store } from '@malote/store/connect';
import type { Documento } from '@malote/store/documento';
import type { Evento } from '@malote/store/evento';
import type { Credentials } from './credentials.ts';
import { type PreparedRegistro, refusal } from './handle-registro.ts';
import { signingCredential } from './signing-credential.ts';

export interface PrepareEventoDeps {
  store: Store;
  credentials: Credentials;
  validator: Validator;
  clock: Clock;
  prazos: readonly PrazoEvento[];
}

/** The row of the kind of a stored evento; the edge takes no other. */
export function kindOf({ modelo, tpEvento }: Pick<Evento, 'modelo' | 'tpEvento'>): EventoKind {
  const kind = eventoKind(modelo, tpEvento);
  if (!kind) throw new Error(`no evento ${tpEvento} of modelo ${modelo} is known`);
  return kind;
}

/**
 * Checks, completes, signs and validates a received evento, and stores the signed bytes. Everything that is told of it to SEFAZ (dhEvento,
 * receiver) is fixed here, once per round; a refusal leaves the number free. Throws only when a server does not answer.
 */
export async function prepareStoredEvento(evento: Evento, deps: PrepareEventoDeps): Promise<PreparedRegistro<Evento>> {
  const { store, validator, clock, prazos } = deps;
  const now = clock.now();
  const looping = equalRejectionsFault(evento.rodadas, now, 'evento');
  if (looping) return { ok: false, fact: refusal('rejected', [looping]) };
  const entrada = await store.eventos.entradaOf(evento);
  if (!entrada) throw new Error(`evento ${evento._id} is ${evento.state} without its body`);
  const credential = await signingCredential(evento, deps);
  if (!credential.ok) return { ok: false, fact: refusal('rejected', [credential.fault]) };
  const documento = await store.documentos.findById(evento.documentoId);
  if (!documento) throw new Error(`documento ${evento.documentoId} of evento ${evento._id} does not exist`);

  const kind = kindOf(evento);
  const doc = parseXml(decodeXml(entrada));
  const others = (await store.eventos.listOf(evento)).filter(({ _id }) => _id !== evento._id);
  const { layout, nSeqEvento, autor } = evento;
  const substituta = kind.substitui ? await substitutaOf(doc, { evento, field: kind.substitui }, store) : undefined;
  const { faults, avisos } = checkEventoRules({
    ...{ kind, doc, layout, nSeqEvento, autor, eventos: others, prazos, now },
    documento: await factsOf(documento, kind, store),
    ...(substituta ? { substituta: await factsOf(substituta, kind, store) } : {}),
  });
  if (faults.length > 0) return { ok: false, fact: refusal('rejected', faults) };

  // An EPEC may be dated like its note, never before it (577).
  const notBefore = kind.previo ? documento.dhEmi : documento.retorno?.dhRecbto;
  const dhEvento = dhEventoText({ now, dhEmi: documento.dhEmi, dhRecbto: notBefore });
  const undone = others.filter(({ tpEvento, state }) => state === 'registered' && kind.desfaz?.includes(tpEvento)).at(-1);
  const prepared = prepareEvento({
    ...{ doc, layout, kind, chave: evento.chave, tpAmb: evento.tpAmb, autor, nSeqEvento, dhEvento },
    cOrgao: kind.cOrgao ?? evento.cUF,
    ...(documento.retorno?.nProt ? { nProt: documento.retorno.nProt } : {}),
    ...(undone?.retorno?.nProt ? { nProtEvento: undone.retorno.nProt } : {}),
  });
  if (!prepared.ok) return { ok: false, fact: refusal('invalid', prepared.faults) };
  const { xml: signedXml, digest } = signXml(prepared.xml, { element: 'infEvento' }, credential.credential);
  // Not every kind has a schema of the bare evento; every one has, or is covered by, one of its lote.
  const invalid = validator.validate(buildEnvEvento(signedXml, '1'), {
    ...{ familia: evento.familia, root: 'envEvento', versao: prepared.versao, ambiente: evento.tpAmb, date: now },
    // That of the EPEC is AN's; SP publishes none of its own.
    ...(kind.previo && kind.orgao === 'UF' ? { conjunto: 'nfe_evento_generico' } : { tpEvento: evento.tpEvento }),
  });
  if (invalid.length > 0) return { ok: false, fact: refusal('invalid', invalid) };

  const conteudo = await store.conteudos.put(Buffer.from(signedXml), { emitente: evento.emitente, aamm: evento.chave.slice(2, 6) });
  const content = { autorizador: receiverOf(kind, documento), digest, conteudo, certificado: credential.credential.id };
  return { ok: true, content, avisos, fields: { dhEvento: prepared.dhEvento }, conteudo, credential: credential.credential, signedXml };
}

/** Who registers it: the authoriser that holds the note, unless its kind has one of its own or is only taken in the normal environment. */
function receiverOf(kind: EventoKind, documento: Documento): Autorizador {
  if (kind.orgao !== 'UF') return kind.orgao;
  return kind.soNormal ? documento.autorizadorNormal : (documento.autorizador ?? documento.autorizadorNormal);
}

async function substitutaOf(
  doc: XmlDocument,
  { evento, field }: { evento: Evento; field: string },
  store: Store,
): Promise<Documento | undefined> {
  const located = locateEvento(doc, evento.layout);
  const chave = Array.isArray(located) || !located.det ? undefined : textAt(located.det, field)?.trim();
  return chave ? store.documentos.findByChave({ conta: evento.conta, chave, tpAmb: evento.tpAmb }) : undefined;
}

async function factsOf(documento: Documento, kind: EventoKind, store: Store): Promise<DocumentoDoEvento> {
  const { chave = '', modelo, uf, state, emitente, tpEmis, tpEmisInformado, dhEmi, retorno, conteudo } = documento;
  const bytes = kind.substitui && conteudo ? await store.conteudos.get(conteudo) : undefined;
  const nota = bytes && readNotaComparada(parseXml(decodeXml(bytes)));
  return {
    ...{ chave, modelo, uf, state, emitente, tpEmis: tpEmis ?? tpEmisInformado, dhEmi },
    ...(retorno?.dhRecbto ? { dhRecbto: retorno.dhRecbto } : {}),
    ...(retorno?.nProt ? { nProt: retorno.nProt } : {}),
    ...(nota ? { nota } : {}),
  };
}
