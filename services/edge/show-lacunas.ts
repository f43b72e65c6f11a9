import type { Lacunas } from '@malote/fiscal/inutilizacao/lacunas';
import { diaNaUf } from '@malote/fiscal/inutilizacao/politica';
import { codigoUf, isUf, type Uf } from '@malote/fiscal/model/uf';
import { type ReadLacunasDeps, readLacunas, type Serie } from '@malote/store/lacunas';
import Joi from 'joi';
import { unknownEmpresa } from './accept-document.ts';
import { checkHasInutilizacao } from './accept-inutilizacao.ts';
import { answerList } from './conditional.ts';
import { LACUNAS_EXAMPLE } from './examples/inutilizacoes.data.ts';
import { contaOf, type Exchange } from './exchange.ts';
import { count } from './present-document.schema.ts';
import { ambienteOf, tpAmbOf } from './present-document.ts';
import { whereKeys } from './present-registro.ts';
import { Problem } from './problems.ts';

export interface LacunasDeps extends ReadLacunasDeps {
  findEmpresa(query: { conta: string; documento: string }): Promise<{ uf: Uf } | undefined>;
  lastNumber(serie: Serie): Promise<number | undefined>;
  now(): Date;
}

/** Numbers looked at in one call: as many as one inutilização may have. */
const MAX_NUMEROS = 10_000;

const blank = Joi.string().trim().valid('');
const numero = (description: string) => Joi.number().integer().min(1).max(999_999_999).empty(blank).description(description);

interface LacunasQuery {
  serie: number;
  de?: number;
  ate?: number;
  uf?: string;
}

export const lacunasQuery = Joi.object<LacunasQuery>({
  serie: Joi.number().integer().min(0).max(999).empty(blank).default(1).description('A série; sem ela, a 1.'),
  de: numero(`Primeiro número; sem ele, ${MAX_NUMEROS.toLocaleString('pt-BR')} números até o último.`),
  ate: numero('Último número; sem ele, o maior número usado da série.'),
  uf: Joi.string()
    .length(2)
    .uppercase()
    .empty('')
    .example('SP')
    .description('UF do emitente, quando não é a do cadastro da empresa: um CNPJ pode emitir por mais de uma.'),
});

/** GET of the numbers of a série that lie between used ones and are not used, and what may be done about them. Nothing is written. */
export function createShowLacunas(deps: LacunasDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { params } = exchange;
    const { empresa = '', codModelo: modelo = '' } = params;
    checkHasInutilizacao(modelo);
    const registered = await deps.findEmpresa({ conta: contaOf(exchange), documento: empresa });
    if (!registered) throw unknownEmpresa(params);
    const query = exchange.query as unknown as LacunasQuery;
    const uf = ufOf(query.uf ?? registered.uf);
    const serie = { emitente: empresa, tpAmb: tpAmbOf(params), modelo, cUF: codigoUf(uf), serie: query.serie };
    const { de, ate } = await windowOf(deps, serie, query);
    const found = await readLacunas(deps, { ...serie, de, ate }, diaNaUf(uf, deps.now()));
    const where = { ambiente: ambienteOf(serie.tpAmb), empresa, codModelo: modelo, uf, serie: query.serie, de, ate };
    answerList(exchange, { ...where, ...presentLacunas(found) });
  };
}

function ufOf(uf: string): Uf {
  if (isUf(uf)) return uf;
  throw new Problem('parametro-invalido', `O parâmetro uf deve ser a sigla de uma UF; "${uf}" não é.`);
}

/** What the caller asks for, or the last numbers of the série. */
async function windowOf(deps: LacunasDeps, serie: Serie, query: LacunasQuery): Promise<{ de: number; ate: number }> {
  const wholeFrom = (de: number) => ({ de, ate: de + MAX_NUMEROS - 1 });
  const ate = query.ate ?? (await deps.lastNumber(serie));
  if (ate === undefined) return wholeFrom(query.de ?? 1);
  const de = query.de ?? Math.max(1, ate - MAX_NUMEROS + 1);
  if (de > ate) {
    if (query.ate === undefined) return { de, ate: de };
    throw new Problem('parametro-invalido', 'O parâmetro de não pode ser maior que ate.');
  }
  if (ate - de < MAX_NUMEROS) return { de, ate };
  if (query.ate === undefined) return wholeFrom(de);
  throw new Problem('parametro-invalido', `Os parâmetros de e ate abrangem no máximo ${MAX_NUMEROS} números; divida a consulta.`);
}

function presentLacunas({ faixas, propostas, nivel }: Lacunas): Record<string, unknown> {
  return {
    nivel,
    faixas: faixas.map(({ numeroInicial, numeroFinal, situacao, proponivel }) => ({ numeroInicial, numeroFinal, situacao, proponivel })),
    propostas: propostas.map(({ ano, ...proposta }) => ({ ...proposta, ano: 2000 + Number(ano) })),
  };
}

const range = { numeroInicial: count().min(1).required(), numeroFinal: count().min(1).required() };
const nivel = () => Joi.string().valid('normal', 'alerta', 'vermelho').required();

/** What the route answers. */
export const lacunasSchema = Joi.object({
  ...whereKeys,
  uf: Joi.string().length(2).required(),
  serie: count().max(999).required(),
  de: count().required().description('Primeiro número examinado.'),
  ate: count().required().description('Último número examinado.'),
  nivel: nivel().description('O pior das propostas: `alerta` desde o dia 5 do mês seguinte, `vermelho` desde o dia 10.'),
  faixas: Joi.array()
    .items(
      Joi.object({
        ...range,
        situacao: Joi.string()
          .valid('livre', 'rejeitada', 'invalida', 'incerta', 'em-processamento', 'contingencia')
          .required()
          .description('O que o Malote sabe destes números; `livre`: nada.'),
        proponivel: Joi.boolean().required().description('Se podem ser inutilizados.'),
      }),
    )
    .required()
    .description('Números não usados entre o primeiro e o último usados do intervalo.'),
  propostas: Joi.array()
    .items(
      Joi.object({
        ...range,
        ano: count().required().description('Ano do pedido de inutilização.'),
        ate: Joi.string().required().description('Último dia do prazo, AAAA-MM-DD.'),
        nivel: nivel(),
      }),
    )
    .required()
    .description('Faixas a inutilizar: cada uma pode ser pedida como está.'),
})
  .meta({ component: 'Lacunas' })
  .example(LACUNAS_EXAMPLE);
