/**
 * What a call that brought no answer means for its caller. `reason` is a permanent code (the attempt ledger shows it), the
 * message is its text in Portuguese, `detail` is what was seen, for logs and the ledger; none of them ever holds a secret.
 */
const REASONS = {
  // Nothing reached the authoriser.
  'conexao-recusada': { text: 'a conexão com o autorizador foi recusada', blamesHost: true },
  'host-nao-encontrado': { text: 'o endereço do autorizador não foi encontrado (DNS)', blamesHost: true },
  'conexao-sem-resposta': { text: 'o autorizador não completou a conexão no prazo', blamesHost: true },
  'conexao-interrompida': { text: 'a conexão com o autorizador foi interrompida', blamesHost: true },
  'tls-recusado': { text: 'o autorizador recusou a negociação TLS', blamesHost: true },
  'certificado-do-servidor': { text: 'o certificado do autorizador não é confiável ou não é deste endereço', blamesHost: false },
  'certificado-recusado': { text: 'o autorizador recusou o certificado da empresa', blamesHost: false },
  'certificado-invalido': { text: 'o certificado ou a chave da empresa não pôde ser usado na conexão', blamesHost: false },
  'circuito-aberto': { text: 'o autorizador falhou repetidas vezes; novas chamadas aguardam', blamesHost: false },
  'ritmo-excedido': { text: 'o limite de chamadas por segundo ao autorizador não permitiu enviar no prazo', blamesHost: false },
  'prazo-de-envio': { text: 'o prazo para transmitir o documento acabou antes do envio', blamesHost: false },
  'sem-certificado': { text: 'a empresa não tem certificado', blamesHost: false },
  'certificado-fora-da-validade': { text: 'o certificado da empresa está fora da validade', blamesHost: false },
  simulacao: { text: 'uma simulação de contingência da conta está em curso: o autorizador normal não é chamado', blamesHost: false },
  cancelada: { text: 'a chamada foi cancelada', blamesHost: false },
  // The request may have been processed.
  'sem-resposta': { text: 'o autorizador não respondeu no prazo', blamesHost: true },
  'resposta-interrompida': { text: 'a resposta do autorizador chegou incompleta', blamesHost: true },
  'resposta-grande': { text: 'a resposta do autorizador excede o tamanho aceito', blamesHost: true },
  'resposta-ilegivel': { text: 'a resposta do autorizador não é um envelope SOAP legível', blamesHost: true },
  'soap-fault': { text: 'o autorizador respondeu com um SOAP Fault', blamesHost: true },
  'http-inesperado': { text: 'o autorizador respondeu com um status HTTP inesperado', blamesHost: true },
  // Refused for a reason that no repetition cures.
  'http-403': { text: 'acesso negado pelo autorizador (HTTP 403): em geral, certificado ausente ou não aceito', blamesHost: false },
  'http-413': { text: 'mensagem maior que o autorizador aceita (HTTP 413)', blamesHost: false },
  'http-495': { text: 'certificado da empresa recusado pelo autorizador (HTTP 495)', blamesHost: false },
  'http-496': { text: 'certificado da empresa não recebido pelo autorizador (HTTP 496)', blamesHost: false },
  'sem-endereco': { text: 'não há endereço conhecido para este serviço do autorizador', blamesHost: false },
  'modelo-nao-suportado': { text: 'o modelo de documento ainda não é transmitido por este serviço', blamesHost: false },
} as const satisfies Record<string, { text: string; blamesHost: boolean }>;

export type FailureReason = keyof typeof REASONS;

export interface FailureOptions {
  /** Not before this many milliseconds is another try worth it. */
  retryAfterMs?: number | undefined;
  /** What was seen: an error code, an HTTP status, the text of a Fault. */
  detail?: string | undefined;
  cause?: unknown;
}

abstract class SefazFailure extends Error {
  readonly reason: FailureReason;
  readonly retryAfterMs: number | undefined;
  readonly detail: string | undefined;

  constructor(reason: FailureReason, options: FailureOptions = {}) {
    super(options.detail ? `${REASONS[reason].text} (${options.detail})` : REASONS[reason].text, { cause: options.cause });
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
    this.detail = options.detail;
  }

  /** Whether it speaks against the authoriser: only such failures open its circuit. */
  get blamesHost(): boolean {
    return REASONS[this.reason].blamesHost;
  }
}

/** Provably nothing was processed: the same call may be made again at any time. */
export class NotSent extends SefazFailure {
  readonly kind = 'not-sent';
  override name = 'NotSent';
}

/** The request was, or may have been, written: what became of it has to be consulted before anything else is done. */
export class OutcomeUnknown extends SefazFailure {
  readonly kind = 'unknown';
  override name = 'OutcomeUnknown';
}

/** Refused before processing, for a reason that stays: certificate, size, configuration. */
export class Permanent extends SefazFailure {
  readonly kind = 'permanent';
  override name = 'Permanent';
}

export type Failure = NotSent | OutcomeUnknown | Permanent;

export function isFailure(error: unknown): error is Failure {
  return error instanceof SefazFailure;
}
