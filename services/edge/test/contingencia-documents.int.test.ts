import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildChave } from '@malote/fiscal/chave/chave-acesso';
import { nudgePublisher } from '@malote/redis/nudges';
import type { Documento } from '@malote/store/documento';
import { eventually } from '@malote/testkit/eventually';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { documentSchema } from '../present-document.schema.ts';
import { postXml, type RunningEdge, runEdge } from './running-edge.ts';

const CNPJ = sampleCnpj(811);
const DOCS = `/api/empresas/${CNPJ}/docs/hom/65`;
const SIGNED = '<NFe xmlns="http://www.portalfiscal.inf.br/nfe"><infNFe versao="4.00">assinada</infNFe></NFe>';
const PRAZO = new Date('2026-11-24T02:59:59.000Z');
const DESDE = new Date('2026-11-21T12:58:00.000Z');

let edge: RunningEdge;
let session: string;
let nudge: (id: string) => void;

before(async () => {
  edge = await runEdge('contdocs');
  session = await edge.signIn(await edge.account(CNPJ));
  nudge = nudgePublisher({ redis: edge.redis, prefix: edge.redisPrefix });
});
after(() => edge.stop());

const idOf = (numero: number, serie = 1) => `${CNPJ}.2.65.35.${String(serie).padStart(3, '0')}.${String(numero).padStart(9, '0')}`;
const chaveOf = (numero: number, serie: number, tpEmis: string) =>
  buildChave({
    cUF: '35',
    aamm: '2611',
    documento: CNPJ,
    modelo: '65',
    serie: String(serie),
    numero: String(numero),
    tpEmis,
    cNF: '00000042',
  });
const post = (numero: number, { serie = 1, wait }: { serie?: number; wait?: number } = {}) => {
  const xml = sampleNfce({ cnpj: CNPJ, serie, numero, dhEmi: '2026-11-21T10:00:00-03:00' });
  return postXml(`${edge.url}${DOCS}`, session, xml, wait === undefined ? {} : { prefer: `wait=${wait}` });
};
const stored = (id: string) => eventually(async () => (await edge.store.documentos.findById(id)) ?? null);
const subscribers = async (id: string) => ((await edge.redis.pubsub('NUMSUB', `${edge.redisPrefix}doc:${id}`)) as unknown[])[1];
const change = async (id: string, fields: Partial<Documento>) => {
  assert.ok(await edge.store.documentos.transition(await stored(id), fields));
};
const bodyOf = async (answer: Response) => {
  const body = (await answer.json()) as Record<string, unknown> & { avisos: { cMsg: string; xMsg: string }[] };
  const { error } = documentSchema.validate(body);
  assert.equal(error, undefined);
  return body;
};

/** As emission leaves a note that went off line. */
async function issue(
  id: string,
  { numero, serie = 1 }: { numero: number; serie?: number },
  more: Partial<Documento> = {},
): Promise<string> {
  const chave = chaveOf(numero, serie, '9');
  const conteudo = await edge.store.conteudos.put(Buffer.from(SIGNED), { emitente: CNPJ, aamm: '2611' });
  const contingencia = { modo: 'OFFLINE' as const, desde: DESDE, emitidaEm: new Date(), prazoAte: PRAZO };
  await change(id, { state: 'issued', chave, tpEmis: '9', conteudo, contingencia, pendenteDesde: new Date(), ...more });
  return chave;
}

