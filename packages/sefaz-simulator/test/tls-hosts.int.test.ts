import assert from 'node:assert/strict';
import { Agent } from 'node:https';
import { after, afterEach, before, test } from 'node:test';
import { createCa, issueClientPem } from '@malote/testkit/certificates';
import { consStatServ, enviNFe, signedNfe } from './signed-nfe.ts';
import { CNPJ, type Stage, startStage } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await startStage({ oddHosts: true });
});
after(() => stage.close());
afterEach(() => stage.admin('DELETE', '/faults'));

const status = (options = {}) => stage.call('NFeStatusServico4', consStatServ('35'), options);
const fault = (body: object) => stage.admin<{ id: string; error?: string }>('POST', '/faults', body);
const hosts = async () => (await stage.admin<{ hosts: Record<string, string> }>('GET', '/health')).hosts;

for (const [name, host, code] of [
  ['wrong-chain', 'wrong-chain', 'SELF_SIGNED_CERT_IN_CHAIN'],
  ['expired-certificate', 'expired', 'CERT_HAS_EXPIRED'],
] as const) {
  test(`${name} presents such a certificate to the next connection, which a client that verifies leaves without a call`, async () => {
    await fault({ fault: name, times: 1 });
    const before = (await stage.calls('service=NFeStatusServico4')).length;
    await assert.rejects(status(), { code });
    assert.deepEqual((await status()).all('cStat'), ['107']);
    assert.equal((await stage.calls('service=NFeStatusServico4')).length, before + 1);
    assert.deepEqual(
      (await stage.calls(`fault=${name}`)).map((call) => call.outcome),
      ['no-tls'],
    );
  });

  test(`the host ${host} has a port of its own that does the same`, async () => {
    await assert.rejects(status({ origin: (await hosts())[host] }), { code });
    await assert.rejects(status({ origin: (await hosts())[host] }), { code });
  });
}

test('renegotiation asks for the certificate after the headers, and serves the whole connection with it', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const origin = (await hosts()).renegotiation ?? '';
  const note = signedNfe({ cnpj: CNPJ, numero: 1, signer: stage.company, infCpl: 'x'.repeat(4_000), itens: 300 });
  assert.ok(note.xml.length > 150_000, 'more than one buffer is on its way while the handshake runs');
  const first = await stage.call('NFeAutorizacao4', enviNFe(note.xml), { origin, agent });
  assert.deepEqual(first.all('cStat'), ['104', '100'], first.body);
  assert.equal(first.protocol, 'TLSv1.2');
  assert.deepEqual((await status({ origin, agent })).all('cStat'), ['107']);
  assert.equal(agent.freeSockets[Object.keys(agent.freeSockets)[0] ?? '']?.length, 1);
  agent.destroy();
  assert.equal((await stage.calls('fault=host renegotiation')).length, 2);
});

test('renegotiation without a certificate, or with one of another authority, is HTTP 403 or a broken connection, and no call', async () => {
  const origin = (await hosts()).renegotiation ?? '';
  const before = (await stage.calls('service=NFeStatusServico4')).length;
  const foreign = issueClientPem(createCa(), { cnpj: CNPJ, razaoSocial: 'X' });
  for (const credential of [null, foreign]) {
    const outcome = await status({ origin, credential }).then(
      (reply) => reply.status,
      (error: NodeJS.ErrnoException) => error.code ?? '',
    );
    assert.match(String(outcome), /^(403|ECONNRESET|EPIPE|ERR_SSL.*)$/);
  }
  assert.equal((await stage.calls('service=NFeStatusServico4')).length, before);
});

test('renegotiation as a fault leads the connections of the usual address there', async () => {
  await fault({ fault: 'renegotiation', times: 1 });
  const reply = await status();
  assert.deepEqual([reply.protocol, reply.all('cStat')], ['TLSv1.2', ['107']]);
  assert.equal((await status()).protocol, 'TLSv1.3');
});

test('without the key of its authority the expired certificate cannot be made, and the fault is refused', async () => {
  const without = await startStage({ serverCa: undefined });
  assert.match((await without.admin<{ error: string }>('POST', '/faults', { fault: 'expired-certificate' })).error, /--server-ca-key/);
  assert.deepEqual(await without.admin('GET', '/faults'), []);
  await without.close();
});
