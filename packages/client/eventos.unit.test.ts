import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MaloteProblem } from './client.ts';
import { fakeHub, problem } from './test/fake-hub.ts';

const docs = { empresa: '11222333000181', ambiente: 'hom', modelo: '55' } as const;
const ROOT = '/api/empresas/11222333000181/docs';
const CHAVE = '35261107385111000102550010000047111000047110';
const evento = (more: object = {}) => Response.json({ status: 'Registrado', nSeqEvento: 1, ...more });

test('an event goes out as JSON or as XML, by key or by number, with what was wished for it', async () => {
  const { client, asked } = fakeHub([evento(), evento(), evento()]);
  const cancelamento = { tipo: 'cancelamento', justificativa: 'Pedido cancelado pelo cliente' } as const;
  const registered = await client.postEvent({ ...docs, chave: CHAVE, evento: cancelamento, wait: 10, idempotencyKey: 'c-1' });
  assert.equal(registered.status, 'Registrado');
  await client.postEvent({ ...docs, ano: 2026, serie: 1, numero: 7, xml: '<evento/>', layout: 'oobj' });
  await client.postEvent({ ...docs, chave: CHAVE, evento: { tipo: '112110', detEvento: { indQuitacao: '1' } } });
  const [, json, xml, general] = asked;
  assert.deepEqual([json?.method, json?.path], ['POST', `${ROOT}/hom/55/${CHAVE}/eventos`]);
  assert.deepEqual(JSON.parse(String(json?.body)), cancelamento);
  assert.deepEqual(json?.headers, {
    ...{ 'content-type': 'application/json', prefer: 'wait=10', 'idempotency-key': 'c-1', 'x-auth-token': 'token-1' },
  });
  assert.deepEqual([xml?.path, xml?.body], [`${ROOT}/hom/55/2026/1/7/eventos?layout=oobj`, '<evento/>']);
  assert.equal(xml?.headers['content-type'], 'application/xml');
  assert.deepEqual(JSON.parse(String(general?.body)), { tipo: '112110', detEvento: { indQuitacao: '1' } });
});

test('events are read one by one, as a list, as XML and as a sheet', async () => {
  const pdf = new Uint8Array([0x25, 0x50, 0x44, 0x46, 0xff, 0x00]);
  const { client, paths } = fakeHub([
    Response.json([{ codigoEvento: 110110 }]),
    evento(),
    new Response('<procEventoNFe/>'),
    new Response(pdf),
    problem('impressao-indisponivel', 404),
    new Response(pdf),
  ]);
  const ref = { empresa: docs.empresa, ambiente: docs.ambiente, chave: CHAVE };
  const one = { ...ref, tpEvento: 110110, nSeqEvento: 2 };
  assert.deepEqual(await client.listEvents(ref), [{ codigoEvento: 110110 }]);
  assert.equal((await client.getEvent(one)).status, 'Registrado');
  assert.equal(await client.eventXml(one), '<procEventoNFe/>');
  assert.deepEqual(await client.eventPdf(one), pdf);
  await assert.rejects(client.eventPdf(one), (error) => error instanceof MaloteProblem && error.codigo === 'impressao-indisponivel');
  assert.deepEqual(await client.pdf({ ...docs, chave: CHAVE }), pdf);
  const place = `GET ${ROOT}/hom/${CHAVE}/eventos`;
  const uma = `${place}/110110/2`;
  assert.deepEqual(paths(), [place, uma, `${uma}.xml`, `${uma}.pdf`, `${uma}.pdf`, `GET ${ROOT}/hom/55/${CHAVE}.pdf`]);
});

test('a range is declared void, shown by any number of it, and listed; gaps are asked for with their filters', async () => {
  const faixa = { uf: 'SP', ano: 2026, serie: 1, numeroInicial: 10, numeroFinal: 12, justificativa: 'Números pulados' } as const;
  const inutilizada = () => Response.json({ status: 'Inutilizada' });
  const page = () => Response.json({ numeroElementos: 1, totalElementos: 1, registros: [{ numeroInicial: 10 }] });
  const { client, asked, paths } = fakeHub([
    inutilizada(),
    inutilizada(),
    inutilizada(),
    new Response('<procInutNFe/>'),
    page(),
    Response.json({ faixas: [] }),
    Response.json({ faixas: [] }),
  ]);
  assert.equal((await client.inutilizar({ ...docs, faixa, wait: 5 })).status, 'Inutilizada');
  await client.inutilizar({ ...docs, xml: '<inutNFe/>' });
  const ref = { ...docs, uf: 'SP', ano: 2026, serie: 1, numero: 11 };
  await client.inutilizacao(ref);
  assert.equal(await client.inutilizacaoXml(ref), '<procInutNFe/>');
  for await (const { numeroInicial } of client.inutilizacoes({ empresa: docs.empresa, ambiente: 'hom' })) assert.equal(numeroInicial, 10);
  await client.lacunas({ ...docs, serie: 1, de: 1, ate: 99 });
  await client.lacunas(docs);
  assert.deepEqual(JSON.parse(String(asked[1]?.body)), faixa);
  assert.deepEqual(paths(), [
    `POST ${ROOT}/inutilizacoes/hom/55`,
    `POST ${ROOT}/inutilizacoes/hom/55`,
    `GET ${ROOT}/inutilizacoes/hom/55/SP/2026/1/11`,
    `GET ${ROOT}/inutilizacoes/hom/55/SP/2026/1/11.xml`,
    `GET ${ROOT}/inutilizacoes/hom?pagina=1`,
    `GET ${ROOT}/hom/55/lacunas?serie=1&de=1&ate=99`,
    `GET ${ROOT}/hom/55/lacunas`,
  ]);
});
