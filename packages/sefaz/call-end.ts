import type { CallEnd } from '@malote/fiscal/contingencia/outcome';
import type { RegistroRetorno } from '@malote/fiscal/registro/registro-state';
import type { Retorno } from '@malote/fiscal/retorno/read-retorno';
import type { Failure, FailureReason } from './failure.ts';

/** What an answer that was received says about the authoriser: one that cannot be read is none. */
export function endOfAnswer(retorno: Retorno | RegistroRetorno): CallEnd {
  return retorno.kind !== 'unreadable' && 'cStat' in retorno ? { cStat: retorno.cStat } : { failed: 'transport' };
}

/** What a call without an answer says about the authoriser; undefined when none was made: nothing was learnt of it. */
export function endOfFailure({ reason, detail = '' }: Failure): CallEnd | undefined {
  if (NO_CALL.has(reason)) return undefined;
  if (REFUSED.has(reason) || (reason === 'http-inesperado' && /^HTTP 4/.test(detail))) return { failed: 'refused' };
  return { failed: reason === 'host-nao-encontrado' || NO_ROUTE.test(detail) ? 'local' : 'transport' };
}

/** No route from here: the authoriser was not even tried. */
const NO_ROUTE = /^(ENETUNREACH|EHOSTUNREACH|ENETDOWN|EADDRNOTAVAIL)/;

const NO_CALL: ReadonlySet<FailureReason> = new Set([
  'certificado-invalido',
  'circuito-aberto',
  'ritmo-excedido',
  'prazo-de-envio',
  'sem-certificado',
  'certificado-fora-da-validade',
  'cancelada',
  'simulacao',
  'sem-endereco',
  'modelo-nao-suportado',
]);

/** Somebody answered, and did not want this caller or this message. */
const REFUSED: ReadonlySet<FailureReason> = new Set([
  'certificado-do-servidor',
  'certificado-recusado',
  'http-403',
  'http-413',
  'http-495',
  'http-496',
]);
