import type { TlsHostName } from './tls-hosts.ts';

/** Where in a call a fault takes effect: before TLS is up, when only the headers are read, or when the body is read. */
export type Stage = 'connection' | 'headers' | 'body';

/** Whether a cStat goes into the retorno itself or into the protNFe of a lot processed (104). */
export type Level = 'lote' | 'documento';

/** What a kind of fault does; each kind is one row of `FAULTS`. */
export interface FaultKind {
  stage: Stage;
  /** Whether the call is processed (and an authorisation registered) before or in spite of the fault. */
  processes: boolean;
  /**
   * `reset` cuts the connection, `tls` leads it to another `host`, `hang` never answers, `http` gives `reply`, `limit` gives it to
   * large requests only, `retorno` gives a proper answer with a cStat, `delay` waits.
   */
  act: 'reset' | 'tls' | 'hang' | 'http' | 'limit' | 'retorno' | 'delay';
  host?: Exclude<TlsHostName, 'normal'>;
  /** `delay` only: wait before the call is processed, not after. */
  before?: boolean;
  reply?: { status: number; contentType: string; body: string };
  /** Fixed values of `cStat`, `level`; without them the fault's own are taken. */
  cStat?: string;
  level?: Level;
  /** What happens, for people. */
  about: string;
}

const HTML = '<!DOCTYPE html><html><head><title>Serviço indisponível</title></head><body><h1>Sistema em manutenção</h1></body></html>';
const TOO_LARGE = { status: 413, contentType: 'text/plain; charset=utf-8', body: 'Request Entity Too Large' };

const tls = (host: Exclude<TlsHostName, 'normal'>, about: string): FaultKind => ({
  stage: 'connection',
  processes: true,
  act: 'tls',
  host,
  about,
});
const body = (act: 'reset' | 'hang' | 'delay', processes: boolean, about: string): FaultKind => ({ stage: 'body', act, processes, about });
const http = (status: number, text: string, contentType = 'text/plain; charset=utf-8'): FaultKind => ({
  stage: 'body',
  processes: false,
  act: 'http',
  reply: { status, contentType, body: text },
  about: text === HTML ? 'uma página HTML com status 200' : text === '' ? 'resposta vazia com status 200' : `HTTP ${status}`,
});
const retorno = (about: string, cStat?: string, level?: Level): FaultKind => ({
  stage: 'body',
  processes: false,
  act: 'retorno',
  about,
  ...(cStat === undefined ? {} : { cStat }),
  ...(level === undefined ? {} : { level }),
});

export const FAULTS: Readonly<Record<string, FaultKind>> = {
  'answer-lost': body('reset', true, 'autoriza e corta a conexão: a resposta se perde'),
  'reset-after-read': body('reset', false, 'corta a conexão depois de ler o pedido, sem autorizar'),
  'reset-before-read': { stage: 'headers', processes: false, act: 'reset', about: 'corta a conexão quando chegam os cabeçalhos' },
  hang: body('hang', false, 'nunca responde, não autoriza'),
  'hang-after-authorising': body('hang', true, 'autoriza e nunca responde'),
  slow: body('delay', true, 'autoriza na hora, responde tarde'),
  'slow-before-processing': { ...body('delay', true, 'autoriza e responde tarde, mesmo se quem chamou desistiu'), before: true },
  'refuse-tls': { stage: 'connection', processes: false, act: 'reset', about: 'recusa a conexão antes do TLS' },
  'wrong-chain': tls('wrong-chain', 'certificado de servidor de outra autoridade'),
  'expired-certificate': tls('expired', 'certificado de servidor vencido'),
  renegotiation: tls('renegotiation', 'TLS 1.2 que pede o certificado do cliente por renegociação, depois dos cabeçalhos'),
  'http-403': http(403, 'Forbidden'),
  'http-413': { ...http(413, 'Request Entity Too Large'), about: 'HTTP 413 a qualquer pedido' },
  'size-limit': {
    stage: 'headers',
    processes: false,
    act: 'limit',
    reply: TOO_LARGE,
    about: 'HTTP 413 a pedidos maiores que maxBytes, antes de ler o corpo',
  },
  'http-500': http(500, 'Internal Server Error'),
  'http-503': http(503, 'Service Unavailable'),
  html: http(200, HTML, 'text/html; charset=utf-8'),
  empty: http(200, '', 'application/soap+xml; charset=utf-8'),
  answer: retorno('responde o cStat dado, não autoriza'),
  'answer-after-authorising': { ...retorno('autoriza, mas responde o cStat dado'), processes: true },
  'cstat-108': retorno('serviço paralisado momentaneamente', '108', 'lote'),
  'cstat-109': retorno('serviço paralisado sem previsão', '109', 'lote'),
  'cstat-656': retorno('consumo indevido', '656', 'lote'),
  'cstat-999': retorno('erro não catalogado', '999', 'lote'),
  '103-in-protocol': retorno('lote recebido, dentro do protNFe', '103', 'documento'),
  '104-without-protocol': retorno('lote processado, sem o protNFe', '104', 'lote'),
};

/** What SEFAZ tells of the whole message; any other cStat of an `answer` is told of the document. */
const OF_THE_LOTE = /^(10[3-9]|11[34]|21[45]|225|243|28\d|299|40[24]|452|516|517|565|587|588|656|764|961|999)$/;

export function levelOf(cStat: string): Level {
  return OF_THE_LOTE.test(cStat) ? 'lote' : 'documento';
}
