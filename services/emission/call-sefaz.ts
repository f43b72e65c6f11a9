import type { Attempt, Fact, Lifecycle, NewAttempt } from '@malote/fiscal/emission/lifecycle-state';
import type { Fault } from '@malote/fiscal/fault';
import { MODELOS } from '@malote/fiscal/model/modelo';
import type { Clock } from '@malote/runtime/clock';
import type { SefazClient } from '@malote/sefaz/client';
import { NotSent } from '@malote/sefaz/failure';
import type { Store } from '@malote/store/connect';
import type { Documento } from '@malote/store/documento';
import { validityFault } from './certificate-validity.ts';
import type { Credentials, SigningCredential } from './credentials.ts';
import { failedCall } from './failed-call.ts';
import type { Modos } from './modos.ts';
import { ondeEmite } from './plan-document.ts';

export interface TransmitDeps {
  store: Store;
  credentials: Credentials;
  sefaz: SefazClient;
  modos: Modos;
  clock: Clock;
  /** Longest wait for an answer, in ms. */
  sefazTimeoutMs: number;
}

/** What the preparation just made, so that the first transmission need not read it back; good only while the document refers to `conteudo`. */
export interface Known {
  conteudo: string;
  credential: SigningCredential;
  signedXml: string;
}

/** The attempt still belongs to its worker this long after the call must have ended: the time to store what came of it. */
const OWNERSHIP_MARGIN_MS = 10_000;
/** What the edge needs between our answer and its caller's deadline. */
const ANSWER_MARGIN_MS = 500;
/** A drill may be ended before its time. */
const DRILL_RETRY_MS = 60_000;
/** Until a person has installed a certificate. */
const NO_CERTIFICATE_MS = 60_000;
/**
 * A deadline nearer than this shortens nothing: cutting every call of callers in a hurry at a second or two would leave notes of unknown
 * fate behind whenever the authoriser is merely slow, and open its circuit for everybody else.
 */
const MIN_TIMEOUT_MS = 5_000;

/**
 * The attempt to be stored before the socket opens. The deadline of a waiting caller ends an authorisation call half a second early, so
 * that the consult after a lost answer may still be in time; never below five seconds, and never a consult, which SEFAZ counts.
 */
export function newAttempt(
  kind: Attempt['kind'],
  documento: Pick<Documento, 'modelo' | 'responderAte' | 'trace'> & Pick<Lifecycle, 'autorizador' | 'offlineApos'>,
  { clock, sefazTimeoutMs }: Pick<TransmitDeps, 'clock' | 'sefazTimeoutMs'>,
): NewAttempt {
  const { autorizador, trace, modelo, responderAte, offlineApos } = documento;
  if (!autorizador) throw new Error('the autorizador is fixed at signing: nothing can be sent before');
  // What goes off line then needs its end by then: a consult too, and however little is left.
  const left = offlineApos ? offlineApos.getTime() - clock.now().getTime() : 0;
  const until =
    left > 0
      ? attemptUntil(undefined, { clock, sefazTimeoutMs: Math.min(sefazTimeoutMs, left) })
      : attemptUntil(kind === 'authorize' ? responderAte : undefined, { clock, sefazTimeoutMs });
  return { kind, autorizador, service: MODELOS[modelo].services[kind].service, until, trace };
}

/** Until when an attempt that begins now belongs to its worker; `responderAte` shortens the call as far as newAttempt says. */
export function attemptUntil(
  responderAte: Date | undefined,
  { clock, sefazTimeoutMs }: Pick<TransmitDeps, 'clock' | 'sefazTimeoutMs'>,
): Date {
  const now = clock.now().getTime();
  const left = responderAte ? responderAte.getTime() - now - ANSWER_MARGIN_MS : 0;
  const timeout = left >= MIN_TIMEOUT_MS ? Math.min(sefazTimeoutMs, left) : sefazTimeoutMs;
  return new Date(now + timeout + OWNERSHIP_MARGIN_MS);
}

/** How long the call of a stored attempt may take. */
export function timeoutOf({ until, sentAt }: { until: Date; sentAt: Date }): number {
  return until.getTime() - sentAt.getTime() - OWNERSHIP_MARGIN_MS;
}

