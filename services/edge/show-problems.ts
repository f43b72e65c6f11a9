import Joi from 'joi';
import { answeredKnown } from './conditional.ts';
import { etagOf } from './etag.ts';
import type { Exchange } from './exchange.ts';
import { PAGE_POLICY, problemPage, problemsPage, type ShownProblem } from './problem-page.ts';
import { PROBLEM_TEXTS } from './problem-texts.ts';
import { isProblemCode, PROBLEMS, Problem, type ProblemCode, problemBody } from './problems.ts';

/** Of no call that was ever made. */
const SAMPLE_TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

export const shownProblemSchema = Joi.object({
  codigo: Joi.string().required(),
  status: Joi.number().integer().min(400).max(599).required(),
  titulo: Joi.string().required(),
  explicacao: Joi.string().required().description('O que significa.'),
  solucao: Joi.string().required().description('O que fazer.'),
  exemplo: Joi.object().unknown(true).required().description('Uma resposta com este problema.'),
}).meta({ component: 'Problema' });

export const shownProblemsSchema = Joi.object({ problemas: Joi.array().items(shownProblemSchema).required() }).meta({
  component: 'Problemas',
});

/** What is said of a problem, as a page and as JSON. */
export function shownProblem(codigo: ProblemCode): ShownProblem {
  const { status, title } = PROBLEMS[codigo];
  const { explicacao, solucao } = PROBLEM_TEXTS[codigo];
  return { codigo, status, titulo: title, explicacao, solucao, exemplo: problemBody(new Problem(codigo, explicacao), SAMPLE_TRACE) };
}

const ALL = Object.keys(PROBLEMS).filter(isProblemCode).map(shownProblem);

/** GET of the list of problems. */
export async function showProblems(exchange: Exchange): Promise<void> {
  answer(exchange, () => problemsPage(ALL), { problemas: ALL });
}

/** GET of the explanation of one problem: its `type` is this path. */
export async function showProblem(exchange: Exchange): Promise<void> {
  const { codigo = '' } = exchange.params;
  if (!isProblemCode(codigo)) throw new Problem('rota-desconhecida', `Não existe problema com o código "${codigo}"; veja /problemas.`);
  const problem = shownProblem(codigo);
  answer(exchange, () => problemPage(problem), problem);
}

/** The page, or the same as JSON for who asks for that. */
function answer(exchange: Exchange, html: () => string, json: object): void {
  const { req, res } = exchange;
  const asJson = req.accepts(['html', 'json']) === 'json';
  const text = asJson ? JSON.stringify(json) : html();
  res.vary('Accept');
  if (!asJson) res.set('Content-Security-Policy', PAGE_POLICY);
  if (answeredKnown(exchange, etagOf(text), 'public, max-age=300')) return;
  res.type(asJson ? 'application/json' : 'html').send(text);
}
