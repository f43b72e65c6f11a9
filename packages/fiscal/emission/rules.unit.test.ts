import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sampleCnpj, sampleCpf } from '@malote/testkit/sample-cnpj';
import { type SampleNfeOptions, sampleNfe } from '@malote/testkit/sample-nfe';
import { parseXml } from '../xml/parse.ts';
import { EMISSION_FAULTS } from './fault-codes.ts';
import { readIdentity } from './identity.ts';
import { type CertificateFacts, checkRules } from './rules.ts';

const CNPJ = sampleCnpj(1);
const CPF = sampleCpf(1);
const NOW = new Date('2026-11-21T13:00:00Z');
const BASE: SampleNfeOptions = { cnpj: CNPJ, uf: 'SP', serie: 1, numero: 42, dhEmi: '2026-11-21T10:00:00-03:00' };
const CONTINGENCIA = { dhCont: '2026-11-21T09:00:00-03:00', xJust: 'SEFAZ indisponivel' };
const CERTIFICADO = { documento: CNPJ, notBefore: new Date('2026-01-01'), notAfter: new Date('2027-01-01') };

interface Case {
  name: string;
  note?: Partial<SampleNfeOptions>;
  edit?: (xml: string) => string;
  certificado?: Partial<CertificateFacts>;
  now?: string;
  expected: (keyof typeof EMISSION_FAULTS)[];
}

function check({ note = {}, edit = (xml) => xml, certificado = {}, now }: Case): [string, string][] {
  const doc = parseXml(edit(sampleNfe({ ...BASE, ...note })));
  const read = readIdentity(doc, 'sefaz');
  if (!read.ok) assert.fail(JSON.stringify(read.faults));
  const facts = { doc, identity: read.identity, certificado: { ...CERTIFICADO, ...certificado }, now: now ? new Date(now) : NOW };
  return checkRules(facts).map((f) => [f.code, f.message]);
}

const set = (tag: string, text: string) => (xml: string) => xml.replace(new RegExp(`<${tag}>.*?</${tag}>`), `<${tag}>${text}</${tag}>`);
const nfce = (xml: string) =>
  set('xProd', 'NOTA FISCAL EMITIDA EM AMBIENTE DE HOMOLOGACAO - SEM VALOR FISCAL')(set('indFinal', '1')(set('mod', '65')(xml)));
const SAME_BASE = `${CNPJ.slice(0, 8)}000200`;
const producer = { cnpj: undefined, cpf: CPF, serie: 920 };

