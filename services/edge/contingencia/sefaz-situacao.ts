import type { QuadroSefaz } from '@malote/redis/situacao-sefaz';
import Joi from 'joi';
import { answerList } from '../conditional.ts';
import type { Exchange } from '../exchange.ts';

export interface SefazSituacaoDeps {
  /** Undefined while the contingency worker keeps no board. */
  readQuadro(): Promise<QuadroSefaz | undefined>;
}

const count = () => Joi.number().integer().min(0).required();
const ms = () => Joi.number().min(0).allow(null).required();

export const quadroSchema = Joi.object({
  em: Joi.string().isoDate().allow(null).required().description('Quando o quadro foi feito; nulo, se ninguém o mantém agora.'),
  janelaS: Joi.number().min(0).allow(null).required().description('Segundos de tráfego real que ele resume.'),
  servicos: Joi.array()
    .items(
      Joi.object({
        ...{ autorizador: Joi.string().required(), codModelo: Joi.string().required(), servico: Joi.string().required() },
        ambiente: Joi.string().valid('hom', 'prod').required(),
        estado: Joi.string()
          .valid('operando', 'instavel', 'sem-resposta')
          .required()
          .description('`instavel`: algumas chamadas falham; `sem-resposta`: todas, ou o Malote parou de insistir.'),
        circuito: Joi.string().valid('fechado', 'meio-aberto', 'aberto').required(),
        ...{ respostas: count(), falhas: count(), p50Ms: ms(), p95Ms: ms() },
        ultimaFalha: Joi.object({ motivo: Joi.string().required(), em: Joi.string().isoDate().required() }).allow(null).required(),
      }),
    )
    .required(),
})
  .meta({ component: 'SituacaoSefaz' })
  .example({
    ...{ em: '2026-11-21T13:05:00.000Z', janelaS: 300 },
    servicos: [
      {
        ...{ autorizador: 'SP', codModelo: '55', servico: 'NFeAutorizacao4', ambiente: 'prod', estado: 'instavel', circuito: 'fechado' },
        ...{ respostas: 812, falhas: 9, p50Ms: 420, p95Ms: 1800 },
        ultimaFalha: { motivo: 'timeout', em: '2026-11-21T13:04:41.000Z' },
      },
    ],
  });

const CIRCUITO = { closed: 'fechado', 'half-open': 'meio-aberto', open: 'aberto' } as const;

/** GET of the status board of SEFAZ, made of real traffic. It tells of no account. */
export function createShowSefaz({ readQuadro }: SefazSituacaoDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    // What Redis cannot say now, it says in a moment.
    const quadro = await readQuadro().catch((error: unknown) => void exchange.log.warn({ err: error }, 'no status board'));
    const servicos = (quadro?.servicos ?? []).map(({ modelo, circuito, p50Ms, p95Ms, ultimaFalha, ...rest }) => ({
      ...{ autorizador: rest.autorizador, codModelo: modelo, servico: rest.servico, ambiente: rest.ambiente, estado: rest.estado },
      ...{ circuito: CIRCUITO[circuito], respostas: rest.respostas, falhas: rest.falhas },
      ...{ p50Ms: p50Ms ?? null, p95Ms: p95Ms ?? null, ultimaFalha: ultimaFalha ?? null },
    }));
    answerList(exchange, { em: quadro?.em ?? null, janelaS: quadro ? quadro.janelaMs / 1000 : null, servicos });
  };
}
