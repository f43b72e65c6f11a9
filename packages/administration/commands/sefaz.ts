import { autorizadorFor } from '@malote/fiscal/model/autorizador';
import { codigoUf } from '@malote/fiscal/model/uf';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { createMetrics } from '@malote/runtime/metrics';
import type { Store } from '@malote/store/connect';
import { command } from '../command.ts';
import { OptionFault } from '../option.ts';
import { Refused } from '../refused.ts';
import { empresaOf } from './owner.ts';

export const sefazStatus = command({
  name: 'sefaz status',
  summary:
    'Pergunta ao autorizador da UF da empresa se está em operação; no máximo uma vez a cada três minutos, somando todos os processos.',
  options: {
    conta: { description: 'id da conta', required: true },
    empresa: { description: 'CNPJ ou CPF da empresa cujo certificado faz a chamada', required: true },
    ambiente: { description: 'hom ou prod (padrão hom)' },
    modelo: { description: '55 ou 65 (padrão 55)' },
    'tp-emis': { description: '1 pergunta ao autorizador normal, 6 ou 7 ao de contingência (padrão 1)', example: 'n' },
  },
  // It takes the turn of everybody else, and uses the company's key.
  reads: false,
  acao: 'sefaz.consultar-status',
  async run(deps, { conta, empresa, ambiente = 'hom', modelo = '55', 'tp-emis': tpEmis = '1' }) {
    if (ambiente !== 'hom' && ambiente !== 'prod') throw new OptionFault('--ambiente deve ser hom ou prod', 'ambiente');
    if (modelo !== '55' && modelo !== '65') throw new OptionFault('--modelo deve ser 55 ou 65', 'modelo');
    if (!['1', '6', '7'].includes(tpEmis)) throw new OptionFault('--tp-emis deve ser 1, 6 ou 7', 'tp-emis');
    // Not needed by an edge until it is asked.
    const { configuredClient, SEFAZ_CONFIG } = await import('@malote/sefaz/configured-client');
    const config = deps.config(SEFAZ_CONFIG);
    const store = await deps.store({ secrets: true });
    const { uf, credential } = await certificateOf(store, conta, empresa);
    const autorizador = autorizadorFor({ modelo, uf, tpEmis });
    const tpAmb = ambiente === 'prod' ? '1' : '2';
    const turn = await store.consumo.takeStatusTurn({ autorizador, tpAmb });
    if (turn !== true) {
      const again = `o status de ${autorizador} foi consultado há menos de três minutos; de novo a partir de ${turn.toISOString()}`;
      throw new Refused('status-consultado-ha-pouco', again);
    }
    const log = createLogger({ service: 'cli', level: 'silent' });
    const sefaz = configuredClient(config, { log, clock: systemClock, metrics: createMetrics('cli') });
    try {
      const { retorno, durationMs } = await sefaz.status({ modelo, autorizador, ambiente: tpAmb, cUF: codigoUf(uf), credential });
      const said = retorno.kind === 'unreadable' ? { motivo: retorno.reason } : { cStat: retorno.cStat, motivo: retorno.xMotivo };
      return { autorizador, ambiente, ...said, duracaoMs: durationMs };
    } catch (error) {
      throw new Refused('sefaz-sem-resposta', (error as Error).message);
    } finally {
      await sefaz.close();
    }
  },
});

async function certificateOf(store: Store, conta: string, empresa: string) {
  const { uf, certificado } = await empresaOf(store, { conta, empresa });
  const credential = certificado && (await store.certificados.open({ conta, empresa }, certificado));
  if (!credential) {
    const what = `a empresa ${empresa} não tem certificado; instale com \`malote certificate put\``;
    throw new Refused('certificado-ausente', what, 'empresa');
  }
  return { uf, credential };
}
