import { dead, type Handler } from '@malote/broker/consumer';
import { type DocumentDeps, documentHandler } from './handle-document.ts';
import { type EventoDeps, eventoHandler } from './register-evento.ts';

export interface EmissionDeps extends DocumentDeps, EventoDeps {}

/** Every message of an emission queue, by what it is about. */
export function emissionHandler(deps: EmissionDeps): Handler {
  const [document, evento] = [documentHandler(deps), eventoHandler(deps)];
  return async (message, context) => {
    switch (message.type) {
      case 'document.emit':
      case 'document.reconcile':
        return document(message, context);
      case 'evento.register':
        return evento(message, context);
      default:
        return dead(`${message.type} is no command of the emission worker`);
    }
  };
}
