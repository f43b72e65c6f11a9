import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Tentativas } from '@malote/client/client';
import { startChaosProxy } from '@malote/testkit/chaos-proxy';
import { eventually } from '@malote/testkit/eventually';
import { type Customer, type DocumentView, newCustomer } from './customer.ts';
import { startHub } from './hub.ts';

const hub = await startHub();
after(() => hub.close());
const customer = await newCustomer(hub, { cnpj: '11222333000181' });
const AUTHORIZE = 'NFeAutorizacao4';
/** Longer than a SEFAZ time-out and the margin of its attempt (45 + 10 s), and than the clockwork's repeat. */
const ATTEMPT_OVER_MS = 70_000;

type LedgerRow = Tentativas['tentativas'][number];

async function ledger(of: Customer, { chaveAcesso }: DocumentView): Promise<LedgerRow[]> {
  return (await of.client.tentativas({ ...of.docs, chave: String(chaveAcesso) })).tentativas;
}

const authorizations = async (numero: number) =>
  (await hub.simulator.calls({ numero, service: AUTHORIZE })).filter(({ cStat }) => cStat === '100');
const fate = (rows: LedgerRow[]) => rows.map(({ tipo, resultado }) => `${tipo}: ${resultado}`);

test('an answer lost after authorising leads to the same number with one authorisation, and the ledger shows both calls', async () => {
  await hub.simulator.fault({ fault: 'answer-lost', match: { service: AUTHORIZE, numero: 101 }, times: 1 });
  await customer.emit({ numero: 101 });
  const view = await customer.untilStatus(101, 'Autorizada');
  const rows = await ledger(customer, view);
  assert.deepEqual(fate(rows), ['autorizacao: sem resposta', 'consulta: respondida']);
  assert.equal(rows[1]?.codigoStatus, '100');
  assert.equal((await hub.simulator.calls({ numero: 101, service: AUTHORIZE })).length, 1);
  assert.equal(await hub.simulator.doubled(), 0);
});

test('a connection that fails before the request is written is used again at once, and nothing was in doubt', async () => {
  const before = hub.now().getTime();
  await hub.simulator.fault({ fault: 'refuse-tls', times: 1 });
  // Keep-alive connections of earlier notes would not see a fault of the TLS handshake: another company has none yet.
  const fresh = await newCustomer(hub, { cnpj: '12ABC34501DE35' });
  await fresh.emit({ numero: 102 });
  const view = await fresh.untilStatus(102, 'Autorizada');
  assert.deepEqual(fate(await ledger(fresh, view)), ['autorizacao: não enviada', 'autorizacao: respondida']);
  assert.ok(hub.now().getTime() - before < 15_000, 'no back-off was waited for');
});

test('a request that was read and reset is consulted, found absent, and sent again with the same bytes', async () => {
  await hub.simulator.fault({ fault: 'reset-after-read', match: { service: AUTHORIZE, numero: 103 }, times: 1 });
  await customer.emit({ numero: 103 });
  const uncertain = await customer.untilStatus(103, 'Em recuperação');
  await eventually(async () => (await ledger(customer, uncertain))[1]?.codigoStatus === '217', { message: 'the first consult' });
  hub.advance(16_000);
  const view = await customer.untilStatus(103, 'Autorizada');
  const rows = await ledger(customer, view);
  assert.deepEqual(fate(rows), ['autorizacao: sem resposta', 'consulta: respondida', 'consulta: respondida', 'autorizacao: respondida']);
  assert.equal(rows[1]?.codigoStatus, '217');
  assert.equal(new Set(rows.map(({ digest }) => digest)).size, 1);
  assert.equal((await authorizations(103)).length, 1);
});

test('emission killed after signing and before transmitting: the same key, one authorisation', async () => {
  const proxy = await startChaosProxy({ targetPort: Number(new URL(String(hub.env.MALOTE_SEFAZ_URL_OVERRIDE)).port), mode: 'hold' });
  after(() => proxy.close());
  await hub.stop('emission');
  await hub.start('emission', { MALOTE_SEFAZ_URL_OVERRIDE: `https://127.0.0.1:${proxy.port}` });
  await customer.emit({ numero: 104 });
  const signed = await eventually(async () => {
    const view = await customer.view(104);
    return view.chaveAcesso ? view : null;
  });
  await hub.kill('emission');
  assert.equal((await hub.simulator.calls({ numero: 104 })).length, 0);
  await hub.start('emission');
  hub.advance(ATTEMPT_OVER_MS);
  const view = await customer.untilStatus(104, 'Autorizada');
  assert.equal(view.chaveAcesso, signed.chaveAcesso);
  assert.equal((await authorizations(104)).length, 1);
  assert.equal(await hub.simulator.doubled(), 0);
});

