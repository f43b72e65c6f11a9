import { type CscDeps, findCsc, listCsc, putCsc, removeCsc } from '@malote/administration/csc';
import Joi from 'joi';
import { answerList } from './conditional.ts';
import { contaOf, type Exchange, quemOf } from './exchange.ts';
import { jsonBodyOf } from './json-body.ts';
import { presentCsc } from './present-empresa.ts';

type Handler = (exchange: Exchange) => Promise<void>;

const ambiente = () => Joi.string().valid('hom', 'prod').empty('');

/** Which ambiente's are meant. */
export const cscQuery = Joi.object<{ ambiente?: string }>({ ambiente: ambiente().description('Sem ele, os dois.') });

/** Where one is to be changed: the same id may be in both. */
export const oneCscQuery = Joi.object<{ ambiente: string }>({ ambiente: ambiente().required().description('Cada ambiente tem os seus.') });

/** GET of a company's active CSC. */
export function createListCsc(deps: CscDeps): Handler {
  return async (exchange) => answerList(exchange, (await listCsc(deps, whereOf(exchange), exchange.query.ambiente)).map(presentCsc));
}

/** GET of one. */
export function createShowCsc(deps: CscDeps): Handler {
  return async (exchange) => answerList(exchange, presentCsc(await findCsc(deps, whereOf(exchange), whichOf(exchange))));
}

/** POST of a new one. */
export function createAddCsc(deps: CscDeps): Handler {
  return async (exchange) => {
    const where = whereOf(exchange);
    const csc = await putCsc(deps, quemOf(exchange), where, jsonBodyOf(exchange), 'add');
    const location = `/api/empresas/${where.empresa}/csc/${csc.id}?ambiente=${csc.ambiente}`;
    exchange.res.status(201).set('Location', location).json(presentCsc(csc));
  };
}

/** PUT of another code for one that there is. */
export function createReplaceCsc(deps: CscDeps): Handler {
  return async (exchange) => {
    const body = jsonBodyOf(exchange);
    const given = typeof body === 'object' && body !== null ? { ...body, ...whichOf(exchange) } : body;
    exchange.res.json(presentCsc(await putCsc(deps, quemOf(exchange), whereOf(exchange), given, 'replace')));
  };
}

/** DELETE of one. */
export function createRemoveCsc(deps: CscDeps): Handler {
  return async (exchange) => {
    await removeCsc(deps, quemOf(exchange), whereOf(exchange), whichOf(exchange));
    exchange.res.status(204).end();
  };
}

function whereOf(exchange: Exchange): { conta: string; empresa: string } {
  return { conta: contaOf(exchange), empresa: exchange.params.empresa ?? '' };
}

function whichOf({ params, query }: Exchange): { ambiente: unknown; id: string } {
  return { ambiente: query.ambiente, id: params.idCsc ?? '' };
}
