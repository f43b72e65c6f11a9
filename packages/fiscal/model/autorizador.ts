import { AUTORIZADOR_DATA } from './data/autorizador.data.ts';
import { type Familia, MODELO_CODES, MODELOS, type Modelo } from './modelo.ts';
import type { Uf } from './uf.ts';

/** Who authorises: a UF's own SEFAZ, a virtual one (SVRS, SVAN, SVSP), a contingency one (SVC-…), or the national environment. */
export type Autorizador =
  | ('AM' | 'BA' | 'GO' | 'MG' | 'MS' | 'MT' | 'PE' | 'PR' | 'RS' | 'SP')
  | ('SVAN' | 'SVRS' | 'SVSP')
  | ('SVC-AN' | 'SVC-RS' | 'SVC-SP')
  | 'AN';

export type AutorizadorNormal = Exclude<Autorizador, 'AN' | `SVC-${string}`>;
export type AutorizadorContingencia = Extract<Autorizador, `SVC-${string}`>;

export interface EmitenteContext {
  /** the document has no emit/IE (contributor of IBS/CBS only) */
  semIe?: boolean;
  serie?: number;
}

/** tpEmis that means "authorised by the SVC", per family (MOC 7.0 Anexo III; MOC CT-e 4.00 §11). */
const SVC_BY_TP_EMIS: Readonly<Record<Familia, Readonly<Record<string, AutorizadorContingencia>>>> = {
  nfe: { '6': 'SVC-AN', '7': 'SVC-RS' },
  cte: { '7': 'SVC-RS', '8': 'SVC-SP' },
  mdfe: {},
};

/** NT 2026.007: an NF-e without emit/IE is authorised at SVRS whatever the UF; séries 890–919 (issued by or at SEFAZ) are excepted. */
function isIbsCbsOnly(modelo: Modelo, opts: EmitenteContext): boolean {
  if (modelo !== '55' || !opts.semIe) return false;
  return opts.serie === undefined || opts.serie < 890 || opts.serie > 919;
}

/** The authoriser in normal emission. */
export function autorizadorNormal(modelo: Modelo, uf: Uf, opts: EmitenteContext = {}): AutorizadorNormal {
  return isIbsCbsOnly(modelo, opts) ? 'SVRS' : AUTORIZADOR_DATA[modelo][uf][0];
}

/** The UF's SVC for the model; undefined where there is none (65, 58, and an NF-e that only SVRS may authorise). */
export function autorizadorContingencia(modelo: Modelo, uf: Uf, opts: EmitenteContext = {}): AutorizadorContingencia | undefined {
  return isIbsCbsOnly(modelo, opts) ? undefined : (AUTORIZADOR_DATA[modelo][uf][1] ?? undefined);
}

/** The SVC a tpEmis asks for, whether or not it serves the UF; undefined for every other tpEmis. */
export function svcOfTpEmis(modelo: Modelo, tpEmis: string): AutorizadorContingencia | undefined {
  return SVC_BY_TP_EMIS[MODELOS[modelo].familia][tpEmis];
}

/**
 * The authoriser that decides about this document: also the one to consult later, so store it when the document is signed (SEFAZ and
 * SVC are separate databases). A tpEmis of an SVC that does not serve the UF gives the normal authoriser (emission/rules refuses such a document).
 */
export function autorizadorFor(facts: { modelo: Modelo; uf: Uf; tpEmis: string } & EmitenteContext): Autorizador {
  const { modelo, uf, tpEmis } = facts;
  const asked = svcOfTpEmis(modelo, tpEmis);
  if (asked && asked === autorizadorContingencia(modelo, uf, facts)) return asked;
  return autorizadorNormal(modelo, uf, facts);
}

/** The distinct normal authorisers of a family, sorted: one bulkhead queue each. */
export function autorizadoresOf(familia: Familia): AutorizadorNormal[] {
  const found = new Set<AutorizadorNormal>();
  for (const modelo of MODELO_CODES) {
    if (MODELOS[modelo].familia !== familia) continue;
    for (const [normal] of Object.values(AUTORIZADOR_DATA[modelo])) found.add(normal);
  }
  return [...found].sort();
}
