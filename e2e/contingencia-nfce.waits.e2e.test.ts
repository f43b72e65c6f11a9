import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventually } from '@malote/testkit/eventually';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { type Customer, type DocumentView, newCustomer } from './customer.ts';
import { startHub } from './hub.ts';
import { createOutage } from './outage.ts';

const AUTHORIZE = 'NFeAutorizacao4';
const SERIE = 889;
const TILL = { prefer: 'wait=5' };

const hub = await startHub();
after(() => hub.close());
await hub.start('contingency');
const outage = createOutage(hub);
/** With and without a série for substitutes. */
const [till, plain] = await Promise.all([
  newCustomer(hub, { cnpj: sampleCnpj(1), uf: 'SP', modelo: '65' }),
  newCustomer(hub, { cnpj: sampleCnpj(2), uf: 'SP', modelo: '65' }),
]);

/** Posts as a till does, and says after how long it had its answer. */
async function sell(customer: Customer, numero: number) {
  const began = performance.now();
  const answer = await customer.post(customer.note({ numero, dest: { cpf: '11144477735' } }), TILL);
  return {
    status: answer.status,
    location: answer.headers.get('location'),
    ms: performance.now() - began,
    view: (await answer.json()) as DocumentView,
  };
}
const sentBy = async ({ chaveAcesso }: DocumentView) => hub.simulator.calls({ chave: String(chaveAcesso), service: AUTHORIZE });

test('a company reserves a série for its substitutes, and its ERP may not use it', async () => {
  const answer = await fetch(`${hub.url()}/api/empresas/${till.cnpj}/contingencia`, {
    method: 'PUT',
    body: JSON.stringify({ modelos: { '65': { serieContingencia: SERIE } } }),
    headers: { 'x-auth-token': till.session, 'content-type': 'application/json' },
  });
  assert.equal(answer.status, 200, await answer.text());
  const refused = await till.post(till.note({ numero: 1, serie: SERIE }));
  assert.equal(refused.status, 400);
  assert.equal(((await refused.json()) as { codigo: string }).codigo, 'serie-reservada');
});

test('a connection that provably never began: the till has its own number, off line, inside its five seconds', async () => {
  const fresh = await newCustomer(hub, { cnpj: sampleCnpj(3), uf: 'SP', modelo: '65' });
  await hub.simulator.fault({ fault: 'refuse-tls' });
  const { status, ms, view } = await sell(fresh, 1);
  await hub.simulator.clearFaults();
  assert.deepEqual([status, view.status, view.numero, view.tipoEmissao], [200, 'Emitida em contingência', 1, '9'], JSON.stringify(view));
  assert.ok(ms < 5_000, `${ms} ms`);
  assert.match(String(view.conteudo), /<qrCode>/);
  const pdf = await fresh.get(`${fresh.path}/${view.chaveAcesso}.pdf`);
  assert.equal(pdf.status, 200);
  hub.advance(61_000);
  await fresh.untilStatus(1, 'Autorizada', 40_000);
});

let unreceived: DocumentView;
let registered: DocumentView;

test('SEFAZ hangs: the till gets a substitute of the reserved série, or is told to issue another number', async () => {
  await hub.simulator.fault({ fault: 'hang-after-authorising', match: { cnpj: till.cnpj, numero: 10, service: AUTHORIZE } });
  await outage.down('SP', '65');
  const [lost, never, told] = await Promise.all([sell(till, 10), sell(till, 11), sell(plain, 10)]);
  for (const { status, ms, view, location } of [lost, never]) {
    assert.deepEqual(
      [status, view.status, view.serie, view.tipoEmissao],
      [200, 'Emitida em contingência', SERIE, '9'],
      JSON.stringify(view),
    );
    assert.ok(ms < 5_000, `${ms} ms`);
    assert.match(String(location), new RegExp(`/65/\\d{4}/${SERIE}/${view.numero}$`));
  }
  registered = await till.view(10);
  unreceived = await till.view(11);
  assert.deepEqual(
    [registered, unreceived].map(({ substituidaPor }) => substituidaPor?.chaveAcesso),
    [lost, never].map(({ view }) => view.chaveAcesso),
  );
  assert.deepEqual(
    [lost, never].map(({ view }) => view.substitui?.chaveAcesso),
    [registered.chaveAcesso, unreceived.chaveAcesso],
  );
  assert.deepEqual([told.status, told.view.status, told.view.acao], [202, 'Em recuperação', 'reemitir-com-novo-numero']);
  assert.ok(told.ms < 5_500, `${told.ms} ms`);
});

test('the next sales are off line at once, with their own numbers; the ERP without a série names what it substitutes', async () => {
  await eventually(async () => (await outage.modoOf('65', 'SP')) === 'OFFLINE', { timeoutMs: 40_000 });
  const { status, view } = await sell(till, 12);
  assert.deepEqual([status, view.status, view.serie, view.numero], [200, 'Emitida em contingência', 1, 12]);
  const first = await plain.view(10);
  const answer = await fetch(`${hub.url()}${plain.path}?substitui=${first.chaveAcesso}`, {
    method: 'POST',
    body: plain.note({ numero: 11, dest: { cpf: '11144477735' } }),
    headers: { 'x-auth-token': plain.session, 'content-type': 'application/xml', ...TILL },
  });
  const second = (await answer.json()) as DocumentView;
  assert.deepEqual(
    [answer.status, second.status, second.substitui?.chaveAcesso],
    [200, 'Emitida em contingência', first.chaveAcesso],
    JSON.stringify(second),
  );
  await eventually(async () => (await plain.view(10)).substituidaPor?.chaveAcesso === second.chaveAcesso);
});

test('after the recovery everything is transmitted in the order of emission, and one note of each sale remains', async () => {
  const issued = (await hub.raw
    .collection('documentos')
    .find({ emitente: till.cnpj, state: 'issued' })
    .sort({ emitidoEm: 1, _id: 1 })
    .toArray()) as unknown as {
    chave: string;
    serie: number;
    numero: number;
  }[];
  assert.ok(issued.length >= 3);
  await outage.up();
  await outage.statusUntil('65', 'SP', 'NORMAL');
  for (const { serie, numero } of issued) await till.untilStatus(numero, 'Autorizada', 60_000, serie);
  const calls = (await hub.simulator.calls({ cnpj: till.cnpj, service: AUTHORIZE })).sort((a, b) => a.n - b.n);
  const ofSerie = issued.filter(({ serie }) => serie === SERIE).map(({ chave }) => chave);
  assert.deepEqual(
    calls.filter(({ chave, cStat }) => ofSerie.includes(String(chave)) && cStat === '100').map(({ chave }) => chave),
    ofSerie,
  );
  await outage.ended(till, 10, 'Cancelada');
  await eventually(async () => (await till.view(10)).substituidaPor?.situacao === 'concluida');
  await outage.ended(till, 11, 'Rejeitada');
  const where = `/api/empresas/${till.cnpj}/docs/inutilizacoes/hom/65/SP/${String(hub.now().getFullYear()).slice(2)}/1/11`;
  await eventually(async () => ((await (await till.get(where)).json()) as { status: string }).status === 'Inutilizada', {
    timeoutMs: 60_000,
  });
  assert.equal((await sentBy(unreceived)).length, 1, 'it was never sent again');
});
