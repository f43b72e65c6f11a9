import { type Failure, type FailureReason, NotSent, OutcomeUnknown } from './failure.ts';
import { handshakeAlert } from './tls-alert.ts';

/** How far a call had come when it failed. */
export interface Progress {
  /** undici had begun to write this very request. */
  started: boolean;
  /** The status line of an answer had been read. */
  answered: boolean;
}

/** What an error on the way to the authoriser means for the caller. */
export function classifyError(error: unknown, progress: Progress): Failure {
  const options = { detail: codeOf(error), cause: error };
  const alert = progress.answered ? undefined : handshakeAlert(error);
  if (alert) return new NotSent(alert === 'certificate' ? 'certificado-recusado' : 'tls-recusado', options);
  if (!progress.started) return new NotSent(beforeSending(error), options);
  if (progress.answered) return new OutcomeUnknown('resposta-interrompida', options);
  return new OutcomeUnknown('conexao-interrompida', options);
}

const CONNECT_REASONS: Record<string, FailureReason> = {
  ECONNREFUSED: 'conexao-recusada',
  ENOTFOUND: 'host-nao-encontrado',
  EAI_AGAIN: 'host-nao-encontrado',
  ETIMEDOUT: 'conexao-sem-resposta',
  UND_ERR_CONNECT_TIMEOUT: 'conexao-sem-resposta',
};

/** Node's code for a server certificate it does not accept (crypto docs: X509 certificate error codes). */
const UNTRUSTED =
  /^(ERR_TLS_CERT_ALTNAME_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERROR_IN_CERT_|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH|PATH_LENGTH_)/;

function beforeSending(error: unknown): FailureReason {
  const code = codeOf(error);
  const known = CONNECT_REASONS[code];
  if (known) return known;
  if (UNTRUSTED.test(code)) return 'certificado-do-servidor';
  if (/^(ERR_SSL_|EPROTO$)/.test(code)) return 'tls-recusado';
  return 'conexao-interrompida';
}

/** The innermost code: undici and happy eyeballs wrap the error of the socket. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error.cause instanceof Error ? error.cause : undefined;
  if (inner && (inner as NodeJS.ErrnoException).code) return codeOf(inner);
  return (error as NodeJS.ErrnoException).code ?? error.message.slice(0, 200);
}
