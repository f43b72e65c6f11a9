import type { Fault } from '@malote/fiscal/fault';
import type { SigningCredential } from './credentials.ts';

/** What is wrong with the certificate's dates at `now`, if anything. Nothing may be signed or sent with such a one. */
export function validityFault({ notBefore, notAfter }: Pick<SigningCredential, 'notBefore' | 'notAfter'>, now: Date): Fault | undefined {
  const vencido = notAfter < now;
  if (!vencido && notBefore <= now) return undefined;
  const quando = (vencido ? notAfter : notBefore).toISOString();
  return {
    code: vencido ? 'certificado-vencido' : 'certificado-ainda-nao-valido',
    path: '',
    message: `O certificado A1 da empresa ${vencido ? 'venceu em' : 'só vale a partir de'} ${quando}. Nada foi enviado e o número está livre: instale um certificado válido e envie a nota de novo.`,
    norm: 'Rejeições 281 e 291',
  };
}
