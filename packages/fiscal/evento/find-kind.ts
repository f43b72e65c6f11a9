import type { Fault } from '../fault.ts';
import { MODELOS, type Modelo } from '../model/modelo.ts';
import { eventoFault } from './fault-codes.ts';
import { type EventoKind, eventoKind } from './kinds.ts';

const CARTA_CORRECAO = '110110';

/** The event that a company may ask for, or why it may not: a code the model has not, one of the tax authority, one of a service not there yet. */
export function findKind(modelo: Modelo, tpEvento: string): { ok: true; kind: EventoKind } | { ok: false; fault: Fault } {
  const refuse = (code: 'EVT-015' | 'EVT-016' | 'EVT-047' | 'EVT-051', message: string) =>
    ({ ok: false, fault: eventoFault(code, 'infEvento/tpEvento', message) }) as const;
  const kind = eventoKind(modelo, tpEvento);
  if (!kind && modelo === '65' && tpEvento === CARTA_CORRECAO) {
    return refuse('EVT-047', 'NFC-e não tem carta de correção (110110). Cancele a nota e emita outra.');
  }
  if (!kind) return refuse('EVT-051', `O evento ${tpEvento.slice(0, 10)} não existe para ${MODELOS[modelo].sigla}. Confira tpEvento.`);
  const name = `${tpEvento} (${kind.descEvento})`;
  if (!kind.enviavel) return refuse('EVT-015', `O evento ${name} não pode ser enviado por empresas.`);
  if (!kind.suportado) return refuse('EVT-016', `O evento ${name} ainda não é enviado por esta versão do hub.`);
  return { ok: true, kind };
}
