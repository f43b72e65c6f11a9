import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Modo } from '@malote/fiscal/contingencia/situacao';
import type { Contingencia } from '@malote/store/contingencias';
import { eventually } from '@malote/testkit/eventually';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { type Customer, type DocumentView, newCustomer } from './customer.ts';
import { askEvento, cancelamento, untilEvento } from './evento-customer.ts';
import { startHub } from './hub.ts';
import { createOutage } from './outage.ts';

const AUTHORIZE = 'NFeAutorizacao4';
const MINUTE = 60_000;

const hub = await startHub({ env: { MALOTE_SEFAZ_TIMEOUT_MS: '2000', MALOTE_BREAKER_RESET_MS: '1000' } });
after(() => hub.close());
await hub.start('contingency');
const outage = createOutage(hub);
const [sp, go, mg] = await Promise.all([
  newCustomer(hub, { cnpj: sampleCnpj(1), uf: 'SP' }),
  newCustomer(hub, { cnpj: sampleCnpj(2), uf: 'GO', ie: '101234564' }),
  newCustomer(hub, { cnpj: sampleCnpj(3), uf: 'MG', ie: '0623079040081' }),
]);

const rowOf = (uf: 'SP' | 'GO' | 'MG'): Promise<Contingencia | undefined> =>
  hub.store.contingencias.find({ modelo: '55', uf, ambiente: 'hom' });
const modoOf = (uf: 'SP' | 'GO' | 'MG'): Promise<Modo> => outage.modoOf('55', uf);
const emit = (customer: Customer, numeros: number[]) => Promise.all(numeros.map((numero) => customer.emit({ numero })));
const until = (customer: Customer, numeros: number[], status: string) =>
  Promise.all(numeros.map((numero) => customer.untilStatus(numero, status, 40_000)));
const authorisers = async (customer: Customer, numero: number) =>
  (await hub.simulator.calls({ cnpj: customer.cnpj, numero, service: AUTHORIZE })).map(({ autorizador }) => autorizador);

const receivers = async ({ chaveAcesso }: DocumentView) =>
  (await hub.simulator.calls({ chave: String(chaveAcesso), service: 'NFeRecepcaoEvento4' })).map(({ autorizador }) => autorizador);

test('a rejection storm switches nothing and asks nobody for his status', async () => {
  await hub.simulator.fault({ fault: 'answer', match: { cnpj: sp.cnpj, service: AUTHORIZE }, cStat: '610', xMotivo: 'Rejeição: teste' });
  const numeros = Array.from({ length: 12 }, (_, index) => 900 + index);
  await emit(sp, numeros);
  await until(sp, numeros, 'Rejeitada');
  await hub.simulator.clearFaults();
  assert.equal(await modoOf('SP'), 'NORMAL');
  assert.equal((await rowOf('SP'))?.suspeitaDesde, undefined);
  assert.deepEqual(await hub.simulator.statusCalls(), []);
});

/** Authorised before the outage; cancelled in it. */
let earlier: DocumentView;

test('SP hangs: three notes fail, the next one posted is authorised at SVC-AN, and the switch took less than half a minute', async () => {
  await sp.emit({ numero: 50 });
  earlier = await sp.untilStatus(50, 'Autorizada');
  await outage.down('SP', '55');
  const began = hub.now();
  await emit(sp, [1, 2, 3]);
  await until(sp, [1, 2, 3], 'Em recuperação');
  await sp.emit({ numero: 4 });
  const four = await sp.untilStatus(4, 'Autorizada', 40_000);
  assert.equal(four.tipoEmissao, '6');
  assert.deepEqual(await authorisers(sp, 4), ['SVC-AN'], 'nothing of it went to SP');
  const { mode } = (await rowOf('SP'))?.situacao ?? {};
  assert.equal(mode?.modo, 'SVC');
  assert.ok(mode && mode.since.getTime() - began.getTime() <= 30_000, `switched after ${mode?.since.toISOString()}`);
});

