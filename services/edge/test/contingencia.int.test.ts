import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { politicaSchema } from '../contingencia/politicas.schema.ts';
import { problemOf, type RunningEdge, runEdge, type TestAccount } from './running-edge.ts';

const [CNPJ, OUTRA] = [sampleCnpj(801), sampleCnpj(802)];

let edge: RunningEdge;
let account: TestAccount;
let session: string;
let stranger: string;

before(async () => {
  edge = await runEdge('contingencia');
  account = await edge.account(CNPJ);
  session = await edge.signIn(account);
  stranger = await edge.signIn(await edge.account(OUTRA));
});
after(() => edge.stop());

function call(method: string, path: string, body?: unknown, token = session): Promise<Response> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  return fetch(`${edge.url}${path}`, { method, headers: { 'x-auth-token': token, ...type }, ...sent });
}
interface Valor {
  valor: unknown;
  origem: string;
}
interface Politica {
  escopo: string;
  uf: string | null;
  propria: unknown;
  atualizadaEm: string | null;
  efetiva: { justificativa: Valor; modelos: Record<string, Record<string, Valor | null>> };
}
const politicaOf = async (answer: Response) => (await answer.json()) as Politica;

const CONTA = '/api/conta/contingencia';
const EMPRESA = `/api/empresas/${CNPJ}/contingencia`;

test('each scope has its own policy, and what holds says of each value where it comes from', async () => {
  const none = await politicaOf(await call('GET', EMPRESA));
  assert.equal(politicaSchema.validate(none).error, undefined);
  assert.deepEqual([none.escopo, none.uf, none.propria, none.atualizadaEm], ['cnpj', 'SP', null, null]);
  assert.deepEqual(none.efetiva.modelos[65], {
    modo: { valor: 'automatico', origem: 'hub' },
    ordem: { valor: ['OFFLINE'], origem: 'hub' },
    serieContingencia: null,
    formulariosFsda: null,
  });

  const daConta = { justificativa: 'Falha de comunicação com a SEFAZ', modelos: { 55: { modo: 'manual' } } };
  assert.equal((await call('PUT', CONTA, daConta)).status, 200);
  assert.equal((await call('PUT', `${CONTA}/uf/35`, { modelos: { 55: { modo: 'desligado' } } })).status, 200);
  const daEmpresa = { modelos: { 65: { serieContingencia: 889 } } };
  const put = await politicaOf(await call('PUT', EMPRESA, daEmpresa));
  assert.equal(politicaSchema.validate(put).error, undefined);
  assert.deepEqual(put.propria, daEmpresa);
  const { justificativa, modelos } = put.efetiva;
  assert.deepEqual(justificativa, { valor: daConta.justificativa, origem: 'conta' });
  assert.deepEqual(modelos[55]?.modo, { valor: 'desligado', origem: 'uf' });
  assert.deepEqual(modelos[65]?.serieContingencia, { valor: 889, origem: 'cnpj' });
  // A company may issue from another UF than its own.
  const inRj = await politicaOf(await call('GET', `${EMPRESA}?uf=rj`));
  assert.deepEqual([inRj.uf, inRj.efetiva.modelos[55]?.modo], ['RJ', { valor: 'manual', origem: 'conta' }]);
  assert.deepEqual((await politicaOf(await call('GET', `${CONTA}/uf/sp`))).efetiva.justificativa, {
    valor: daConta.justificativa,
    origem: 'conta',
  });

  for (const repeated of [1, 2]) assert.equal((await call('DELETE', EMPRESA)).status, 204, String(repeated));
  assert.equal((await politicaOf(await call('GET', EMPRESA))).propria, null);
  const { registros } = await edge.store.auditoria.list({ conta: account.conta, skip: 0, limit: 20 });
  assert.deepEqual(registros.map(({ acao, alvo, empresa }) => [acao, alvo ?? empresa]).slice(0, 4), [
    ['contingencia.retirar-politica', CNPJ],
    ['contingencia.gravar-politica', CNPJ],
    ['contingencia.gravar-politica', 'SP'],
    ['contingencia.gravar-politica', 'conta'],
  ]);
});

test('a policy is refused whole, with every fault; a scope of nobody is none', async () => {
  const wrong = { ativo: 'sim', modelos: { 65: { serieContingencia: 1, ordem: ['SVC'] } }, justificativa: 'curta' };
  const problem = await problemOf(await call('PUT', CONTA, wrong));
  assert.deepEqual([problem.status, problem.codigo], [400, 'politica-invalida']);
  const faults = problem.faults as { code: string; path: string; norm?: string }[];
  assert.deepEqual(
    faults.map(({ code, path }) => `${code} ${path}`),
    ['POL-001 ativo', 'POL-012 modelos.65.ordem[0]', 'POL-030 modelos.65.serieContingencia', 'POL-040 justificativa'],
  );
  assert.equal(faults[3]?.norm, 'MOC 7.0, ide/xJust');
  assert.equal((await problemOf(await call('GET', `${CONTA}/uf/XX`))).codigo, 'parametro-invalido');
  assert.equal((await problemOf(await call('PUT', EMPRESA, {}, stranger))).codigo, 'empresa-desconhecida');
  assert.equal((await problemOf(await call('DELETE', EMPRESA, undefined, stranger))).codigo, 'empresa-desconhecida');
});
