import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { createMetrics } from '@malote/runtime/metrics';
import { eventually } from '@malote/testkit/eventually';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { type BreakerEvent, createSefazClient, type SefazClient, type SefazCredential } from '../client.ts';
import { loadEndpoints } from '../endpoints.ts';
import { NotSent, OutcomeUnknown, Permanent } from '../failure.ts';
import { credentialOf, startTrickyServer, type TrickyServer } from './tricky-server.ts';

let server: TrickyServer;
let credential: SefazCredential;
const log = createLogger({ service: 'test', level: 'fatal' });

before(async () => {
  server = await startTrickyServer();
  credential = credentialOf(server.ca);
});
after(() => server.close());

/** A client whose every service is at `trick`. */
function clientAt(trick: string, options: { rate?: number; resetMs?: number; onBreaker?: (event: BreakerEvent) => void } = {}) {
  const metrics = createMetrics('test');
  const client = createSefazClient({
    endpoints: loadEndpoints({ overrideUrl: `https://localhost:${server.port}/${trick}` }),
    ca: [server.ca.certPem],
    timeoutMs: 5_000,
    connectTimeoutMs: 2_000,
    rate: options.rate ?? 0,
    breaker: { failures: 10, windowMs: 60_000, resetMs: options.resetMs ?? 60_000 },
    log,
    clock: systemClock,
    metrics,
    onBreaker: options.onBreaker,
  });
  return { client, metrics };
}

const target = () => ({ modelo: '55', autorizador: 'SP', ambiente: '2', credential }) as const;
const status = (client: SefazClient) => client.status({ ...target(), cUF: '35' });

test('status asks in SOAP 1.2 with the right action and certificate, and reads the answer', async (t) => {
  const { client } = clientAt('status-107');
  t.after(() => client.close());
  const answer = await status(client);
  assert.equal(answer.retorno.kind, 'status');
  assert.deepEqual([answer.retorno.cStat, answer.retorno.kind === 'status' && answer.retorno.class], ['107', 'service-status']);
  assert.match(answer.body, /^<retConsStatServ xmlns="http:\/\/www.portalfiscal.inf.br\/nfe".*<\/retConsStatServ>$/);
  const request = server.received.at(-1);
  assert.equal(request?.url, '/status-107/2/SP/55/NFeStatusServico4');
  assert.equal(
    request?.contentType,
    'application/soap+xml; charset=utf-8; action="http://www.portalfiscal.inf.br/nfe/wsdl/NFeStatusServico4/nfeStatusServicoNF"',
  );
  assert.match(request?.client ?? '', /^EMPRESA DE TESTE:\d{14}$/);
  assert.match(request?.body ?? '', /<nfeDadosMsg xmlns="http:\/\/www.portalfiscal.inf.br\/nfe\/wsdl\/NFeStatusServico4"><consStatServ /);
});

test('the EPEC of an NFC-e has services of its own, whose WSDLs are called otherwise', async (t) => {
  const { client } = clientAt('status-107');
  t.after(() => client.close());
  const at = { ...target(), modelo: '65', epec: true } as const;
  assert.equal((await client.status({ ...at, cUF: '35' })).retorno.cStat, '107');
  const who = { chave: '35261110000001000190650010000000014123412349', tpEvento: '110140', nSeqEvento: 1 };
  const { retorno } = await client.registerEvento({ ...at, signedXml: '<evento/>', idLote: '1', who });
  assert.equal(retorno.kind, 'unreadable');
  const wsdl = 'http://www.portalfiscal.inf.br/nfe/wsdl';
  assert.deepEqual(
    server.received
      .slice(-2)
      .map(({ url, contentType, body }) => [url, contentType?.split('action=')[1], body.includes(`<nfeDadosMsg xmlns="${wsdl}/`)]),
    [
      ['/status-107/2/SP/65/EPECStatusServico', `"${wsdl}/NfeStatusServico2/nfeStatusServicoNF2"`, true],
      ['/status-107/2/SP/65/RecepcaoEPEC', `"${wsdl}/RecepcaoEvento/nfeRecepcaoEvento"`, true],
    ],
  );
  await assert.rejects(
    client.status({ ...target(), epec: true, cUF: '35' }),
    (error) => error instanceof Permanent && error.reason === 'sem-endereco',
  );
});

test('authorize sends the bytes of the note unchanged in a synchronous lote of one', async (t) => {
  const { client } = clientAt('lote-225');
  t.after(() => client.close());
  const signedXml = sampleNfe({ cnpj: sampleCnpj(1), numero: 1, dhEmi: '2026-11-21T19:00:00-03:00', nastyText: true });
  const { retorno } = await client.authorize({ ...target(), signedXml, idLote: '42' });
  assert.deepEqual([retorno.kind, retorno.kind === 'document' && retorno.class, retorno.cStat], ['document', 'schema', '225']);
  const body = server.received.at(-1)?.body ?? '';
  assert.ok(body.includes(`<idLote>42</idLote><indSinc>1</indSinc>${signedXml}</enviNFe></nfeDadosMsg>`));
});

test('consult asks for the key; an answer to another question is unreadable, not a failure', async (t) => {
  const { client } = clientAt('status-107');
  t.after(() => client.close());
  const chave = '35261110000001000190550010000000011123412349';
  const { retorno } = await client.consult({ ...target(), chave });
  assert.equal(retorno.kind, 'unreadable');
  assert.ok(server.received.at(-1)?.body.includes(`<chNFe>${chave}</chNFe>`));
});

