import { type AnswerHead, retConsSitNFe, retConsStatServ, retEnviNFe } from './answers.ts';
import type { Answer } from './authorize.ts';
import { type Autorizador, isUf, localTime } from './autorizadores.ts';
import { registrationTime, retEnvEvento } from './event-answers.ts';
import { EVENT_KINDS } from './event-kinds.data.ts';
import type { Level } from './fault-kinds.ts';
import { identify } from './identify.ts';
import { retInutNFe } from './inutilizacao-answers.ts';
import { motivo } from './motivos.ts';
import type { ServiceKind } from './services.ts';

export interface RetornoRequest {
  kind: ServiceKind;
  ambiente: string;
  autorizador: Autorizador;
  now: Date;
  /** The request as it came; key and digest are taken from it when they are there. */
  body: string;
  chave: string | undefined;
  cStat: string;
  xMotivo?: string | undefined;
  level: Level;
}

/** A key of the right form for answers about a message that has none. */
const NO_CHAVE = '0'.repeat(44);

/** An answer with a given cStat and nothing decided: refusals of the message, and scripted answers. */
export function retornoOf(request: RetornoRequest): Answer {
  const { kind, ambiente, autorizador, now, chave, cStat } = request;
  const xMotivo = request.xMotivo ?? motivo(cStat);
  const own = chave?.slice(0, 2) ?? /<cUF>(\d{2})<\/cUF>/.exec(request.body)?.[1] ?? '';
  const cUF = isUf(own) ? own : autorizador.home;
  const dhRecbto = localTime(now, cUF);
  const head: AnswerHead = { tpAmb: ambiente, cStat, xMotivo, cUF, dhRecbto };
  return { retorno: write(), cStat, xMotivo };

  function write(): string {
    if (kind === 'status') return retConsStatServ(head);
    if (kind === 'event') return writeEvent();
    if (kind === 'inutilize') return retInutNFe(head);
    if (kind === 'consult') return retConsSitNFe(head, chave ?? NO_CHAVE);
    if (request.level === 'lote' || chave === undefined) return retEnviNFe(head);
    const digVal = /<DigestValue>([A-Za-z0-9+/=]+)<\/DigestValue>/.exec(request.body)?.[1];
    const lote = { ...head, cStat: '104', xMotivo: motivo('104') };
    return retEnviNFe(lote, { tpAmb: ambiente, chave, dhRecbto, cStat, xMotivo, digVal });
  }

  function writeEvent(): string {
    const field = (name: string) => new RegExp(`<${name}>(\\d{1,15})</${name}>`).exec(request.body)?.[1];
    const asked = field('cOrgao') ?? '';
    const cOrgao = isUf(asked) || asked === '91' || asked === '92' ? asked : autorizador.home;
    const lote = { idLote: field('idLote') ?? '1', tpAmb: ambiente, cOrgao };
    const { tpEvento, nSeqEvento } = identify(request.body);
    if (request.level === 'lote' || tpEvento === undefined) return retEnvEvento({ ...lote, cStat, xMotivo });
    const dhRegEvento = registrationTime(now, cOrgao);
    const event = { chave, tpEvento, xEvento: EVENT_KINDS.get(tpEvento)?.xEvento, nSeqEvento, dhRegEvento };
    return retEnvEvento({ ...lote, cStat: '128', xMotivo: motivo('128') }, [{ tpAmb: ambiente, cOrgao, cStat, xMotivo, ...event }]);
  }
}