test('an event of a note of the SVC goes to the SVC, one of a note of SP waits for SP', async () => {
  const four = await sp.view(4);
  await askEvento(sp, four, cancelamento);
  await untilEvento(sp, { chaveAcesso: String(four.chaveAcesso), tpEvento: '110111' }, 'Registrado');
  assert.deepEqual(await receivers(four), ['SVC-AN']);
  assert.equal((await askEvento(sp, earlier, cancelamento)).status, 202);
});

test('GO goes to SVC-RS on its own while the workers are killed in the middle, MG to nobody', async () => {
  let last = 3;
  await outage.down('GO', '55');
  await emit(go, [1, 2, 3]);
  await eventually(async () => (await rowOf('GO'))?.situacao.evidence.failed.length ?? 0, { timeoutMs: 20_000 });
  await Promise.all([hub.kill('contingency'), hub.kill('emission')]);
  await Promise.all([hub.start('contingency'), hub.start('emission')]);
  // The killed worker may have taken the turn of a status call with it.
  hub.advance(3 * MINUTE);
  // What they knew is lost at worst: more notes fail, and it switches all the same.
  const issued = await eventually(
    async () => {
      await go.emit({ numero: ++last });
      const views = await Promise.all(Array.from({ length: last - 3 }, (_, index) => go.view(index + 4)));
      return views.find(({ status, tipoEmissao }) => status === 'Autorizada' && tipoEmissao === '7') ?? null;
    },
    { timeoutMs: 60_000, everyMs: 1_000 },
  );
  assert.deepEqual(await authorisers(go, issued.numero), ['SVC-RS']);
  await mg.emit({ numero: 1 });
  assert.equal((await mg.untilStatus(1, 'Autorizada')).tipoEmissao, '1');
  assert.equal(await modoOf('MG'), 'NORMAL');
});

test('the SVC of SP is switched off: EPEC, and after the recovery the notes follow with the same keys', async () => {
  await outage.svc('SVC-AN', 'SP', 'off');
  await outage.statusUntil('55', 'SP', 'EPEC');
  await sp.emit({ numero: 5 });
  const issued = await sp.untilStatus(5, 'Emitida em contingência', 40_000);
  assert.equal(issued.tipoEmissao, '4');
  assert.deepEqual(await authorisers(sp, 5), []);
  await outage.up();
  await outage.statusUntil('55', 'SP', 'NORMAL');
  const [five] = await until(sp, [5], 'Autorizada');
  assert.equal(five?.chaveAcesso, issued.chaveAcesso);
  assert.deepEqual(await authorisers(sp, 5), ['SP']);
});

test('what waited for SP is done there: the event of the earlier note', async () => {
  await outage.ended(sp, 50, 'Cancelada');
  assert.deepEqual([...new Set(await receivers(earlier))], ['SP']);
});

test('the notes that had failed are authorised under their own numbers, and nothing was doubled', async () => {
  for (const customer of [sp, go]) {
    for (const numero of [1, 2, 3]) {
      assert.equal((await outage.ended(customer, numero, 'Autorizada')).tipoEmissao, '1');
    }
  }
  await outage.statusUntil('55', 'GO', 'NORMAL');
  assert.equal(await hub.simulator.doubled(), 0);
});

test('our own network down switches nothing for NF-e, and everything is authorised when it is back', async () => {
  const before = { sp: (await rowOf('SP'))?.version, mg: await modoOf('MG') };
  hub.advance(70 * MINUTE);
  await hub.kill('simulator');
  await Promise.all([emit(sp, [201, 202, 203]), emit(mg, [201, 202, 203]), emit(go, [201, 202, 203])]);
  await eventually(() => hub.service('contingency').lines.some(({ msg }) => String(msg).startsWith('our own network')), {
    timeoutMs: 40_000,
  });
  assert.deepEqual([await modoOf('SP'), await modoOf('MG'), await modoOf('GO')], ['NORMAL', 'NORMAL', 'NORMAL'], JSON.stringify(before));
  await hub.start('simulator');
  for (const customer of [sp, mg, go]) for (const numero of [201, 202, 203]) await outage.ended(customer, numero, 'Autorizada');
  assert.deepEqual([await modoOf('SP'), await modoOf('MG'), await modoOf('GO')], ['NORMAL', 'NORMAL', 'NORMAL']);
  assert.equal(await hub.simulator.doubled(), 0);
});
