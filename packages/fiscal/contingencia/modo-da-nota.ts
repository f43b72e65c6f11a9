import { inOffsetOf, parseDateTime } from '../emission/date-time.ts';
import { emissionFault } from '../emission/fault-codes.ts';
import type { Fault } from '../fault.ts';
import { type AutorizadorContingencia, autorizadorContingencia, autorizadorNormal } from '../model/autorizador.ts';
import type { Modelo } from '../model/modelo.ts';
import type { Uf } from '../model/uf.ts';
import { isGood } from './evidence.ts';
import type { ModeloEfetivo, PoliticaEfetiva } from './politica.ts';
import { type AmbienteName, AUTOMATIC_MODOS, DEFAULT_THRESHOLDS, type Modo, type ModoContingencia, type Situacao } from './situacao.ts';

/** What of a note decides how it may be issued. */
export interface FatosDaNota {
  modelo: Modelo;
  uf: Uf;
  ambiente: AmbienteName;
  /** as the ERP wrote it; another than 1 is the ERP's own decision */
  tpEmisInformado: string;
  tpImp?: string | undefined;
  semIe: boolean;
  serie: number;
  /** with its offset */
  dhEmi: string;
  /** as the ERP wrote them, for a tpEmis of its own */
  dhContInformada?: string | undefined;
  xJustInformada?: string | undefined;
  /** when it must be out at the latest: its till's deadline */
  limite?: Date | undefined;
}

/** The rows of the store that concern the note: the hub's own mode, and what a person of the account said. */
export interface ModosVistos {
  hub?: { situacao: Situacao; suspeitaDesde?: Date } | undefined;
  conta?:
    | {
        ordem?: { modo: Modo; desde: Date; justificativa?: string };
        simulacao?: { desde: Date; ate: Date; modo?: Modo };
      }
    | undefined;
}

/**
 * How a note is issued. `NORMAL`: with the tpEmis it was written with, at its normal authoriser. `AGUARDAR`: not now, ask again then.
 * `RECUSADA`: the ERP chose a contingência that it may not use.
 */
export type EscolhaDeEmissao =
  | { modo: 'NORMAL' }
  | { modo: ModoContingencia; tpEmis: string; dhCont: string; desde: Date; xJust: string }
  | { modo: 'AGUARDAR'; ate: Date }
  | { modo: 'RECUSADA'; faults: Fault[] };

/** Issued in contingência: what is written into the note. */
export type EmContingencia = Extract<EscolhaDeEmissao, { tpEmis: string }>;

const SECOND = 1_000;
/** So long a suspicion holds new notes back: whether the authoriser is away is known by then. */
const SUSPEITA_MS = 30 * SECOND;
const ESPERA_MS = SECOND;
/** With less time than this left a till's note does not wait for a verdict. */
const FOLGA_MS = 2 * SECOND;

/** What a tpEmis of the ERP stands for; what is not here (1, NFF) is issued as it was written. */
const MODO_POR_TP_EMIS: Readonly<Record<Modelo, Readonly<Record<string, ModoContingencia>>>> = {
  '55': { '2': 'FSDA', '4': 'EPEC', '5': 'FSDA', '6': 'SVC', '7': 'SVC', '9': 'OFFLINE' },
  '65': { '4': 'EPEC', '9': 'OFFLINE' },
  '57': { '4': 'EPEC', '5': 'FSDA', '7': 'SVC', '8': 'SVC' },
  '67': { '5': 'FSDA', '7': 'SVC', '8': 'SVC' },
  '58': { '2': 'OFFLINE' },
};

const TP_EMIS_SVC: Readonly<Record<AutorizadorContingencia, string>> = { 'SVC-AN': '6', 'SVC-RS': '7', 'SVC-SP': '8' };

/**
 * How a note that was never transmitted is issued now. A tpEmis that the ERP wrote is kept (FS-DA: only with a declared stock of forms). A drill
 * or a person's order of its account goes before the hub's mode; the hub's mode counts where the policy is automatic, in the account's own
 * order of modes, the first one that works for the note; with none the note goes to its normal authoriser. While an outage is suspected it
 * waits a second at a time, unless its till has no time: then it goes off line, if it may. API.md 7; MOC 7.0 Anexo III.
 */
