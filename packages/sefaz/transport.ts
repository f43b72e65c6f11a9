import { type ConnectionsOptions, createConnections, type TlsCredential } from './connections.ts';
import { OutcomeUnknown } from './failure.ts';
import { type HttpAnswer, postOnce } from './http-call.ts';
import { EnvelopeError, readEnvelope, type SoapRequest } from './soap.ts';

export type { TlsCredential } from './connections.ts';

export interface Transport {
  /**
   * Sends an envelope over mutual TLS, exactly once. `timeoutMs` covers everything from the connection to the last byte, `startWithinMs`
   * only the time until its first byte is written.
   * @returns the XML of the retorno, as received
   * @throws NotSent, OutcomeUnknown, Permanent (failure.ts)
   */
  send(
    request: SoapRequest & {
      url: string;
      credential: TlsCredential;
      timeoutMs: number;
      startWithinMs?: number | undefined;
      signal?: AbortSignal | undefined;
    },
  ): Promise<TransportAnswer>;
  close(): Promise<void>;
}

export interface TransportAnswer {
  httpStatus: number;
  retorno: string;
}

export interface TransportOptions extends ConnectionsOptions {
  /** A larger answer is not read to its end. Default 8 MB. */
  maxAnswerBytes?: number;
}

export function createTransport(options: TransportOptions): Transport {
  const connections = createConnections(options);
  const maxAnswerBytes = options.maxAnswerBytes ?? 8_000_000;
  return {
    async send({ url, credential, contentType, body, timeoutMs, startWithinMs, signal }) {
      const { origin, pathname } = new URL(url);
      const headers = { 'content-type': contentType, accept: 'application/soap+xml', 'user-agent': 'Malote' };
      const pool = connections.pool(origin, credential);
      const answer = await postOnce(pool, { path: pathname, headers, body, timeoutMs, startWithinMs, signal, maxAnswerBytes });
      return { httpStatus: answer.status, retorno: open(answer) };
    },
    close: () => connections.close(),
  };
}

/** SOAP 1.2 sends its Faults with 400 and 500, so the body of such an answer may say more than its status. */
function open({ status, body }: HttpAnswer): string {
  try {
    const retorno = readEnvelope(body);
    if (status === 200) return retorno;
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    const detail = status === 200 ? error.message : `HTTP ${status}: ${error.message}`;
    if (error.fault) throw new OutcomeUnknown('soap-fault', { detail, cause: error });
    if (status === 200) throw new OutcomeUnknown('resposta-ilegivel', { detail, cause: error });
  }
  throw new OutcomeUnknown('http-inesperado', { detail: `HTTP ${status}` });
}
