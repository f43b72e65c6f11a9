import { retConsStatServ } from './answers.ts';
import type { Answer, CallContext } from './authorize.ts';
import { isUf, localTime } from './autorizadores.ts';
import { textAt } from './dom.ts';
import { checkSchema, readMessage } from './message.ts';
import { motivo } from './motivos.ts';
import { endingMotivo } from './svc.ts';

/**
 * NFeStatusServico4: 107, for the state that the request names; of an SVC 113 and 114 as that state switched it; 252 and 289 when environment or state are not served here.
 * @throws Refusal for an unreadable message
 */
export function status(payload: string, context: CallContext): Answer {
  const message = readMessage(payload, context.service);
  if (context.checkSchema) checkSchema(payload, context.service, context.checkSchema);
  const { autorizador, ambiente, svc, now } = context;
  const asked = textAt(message, 'cUF');
  const cUF = isUf(asked) ? asked : autorizador.home;
  let cStat = '107';
  if (textAt(message, 'tpAmb') !== ambiente) cStat = '252';
  else if (!autorizador.ufs.has(asked)) cStat = '289';
  let xMotivo = motivo(cStat);
  if (cStat === '107' && autorizador.kind === 'svc') {
    const { state, endsAt } = svc.of({ autorizador: autorizador.name, cUF, ambiente }, now);
    if (state === 'off') [cStat, xMotivo] = ['114', motivo('114')];
    else if (state === 'ending') [cStat, xMotivo] = ['113', endingMotivo(cUF, endsAt)];
  }
  const head = { tpAmb: ambiente, cStat, xMotivo, cUF, dhRecbto: localTime(now, cUF) };
  return { retorno: retConsStatServ(head, cStat === '107' ? 1 : undefined), cStat, xMotivo };
}