test('failures come through as they are; no address and another model are permanent', async (t) => {
  const { client } = clientAt('reset-after-read');
  t.after(() => client.close());
  await assert.rejects(status(client), (error) => error instanceof OutcomeUnknown && error.reason === 'conexao-interrompida');
  await assert.rejects(
    client.status({ ...target(), modelo: '57', cUF: '35' }),
    (error) => error instanceof Permanent && error.reason === 'modelo-nao-suportado',
  );
  const real = createSefazClient({ ...baseOptions(), endpoints: { find: () => undefined } });
  t.after(() => real.close());
  await assert.rejects(status(real), (error) => error instanceof Permanent && error.reason === 'sem-endereco');
});

function baseOptions() {
  const breaker = { failures: 10, windowMs: 60_000, resetMs: 60_000 };
  return { timeoutMs: 5_000, connectTimeoutMs: 2_000, rate: 0, breaker, log, clock: systemClock, metrics: createMetrics('test') };
}

test('after ten answers of 108 the circuit opens: calls fail fast, other services go on', async (t) => {
  const events: BreakerEvent[] = [];
  const { client, metrics } = clientAt('status-108', { onBreaker: (event) => events.push(event) });
  t.after(() => client.close());
  for (let n = 0; n < 10; n++) assert.equal((await status(client)).retorno.cStat, '108');
  const before = server.received.length;
  await assert.rejects(status(client), (error) => {
    assert.ok(error instanceof NotSent);
    assert.equal(error.reason, 'circuito-aberto');
    assert.ok((error.retryAfterMs ?? 0) > 50_000 && (error.retryAfterMs ?? 0) <= 60_000);
    return true;
  });
  assert.equal(server.received.length, before);
  assert.deepEqual(events, [{ autorizador: 'SP', service: 'NFeStatusServico4', ambiente: '2', state: 'open' }]);
  assert.match(
    await metrics.registry.metrics(),
    /malote_sefaz_breaker_state\{autorizador="SP",web_service="NFeStatusServico4",ambiente="2",service="test"\} 1\n/,
  );
  assert.equal((await client.consult({ ...target(), chave: '1'.repeat(44) })).httpStatus, 200);
  assert.deepEqual(
    client.breakers().map(({ autorizador, service, ambiente, state }) => [autorizador, service, ambiente, state]),
    [
      ['SP', 'NFeStatusServico4', '2', 'open'],
      ['SP', 'NFeConsultaProtocolo4', '2', 'closed'],
    ],
  );
  assert.equal((await client.status({ ...target(), autorizador: 'MG', cUF: '31' })).retorno.cStat, '108');
});

test('rejections, throttling (656) and certificate refusals never open the circuit', async (t) => {
  for (const trick of ['lote-225', 'lote-204', 'lote-656', '403']) {
    const { client } = clientAt(trick);
    t.after(() => client.close());
    for (let n = 0; n < 25; n++) {
      const call = client.authorize({ ...target(), signedXml: '<NFe/>', idLote: '1' });
      await call.catch((error: unknown) => assert.ok(error instanceof Permanent && error.reason === 'http-403'));
    }
  }
  const { client } = clientAt('status-107');
  t.after(() => client.close());
  const none = { ...credential, thumbprint: 'no-certificate', certPem: '', chainPem: [] };
  for (let n = 0; n < 25; n++) {
    const call = client.status({ ...target(), credential: none, cUF: '35' });
    await assert.rejects(call, (error) => error instanceof NotSent && error.reason === 'certificado-recusado');
  }
  assert.equal((await status(client)).retorno.cStat, '107');
});

test('an open circuit lets one call try after its time, and closes when that succeeds', async (t) => {
  const states: string[] = [];
  let trick = '500';
  const endpoints = { find: () => `https://localhost:${server.port}/${trick}/probe` };
  const breaker = { failures: 10, windowMs: 60_000, resetMs: 150 };
  const client = createSefazClient({
    ...baseOptions(),
    breaker,
    endpoints,
    ca: [server.ca.certPem],
    onBreaker: ({ state }) => states.push(state),
  });
  t.after(() => client.close());
  for (let n = 0; n < 10; n++) await assert.rejects(status(client), OutcomeUnknown);
  await assert.rejects(status(client), (error) => error instanceof NotSent && error.reason === 'circuito-aberto');
  trick = 'status-107';
  const answer = await eventually(() => status(client).catch(() => null), { everyMs: 20 });
  assert.equal(answer.retorno.cStat, '107');
  assert.deepEqual(states, ['open', 'half-open', 'closed']);
});

test('calls are paced per autorizador; one whose turn comes too late is not sent', async (t) => {
  const { client } = clientAt('status-107', { rate: 2 });
  t.after(() => client.close());
  const timed = () =>
    client.status({ ...target(), cUF: '35', timeoutMs: 300 }).then(
      () => 'answered',
      (error: NotSent) => `${error.reason} ${(error.retryAfterMs ?? 0) > 300}`,
    );
  const results = await Promise.all([timed(), timed(), timed(), timed()]);
  assert.deepEqual(results, ['answered', 'answered', 'ritmo-excedido true', 'ritmo-excedido true']);
  assert.equal((await client.status({ ...target(), autorizador: 'MG', cUF: '31' })).retorno.cStat, '107');
});
