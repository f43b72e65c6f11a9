import { dead, type Handler } from '@malote/broker/consumer';
import { type DocumentDeps, documentHandler } from './handle-document.ts';
import { createModos, type Modos } from './modos.ts';
import { type EventoDeps, eventoHandler } from './register-evento.ts';
import { type InutilizacaoDeps, inutilizacaoHandler } from './request-inutilizacao.ts';
import { certificateTestHandler } from './test-certificate.ts';
import { voidedRanges } from './voided-ranges.ts';

export interface EmissionDeps extends Omit<DocumentDeps & EventoDeps & InutilizacaoDeps, 'voided' | 'modos'> {
  /** Absent: modes and policies are read, nothing is suspected. */
  modos?: Modos;
}

/** Every message of an emission queue, by what it is about. */
export function emissionHandler(options: EmissionDeps): Handler {
  const { store, clock, modos = createModos({ store, clock }) } = options;
  const deps = { ...options, modos, voided: voidedRanges(store.inutilizacoes, clock) };
  const [document, evento, inutilizacao] = [documentHandler(deps), eventoHandler(deps), inutilizacaoHandler(deps)];
  const testCertificate = certificateTestHandler(deps);
  return async (message, context) => {
    switch (message.type) {
      case 'document.emit':
      case 'document.reconcile':
        return document(message, context);
      case 'evento.register':
        return evento(message, context);
      case 'inutilizacao.request':
        return inutilizacao(message, context);
      case 'certificate.test':
        return testCertificate(message, context);
      default:
        return dead(`${message.type} is no command of the emission worker`);
    }
  };
}
