import { joinProc } from '../emission/proc.ts';
import type { RegistroRetorno } from '../registro/registro-state.ts';
import { classifyCStat } from '../retorno/c-stat.ts';
import { parseAnswer } from '../retorno/parse-answer.ts';
import type { Retorno } from '../retorno/read-retorno.ts';
import { selfContained } from '../retorno/self-contained.ts';
import { child, children, textAt, type XmlDocument, type XmlElement } from '../xml/parse.ts';
import { eventoKind } from './kinds.ts';
import { EVENTO_NAMESPACE } from './locate-evento.ts';

/** Which event is asked for in an answer. */
export interface EventoProcurado {
  tpEvento: string;
  nSeqEvento: number;
  /** CNPJ or CPF that signs */
  autor: string;
}

/** What a retEvento may not say of an event: it then proves nothing. */
const NO_FATE: ReadonlySet<string> = new Set([
  'processed',
  'in-process',
  'found',
  'empty',
  'service-status',
  'authorized',
  'inutilizado',
  'closed',
]);

/**
 * Reads retEnvEvento of a lote with one event. Never throws: what cannot be read or proves nothing (HTML, another root, 128 without
 * retEvento, a registration without nProt, an answer about another event than `who`) is `unreadable`.
 */
export function readRetEvento(body: string, who?: { chave: string; tpEvento: string; nSeqEvento: number }): RegistroRetorno {
  const doc = parseAnswer(body);
  if (typeof doc === 'string') return unreadable(doc);
  const { root } = doc;
  if (root.local !== 'retEnvEvento' || (root.uri !== EVENTO_NAMESPACE && root.uri !== '')) {
    return unreadable(`a resposta tem a raiz <${root.name}>, que não é a deste serviço`);
  }
  const answers = children(root, 'retEvento');
  if (answers.length > 1) return unreadable(`a resposta traz ${answers.length} retEvento`);
  const [answer] = answers;
  if (answer) return readAnswer(doc, answer, who);
  const service = readService(root);
  if (!service) return unreadable('a resposta não traz cStat');
  const found = classifyCStat('evento', service.cStat, service);
  if (NO_FATE.has(found) || found === 'registered') return unreadable(`cStat ${service.cStat} sem retEvento`);
  return { kind: 'service', class: found, ...service };
}

function readAnswer(doc: XmlDocument, answer: XmlElement, who?: { chave: string; tpEvento: string; nSeqEvento: number }): RegistroRetorno {
  const inf = child(answer, 'infEvento');
  const service = inf && readService(inf);
  if (!inf || !service) return unreadable('o retEvento da resposta está incompleto');
  const found = classifyCStat('evento', service.cStat, service);
  if (NO_FATE.has(found)) return unreadable(`retEvento com cStat ${service.cStat}, que não é resultado de um evento`);
  const value = (tag: string) => textAt(inf, tag)?.trim() || undefined;
  if (found === 'registered' && !value('nProt')) return unreadable(`retEvento com cStat ${service.cStat} sem nProt`);
  const other =
    who &&
    ((value('chNFe') ?? who.chave) !== who.chave ||
      (value('tpEvento') ?? who.tpEvento) !== who.tpEvento ||
      Number(value('nSeqEvento') ?? who.nSeqEvento) !== who.nSeqEvento);
  if (other) return unreadable('a resposta é de outro evento');
  return {
    kind: 'said',
    class: found,
    ...service,
    nProt: value('nProt'),
    dhRegistro: value('dhRegEvento'),
    xml: selfContained(doc, answer, ''),
  };
}

/**
 * The event in the answer to a consult by key. `absent`: the answer speaks of the document and does not show it. An answer that lists no
 * events but calls the document cancelled shows a cancelamento, without its protocolo.
 */
export function findEvento(consult: Retorno, who: EventoProcurado): RegistroRetorno {
  if (consult.kind === 'unreadable') return unreadable(consult.reason);
  const { cStat, xMotivo } = consult;
  if (consult.kind === 'status') return { kind: 'service', class: consult.class, cStat, xMotivo };
  if (!['authorized', 'cancelled', 'denied', 'not-found'].includes(consult.class)) {
    return { kind: 'service', class: consult.class, cStat, xMotivo };
  }
  const same = (consult.eventos ?? [])
    .flatMap((proc) => readProc(proc))
    .filter(({ tpEvento, nSeqEvento }) => tpEvento === who.tpEvento && nSeqEvento === who.nSeqEvento);
  const found = same.find(({ autor }) => autor === who.autor) ?? same[0];
  if (!found && consult.class === 'cancelled' && !consult.eventos?.length && eventoKind('65', who.tpEvento)?.cancela) {
    return { kind: 'found', cStat, xMotivo };
  }
  if (!found) return { kind: 'absent' };
  const { tpEvento: _, nSeqEvento: __, ...told } = found;
  return { kind: 'found', ...told };
}

function readProc(proc: string) {
  const doc = parseAnswer(proc);
  if (typeof doc === 'string') return [];
  const evento = child(doc.root, 'evento');
  const inf = evento && child(evento, 'infEvento');
  const ret = textInf(doc.root);
  if (!evento || !inf) return [];
  const value = (tag: string) => textAt(inf, tag)?.trim() || undefined;
  return [
    {
      tpEvento: value('tpEvento'),
      nSeqEvento: Number(value('nSeqEvento')),
      cStat: ret('cStat') ?? '',
      xMotivo: ret('xMotivo') ?? '',
      nProt: ret('nProt'),
      dhRegistro: ret('dhRegEvento'),
      proc,
      digest: textAt(evento, 'Signature/SignedInfo/Reference/DigestValue')?.trim() || undefined,
      autor: value('CNPJ') ?? value('CPF'),
    },
  ];
}

function textInf(root: XmlElement): (tag: string) => string | undefined {
  return (tag) => textAt(root, `retEvento/infEvento/${tag}`)?.trim() || undefined;
}

function readService(element: XmlElement): { cStat: string; xMotivo: string } | undefined {
  const cStat = textAt(element, 'cStat')?.trim();
  if (!cStat || !/^[0-9]{3,4}$/.test(cStat)) return undefined;
  return { cStat, xMotivo: textAt(element, 'xMotivo')?.trim() ?? '' };
}

function unreadable(reason: string): RegistroRetorno {
  return { kind: 'unreadable', reason };
}

/** envEvento with one event, whose bytes stay. `idLote`: 1 to 15 digits, only echoed; throws RangeError on another form. */
export function buildEnvEvento(signedXml: string, idLote: string): string {
  if (!/^[0-9]{1,15}$/.test(idLote)) throw new RangeError('idLote must have 1 to 15 digits');
  return `<envEvento xmlns="${EVENTO_NAMESPACE}" versao="1.00"><idLote>${idLote}</idLote>${signedXml}</envEvento>`;
}

/** procEventoNFe: the signed event and its retEvento. */
export function buildProcEvento(signedXml: string, retEvento: string): string {
  return joinProc('procEventoNFe', '1.00', signedXml, retEvento);
}
