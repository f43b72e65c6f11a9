import { topologyAsDefinitions } from '@malote/broker/topology';
import { TOPOLOGY } from '@malote/messages/routes';
import type { Command } from './commands.ts';
import { readOptions } from './usage.ts';

const options = { vhost: { description: 'virtual host das filas (padrão /)', example: 'malote' } };

export const topologyPrint: Command = {
  name: 'topology print',
  summary: 'Imprime exchanges, filas e bindings desta versão como definitions JSON, que o RabbitMQ importa.',
  options,
  async run(args) {
    const { vhost = '/', json } = readOptions(options, args);
    return JSON.stringify(topologyAsDefinitions(TOPOLOGY, vhost), undefined, json ? undefined : 2);
  },
};