const CASES: Case[] = [
  { name: 'finds nothing wrong with the sample', expected: [] },
  { name: 'takes the certificate of another branch of the same base', certificado: { documento: SAME_BASE }, expected: [] },
  { name: 'refuses the certificate of another company', certificado: { documento: sampleCnpj(2) }, expected: ['EMI-050'] },
  { name: 'refuses a CPF certificate for a CNPJ', certificado: { documento: CPF }, expected: ['EMI-050'] },
  { name: 'refuses a CPF that only begins like the CNPJ', certificado: { documento: `${CNPJ.slice(0, 8)}000` }, expected: ['EMI-050'] },
  { name: 'takes a producer with the CPF of the certificate', note: producer, certificado: { documento: CPF }, expected: [] },
  { name: 'refuses a producer with another CPF', note: producer, certificado: { documento: sampleCpf(2) }, expected: ['EMI-051'] },
  { name: 'refuses a certificate that is not valid yet', certificado: { notBefore: new Date('2026-11-22') }, expected: ['EMI-052'] },
  { name: 'refuses a certificate that ran out', certificado: { notAfter: new Date('2026-11-20') }, expected: ['EMI-053'] },
  { name: 'takes a dhEmi of 30 days ago', now: '2026-12-21T13:00:00Z', expected: [] },
  { name: 'refuses a dhEmi of more than 30 days ago', now: '2026-12-21T13:00:01Z', expected: ['EMI-054'] },
  {
    name: 'leaves the age of an EPEC note alone',
    note: { tpEmis: '4', contingencia: CONTINGENCIA },
    now: '2026-12-30T00:00:00Z',
    expected: [],
  },
  { name: 'takes a dhEmi 5 minutes ahead', now: '2026-11-21T12:55:00Z', expected: [] },
  { name: 'refuses a dhEmi more than 5 minutes ahead', now: '2026-11-21T12:54:59Z', expected: ['EMI-055'] },
  { name: 'reads dhEmi with its own offset', note: { dhEmi: '2026-11-21T08:00:00-05:00', uf: 'AC' }, expected: [] },
  {
    name: 'refuses an emitter with a wrong check digit',
    note: { cnpj: `${CNPJ.slice(0, 12)}00` },
    certificado: { documento: CNPJ },
    expected: ['EMI-056'],
  },
  {
    name: 'refuses a producer with a wrong check digit',
    note: { ...producer, cpf: '11111111111' },
    certificado: { documento: '11111111111' },
    expected: ['EMI-057'],
  },
  { name: 'refuses a recipient with a wrong CNPJ', note: { dest: { cnpj: '11222333000182' } }, expected: ['EMI-058'] },
  { name: 'refuses a recipient with a wrong CPF', note: { dest: { cpf: '52998224726' } }, expected: ['EMI-059'] },
  { name: 'refuses an address in another UF than cUF', edit: set('cUF', '33'), expected: ['EMI-060'] },
  { name: 'takes série 889 with a CNPJ', note: { serie: 889 }, expected: [] },
  { name: 'refuses série 890 with a CNPJ', note: { serie: 890 }, expected: ['EMI-061'] },
  { name: 'leaves the série of a note issued at SEFAZ alone', note: { serie: 890 }, edit: set('procEmi', '1'), expected: [] },
  { name: 'takes série 969 with a CPF', note: { ...producer, serie: 969 }, certificado: { documento: CPF }, expected: [] },
  { name: 'refuses série 1 with a CPF', note: { ...producer, serie: 1 }, certificado: { documento: CPF }, expected: ['EMI-062'] },
  { name: 'refuses a tpEmis that the model does not have', note: { tpEmis: '8', contingencia: CONTINGENCIA }, expected: ['EMI-063'] },
  { name: 'refuses an NF-e off-line', note: { tpEmis: '9', contingencia: CONTINGENCIA }, expected: ['EMI-064'] },
  { name: 'takes an NF-e off-line with tpImp 6', note: { tpEmis: '9', tpImp: '6', contingencia: CONTINGENCIA }, expected: [] },
  {
    name: 'refuses an NFC-e with EPEC elsewhere',
    note: { tpEmis: '4', uf: 'RJ', contingencia: CONTINGENCIA },
    edit: nfce,
    expected: ['EMI-065'],
  },
  { name: 'takes an NFC-e with EPEC in SP', note: { tpEmis: '4', contingencia: CONTINGENCIA }, edit: nfce, expected: [] },
  { name: 'takes an NFC-e off-line', note: { tpEmis: '9', contingencia: CONTINGENCIA }, edit: nfce, expected: [] },
  { name: 'refuses an NFC-e that is an entry', edit: (xml) => set('tpNF', '0')(nfce(xml)), expected: ['EMI-077'] },
  { name: 'refuses an NFC-e to another UF', edit: (xml) => set('idDest', '2')(nfce(xml)), expected: ['EMI-078'] },
  { name: 'refuses an NFC-e that is a return', edit: (xml) => set('finNFe', '4')(nfce(xml)), expected: ['EMI-079'] },
  { name: 'refuses an NFC-e that is not for consumption', edit: (xml) => set('indFinal', '0')(nfce(xml)), expected: ['EMI-080'] },
  { name: 'refuses the same of an NF-e with tpImp 6', note: { tpImp: '6' }, edit: set('indFinal', '0'), expected: ['EMI-080'] },
  { name: 'refuses an NFC-e in SVC', note: { tpEmis: '6', contingencia: CONTINGENCIA }, edit: nfce, expected: ['EMI-066'] },
  { name: 'takes SVC-AN for SP', note: { tpEmis: '6', contingencia: CONTINGENCIA }, expected: [] },
  { name: 'refuses SVC-RS for SP', note: { tpEmis: '7', contingencia: CONTINGENCIA }, expected: ['EMI-067'] },
  { name: 'refuses an SVC without IE', note: { tpEmis: '6', ie: null, contingencia: CONTINGENCIA }, expected: ['EMI-067'] },
  { name: 'refuses dhCont and xJust in normal emission', note: { contingencia: CONTINGENCIA }, expected: ['EMI-068'] },
  { name: 'wants dhCont and xJust in contingência', note: { tpEmis: '6' }, expected: ['EMI-069'] },
  {
    name: 'refuses a dhCont in the future',
    note: { tpEmis: '6', contingencia: { ...CONTINGENCIA, dhCont: '2026-11-21T10:06:00-03:00' } },
    expected: ['EMI-070'],
  },
  {
    name: 'refuses a dhCont after dhEmi',
    note: { tpEmis: '6', contingencia: { ...CONTINGENCIA, dhCont: '2026-11-21T10:01:00-03:00' } },
    expected: ['EMI-071'],
  },
  { name: 'takes an NF-e without IE', note: { ie: null }, expected: [] },
  { name: 'refuses an NFC-e without IE', note: { ie: null }, edit: nfce, expected: ['EMI-072'] },
  { name: 'refuses a producer without IE', note: { ...producer, ie: null }, certificado: { documento: CPF }, expected: ['EMI-073'] },
  { name: 'wants the sentence of homologação for the recipient', note: { dest: { xNome: 'Cliente' } }, expected: ['EMI-074'] },
  { name: 'asks for no sentence in production', note: { tpAmb: '1', dest: { xNome: 'Cliente' } }, expected: [] },
  {
    name: 'wants the sentence of homologação in the first item of an NFC-e',
    edit: (xml) => set('xProd', 'Outro')(nfce(xml)),
    expected: ['EMI-075'],
  },
];

describe('checkRules', () => {
  for (const c of CASES) {
    it(c.name, () => {
      const found = check(c);
      assert.deepEqual(
        found.map(([code]) => code),
        c.expected,
        JSON.stringify(found),
      );
    });
  }

  it('has a case above for each of its codes', () => {
    const covered = new Set(CASES.flatMap((c) => c.expected));
    // EMI-081 is the policy's (contingencia/modo-da-nota).
    const codes = Object.keys(EMISSION_FAULTS).filter((code) => code >= 'EMI-050' && code !== 'EMI-081');
    assert.deepEqual([...covered].sort(), codes);
  });

  it('names every broken rule at once', () => {
    const codes = check({
      name: '',
      note: { tpEmis: '7' },
      certificado: { documento: sampleCnpj(2) },
      now: '2027-02-01T00:00:00Z',
      expected: [],
    });
    assert.deepEqual(
      codes.map(([code]) => code),
      ['EMI-050', 'EMI-053', 'EMI-054', 'EMI-067', 'EMI-069'],
    );
  });
});
