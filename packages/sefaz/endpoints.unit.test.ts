import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { autorizadorContingencia, autorizadorNormal } from '@malote/fiscal/model/autorizador';
import { MODELO_CODES, MODELOS } from '@malote/fiscal/model/modelo';
import { UFS, type Uf } from '@malote/fiscal/model/uf';
import { EndpointsError, loadEndpoints } from './endpoints.ts';
import { hostProfile } from './host-profiles.ts';

let dir: string;
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'malote-endpoints-'));
});
after(() => rmSync(dir, { recursive: true }));

function file(content: string): string {
  const path = join(dir, 'endpoints.tsv');
  writeFileSync(path, content);
  return path;
}

const HEADER = 'modelo\tautorizador\tambiente\tservice\turl';
const key = { modelo: '55', autorizador: 'SP', ambiente: '1', service: 'NFeAutorizacao4' } as const;

test('shipped addresses are found by modelo, autorizador, ambiente and service', () => {
  const endpoints = loadEndpoints();
  assert.equal(endpoints.find(key), 'https://nfe.fazenda.sp.gov.br/ws/nfeautorizacao4.asmx');
  assert.equal(endpoints.find({ ...key, ambiente: '2' }), 'https://homologacao.nfe.fazenda.sp.gov.br/ws/nfeautorizacao4.asmx');
  assert.equal(endpoints.find({ ...key, autorizador: 'SVC-AN', service: 'NFeInutilizacao4' }), undefined);
});

test('every UF has, for every modelo and ambiente, an address of every service at each of its authorisers; numbers are voided at the normal one', () => {
  const endpoints = loadEndpoints();
  const missing: string[] = [];
  for (const modelo of MODELO_CODES) {
    for (const uf of Object.keys(UFS) as Uf[]) {
      for (const autorizador of [autorizadorNormal(modelo, uf), autorizadorContingencia(modelo, uf)]) {
        for (const [kind, { service }] of Object.entries(MODELOS[modelo].services)) {
          if (kind === 'inutilizar' && autorizador?.startsWith('SVC')) continue;
          // The NFC-e has an EPEC in SP only.
          if ((kind === 'epec' || kind === 'statusEpec') && uf !== 'SP') continue;
          for (const ambiente of ['1', '2'] as const) {
            if (autorizador && !endpoints.find({ modelo, autorizador, ambiente, service }))
              missing.push([modelo, autorizador, ambiente, service].join(' '));
          }
        }
      }
    }
  }
  assert.deepEqual(missing, []);
});

test('a file replaces addresses and leaves the others; more columns, comments and CRLF are fine', () => {
  const url = 'https://gateway.example.org/sp';
  const path = file(`url\tservice\tambiente\tautorizador\tmodelo\tnote\r\n# ours\r\n${url}\tNFeAutorizacao4\t1\tSP\t55\tx\r\n\r\n`);
  const endpoints = loadEndpoints({ file: path });
  assert.equal(endpoints.find(key), url);
  assert.match(endpoints.find({ ...key, ambiente: '2' }) ?? '', /homologacao/);
});

test('every fault of a file is named with its line', () => {
  const faults = [
    ['59\tSP\t1\tNFeAutorizacao4\thttps://a.example', /linha 2: modelo "59" desconhecido/],
    ['55\tSPP\t1\tNFeAutorizacao4\thttps://a.example', /linha 3: autorizador "SPP" desconhecido no modelo 55 \(há AM, AN,/],
    ['55\tSP\t3\tNFeAutorizacao4\thttps://a.example', /linha 4: ambiente "3" deve ser 1/],
    ['55\tSP\t1\tNFeAutorizacao\thttps://a.example', /linha 5: service "NFeAutorizacao" desconhecido/],
    ['55\tSP\t1\tNFeAutorizacao4\thttp://a.example', /linha 6: "http:\/\/a.example" deve começar com https/],
    ['55\tSP\t2\tNFeAutorizacao4\thttps://u:p@a.example', /linha 7: o endereço não pode conter usuário/],
    ['55\tSP\t2\tNFeAutorizacao4\thttps://a.example?wsdl', /linha 8: .*linha 8: repete a linha 7/s],
  ] as const;
  const path = file([HEADER, ...faults.map(([row]) => row)].join('\n'));
  assert.throws(
    () => loadEndpoints({ file: path }),
    (error) => error instanceof EndpointsError && faults.every(([, expected]) => expected.test(error.message)),
  );
});

test('a file without the columns, with an empty cell, or that is not there is said so', () => {
  assert.throws(() => loadEndpoints({ file: file('modelo;url\n') }), /falta modelo, autorizador, ambiente, service, url/);
  assert.throws(() => loadEndpoints({ file: file(`${HEADER}\n55\tSP\t1\tNFeAutorizacao4\n`) }), /linha 2: sem valor em url/);
  assert.throws(() => loadEndpoints({ file: join(dir, 'none.tsv') }), /não pôde ser lido \(ENOENT\)/);
});

test('an override sends every address to the simulator by path, and has to be https', () => {
  const endpoints = loadEndpoints({ overrideUrl: 'https://127.0.0.1:9443/' });
  assert.equal(endpoints.find(key), 'https://127.0.0.1:9443/1/SP/55/NFeAutorizacao4');
  assert.equal(endpoints.find({ ...key, service: 'Novo' }), 'https://127.0.0.1:9443/1/SP/55/Novo');
  assert.throws(() => loadEndpoints({ overrideUrl: 'http://127.0.0.1:9443' }), /deve começar com https/);
});

test('hosts that renegotiate are spoken to in TLS 1.2, others up to 1.3, none below 1.2', () => {
  for (const host of [
    'nfe.fazenda.sp.gov.br',
    'www.sefazvirtual.fazenda.gov.br',
    'www1.nfe.fazenda.gov.br',
    'nfe.sefaz.ba.gov.br',
    'homologacao.sefaz.mt.gov.br',
  ]) {
    assert.equal(hostProfile(host).maxVersion, 'TLSv1.2', host);
  }
  for (const host of ['nfe.svrs.rs.gov.br', 'nfe.fazenda.mg.gov.br', 'nfe.sefaz.mt.gov.br', '127.0.0.1'])
    assert.equal(hostProfile(host).maxVersion, 'TLSv1.3', host);
  assert.ok(hostProfile('nfe.sefaz.go.gov.br').ciphers);
  assert.equal(hostProfile('nfe.svrs.rs.gov.br').minVersion, 'TLSv1.2');
});
