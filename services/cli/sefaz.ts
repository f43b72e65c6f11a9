import { autorizadorFor } from '@malote/fiscal/model/autorizador';
import { codigoUf } from '@malote/fiscal/model/uf';
import { systemClock } from '@malote/runtime/clock';
import { loadConfig } from '@malote/runtime/config';
import { createLogger } from '@malote/runtime/logger';
import { createMetrics } from '@malote/runtime/metrics';
import { configuredClient, SEFAZ_CONFIG } from '@malote/sefaz/configured-client';
import type { Store } from '@malote/store/connect';
import type { Command } from './commands.ts';
import { readOptions, UsageError } from './usage.ts';
import { show, withStore } from './with-store.ts';

const options = {
  conta: { description: 'id da conta', required: true },
  empresa: { description: 'CNPJ ou CPF da empresa cujo certificado faz a chamada', required: true },
  ambiente: { description: 'hom ou prod (padrão hom)' },
  modelo: { description: '55 ou 65 (padrão 55)' },
  'tp-emis': { description: '1 pergunta ao autorizador normal, 6 ou 7 ao de contingência (padrão 1)', example: 'n' },
};

export const sefazStatus: Command = {
  name: 'sefaz status',
  summary:
    'Pergunta ao autorizador da UF da empresa se está em operação; no máximo uma vez a cada três minutos, somando todos os processos.',
  options,
  async run(args) {
    const {
      conta = '',
      empresa: documento = '',
      ambiente = 'hom',
      modelo = '55',
      'tp-emis': tpEmis = '1',
      json,
    } = readOptions(options, args);
    if (ambiente !== 'hom' && ambiente !== 'prod') throw new UsageError('--ambiente deve ser hom ou prod');
    if (modelo !== '55' && modelo !== '65') throw new UsageError('--modelo deve ser 55 ou 65');
    if (!['1', '6', '7'].includes(tpEmis)) throw new UsageError('--tp-emis deve ser 1, 6 ou 7');
    const config = loadConfig(SEFAZ_CONFIG);
    return withStore(
      async (store) => {
        const { uf, credential } = await certificateOf(store, conta, documento);
        const autorizador = autorizadorFor({ modelo, uf, tpEmis });
        const tpAmb = ambiente === 'prod' ? '1' : '2';
        const turn = await store.consumo.takeStatusTurn({ autorizador, tpAmb });
        if (turn !== true)
          throw new Error(`o status de ${autorizador} foi consultado há menos de três minutos; de novo a partir de ${turn.toISOString()}`);
        const log = createLogger({ service: 'cli', level: 'silent' });
        const sefaz = configuredClient(config, { log, clock: systemClock, metrics: createMetrics('cli') });
        try {
          const { retorno, durationMs } = await sefaz.status({ modelo, autorizador, ambiente: tpAmb, cUF: codigoUf(uf), credential });
          const said = retorno.kind === 'unreadable' ? { motivo: retorno.reason } : { cStat: retorno.cStat, motivo: retorno.xMotivo };
          return show({ autorizador, ambiente, ...said, duracaoMs: durationMs }, json);
        } finally {
          await sefaz.close();
        }
      },
      { secrets: true },
    );
  },
};

async function certificateOf(store: Store, conta: string, documento: string) {
  const empresa = await store.empresas.find({ conta, documento });
  if (!empresa) throw new Error(`a conta ${conta} não tem a empresa ${documento}`);
  const credential = empresa.certificado && (await store.certificados.open({ conta, empresa: documento }, empresa.certificado));
  if (!credential) throw new Error(`a empresa ${documento} não tem certificado; instale com \`malote certificate put\``);
  return { uf: empresa.uf, credential };
}
