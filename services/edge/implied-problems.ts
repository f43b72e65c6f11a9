import type { ProblemCode } from './problems.ts';
import type { Route } from './routing.ts';

const SESSION: ProblemCode[] = ['sessao-ausente', 'sessao-invalida', 'armazenamento-indisponivel'];
const BODY: ProblemCode[] = ['corpo-interrompido', 'corpo-grande-demais', 'codificacao-de-conteudo'];
const CREDENTIALS: ProblemCode[] = ['credenciais-ausentes', 'credenciais-invalidas', 'json-malformado'];

/** Every problem a route may answer: those of its row and those of its kind. Rate limits, counted in Redis, guard them all. */
export function problemsOf(route: Route): ProblemCode[] {
  const implied: ProblemCode[] = ['requisicao-invalida', 'erro-interno', 'sessoes-indisponiveis'];
  // A parameter that does not fit its pattern is no path of the table.
  if (route.path.includes(':')) implied.push('rota-desconhecida');
  if (route.query) implied.push('parametro-invalido');
  if (route.access === 'session' || route.access === 'tss') implied.push(...SESSION);
  if (route.access === 'tss') implied.push('credenciais-invalidas');
  if (route.entidade) implied.push('token-de-entidade-invalido');
  if (route.escopos) implied.push('escopo-insuficiente');
  if (route.access === 'credentials') implied.push(...CREDENTIALS, ...BODY, 'armazenamento-indisponivel');
  if (route.body !== 'none') implied.push(...BODY);
  if (route.body === 'xml' || route.body === 'xml-json') implied.push('tipo-de-conteudo', 'corpo-vazio');
  if (route.body === 'xml-json') implied.push('json-malformado');
  return [...new Set([...implied, ...route.problems])];
}
