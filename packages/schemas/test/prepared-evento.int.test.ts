import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import { buildChave } from '@malote/fiscal/chave/chave-acesso';
import { buildEpec } from '@malote/fiscal/contingencia/epec';
import { eventoXmlFromJson } from '@malote/fiscal/evento/json-evento';
import { EVENTO_KINDS, type EventoKind, eventoKind } from '@malote/fiscal/evento/kinds';
import { prepareEvento } from '@malote/fiscal/evento/prepare-evento';
import { buildEnvEvento } from '@malote/fiscal/evento/ret-evento';
import { inutilizacaoXmlFromJson } from '@malote/fiscal/inutilizacao/json-inutilizacao';
import { prepareInutilizacao } from '@malote/fiscal/inutilizacao/prepare-inutilizacao';
import { parseXml } from '@malote/fiscal/xml/parse';
import { signXml } from '@malote/fiscal/xml/sign';
import { createCa, issueClientPem } from '@malote/testkit/certificates';
import { sampleAlphanumericCnpj, sampleCnpj, sampleCpf } from '@malote/testkit/sample-cnpj';
import { SAMPLE_EVENTOS } from '@malote/testkit/sample-eventos';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { openCatalog } from '../catalog.ts';
import { createValidator, type Validator } from '../validator.ts';
import { schemasForTests } from './schemas-dir.ts';

const CNPJ = sampleCnpj(1);
const { certPem, keyPem } = issueClientPem(createCa(), { cnpj: CNPJ, razaoSocial: 'Empresa de Teste' });
const certificate = { key: createPrivateKey(keyPem), certDer: new X509Certificate(certPem).raw };
const QUERY = { familia: 'nfe', versao: '1.00', ambiente: '2', date: new Date('2026-11-21') } as const;

let validator: Validator;
before(async () => {
  validator = createValidator(openCatalog(await schemasForTests()));
});
after(() => validator.dispose());

function chaveOf(modelo: string, documento: string): string {
  return buildChave({ cUF: '35', aamm: '2611', documento, modelo, serie: '1', numero: '7', tpEmis: '1', cNF: '48151623' });
}

function signed(modelo: '55' | '65', tpEvento: string, body: unknown, autor = CNPJ): string {
  const kind = eventoKind(modelo, tpEvento);
  const json = eventoXmlFromJson(body, { modelo });
  if (!kind || !json.ok) assert.fail(`${tpEvento}: ${JSON.stringify(json)}`);
  return preparedAndSigned(kind, json.xml, chaveOf(modelo, autor), autor);
}

function preparedAndSigned(kind: EventoKind, xml: string, chave: string, autor: string): string {
  const prepared = prepareEvento({
    ...{ doc: parseXml(xml), layout: 'sefaz', kind, chave, tpAmb: '2', autor, cOrgao: kind.cOrgao ?? '35' },
    ...{ nSeqEvento: 1, dhEvento: '2026-11-21T16:00:00-03:00', nProt: '135260000000001' },
  });
  if (!prepared.ok) assert.fail(`${kind.tpEvento}: ${JSON.stringify(prepared.faults)}`);
  return signXml(prepared.xml, { element: 'infEvento' }, certificate).xml;
}

function faultsOf(tpEvento: string, xml: string): unknown[] {
  const message = buildEnvEvento(xml, '1');
  return [
    ...validator.validate(message, { ...QUERY, root: 'envEvento', conjunto: 'nfe_evento_generico' }),
    ...validator.validate(message, { ...QUERY, root: 'envEvento', tpEvento }),
  ];
}

test('the XSDs take every event that a company sends, made from its JSON', () => {
  for (const { modelo, tpEvento, body } of SAMPLE_EVENTOS) {
    assert.deepEqual(faultsOf(tpEvento, signed(modelo, tpEvento, body)), [], `${modelo} ${tpEvento}`);
  }
  const sampled = new Set(SAMPLE_EVENTOS.map(({ modelo, tpEvento }) => `${modelo}.${tpEvento}`));
  for (const { tpEvento, modelos, enviavel, suportado } of EVENTO_KINDS) {
    for (const modelo of modelos) assert.equal(sampled.has(`${modelo}.${tpEvento}`), enviavel && suportado, `${modelo} ${tpEvento}`);
  }
});

test('the XSDs take the EPEC of an NF-e, made from its note, and the generic one that of an NFC-e, which has none of its own', () => {
  const note = { cnpj: CNPJ, numero: 7, dhEmi: '2026-11-21T15:59:00-03:00', tpEmis: '4' };
  for (const [modelo, xml] of [
    ['55', sampleNfe(note)],
    ['55', sampleNfe(note).replace(/<dest><CNPJ>\w+<\/CNPJ>/, '<dest><idEstrangeiro></idEstrangeiro>')],
    ['65', sampleNfce({ ...note, dest: null })],
  ] as const) {
    const built = buildEpec(parseXml(xml), modelo);
    const kind = eventoKind(modelo, '110140');
    if (!built.ok || !kind) assert.fail(JSON.stringify(built));
    const message = buildEnvEvento(preparedAndSigned(kind, built.xml, chaveOf(modelo, CNPJ), CNPJ), '1');
    const own = modelo === '55' ? [{ tpEvento: '110140' }] : [];
    for (const which of [{ conjunto: 'nfe_evento_generico' }, ...own]) {
      assert.deepEqual(validator.validate(message, { ...QUERY, root: 'envEvento', ...which }), [], modelo);
    }
  }
});

test('the XSDs take an alphanumeric CNPJ and a CPF as author', () => {
  const body = { tipo: 'cancelamento', justificativa: 'Pedido registrado em duplicidade' };
  for (const autor of [sampleAlphanumericCnpj(1), sampleCpf(1)])
    assert.deepEqual(faultsOf('110111', signed('55', '110111', body, autor)), []);
});

test('the XSD of each event looks into its detEvento: a field too much is refused', () => {
  const checked = SAMPLE_EVENTOS.filter(({ modelo, tpEvento, body }) => {
    const xml = signed(modelo, tpEvento, body).replace('</detEvento>', '<xSobra>1</xSobra></detEvento>');
    return faultsOf(tpEvento, xml).length > 0;
  });
  const codes = new Set(checked.map(({ tpEvento }) => tpEvento));
  // The others go with the generic envelope alone until an operator drops their XSDs as a pack.
  const own = ['110110', '110111', '110112', '110130', '110131', '110150', '110192', '110193'];
  assert.deepEqual([...codes].sort(), own);
});

test('the XSD takes an inutilização made from its JSON', () => {
  const body = {
    uf: 'SP',
    ano: 2026,
    serie: '001',
    numeroInicial: 5,
    numeroFinal: '7',
    justificativa: 'Falha no sistema de emissão & numeração',
  };
  const json = inutilizacaoXmlFromJson(body, { emitente: sampleAlphanumericCnpj(2), tpAmb: '2', modelo: '65' });
  if (!json.ok) assert.fail(JSON.stringify(json.faults));
  const prepared = prepareInutilizacao({ doc: parseXml(json.xml), layout: 'sefaz' });
  if (!prepared.ok) assert.fail(JSON.stringify(prepared.faults));
  const { xml } = signXml(prepared.xml, { element: 'infInut' }, certificate);
  assert.deepEqual(validator.validate(xml, { ...QUERY, root: 'inutNFe', versao: '4.00' }), []);
});