export function escolheModo(nota: FatosDaNota, vistos: ModosVistos, politica: PoliticaEfetiva, now: Date): EscolhaDeEmissao {
  const propria = MODO_POR_TP_EMIS[nota.modelo][nota.tpEmisInformado];
  if (propria) return doErp(nota, propria, politica, now);
  const { modo } = politica.modelos[nota.modelo];
  if (nota.tpEmisInformado !== '1' || !politica.ativo.valor || modo.valor === 'desligado') return { modo: 'NORMAL' };
  return (
    daSimulacao(nota, vistos, politica, now) ??
    daOrdem(nota, vistos, politica) ??
    (modo.valor === 'automatico' ? doHub(nota, vistos, politica, now) : undefined) ?? { modo: 'NORMAL' }
  );
}

/**
 * Whether a note may go off line by itself, since its till cannot wait: an NFC-e whose order has OFFLINE; an NF-e with tpImp 6 too, and where
 * nobody set an order. Ajuste SINIEF 19/16 cl. 11; NT 2026.002.
 */
export function permiteOffline(nota: FatosDaNota, politica: PoliticaEfetiva): boolean {
  const { modo } = politica.modelos[nota.modelo];
  if (nota.tpEmisInformado !== '1' || !politica.ativo.valor || modo.valor !== 'automatico') return false;
  return nota.modelo !== '58' && ordemDaNota(nota, politica).includes('OFFLINE');
}

/**
 * What a note issued in the mode carries: dhCont is the beginning of the contingência in the offset of dhEmi, never after dhEmi (EMI-071).
 * Throws RangeError for a mode that the note cannot have, and for a dhEmi that is no date-time of the layout.
 */
export function emContingencia(nota: FatosDaNota, modo: ModoContingencia, desde: Date, politica: PoliticaEfetiva): EmContingencia {
  const tpEmis = tpEmisOf(nota, modo);
  if (!tpEmis) throw new RangeError(`modelo ${nota.modelo} of ${nota.uf} has no ${modo}`);
  const emissao = parseDateTime(nota.dhEmi);
  if (!emissao) throw new RangeError(`dhEmi is no date-time of the layout: ${nota.dhEmi}`);
  const dhCont = desde < emissao ? inOffsetOf(nota.dhEmi, desde) : nota.dhEmi;
  return { modo, tpEmis, dhCont, desde: parseDateTime(dhCont) ?? emissao, xJust: politica.justificativa.valor };
}

/** The ERP's own contingência: its dhCont and xJust are kept, a missing one is filled in. */
function doErp(nota: FatosDaNota, modo: ModoContingencia, politica: PoliticaEfetiva, now: Date): EscolhaDeEmissao {
  if (modo === 'FSDA' && !(politica.modelos[nota.modelo].formulariosFsda?.valor ?? 0)) {
    const message =
      `tpEmis ${nota.tpEmisInformado} imprime em formulário de segurança, e esta empresa não declarou formulários: em papel comum o ` +
      'documento é inidôneo. Declare formulariosFsda na política de contingência da empresa ou use outra contingência.';
    return { modo: 'RECUSADA', faults: [emissionFault('EMI-081', 'ide/tpEmis', message)] };
  }
  const emissao = parseDateTime(nota.dhEmi) ?? now;
  const informada = parseDateTime(nota.dhContInformada ?? '');
  return {
    ...{ modo, tpEmis: nota.tpEmisInformado, dhCont: (informada && nota.dhContInformada) || nota.dhEmi, desde: informada ?? emissao },
    xJust: nota.xJustInformada ?? politica.justificativa.valor,
  };
}

/** A drill: the normal authoriser counts as away, as soon as it is known which mode works. */
function daSimulacao(nota: FatosDaNota, { conta }: ModosVistos, politica: PoliticaEfetiva, now: Date): EscolhaDeEmissao | undefined {
  const drill = conta?.simulacao;
  if (!drill || drill.desde > now || drill.ate <= now || !concerns(nota)) return undefined;
  if (!drill.modo) return espera(nota, drill.desde, politica, now);
  if (drill.modo === 'NORMAL') return undefined;
  // In the account's own order: an SVC and the EPEC of an NFC-e only when the drill found that they work.
  const modo = ordemDaNota(nota, politica).find(
    (one) => one === drill.modo || (one !== 'SVC' && !(one === 'EPEC' && nota.modelo === '65')),
  );
  return modo && emContingencia(nota, modo, drill.desde, politica);
}

