import type { Modelo } from '../../model/modelo.ts';

/** Ways of issuing without the normal autorizador; which SVC it is, and so the tpEmis, follows from the UF. */
export const MODALIDADES = ['SVC', 'EPEC', 'OFFLINE', 'FSDA'] as const;

export type Modalidade = (typeof MODALIDADES)[number];

/**
 * What each model may use and what the hub does when nobody says otherwise. MOC 7.0 Anexo III; MOC CT-e 4.00 §11; Ajuste SINIEF 19/16 cl. 11;
 * NT 2026.002 (`OFFLINE` of the 55: only notes with tpImp 6). EPEC of the 65 exists in SP alone.
 */
export const MODALIDADES_POR_MODELO: Readonly<Record<Modelo, { aceitas: readonly Modalidade[]; padrao: readonly Modalidade[] }>> = {
  '55': { aceitas: ['SVC', 'EPEC', 'OFFLINE', 'FSDA'], padrao: ['SVC', 'EPEC'] },
  '65': { aceitas: ['OFFLINE', 'EPEC'], padrao: ['OFFLINE'] },
  '57': { aceitas: ['SVC', 'EPEC', 'FSDA'], padrao: ['SVC', 'EPEC'] },
  '67': { aceitas: ['SVC', 'FSDA'], padrao: ['SVC'] },
  '58': { aceitas: ['OFFLINE'], padrao: ['OFFLINE'] },
};

/** xJust of a contingency document when no policy has a text (TString of the XSD, 15 to 256 characters). */
export const JUSTIFICATIVA_DO_HUB = 'Autorizador da SEFAZ indisponível: emissão em contingência';