test('emission killed after transmitting: consulted before anything is sent, the same key, one authorisation', async () => {
  await hub.simulator.fault({ fault: 'hang-after-authorising', match: { service: AUTHORIZE, numero: 105 }, times: 1 });
  await customer.emit({ numero: 105 });
  await eventually(async () => (await authorizations(105)).length === 1, { message: 'the simulator authorised it' });
  const signed = await customer.view(105);
  await hub.kill('emission');
  await hub.start('emission');
  // The open attempt still belongs to the dead worker: the redelivered message neither sends nor consults.
  await eventually(async () => (await hub.raw.collection('documentos').findOne({ numero: 105 }))?.version >= 2);
  assert.equal((await hub.simulator.calls({ numero: 105 })).length, 1);
  hub.advance(ATTEMPT_OVER_MS);
  const view = await customer.untilStatus(105, 'Autorizada');
  assert.equal(view.chaveAcesso, signed.chaveAcesso);
  assert.deepEqual(fate(await ledger(customer, view)), ['autorizacao: sem resposta', 'consulta: respondida']);
  assert.equal((await hub.simulator.calls({ numero: 105, service: AUTHORIZE })).length, 1);
});

test('a 204 on the resend is consulted and adopted', async () => {
  await hub.simulator.fault({ fault: 'answer-after-authorising', match: { service: AUTHORIZE, numero: 106 }, times: 1, cStat: '204' });
  await customer.emit({ numero: 106 });
  const view = await customer.untilStatus(106, 'Autorizada');
  const rows = await ledger(customer, view);
  assert.deepEqual(
    rows.map(({ tipo, codigoStatus }) => `${tipo} ${codigoStatus}`),
    ['autorizacao 204', 'consulta 100'],
  );
});

test('999, HTML and HTTP 500 are never a rejection: each note is consulted and ends authorised once', async () => {
  const faults = ['cstat-999', 'html', 'http-500', 'empty', '104-without-protocol', '103-in-protocol'];
  for (const [index, fault] of faults.entries()) {
    await hub.simulator.fault({ fault, match: { service: AUTHORIZE, numero: 110 + index }, times: 1 });
    await customer.emit({ numero: 110 + index });
  }
  for (const [index] of faults.entries()) await customer.untilStatus(110 + index, 'Em recuperação');
  hub.advance(16_000);
  for (const [index, fault] of faults.entries()) {
    await customer.untilStatus(110 + index, 'Autorizada');
    assert.equal((await authorizations(110 + index)).length, 1, fault);
  }
  assert.equal(await hub.simulator.doubled(), 0);
});

test('a refused note is corrected and posted again under the same number, and both rounds stay in the ledger', async () => {
  await hub.simulator.fault({
    fault: 'answer',
    match: { service: AUTHORIZE, numero: 120 },
    times: 1,
    cStat: '610',
    xMotivo: 'Rejeição: teste',
  });
  await customer.emit({ numero: 120 });
  const refused = await customer.untilStatus(120, 'Rejeitada');
  assert.equal(refused.codigoStatus, '610');
  const conflict = await customer.post(customer.note({ numero: 101, itens: 2 }));
  assert.equal(conflict.status, 409, 'an authorised number takes no other content');
  await customer.emit({ numero: 120, itens: 2 });
  const view = await customer.untilStatus(120, 'Autorizada');
  assert.equal(view.chaveAcesso, refused.chaveAcesso, 'the corrected note keeps its cNF and so its key');
  assert.equal((await ledger(customer, view)).length, 2);
});

test('539 with a foreign key: the other key is consulted, nothing is adopted or renumbered, and the note ends in Conflito', async () => {
  const foreign = await hub.simulator.foreignDocument({ uf: 'SP', cnpj: customer.cnpj, numero: 130, serie: 1 });
  await customer.emit({ numero: 130 });
  const view = await customer.untilStatus(130, 'Conflito');
  assert.notEqual(view.chaveAcesso, foreign);
  assert.equal((view.conflito as { chaveAcesso: string }).chaveAcesso, foreign);
  const rows = await ledger(customer, view);
  assert.deepEqual(
    rows.map(({ tipo, codigoStatus }) => `${tipo} ${codigoStatus}`),
    ['autorizacao 539', 'consulta 100'],
  );
  assert.equal((await customer.post(customer.note({ numero: 130, itens: 2 }))).status, 409, 'the number takes no other content');
  assert.equal(await hub.simulator.doubled(), 0);
});
