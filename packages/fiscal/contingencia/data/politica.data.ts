import type { Modelo } from '../../model/modelo.ts';
import type { ModoContingencia } from '../situacao.ts';

/**
 * What the hub does when nobody says otherwise, of what each model may use (MANUAL_MODOS). MOC 7.0 Anexo III; MOC CT-e 4.00 §11; Ajuste SINIEF
 * 19/16 cl. 11. EPEC of the 65 exists in SP alone.
 */
export const ORDEM_PADRAO: Readonly<Record<Modelo, readonly ModoContingencia[]>> = {
  '55': ['SVC', 'EPEC'],
  '65': ['OFFLINE'],
  '57': ['SVC', 'EPEC'],
  '67': ['SVC'],
  '58': ['OFFLINE'],
};

/** xJust of a contingency document when no policy has a text (TString of the XSD, 15 to 256 characters). */
export const JUSTIFICATIVA_DO_HUB = 'Autorizador da SEFAZ indisponível: emissão em contingência';
