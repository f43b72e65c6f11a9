import type { AttemptOf, Aviso } from '../emission/lifecycle-state.ts';
import type { Fault } from '../fault.ts';
import type { Autorizador } from '../model/autorizador.ts';
import type { CStatClass } from '../retorno/c-stat.ts';

/**
 * An evento or an inutilização: a request that SEFAZ registers under an identity of its own (key + tpEvento + nSeq, or the range).
 * `received`: accepted, nothing signed. `signed`: content fixed, not under way or waiting for another try. `uncertain`: a transmission whose
 * fate is unknown. The others are final; a `registered` one may still have an effect to be applied, and then has a `nextAt`.
 */
export type RegistroState = 'received' | 'signed' | 'uncertain' | 'registered' | 'rejected' | 'invalid' | 'conflict';

export type RegistroAttempt = AttemptOf<'register' | 'consult'>;

/**
 * What an answer means for one registro.
 * - `said`: SEFAZ's word about this very request; `xml` are the bytes of the inner retEvento or retInutNFe, self-contained.
 * - `service`: only the envelope spoke (anything but 128 processed), or a consult was not answered.
 * - `found`: a consult shows it registered; `proc` is the procEventoNFe as SEFAZ gave it, `digest` what its signature covers.
 * - `absent`: the consult was answered and the registro is not in it.
 * - `unreadable`: the answer proves nothing.
 */
export type RegistroRetorno =
  | { kind: 'said'; class: CStatClass; cStat: string; xMotivo: string; nProt?: string; dhRegistro?: string; xml?: string }
  | { kind: 'service'; class: CStatClass; cStat: string; xMotivo: string }
  | {
      kind: 'found';
      cStat: string;
      xMotivo: string;
      nProt?: string;
      dhRegistro?: string;
      proc?: string;
      digest?: string;
      autor?: string;
    }
  | { kind: 'absent' }
  | { kind: 'unreadable'; reason: string };

/** What SEFAZ said last about the registro; `retorno` holds the retEvento or retInutNFe bytes as received. */
export interface RegistroRetornoRecord {
  class: CStatClass;
  cStat: string;
  xMotivo: string;
  nProt?: string;
  dhRegistro?: string;
  retorno?: string;
}

/** The part of a stored registro that decisions read and write. */
export interface RegistroLifecycle {
  state: RegistroState;
  attempts: RegistroAttempt[];
  faults: Fault[];
  avisos: Aviso[];
  /** Who receives it, fixed at signing. */
  autorizador?: Autorizador;
  /** Base64 SHA-1 of what was signed. */
  digest?: string;
  /** Signed bytes (conteudos). */
  conteudo?: string;
  /** Id of the certificate that signed it, and that calls about it are made with. Absent of what an older release signed. */
  certificado?: string;
  /** The registered XML as SEFAZ holds it, when it is not ours (conteudos). */
  adotado?: string;
  retorno?: RegistroRetornoRecord;
  /** CNPJ or CPF that signs as author. */
  autor: string;
  /** Consults done since the fate became unknown; drives the back-off, never reset by a resend. */
  consultas: number;
  /** Every state that is not final has one, and a registered one until its effect is applied. */
  nextAt?: Date;
  /** Attempts of earlier rounds of the same identity: attempt numbers go on over them. */
  rodadas: readonly { attempts: readonly RegistroAttempt[] }[];
}

/** What is fixed once, before signing, and never changes for these bytes. */
export interface SignedRegistro {
  autorizador: Autorizador;
  digest: string;
  conteudo: string;
  certificado?: string;
}

export type NewRegistroAttempt = Pick<RegistroAttempt, 'kind' | 'autorizador' | 'service' | 'until' | 'trace'>;

/** What happened. `n` is the number of the attempt the fact is about. */
export type RegistroFact =
  | { kind: 'due' }
  | { kind: 'refused'; as: 'invalid' | 'rejected'; faults: Fault[] }
  /** No call before then: the company rests (656), or a limit of the hub's own is reached. */
  | { kind: 'resting'; until: Date; aviso?: Aviso }
  | { kind: 'signed'; content: SignedRegistro; attempt: NewRegistroAttempt; avisos?: Aviso[] }
  | { kind: 'opened'; attempt: NewRegistroAttempt }
  /** `adotado`: where the proc XML of a `found` that is not ours was stored. */
  | { kind: 'answered'; n: number; retorno: RegistroRetorno; durationMs: number; adotado?: string }
  | { kind: 'failed'; n: number; failure: 'not-sent' | 'unknown' | 'permanent'; reason: string; retryAfterMs?: number; durationMs: number }
  /** What the registration changes elsewhere is stored there. */
  | { kind: 'applied' };

/** What the worker does next. `wait` ends its run: the clockwork calls again at `nextAt`. */
export type RegistroAction =
  | { do: 'prepare' }
  | { do: 'send' }
  | { do: 'consult' }
  | { do: 'apply' }
  | { do: 'wait'; until: Date }
  | { do: 'nothing' };

/** How a kind of registro lives: whether SEFAZ can be asked for it, and whether its registration changes something else here. */
export interface RegistroTraits {
  canConsult: boolean;
  hasEffect: boolean;
  /** Of what cannot be consulted: refusals as a duplicate, by cStat, that speak of this very request: always, or if it was sent before. */
  duplicado?: Readonly<Record<string, 'sempre' | 'se-enviado'>>;
}

export type RegistroChange = Partial<Omit<RegistroLifecycle, 'rodadas' | 'autor'>>;

/** `change` undefined: nothing to write. A key with the value undefined is removed. */
export interface RegistroDecision {
  change?: RegistroChange;
  action: RegistroAction;
  event?: 'registered' | 'rejected';
}

const FINAL: ReadonlySet<RegistroState> = new Set(['registered', 'rejected', 'invalid', 'conflict']);

/** True when its state never changes again (a new round of the same identity apart). */
export function isFinal(state: RegistroState): boolean {
  return FINAL.has(state);
}

/** True when the identity may be used again: the request was refused and is registered nowhere. */
export function isRefused(state: RegistroState): boolean {
  return state === 'rejected' || state === 'invalid';
}

/** The attempt that is under way, if any; there is never more than one. */
export function openRegistroAttempt({ attempts }: Pick<RegistroLifecycle, 'attempts'>): RegistroAttempt | undefined {
  return attempts.find((attempt) => attempt.result === 'open');
}

/** 108, 109, 113, 114: the service refused to work at all; 656, 678: it refused to listen. None of them processed anything. */
const NOT_PROCESSED: ReadonlySet<string> = new Set(['108', '109', '113', '114', '656', '678']);

/** True when some transmission may have left it at an authoriser without our knowing. */
export function mayBeRegistered({ attempts }: Pick<RegistroLifecycle, 'attempts'>): boolean {
  return attempts.some(
    ({ kind, result, cStat }) =>
      kind === 'register' && (result === 'unknown' || result === 'open' || (result === 'answered' && !NOT_PROCESSED.has(cStat ?? ''))),
  );
}
