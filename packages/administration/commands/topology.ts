import { topologyAsDefinitions } from '@malote/broker/topology';
import { TOPOLOGY } from '@malote/messages/routes';
import { command } from '../command.ts';

export const topologyPrint = command({
  name: 'topology print',
  summary: 'Imprime exchanges, filas e bindings desta versão como definitions JSON, que o RabbitMQ importa.',
  options: { vhost: { description: 'virtual host das filas (padrão /)', example: 'malote' } },
  reads: true,
  async run(_deps, { vhost = '/' }) {
    return topologyAsDefinitions(TOPOLOGY, vhost);
  },
  text: (definitions) => JSON.stringify(definitions, undefined, 2),
});