test('a note handed over in contingência ends the wait: 200 with its signed XML, the deadline as aviso, and the XML by its own path', async () => {
  const answer = post(1, { wait: 30 });
  await eventually(async () => (await subscribers(idOf(1))) === 1);
  await stored(idOf(1));
  const chave = await issue(idOf(1), { numero: 1 });
  nudge(idOf(1));
  assert.equal((await answer).status, 200);
  const body = await bodyOf(await answer);
  assert.deepEqual([body.status, body.tipoEmissao, body.conteudo, body.protocolo], ['Emitida em contingência', '9', SIGNED, null]);
  assert.deepEqual(
    body.avisos.map(({ cMsg }) => cMsg),
    ['prazo-contingencia'],
  );
  assert.match(String(body.avisos[0]?.xMsg), /transmitida até 23\/11\/2026, 23:59 \(hora de SP\)/);
  assert.equal((body.contingencia as { transmitirAte: string }).transmitirAte, PRAZO.toISOString());
  const xml = await fetch(`${edge.url}${DOCS}/${chave}.xml`, { headers: { 'x-auth-token': session } });
  assert.deepEqual([xml.status, await xml.text()], [200, SIGNED]);

  // Refused when it was transmitted: the paper is with the customer, and what is to be done is said.
  await change(idOf(1), { state: 'rejected', retorno: { class: 'rejected', cStat: '778', xMotivo: 'Rejeicao: NCM inexistente' } });
  const refused = await bodyOf(await post(1));
  assert.deepEqual([refused.status, refused.codigoStatus, refused.conteudo], ['Rejeitada', '778', SIGNED]);
  assert.match(String(refused.avisos[0]?.xMsg), /correcao/);
});

test('a till whose first note has an unknown fate gets the substitute, by the same call and whenever it asks again', async () => {
  const answer = post(2, { wait: 30 });
  await eventually(async () => (await subscribers(idOf(2))) === 1);
  await change(idOf(2), { state: 'uncertain', chave: chaveOf(2, 1, '1'), tpEmis: '1' });
  const substituta = idOf(7, 889);
  await change(idOf(2), { substituidaPor: { documentoId: substituta }, substituicao: { situacao: 'aguarda', desde: new Date() } });
  nudge(idOf(2));
  // From then on it is the substitute's end that is waited for, though it is not stored yet.
  await eventually(async () => (await subscribers(substituta)) === 1);
  assert.equal((await post(7, { serie: 889 })).status, 202);
  const chave = await issue(substituta, { numero: 7, serie: 889 }, { substitui: { documentoId: idOf(2), chave: chaveOf(2, 1, '1') } });
  await change(idOf(2), { substituidaPor: { documentoId: substituta, chave } });
  nudge(substituta);

  for (const got of [await answer, await post(2), await post(2, { wait: 5 })]) {
    assert.deepEqual([got.status, got.headers.get('location')], [200, `${DOCS}/2026/889/7`]);
    const body = await bodyOf(got);
    assert.deepEqual([body.status, body.serie, body.numero], ['Emitida em contingência', 889, 7]);
    assert.deepEqual(body.substitui, { chaveAcesso: chaveOf(2, 1, '1'), serie: 1, numero: 2, documento: `${DOCS}/${chaveOf(2, 1, '1')}` });
  }
  const first = await bodyOf(await fetch(`${edge.url}${DOCS}/2026/1/2`, { headers: { 'x-auth-token': session } }));
  assert.deepEqual([first.status, first.numero, first.conteudo], ['Em recuperação', 2, null]);
  const expected = { chaveAcesso: chave, serie: 889, numero: 7, documento: `${DOCS}/${chave}`, situacao: 'aguarda' };
  assert.deepEqual(first.substituidaPor, expected);

  // A substitute that was refused before anybody got it takes nothing's place.
  await change(substituta, { state: 'invalid', pendenteDesde: undefined });
  assert.equal((await bodyOf(await post(2))).numero, 2);
});

test('where no substitute can be issued the wait ends with what the ERP has to do', async () => {
  const answer = post(3, { wait: 60 });
  await eventually(async () => (await subscribers(idOf(3))) === 1);
  await change(idOf(3), { state: 'uncertain', chave: chaveOf(3, 1, '1'), tpEmis: '1', acao: 'reemitir-com-novo-numero' });
  const before = performance.now();
  nudge(idOf(3));
  assert.equal((await answer).status, 202);
  assert.ok(performance.now() - before < 30_000, 'long before its deadline');
  const body = await bodyOf(await answer);
  assert.deepEqual([body.status, body.acao], ['Em recuperação', 'reemitir-com-novo-numero']);
});
