import assert from 'node:assert/strict';
import { Agent, request } from 'node:https';
import { after, before, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { systemClock } from '@malote/runtime/clock';
import { createCa, issueClientPem } from '@malote/testkit/certificates';
import { allAutorizadores } from '../autorizadores.ts';
import { consStatServ } from './signed-nfe.ts';
import { CNPJ, envelope, type Stage, startStage } from './stage.ts';

const WSDL = 'http://www.portalfiscal.inf.br/nfe/wsdl/NFeStatusServico4';
let stage: Stage;
before(async () => {
  stage = await startStage();
});
after(() => stage.close());

const status = (options = {}) => stage.call('NFeStatusServico4', consStatServ('35'), options);
const withRaw = (change: (xml: string) => string) => status({ raw: change(envelope(WSDL, consStatServ('35'))) });

test('no client certificate, one of another authority, and one that has run out are refused by TLS', async () => {
  await assert.rejects(status({ credential: null }), { code: /SSL|ECONNRESET|EPIPE/ } as never);
  const foreign = issueClientPem(createCa(), { cnpj: CNPJ, razaoSocial: 'X' });
  await assert.rejects(status({ credential: foreign }));
  const old = issueClientPem(stage.ca, { cnpj: CNPJ, razaoSocial: 'X', notAfter: new Date(systemClock.now().getTime() - 1_000) });
  await assert.rejects(status({ credential: old }));
  const refused = await stage.calls('outcome=no-tls');
  assert.equal(refused.length, 3);
  assert.deepEqual((await status()).all('cStat'), ['107']);
});

test('a client certificate that names no company is 282', async () => {
  const credential = issueClientPem(stage.ca, { cnpj: CNPJ, razaoSocial: 'X', withoutDocumento: true });
  assert.deepEqual((await status({ credential })).all('cStat'), ['282']);
});

test('TLS 1.2 and 1.3 are spoken, 1.1 is not', async () => {
  const negotiate = (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') =>
    new Promise<string | null>((resolve, reject) => {
      const tls = {
        minVersion: version,
        maxVersion: version,
        ca: stage.ca.certPem,
        cert: stage.company.certPem,
        key: stage.company.keyPem,
      };
      const outgoing = request(`${stage.simulator.url}/`, { ...tls, ciphers: 'DEFAULT@SECLEVEL=0' }, (incoming) => {
        incoming.resume();
        resolve((incoming.socket as TLSSocket).getProtocol());
      });
      outgoing.on('error', reject);
      outgoing.end();
    });
  assert.equal(await negotiate('TLSv1.2'), 'TLSv1.2');
  assert.equal(await negotiate('TLSv1.3'), 'TLSv1.3');
  await assert.rejects(negotiate('TLSv1.1'));
});

test('a resumed TLS session still tells whose certificate it is', async () => {
  const sessions = new Agent({ keepAlive: false, maxCachedSessions: 10 });
  const replies = [];
  for (let i = 0; i < 3; i++) replies.push(await status({ agent: sessions }));
  assert.deepEqual(
    replies.map((reply) => [reply.resumed, ...reply.all('cStat')]),
    [
      [false, '107'],
      [true, '107'],
      [true, '107'],
    ],
  );
});

test('every authoriser of the data answers at its path, in both environments', async () => {
  for (const { name, modelo, ufs } of allAutorizadores()) {
    const [cUF = ''] = ufs;
    for (const ambiente of ['1', '2']) {
      const reply = await stage.call('NFeStatusServico4', consStatServ(cUF, ambiente), { autorizador: name, modelo, ambiente });
      assert.deepEqual([reply.all('cStat'), reply.all('tpAmb')], [['107'], [ambiente]], `${ambiente}/${name}/${modelo}`);
    }
  }
});

for (const [what, options, httpStatus] of [
  ['an unknown authoriser', { autorizador: 'XX' }, 404],
  ['an SVC for NFC-e', { autorizador: 'SVC-AN', modelo: '65' }, 404],
  ['an unknown environment', { ambiente: '3' }, 404],
  ['the action of another service', { headers: { 'content-type': 'application/soap+xml; charset=utf-8; action="x"' } }, 500],
  ['no action', { headers: { 'content-type': 'application/soap+xml; charset=utf-8' } }, 500],
  ['SOAP 1.1', { headers: { 'content-type': 'text/xml; charset=utf-8' } }, 415],
] as const) {
  test(`${what} is HTTP ${httpStatus}`, async () => {
    assert.equal((await status(options)).status, httpStatus);
  });
}

for (const [what, change, reason] of [
  ['the WSDL namespace of another service', (x: string) => x.replace(WSDL, `${WSDL}x`), /namespace/],
  ['a SOAP header', (x: string) => x.replace('<soap12:Body>', '<soap12:Header/><soap12:Body>'), /no SOAP Header/],
  [
    'an envelope of SOAP 1.1',
    (x: string) => x.replace('http://www.w3.org/2003/05/soap-envelope', 'http://schemas.xmlsoap.org/soap/envelope/'),
    /SOAP 1.2/,
  ],
  ['two bodies', (x: string) => x.replace('</soap12:Body>', '</soap12:Body><soap12:Body/>'), /exactly one Body/],
  ['another body element', (x: string) => x.replaceAll('nfeDadosMsg', 'nfeCabecMsg'), /nfeDadosMsg/],
  ['an ill-formed envelope', (x: string) => x.replace('</soap12:Body>', ''), /not well-formed/],
  ['a document type', (x: string) => x.replace('<soap12:Envelope', '<!DOCTYPE x [<!ENTITY a "b">]><soap12:Envelope'), /DOCTYPE/],
  ['an XML declaration inside the message', (x: string) => x.replace('<consStat', '<?xml version="1.0"?><consStat'), /not well-formed/],
] as const) {
  test(`${what} is a SOAP fault that says so`, async () => {
    const reply = await withRaw(change);
    assert.ok(reply.status >= 400, String(reply.status));
    assert.match(reply.body, /<soap:Fault>/);
    assert.match(reply.body, reason);
  });
}

test('bytes that are no UTF-8, or another declared encoding, are 402', async () => {
  const xml = envelope(WSDL, consStatServ('35'));
  assert.deepEqual((await status({ raw: Buffer.from(xml.replace('STATUS', 'STÁTUS'), 'latin1') })).all('cStat'), ['402']);
  assert.deepEqual((await withRaw((x) => x.replace('encoding="utf-8"', 'encoding="ISO-8859-1"'))).all('cStat'), ['402']);
});

test('a prefixed nfeDadosMsg is read like any other', async () => {
  const reply = await withRaw((x) =>
    x.replace('<nfeDadosMsg xmlns=', '<w:nfeDadosMsg xmlns:w=').replace('</nfeDadosMsg>', '</w:nfeDadosMsg>'),
  );
  assert.deepEqual(reply.all('cStat'), ['107']);
});
