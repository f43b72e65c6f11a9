import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { parseXml, textAt } from '@malote/fiscal/xml/parse';
import { openCatalog } from '@malote/schemas/catalog';
import { createValidator } from '@malote/schemas/validator';
import { eventually } from '@malote/testkit/eventually';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { dhEmiText } from '@malote/testkit/sample-nfe';
import { newCustomer } from './customer.ts';
import { startHub } from './hub.ts';
import { xmlsecVerifies } from './xmlsec.ts';

const hub = await startHub();
after(() => hub.close());
afterEach(() => hub.simulator.clearFaults());
const validator = createValidator(openCatalog(String(hub.env.MALOTE_SCHEMAS_DIR)));

for (const [label, cnpj, ie] of [
  ['a numeric CNPJ', '11222333000181', '110042490114'],
  ['an alphanumeric CNPJ', '12ABC34501DE35', '110042490114'],
] as const) {
  test(`a note of ${label} is authorised, and xmlsec1, libxml2 and the digest agree with what is served`, async () => {
    const customer = await newCustomer(hub, { cnpj, ie });
    const accepted = await customer.emit({ numero: 1, itens: 3, nastyText: true });
    assert.ok(['Em processamento', 'Autorizada'].includes(accepted.status));
    const view = await customer.untilStatus(1, 'Autorizada');
    assert.equal(view.codigoStatus, '100');
    assert.match(String(view.protocolo), /^\d{15}$/);
    assert.equal(view.chaveAcesso?.slice(6, 20), cnpj);

    const answer = await customer.get(`${customer.path}/${view.chaveAcesso}.xml`);
    assert.equal(answer.status, 200);
    assert.match(String(answer.headers.get('content-type')), /^application\/xml/);
    const xml = await answer.text();
    assert.equal(view.conteudo, xml);
    xmlsecVerifies(xml, hub.ca);
    const valid = validator.validate(xml, { familia: 'nfe', root: 'nfeProc', versao: '4.00', ambiente: '2', date: hub.now() });
    assert.deepEqual(valid, []);
    const { root } = parseXml(xml);
    assert.equal(
      textAt(root, 'NFe/Signature/SignedInfo/Reference/DigestValue'),
      textAt(root, 'protNFe/infProt/digVal'),
      'the digest SEFAZ computed is the one we signed',
    );
    assert.equal(textAt(root, 'protNFe/infProt/nProt'), view.protocolo);
    assert.equal(await hub.simulator.doubled(), 0);
  });
}

test('a note written for the contingency authoriser goes to it, and the normal one never hears of it', async () => {
  const customer = await newCustomer(hub, { cnpj: '45543915000181' });
  const dhCont = dhEmiText(new Date(hub.now().getTime() - 60_000), 'SP');
  await customer.emit({ numero: 6, tpEmis: '6', contingencia: { dhCont, xJust: 'SEFAZ de origem fora do ar desde as 10h' } });
  const view = await customer.untilStatus(6, 'Autorizada');
  assert.equal(view.chaveAcesso?.[34], '6');
  const calls = await hub.simulator.calls({ numero: 6, cnpj: customer.cnpj });
  assert.deepEqual(
    calls.map(({ autorizador }) => autorizador),
    ['SVC-AN'],
  );
});

test('a note whose content is invalid is a stored result that names field, rule and value, and its number stays free', async () => {
  const customer = await newCustomer(hub, { cnpj: '07526557000100' });
  const answer = await customer.post(customer.note({ numero: 7 }).replace(/<NCM>[^<]*<\/NCM>/, '<NCM>123</NCM>'));
  assert.equal(answer.status, 202);
  const view = await customer.untilStatus(7, 'Arquivo inválido');
  const fault = view.faults.find(({ code }) => code === 'XSD-PATTERN');
  assert.match(fault?.path ?? '', /det.*NCM$/);
  assert.match(fault?.message ?? '', /NCM.*123/s);
  assert.equal((await hub.simulator.calls({ numero: 7, cnpj: customer.cnpj })).length, 0);
  await customer.emit({ numero: 7 });
  await customer.untilStatus(7, 'Autorizada');
});

test('an authoriser that asks for the certificate by renegotiation is served like any other', async () => {
  await hub.simulator.fault({ fault: 'renegotiation' });
  // A company of its own has no connection yet that was opened otherwise.
  const customer = await newCustomer(hub, { cnpj: sampleCnpj(31) });
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
  ['wrong-chain', sampleCnpj(32)],
  ['expired-certificate', sampleCnpj(33)],
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
