import { retConsStatServ } from './answers.ts';
import type { Answer, CallContext } from './authorize.ts';
import { isUf, localTime } from './autorizadores.ts';
import { textAt } from './dom.ts';
import { checkSchema, readMessage } from './message.ts';
import { motivo } from './motivos.ts';

/**
 * NFeStatusServico4: 107, for the state that the request names; 252 and 289 when environment or state are not served here.
 * @throws Refusal for an unreadable message
 */
export function status(payload: string, context: CallContext): Answer {
  const message = readMessage(payload, context.service);
  if (context.checkSchema) checkSchema(payload, context.service, context.checkSchema);
  const asked = textAt(message, 'cUF');
  const cUF = isUf(asked) ? asked : context.autorizador.home;
  let cStat = '107';
  if (textAt(message, 'tpAmb') !== context.ambiente) cStat = '252';
  else if (!context.autorizador.ufs.has(asked)) cStat = '289';
  const xMotivo = motivo(cStat);
  const head = { tpAmb: context.ambiente, cStat, xMotivo, cUF, dhRecbto: localTime(context.now, cUF) };
  return { retorno: retConsStatServ(head, cStat === '107' ? 1 : undefined), cStat, xMotivo };
}
