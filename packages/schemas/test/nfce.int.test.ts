import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import { prepare } from '@malote/fiscal/emission/prepare';
import { withQrCode } from '@malote/fiscal/emission/qr-code';
import { nfceUrls } from '@malote/fiscal/model/nfce-urls';
import { UFS, type Uf } from '@malote/fiscal/model/uf';
import { signXml } from '@malote/fiscal/xml/sign';
import { createCa, issueClientPem } from '@malote/testkit/certificates';
import { sampleAlphanumericCnpj, sampleCpf } from '@malote/testkit/sample-cnpj';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { openCatalog } from '../catalog.ts';
import { createValidator, type Validator } from '../validator.ts';
import { schemasForTests } from './schemas-dir.ts';

const CNPJ = '11222333000181';
const DIA = '2026-11-21';
const { certPem, keyPem } = issueClientPem(createCa(), { cnpj: CNPJ, razaoSocial: 'Empresa de Teste' });
const certificate = { key: createPrivateKey(keyPem), certDer: new X509Certificate(certPem).raw };
const csc = { id: '123456', codigo: '0123456789ABCDEF' };
const OFFLINE = { tpEmis: '9', contingencia: { dhCont: `${DIA}T09:00:00-03:00`, xJust: 'Sem conexao com a internet' } };

let validator: Validator;
before(async () => {
  validator = createValidator(openCatalog(await schemasForTests()));
});
after(() => validator.dispose());

function faultsOf(text: string, { uf, version, tpAmb }: { uf: Uf; version: '2' | '3'; tpAmb: '1' | '2' }): unknown[] {
  const tpEmis = text.includes('<tpEmis>9') ? '9' : '1';
  const prepared = prepare({ text, layout: 'sefaz', tpEmis, cNF: '48151623' });
  if (!prepared.ok) return prepared.faults;
  const { xml } = signXml(prepared.xml, { element: 'infNFe' }, certificate);
  const whole = withQrCode(xml, { version, csc, urls: nfceUrls(uf, tpAmb, DIA), key: certificate.key });
  return validator.validate(whole, { familia: 'nfe', root: 'NFe', versao: '4.00', ambiente: tpAmb, date: new Date(DIA) });
}

test('the XSD takes the NFC-e of every UF in both ambientes, with QR code 2 and 3, online and offline', () => {
  for (const uf of Object.keys(UFS) as Uf[]) {
    for (const tpAmb of ['1', '2'] as const) {
      for (const version of ['2', '3'] as const) {
        for (const emission of [{}, OFFLINE]) {
          const text = sampleNfce({ cnpj: CNPJ, uf, numero: 7, dhEmi: `${DIA}T10:00:00-03:00`, tpAmb, ...emission });
          assert.deepEqual(faultsOf(text, { uf, version, tpAmb }), [], `${uf} ${tpAmb} v${version}`);
        }
      }
    }
  }
});

test('the XSD takes a consumer with CPF, an alphanumeric CNPJ, and the NF-e with tpImp 6', () => {
  const base = { uf: 'SP', numero: 7, dhEmi: `${DIA}T10:00:00-03:00` } as const;
  const sp = { uf: 'SP', version: '3', tpAmb: '2' } as const;
  const withCpf = sampleNfce({ ...base, cnpj: CNPJ, dest: { cpf: sampleCpf(1) }, ...OFFLINE });
  assert.deepEqual(faultsOf(withCpf, sp), []);
  assert.deepEqual(faultsOf(sampleNfce({ ...base, cnpj: sampleAlphanumericCnpj(1) }), { ...sp, version: '2' }), []);
  for (const emission of [{}, OFFLINE]) assert.deepEqual(faultsOf(sampleNfe({ ...base, cnpj: CNPJ, tpImp: '6', ...emission }), sp), []);
});

test('the XSD refuses an id of the CSC with leading zeros', () => {
  const text = sampleNfce({ cnpj: CNPJ, uf: 'SP', numero: 7, dhEmi: `${DIA}T10:00:00-03:00` });
  const prepared = prepare({ text, layout: 'sefaz', tpEmis: '1', cNF: '48151623' });
  assert.ok(prepared.ok);
  const { xml } = signXml(prepared.xml, { element: 'infNFe' }, certificate);
  const whole = withQrCode(xml, { version: '2', csc: { ...csc, id: '000001' }, urls: nfceUrls('SP', '2', DIA), key: certificate.key });
  const faults = validator.validate(whole, { familia: 'nfe', root: 'NFe', versao: '4.00', ambiente: '2', date: new Date(DIA) });
  assert.deepEqual(
    faults.map(({ path }) => path),
    ['NFe/infNFeSupl/qrCode'],
  );
});
