import { joinProc } from '../emission/proc.ts';
import type { RegistroRetorno } from '../registro/registro-state.ts';
import { classifyCStat } from '../retorno/c-stat.ts';
import { parseAnswer } from '../retorno/parse-answer.ts';
import { selfContained } from '../retorno/self-contained.ts';
import { child, textAt } from '../xml/parse.ts';
import { INUTILIZACAO_NAMESPACE } from './read-inutilizacao.ts';

/** The service's own state, not a word about the range. */
const SERVICE: ReadonlySet<string> = new Set(['unavailable', 'svc', 'throttled', 'service-status']);
const NO_FATE: ReadonlySet<string> = new Set([
  'processed',
  'in-process',
  'found',
  'empty',
  'authorized',
  'registered',
  'closed',
  'cancelled',
]);

/**
 * Reads retInutNFe. Never throws: what cannot be read or proves nothing (HTML, another root, 102 without nProt) is `unreadable`. A 563
 * (the same range is void already) carries the old protocolo in `nProt`, from its field or from the xMotivo.
 */
export function readRetInut(body: string): RegistroRetorno {
  const doc = parseAnswer(body);
  if (typeof doc === 'string') return { kind: 'unreadable', reason: doc };
  const { root } = doc;
  const inf = child(root, 'infInut');
  if (root.local !== 'retInutNFe' || (root.uri !== INUTILIZACAO_NAMESPACE && root.uri !== '')) {
    return { kind: 'unreadable', reason: `a resposta tem a raiz <${root.name}>, que não é a deste serviço` };
  }
  const value = (tag: string) => (inf && textAt(inf, tag)?.trim()) || undefined;
  const cStat = value('cStat');
  if (!cStat || !/^[0-9]{3,4}$/.test(cStat)) return { kind: 'unreadable', reason: 'a resposta não traz cStat' };
  const xMotivo = value('xMotivo') ?? '';
  const found = classifyCStat('nfe', cStat, { xMotivo });
  if (SERVICE.has(found)) return { kind: 'service', class: found, cStat, xMotivo };
  if (NO_FATE.has(found)) return { kind: 'unreadable', reason: `cStat ${cStat}, que não é resultado de uma inutilização` };
  const nProt = value('nProt') ?? (cStat === '563' ? protocoloIn(xMotivo) : undefined);
  if (found === 'inutilizado' && !nProt) return { kind: 'unreadable', reason: `cStat ${cStat} sem nProt` };
  return { kind: 'said', class: found, cStat, xMotivo, nProt, dhRegistro: value('dhRecbto'), xml: selfContained(doc, root, '') };
}

function protocoloIn(xMotivo: string): string | undefined {
  return /(?<![0-9])(?:[0-9]{17}|[0-9]{15})(?![0-9])/.exec(xMotivo)?.[0];
}

/** ProcInutNFe (so spelled in procInutNFe_v4.00.xsd): the signed request and its retInutNFe. */
export function buildProcInut(signedXml: string, retInut: string): string {
  return joinProc('ProcInutNFe', '4.00', signedXml, retInut);
}
