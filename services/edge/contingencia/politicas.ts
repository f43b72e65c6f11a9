import {
  findPolitica,
  type PoliticaShown,
  type PoliticasDeps,
  type PoliticaWhere,
  putPolitica,
  removePolitica,
} from '@malote/administration/politicas';
import { efetiva } from '@malote/fiscal/contingencia/politica';
import { MODELO_CODES } from '@malote/fiscal/model/modelo';
import { isUf, type Uf, ufByCodigo } from '@malote/fiscal/model/uf';
import Joi from 'joi';
import { answerList } from '../conditional.ts';
import { contaOf, type Exchange, quemOf } from '../exchange.ts';
import { jsonBodyOf } from '../json-body.ts';
import { Problem } from '../problems.ts';

export type { PoliticasDeps };

type Handler = (exchange: Exchange) => Promise<void>;
/** Whose policy a path means. */
export type EscopoOf = (exchange: Exchange) => PoliticaWhere;

export const contaEscopo: EscopoOf = (exchange) => ({ conta: contaOf(exchange), tipo: 'conta' });
export const ufEscopo: EscopoOf = (exchange) => ({ conta: contaOf(exchange), tipo: 'uf', uf: readUf(exchange.params.uf ?? '') });
export const empresaEscopo: EscopoOf = (exchange) => ({
  conta: contaOf(exchange),
  tipo: 'cnpj',
  documento: exchange.params.empresa ?? '',
});

/** Of a company, whose notes may be of several UF. */
export const efetivaQuery = Joi.object<{ uf?: string }>({
  uf: Joi.string().empty('').example('SP').description('UF da qual se quer o que vale; sem ela, a do cadastro da empresa.'),
});

/** GET of a scope's policy, and of what holds in it. */
export function createShowPolitica(deps: PoliticasDeps, escopoOf: EscopoOf): Handler {
  return async (exchange) => {
    const { uf } = exchange.query as { uf?: string };
    answerList(exchange, presentPolitica(await findPolitica(deps, escopoOf(exchange), uf === undefined ? undefined : readUf(uf))));
  };
}

/** PUT of one, whole. */
export function createPutPolitica(deps: PoliticasDeps, escopoOf: EscopoOf): Handler {
  return async (exchange) => {
    exchange.res.json(presentPolitica(await putPolitica(deps, quemOf(exchange), escopoOf(exchange), jsonBodyOf(exchange))));
  };
}

/** DELETE of one. */
export function createRemovePolitica(deps: PoliticasDeps, escopoOf: EscopoOf): Handler {
  return async (exchange) => {
    await removePolitica(deps, quemOf(exchange), escopoOf(exchange));
    exchange.res.status(204).end();
  };
}

/** A UF by its letters, in any case, or its IBGE code. @throws Problem */
export function readUf(text: string): Uf {
  const uf = ufByCodigo(text) ?? text.toUpperCase();
  if (isUf(uf)) return uf;
  throw new Problem('parametro-invalido', `A UF deve ser a sigla ou o código do IBGE de uma UF; "${text.slice(0, 20)}" não é.`);
}

/** The policy object of the contract. `propria` may be changed and sent. */
function presentPolitica(shown: PoliticaShown): Record<string, unknown> {
  const { escopo, uf, propria, updatedAt, efetiva: vale } = shown;
  return {
    ...{ escopo, uf: uf ?? null, propria: propria ?? null, atualizadaEm: updatedAt?.toISOString() ?? null },
    efetiva: presentEfetiva(vale),
  };
}

function presentEfetiva({ ativo, justificativa, modelos }: ReturnType<typeof efetiva>) {
  const each = MODELO_CODES.map((modelo) => {
    const { modo, ordem, serieContingencia, formulariosFsda } = modelos[modelo];
    return [modelo, { modo, ordem, serieContingencia: serieContingencia ?? null, formulariosFsda: formulariosFsda ?? null }];
  });
  return { ativo, justificativa, modelos: Object.fromEntries(each) };
}

/** For the API description: a company with a série for substitutes, the rest from its account and the hub. */
export const POLITICA_EXAMPLE = presentPolitica({
  escopo: 'cnpj',
  uf: 'SP',
  propria: { modelos: { 65: { serieContingencia: 889 } } },
  updatedAt: new Date('2026-11-21T13:00:00.000Z'),
  efetiva: efetiva({
    cnpj: { modelos: { 65: { serieContingencia: 889 } } },
    conta: { justificativa: 'SEFAZ indisponível: emissão em contingência' },
  }),
});
