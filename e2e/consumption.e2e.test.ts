import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventually } from '@malote/testkit/eventually';
import { newCustomer } from './customer.ts';
import { startHub } from './hub.ts';
import { malote } from './malote.ts';

const hub = await startHub();
after(() => hub.close());
const AUTHORIZE = 'NFeAutorizacao4';
const customer = await newCustomer(hub, { cnpj: '11222333000181' });
const other = await newCustomer(hub, { cnpj: '12ABC34501DE35' });

const sends = (cnpj: string) => hub.simulator.calls({ cnpj, service: AUTHORIZE });

test('after a 656 the company leaves that authoriser alone for over an hour, others go on, and then everything is sent', async () => {
  await hub.simulator.fault({ fault: 'cstat-656', match: { service: AUTHORIZE, numero: 1, cnpj: customer.cnpj }, times: 1 });
  await customer.emit({ numero: 1 });
  await eventually(async () => (await sends(customer.cnpj)).length === 1);
  await eventually(async () => (await hub.raw.collection('consumo').countDocuments({ reason: /^656/ })) === 1);
  await customer.emit({ numero: 2 });
  const waiting = await eventually(async () => {
    const view = await customer.view(2);
    return (view.avisos as { cMsg: string; xMsg: string }[]).some(({ cMsg }) => cMsg === 'consumo-indevido') ? view : null;
  });
  assert.equal(waiting.status, 'Em processamento');
  await other.emit({ numero: 1 });
  await other.untilStatus(1, 'Autorizada');
  hub.advance(59 * 60_000);
  await other.emit({ numero: 2 });
  await other.untilStatus(2, 'Autorizada');
  assert.equal((await sends(customer.cnpj)).length, 1, 'nothing was sent during the rest');
  hub.advance(3 * 60_000);
  for (const numero of [1, 2]) await customer.untilStatus(numero, 'Autorizada');
  assert.equal(await hub.simulator.doubled(), 0);
});

test('a note refused five times for the same reason is stopped before SEFAZ would count it, with the reason and the time', async () => {
  const refuse = { fault: 'answer', match: { service: AUTHORIZE, numero: 50 }, cStat: '610', xMotivo: 'Rejeição: Total da NF difere' };
  await hub.simulator.fault(refuse);
  for (let round = 1; round <= 5; round++) {
    await other.emit({ numero: 50, itens: round });
    await eventually(async () => (await hub.simulator.calls({ numero: 50 })).length === round);
    await other.untilStatus(50, 'Rejeitada');
  }
  await other.emit({ numero: 50, itens: 6 });
  const stopped = await eventually(async () => {
    const view = await other.view(50);
    return view.faults[0]?.code === 'consumo-rejeicoes-iguais' ? view : null;
  });
  assert.equal(stopped.status, 'Rejeitada');
  assert.match(stopped.faults[0]?.message ?? '', /610: Rejeição: Total da NF difere/);
  assert.equal((await hub.simulator.calls({ numero: 50 })).length, 5);
  await hub.simulator.clearFaults();
  hub.advance(61 * 60_000);
  await other.emit({ numero: 50, itens: 7 });
  await other.untilStatus(50, 'Autorizada');
});

test('what is in recovery is listed with what is done next, for its account over HTTP and for the hub by malote', async () => {
  await hub.simulator.fault({ fault: 'reset-after-read', match: { service: AUTHORIZE, numero: 60 }, times: 1 });
  await other.emit({ numero: 60 });
  await other.untilStatus(60, 'Em recuperação');
  const listed = async (of: typeof customer) => {
    const answer = await of.get('/api/conta/em-recuperacao?pagina=1');
    assert.equal(answer.status, 200);
    return (await answer.json()) as { totalElementos: number; registros: { numero: number; acao: string; proximaAcaoEm: string }[] };
  };
  const { totalElementos, registros } = await listed(other);
  assert.equal(totalElementos, 1);
  assert.equal(registros[0]?.numero, 60);
  assert.equal(registros[0]?.acao, 'consultar pela chave');
  assert.ok(Date.parse(registros[0]?.proximaAcaoEm ?? '') > hub.now().getTime() - 60_000);
  assert.equal((await listed(customer)).totalElementos, 0);
  const printed = await malote(hub, 'document', 'recovering', '--json');
  assert.equal(JSON.parse(printed).documentos[0].documento, '12ABC34501DE35.2.55.35.001.000000060');
  hub.advance(16_000);
  await other.untilStatus(60, 'Autorizada');
  assert.equal((await listed(other)).totalElementos, 0);
});

test('malote asks an authoriser for its status once, and not again before three minutes', async () => {
  const ask = async () => JSON.parse(await malote(hub, 'sefaz', 'status', '--conta', other.conta, '--empresa', other.cnpj, '--json'));
  assert.equal((await ask()).cStat, '107');
  await assert.rejects(ask(), /três minutos/);
  hub.advance(3 * 60_000);
  assert.equal((await ask()).cStat, '107');
  assert.equal((await hub.simulator.calls({ service: 'NFeStatusServico4' })).length, 2);
});
