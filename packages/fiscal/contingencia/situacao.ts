import type { Autorizador } from '../model/autorizador.ts';
import type { Modelo } from '../model/modelo.ts';
import type { Uf } from '../model/uf.ts';

/** A way of issuing while the normal authoriser is away; tpEmis follows from it and from model and UF (MOC 7.0 Anexo III). */
export const MODOS_CONTINGENCIA = ['SVC', 'EPEC', 'OFFLINE', 'FSDA'] as const;
export type ModoContingencia = (typeof MODOS_CONTINGENCIA)[number];
export type Modo = 'NORMAL' | ModoContingencia;
export type AmbienteName = 'prod' | 'hom';

/** Whose status service is asked: `epec` is EPECStatusServico of the NFC-e in SP. */
export type StatusTarget = 'normal' | 'svc' | 'epec';

/** What each model may switch to by itself. FS-DA needs the declared stock of forms, an NF-e OFFLINE its tpImp 6: never chosen here. */
export const AUTOMATIC_MODOS: Readonly<Record<Modelo, readonly ModoContingencia[]>> = {
  '55': ['SVC', 'EPEC'],
  '65': ['OFFLINE', 'EPEC'],
  '57': ['SVC', 'EPEC'],
  '67': ['SVC'],
  '58': ['OFFLINE'],
};

/** What a person may order (MOC 7.0 Anexo III; MOC CT-e 4.00 §11; 783: no SVC for the NFC-e). */
export const MANUAL_MODOS: Readonly<Record<Modelo, readonly ModoContingencia[]>> = {
  '55': ['SVC', 'EPEC', 'FSDA', 'OFFLINE'],
  '65': ['OFFLINE', 'EPEC'],
  '57': ['SVC', 'EPEC', 'FSDA'],
  '67': ['SVC', 'FSDA'],
  '58': ['OFFLINE'],
};

/** Whose mode it is, and the hub's thresholds; times in ms. */
export interface Settings {
  modelo: Modelo;
  uf: Uf;
  ambiente: AmbienteName;
  /** false: nothing is entered without a person */
  automatic: boolean;
  /** modes to try, first one first; what AUTOMATIC_MODOS has not for the model is passed over */
  order: readonly ModoContingencia[];
  /** failures, on how many distinct documents, within which time */
  failures: number;
  documents: number;
  windowMs: number;
  /** consecutive good status answers of the normal authoriser that end a contingency */
  returnAnswers: number;
  /** least time in a mode; doubled by each entry within calmMs of the last exit, up to maxStayMs */
  minStayMs: number;
  maxStayMs: number;
  calmMs: number;
  /** a status answer younger than this is not asked for again */
  askEveryMs: number;
  /** status calls in a row that the SVC in use leaves without a good answer before the next mode of the order */
  svcLostAnswers: number;
  /** how much older than the failures of all authorisers an answer may be and still prove that the network works */
  ourSideMs: number;
}

const MINUTE = 60_000;

export const DEFAULT_THRESHOLDS = {
  failures: 3,
  documents: 2,
  windowMs: 5 * MINUTE,
  returnAnswers: 3,
  minStayMs: 10 * MINUTE,
  maxStayMs: 120 * MINUTE,
  calmMs: 60 * MINUTE,
  askEveryMs: 3 * MINUTE,
  svcLostAnswers: 2,
  ourSideMs: MINUTE,
} as const satisfies Partial<Settings>;

/** What led to a switch: kept in the history. */
export interface Why {
  reason: 'start' | 'outage' | 'svc-ended' | 'svc-lost' | 'svc-active' | 'normal-back' | 'by-hand';
  failures: number;
  documents: number;
  /** last status answers: a cStat, or `none` */
  normal?: string;
  svc?: string;
  epec?: string;
}

/** The mode in force: what is stored and published. `version` grows by one with each switch. */
export interface Mode {
  modo: Modo;
  since: Date;
  why: Why;
  version: number;
  /** set by a person: only a person ends it */
  byHand: boolean;
  /** least time in this mode; what the next entry doubles */
  stayMs: number;
  /** when the last contingency ended */
  leftAt?: Date;
  /** nothing is entered by itself before */
  notBefore?: Date;
}

export interface StatusAnswer {
  answer: string;
  at: number;
  /** how many in a row were good (up to this one), or not good */
  inARow: number;
}

/** Failures of one second; `documents` holds no more ids than the threshold asks for. */
export interface FailedSecond {
  at: number;
  failures: number;
  documents: string[];
}

/** When an authoriser was last heard and last silent, in ms; `local`: the silence was DNS or no route. */
export interface Heard {
  answeredAt?: number;
  failedAt?: number;
  local?: boolean;
}

/** What decide remembers between facts. Losing it is safe: an entry comes later, an exit counts its good answers again. */
export interface Evidence {
  failed: FailedSecond[];
  heard: Partial<Record<`${Autorizador}/${AmbienteName}`, Heard>>;
  status: Partial<Record<StatusTarget, StatusAnswer>>;
  ourSide: boolean;
}

export interface Situacao {
  mode: Mode;
  evidence: Evidence;
}

/** Calls of one second to one authoriser for one model and UF, counted by `callOutcome`. */
export interface ObservedCalls {
  autorizador: Autorizador;
  modelo: Modelo;
  uf: Uf;
  ambiente: AmbienteName;
  answered: number;
  failures: number;
  local: number;
  paused: number;
  /** ids of documents whose calls failed, were local or paused: all of them, or at least as many as the threshold asks for */
  documents: readonly string[];
}

export type Fact =
  | { kind: 'observed'; at: Date; calls: readonly ObservedCalls[] }
  | { kind: 'circuit-open'; autorizador: Autorizador; ambiente: AmbienteName }
  /** `answer`: the cStat, or `none` when nothing readable came */
  | { kind: 'status'; target: StatusTarget; answer: string; at: Date }
  | { kind: 'clock' }
  | { kind: 'order'; modo: Modo };

export type Action =
  /** ask when the turn allows it: the caller keeps status calls to one authoriser 3 min apart over all processes */
  | { do: 'ask'; target: StatusTarget }
  | { do: 'enter'; modo: ModoContingencia; from: Modo }
  | { do: 'leave'; from: ModoContingencia }
  | { do: 'alarm'; alarm: 'our-side'; on: boolean }
  /** an order that the model does not allow; nothing changed */
  | { do: 'refuse'; modo: Modo };

export interface Decision {
  situacao: Situacao;
  actions: Action[];
}

/** Normal emission, nothing known yet. */
export function startOf(now: Date): Situacao {
  const why: Why = { reason: 'start', failures: 0, documents: 0 };
  return {
    mode: { modo: 'NORMAL', since: now, why, version: 0, byHand: false, stayMs: 0 },
    evidence: { failed: [], heard: {}, status: {}, ourSide: false },
  };
}
