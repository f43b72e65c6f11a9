import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseXml } from '@malote/fiscal/xml/parse';
import { signXml } from '@malote/fiscal/xml/sign';
import { openCatalog } from '@malote/schemas/catalog';
import { createValidator } from '@malote/schemas/validator';
import { createCa, issueCompanyPfx } from '@malote/testkit/certificates';
import { SAMPLE_CNPJ, sampleProc } from '@malote/testkit/sample-proc';
import { PRINTED_SAMPLES } from './printed-samples.ts';

const schemas = process.env.MALOTE_TEST_SCHEMAS ?? join(import.meta.dirname, '../../../.malote/schemas');
const validator = createValidator(openCatalog(schemas));
const { keyPem, certPem } = issueCompanyPfx(createCa(), { cnpj: SAMPLE_CNPJ, razaoSocial: 'COMERCIAL EXEMPLO LTDA', senha: 'senha' });
const kit = { key: createPrivateKey(keyPem), certDer: new X509Certificate(certPem).raw };
/** 990 items are more than a caller may send. */
const LIMITS = { maxBytes: 2_000_000 };

test('every printed sample is a document that SEFAZ could have authorised: signed, the XSD takes it', () => {
  const wrong: string[] = [];
  for (const { name, note } of PRINTED_SAMPLES) {
    const { xml } = sampleProc(note);
    const nfe = /<NFe .*<\/NFe>/s.exec(xml)?.[0] ?? assert.fail(name);
    const signed = signXml(parseXml(nfe, LIMITS), { element: 'infNFe' }, kit).xml;
    const root = xml.includes('<protNFe') ? 'nfeProc' : 'NFe';
    const whole = root === 'nfeProc' ? xml.replace(nfe, () => signed) : signed;
    const text = (tag: string) => new RegExp(`<${tag}>([^<]*)<`).exec(nfe)?.[1] ?? assert.fail(`${name}: ${tag}`);
    const ambiente = text('tpAmb') as '1' | '2';
    const faults = validator.validate(whole, { familia: 'nfe', root, versao: '4.00', ambiente, date: new Date(text('dhEmi')) });
    wrong.push(...faults.map(({ path, message }) => `${name}: ${path} ${message}`));
  }
  assert.deepEqual(wrong, []);
});
