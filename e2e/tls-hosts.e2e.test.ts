import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { eventually } from '@malote/testkit/eventually';
import { newCustomer } from './customer.ts';
import { startHub } from './hub.ts';

const hub = await startHub();
after(() => hub.close());
afterEach(() => hub.simulator.clearFaults());

test('an authoriser that asks for the certificate by renegotiation is served like any other', async () => {
  await hub.simulator.fault({ fault: 'renegotiation' });
  // A company of its own has no connection yet that was opened otherwise.
  const customer = await newCustomer(hub, { cnpj: '11222333000181' });
  await customer.emit({ numero: 1 });
  await customer.emit({ numero: 2, itens: 300 });
  await customer.untilStatus(1, 'Autorizada');
  await customer.untilStatus(2, 'Autorizada');
  const calls = await hub.simulator.calls({ cnpj: customer.cnpj, service: 'NFeAutorizacao4' });
  assert.deepEqual(
    calls.map(({ fault, cStat }) => [fault, cStat]),
    [
      ['host renegotiation', '100'],
      ['host renegotiation', '100'],
    ],
  );
});

for (const [fault, cnpj] of [
  ['wrong-chain', '12ABC34501DE35'],
  ['expired-certificate', '10000001000190'],
] as const) {
  test(`nothing is sent to a host with ${fault}, and the note is authorised once the host is right again`, async () => {
    await hub.simulator.fault({ fault });
    const customer = await newCustomer(hub, { cnpj });
    await customer.emit({ numero: 1 });
    const refused = async () => (await hub.simulator.calls({ fault })).length;
    await eventually(async () => (await refused()) > 0);
    assert.equal((await hub.simulator.calls({ cnpj })).length, 0);
    assert.notEqual((await customer.view(1)).status, 'Autorizada');
    await hub.simulator.clearFaults();
    hub.advance(120_000);
    await customer.untilStatus(1, 'Autorizada', 60_000);
    assert.equal((await hub.simulator.calls({ cnpj, service: 'NFeAutorizacao4' })).length, 1);
    assert.equal(await hub.simulator.doubled(), 0);
  });
}