/** Makes the call of a stored open attempt and says what came of it. Never throws for anything that happened on the way to SEFAZ. */
export async function callSefaz(
  documento: Documento,
  attempt: Attempt,
  known: Known | undefined,
  deps: TransmitDeps,
): Promise<Extract<Fact, { kind: 'answered' | 'failed' }>> {
  const { n } = attempt;
  const started = deps.clock.monotonic();
  const durationMs = () => Math.round(deps.clock.monotonic() - started);
  // Another worker may have been first to store its own content: then ours was never stored, and must never be sent.
  const ours = known?.conteudo === documento.conteudo ? known : undefined;
  try {
    const drill = attempt.autorizador === documento.autorizadorNormal ? await deps.modos.simulacaoAte(ondeEmite(documento)) : undefined;
    if (drill) throw new NotSent('simulacao', { retryAfterMs: Math.min(DRILL_RETRY_MS, drill.getTime() - deps.clock.now().getTime()) });
    const credential = ours?.credential ?? (await credentialOf(documento, deps));
    const common = {
      modelo: documento.modelo,
      autorizador: attempt.autorizador,
      ambiente: documento.tpAmb,
      credential,
      timeoutMs: timeoutOf(attempt),
      about: { documento: documento._id, uf: documento.uf },
    };
    const answer =
      attempt.kind === 'authorize'
        ? await deps.sefaz.authorize({
            ...common,
            signedXml: ours?.signedXml ?? (await signedBytes(documento, deps)),
            idLote: idLoteOf(documento, n),
            ...(documento.enviarAte ? { startWithinMs: documento.enviarAte.getTime() - deps.clock.now().getTime() } : {}),
          })
        : await deps.sefaz.consult({ ...common, chave: (documento.outraChave ?? documento.chave) as string });
    return { kind: 'answered', n, retorno: answer.retorno, durationMs: durationMs() };
  } catch (error) {
    return failedCall(error, n, durationMs());
  }
}

/** Why a document that was signed before may not be sent now: the certificate that signed it is out of its dates by now. */
export async function sendingFault(documento: Owned, deps: TransmitDeps): Promise<Fault | undefined> {
  const credential = (await signedWith(documento, deps)) ?? (await presentCredential(documento, deps));
  return credential && validityFault(credential, deps.clock.now());
}

/**
 * The certificate to call with: the one that signed it, so that what is under way ends with it whatever was installed since. Out of its dates
 * it opens no connection: what may already be at SEFAZ is then pursued with the present one.
 * @throws NotSent without one, or with one out of its dates
 */
export async function credentialOf(documento: Owned, deps: TransmitDeps): Promise<SigningCredential> {
  const now = deps.clock.now();
  const signer = await signedWith(documento, deps);
  if (signer && !validityFault(signer, now)) return signer;
  const credential = await presentCredential(documento, deps);
  if (!credential) throw new NotSent('sem-certificado', { retryAfterMs: NO_CERTIFICATE_MS });
  if (validityFault(credential, now)) throw new NotSent('certificado-fora-da-validade', { retryAfterMs: NO_CERTIFICATE_MS });
  return credential;
}

type Owned = Pick<Documento, 'conta' | 'empresa' | 'certificado'>;

async function signedWith({ conta, empresa, certificado }: Owned, { credentials }: TransmitDeps): Promise<SigningCredential | undefined> {
  return certificado ? credentials.byId({ conta, empresa }, certificado) : undefined;
}

async function presentCredential(documento: Owned, { store, credentials }: TransmitDeps): Promise<SigningCredential | undefined> {
  const empresa = await store.empresas.find({ conta: documento.conta, documento: documento.empresa });
  return empresa && credentials.of(empresa);
}

/** The bytes that were signed and stored. */
export async function signedBytes(documento: { _id: string; conteudo?: string }, { store }: Pick<TransmitDeps, 'store'>): Promise<string> {
  const bytes = documento.conteudo && (await store.conteudos.get(documento.conteudo));
  if (!bytes) throw new Error(`signed bytes ${documento.conteudo} of ${documento._id} are missing`);
  return bytes.toString('utf8');
}

/** Up to 15 digits, new for every transmission: the number of the note and of the attempt. */
function idLoteOf(documento: Documento, n: number): string {
  return `${documento.numero}${String(n).padStart(5, '0')}`;
}