/** A person's word for the account; a mode that this note cannot have leaves it to the hub's. */
function daOrdem(nota: FatosDaNota, { conta }: ModosVistos, politica: PoliticaEfetiva): EscolhaDeEmissao | undefined {
  const ordem = conta?.ordem;
  if (!ordem) return undefined;
  const { modo, desde, justificativa } = ordem;
  if (modo === 'NORMAL') return { modo };
  if (!serve(nota, modo)) return undefined;
  if (modo === 'FSDA' && !(politica.modelos[nota.modelo].formulariosFsda?.valor ?? 0)) return undefined;
  return { ...emContingencia(nota, modo, desde, politica), ...(justificativa ? { xJust: justificativa } : {}) };
}

function doHub(nota: FatosDaNota, { hub }: ModosVistos, politica: PoliticaEfetiva, now: Date): EscolhaDeEmissao | undefined {
  if (!hub || !concerns(nota)) return undefined;
  const { mode } = hub.situacao;
  if (mode.modo === 'NORMAL') return hub.suspeitaDesde && espera(nota, hub.suspeitaDesde, politica, now);
  const modo = ordemDaNota(nota, politica).find((one) => works(nota, one, hub.situacao, now));
  return modo && emContingencia(nota, modo, mode.since, politica);
}

/** An outage is suspected, or a drill has just begun. */
function espera(nota: FatosDaNota, desde: Date, politica: PoliticaEfetiva, now: Date): EscolhaDeEmissao | undefined {
  const { limite } = nota;
  if (now.getTime() - desde.getTime() >= SUSPEITA_MS || ordemDaNota(nota, politica).length === 0) return undefined;
  if (!limite || limite.getTime() - now.getTime() >= FOLGA_MS) return { modo: 'AGUARDAR', ate: new Date(now.getTime() + ESPERA_MS) };
  return permiteOffline(nota, politica) ? emContingencia(nota, 'OFFLINE', desde, politica) : undefined;
}

/** NT 2026.007: a note that another authoriser than its UF's takes is not concerned by the UF's outage. */
function concerns({ modelo, uf, semIe, serie }: FatosDaNota): boolean {
  return autorizadorNormal(modelo, uf, { semIe, serie }) === autorizadorNormal(modelo, uf);
}

/** The automatic modes of the account's order that this note can have. */
function ordemDaNota(nota: FatosDaNota, politica: PoliticaEfetiva): ModoContingencia[] {
  const { ordem }: ModeloEfetivo = politica.modelos[nota.modelo];
  const simplificado = nota.modelo === '55' && nota.tpImp === '6';
  const modos = simplificado && ordem.origem === 'hub' ? (['OFFLINE', ...ordem.valor] as const) : ordem.valor;
  return modos.filter((modo) => (AUTOMATIC_MODOS[nota.modelo].includes(modo) || (simplificado && modo === 'OFFLINE')) && serve(nota, modo));
}

function serve(nota: FatosDaNota, modo: ModoContingencia): boolean {
  return tpEmisOf(nota, modo) !== undefined;
}

/** Whether the mode can be used now, by what the hub's own mode and its last status answers say. */
function works({ modelo }: FatosDaNota, modo: ModoContingencia, { mode, evidence }: Situacao, now: Date): boolean {
  const good = (target: 'svc' | 'epec') => {
    const last = evidence.status[target];
    return last !== undefined && now.getTime() - last.at < DEFAULT_THRESHOLDS.askEveryMs && isGood(target, last.answer, { modelo });
  };
  if (modo === 'SVC') return mode.modo === 'SVC' || good('svc');
  return modo === 'EPEC' && modelo === '65' ? mode.modo === 'EPEC' || good('epec') : true;
}

/** Undefined where model, UF or the note itself have no such mode. */
function tpEmisOf({ modelo, uf, tpImp, semIe, serie }: FatosDaNota, modo: ModoContingencia): string | undefined {
  if (modo === 'SVC') {
    const svc = autorizadorContingencia(modelo, uf, { semIe, serie });
    return svc && TP_EMIS_SVC[svc];
  }
  if (modo === 'OFFLINE') return modelo === '58' ? '2' : modelo === '65' || (modelo === '55' && tpImp === '6') ? '9' : undefined;
  if (modo === 'FSDA') return modelo === '55' || modelo === '57' || modelo === '67' ? '5' : undefined;
  return modelo === '55' || modelo === '57' || (modelo === '65' && uf === 'SP') ? '4' : undefined;
}
