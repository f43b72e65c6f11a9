import { mayBeThere } from '@malote/fiscal/emission/lifecycle-state';
import { lacunas, type NumeroDaSerie } from '@malote/fiscal/inutilizacao/lacunas';
import { codigoUf, isUf, UFS, type Uf } from '@malote/fiscal/model/uf';
import { isRefused } from '@malote/fiscal/registro/registro-state';
import type { Documento } from '@malote/store/documento';
import type { Documentos, NumberRange } from '@malote/store/documentos';
import type { Inutilizacoes } from '@malote/store/inutilizacao';
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

export interface LacunasDeps {
  findEmpresa(query: { conta: string; documento: string }): Promise<{ uf: Uf } | undefined>;
  inRange: Documentos['inRange'];
  lastNumber(serie: Omit<NumberRange, 'de' | 'ate'>): Promise<number | undefined>;
  inutilizacoes: Pick<Inutilizacoes, 'overlapping'>;
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
    const range = { ...serie, de, ate };
    const [documentos, inutilizacoes] = await Promise.all([deps.inRange(range), deps.inutilizacoes.overlapping(range)]);
    const found = lacunas({
      ...{ de, ate, numeros: documentos.map(numeroOf) },
      // One that is under way keeps its numbers from being proposed again.
      inutilizadas: inutilizacoes.filter(({ state }) => !isRefused(state)),
      hoje: new Intl.DateTimeFormat('en-CA', { timeZone: UFS[uf].timezone }).format(deps.now()),
    });
    const where = { ambiente: ambienteOf(serie.tpAmb), empresa, codModelo: modelo, uf, serie: query.serie, de, ate };
    answerList(exchange, { ...where, ...presentLacunas(found) });
  };
}

function ufOf(uf: string): Uf {
  if (isUf(uf)) return uf;
  throw new Problem('parametro-invalido', `O parâmetro uf deve ser a sigla de uma UF; "${uf}" não é.`);
}

/** What the caller asks for, or the last numbers of the série. */
async function windowOf(
  deps: LacunasDeps,
  serie: Omit<NumberRange, 'de' | 'ate'>,
  query: LacunasQuery,
): Promise<{ de: number; ate: number }> {
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

function numeroOf(documento: Documento): NumeroDaSerie {
  const { numero, state, tpEmis, chave, rodadas, dhEmi } = documento;
  // The 35th position of a key is its tpEmis: of each round the number was ever signed in.
  const signed = [chave, ...rodadas.map((rodada) => rodada.chave)].flatMap((key) => key?.charAt(34) ?? []);
  return {
    ...{ numero, state, tpEmis: [...new Set([...(tpEmis ? [tpEmis] : []), ...signed])] },
    transmitido: mayBeThere(documento) || rodadas.some(mayBeThere),
    aamm: dhEmi.slice(2, 4) + dhEmi.slice(5, 7),
  };
}

function presentLacunas({ faixas, propostas, nivel }: ReturnType<typeof lacunas>): Record<string, unknown> {
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
