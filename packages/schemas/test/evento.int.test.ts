import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import { buildChave } from '@malote/fiscal/chave/chave-acesso';
import { eventoXmlFromJson } from '@malote/fiscal/evento/json-evento';
import { EVENTO_KINDS, eventoKind } from '@malote/fiscal/evento/kinds';
import { prepareEvento } from '@malote/fiscal/evento/prepare-evento';
import { buildEnvEvento } from '@malote/fiscal/evento/ret-evento';
import { inutilizacaoXmlFromJson } from '@malote/fiscal/inutilizacao/json-inutilizacao';
import { prepareInutilizacao } from '@malote/fiscal/inutilizacao/prepare-inutilizacao';
import { parseXml } from '@malote/fiscal/xml/parse';
import { signXml } from '@malote/fiscal/xml/sign';
import { createCa, issueClientPem } from '@malote/testkit/certificates';
import { sampleAlphanumericCnpj, sampleCnpj, sampleCpf } from '@malote/testkit/sample-cnpj';
import { SAMPLE_EVENTOS } from '@malote/testkit/sample-eventos';
import { openCatalog } from '../catalog.ts';
import { createValidator, type Validator } from '../validator.ts';
import { schemasForTests } from './schemas-dir.ts';

const CNPJ = sampleCnpj(1);
const { certPem, keyPem } = issueClientPem(createCa(), { cnpj: CNPJ, razaoSocial: 'Empresa de Teste' });
const certificate = { key: createPrivateKey(keyPem), certDer: new X509Certificate(certPem).raw };
const QUERY = { familia: 'nfe', versao: '1.00', ambiente: '2', date: new Date('2026-11-21') } as const;

/** Where the pack has the event of its own; every other goes with the generic envelope alone. */
const OWN: Readonly<Record<string, { conjunto: string; envelope: string; det: string }>> = {
  '110110': { conjunto: 'nfe_evento_cce', envelope: 'envCCe_v1.00.xsd', det: 'e110110_v1.00.xsd' },
  '110111': { conjunto: 'nfe_evento_cancel', envelope: 'envEventoCancNFe_v1.00.xsd', det: 'e110111_v1.00.xsd' },
  '110130': { conjunto: 'nfe_entrega', envelope: 'envEventoEntregaNFe_v1.00.xsd', det: 'e110130_v1.00.xsd' },
  '110131': { conjunto: 'nfe_entrega', envelope: 'envEventoCancEntregaNFe_v1.00.xsd', det: 'e110131_v1.00.xsd' },
  '110150': { conjunto: 'nfe_ator_interessado', envelope: 'envEventoAtorInteressado_v1.00.xsd', det: '110150_v1.00.xsd' },
  '110192': { conjunto: 'nfe_insucesso', envelope: 'envEventoInsucessoNFe_v1.00.xsd', det: 'e110192_v1.00.xsd' },
  '110193': { conjunto: 'nfe_insucesso', envelope: 'envEventoCancInsucessoNFe_v1.00.xsd', det: 'e110193_v1.00.xsd' },
};

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
  const prepared = prepareEvento({
    ...{ doc: parseXml(json.xml), layout: 'sefaz', kind, chave: chaveOf(modelo, autor), tpAmb: '2', autor, cOrgao: kind.cOrgao ?? '35' },
    ...{ nSeqEvento: 1, dhEvento: '2026-11-21T16:00:00-03:00', nProt: '135260000000001' },
  });
  if (!prepared.ok) assert.fail(`${tpEvento}: ${JSON.stringify(prepared.faults)}`);
  return signXml(prepared.xml, { element: 'infEvento' }, certificate).xml;
}

function faultsOf(tpEvento: string, xml: string): unknown[] {
  const message = buildEnvEvento(xml, '1');
  const own = OWN[tpEvento];
  const generic = validator.validate(message, { ...QUERY, root: 'envEvento', conjunto: 'nfe_evento_generico' });
  if (!own) return generic;
  const { conjunto, envelope, det } = own;
  const inner = /<detEvento[\s\S]*<\/detEvento>/
    .exec(xml)?.[0]
    .replace('<detEvento', '<detEvento xmlns="http://www.portalfiscal.inf.br/nfe"');
  return [
    ...generic,
    ...validator.validate(message, { ...QUERY, root: 'envEvento', conjunto, file: envelope }),
    ...validator.validate(inner ?? '', { ...QUERY, root: 'detEvento', conjunto, file: det }),
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

test('the XSDs take an alphanumeric CNPJ and a CPF as author', () => {
  const body = { tipo: 'cancelamento', justificativa: 'Pedido registrado em duplicidade' };
  for (const autor of [sampleAlphanumericCnpj(1), sampleCpf(1)])
    assert.deepEqual(faultsOf('110111', signed('55', '110111', body, autor)), []);
});

test('the XSD refuses a justificativa that is too short: what is checked above is checked', () => {
  const xml = signed('55', '110111', { tipo: 'cancelamento', justificativa: 'curta' });
  assert.notDeepEqual(faultsOf('110111', xml), []);
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
