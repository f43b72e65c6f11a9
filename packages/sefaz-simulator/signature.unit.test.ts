import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { createCa, issueClientPem } from '@malote/testkit/certificates';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { C14nCanonicalization, SignedXml } from 'xml-crypto';
import { at, type Element, parse } from './dom.ts';
import { checkSignature } from './signature.ts';
import { enviNFe, type SignedOptions, signedNfe } from './test/signed-nfe.ts';

const cnpj = sampleCnpj(1);
const ca = createCa();
const signer = issueClientPem(ca, { cnpj, razaoSocial: 'Comercial Exemplo Ltda' });
const other = issueClientPem(ca, { cnpj, razaoSocial: 'Comercial Exemplo Ltda' });
const lot = (options: Partial<SignedOptions> = {}) => enviNFe(signedNfe({ cnpj, numero: 7, signer, ...options }).xml);
const write = (natOp: string) => (xml: string) => xml.replace(/<natOp>[^<]*/, () => `<natOp>${natOp}`);

function infOf(message: string): Element {
  const inf = at(parse(message).documentElement as Element, 'NFe/infNFe');
  assert.ok(inf);
  return inf;
}
const check = (message: string) => checkSignature(infOf(message));
const cStatOf = (message: string) => {
  const result = check(message);
  return result.ok ? 'ok' : result.cStat;
};

const CONTENTS = {
  plain: 'Venda',
  'accents and an astral character': 'Açaí ação “ç” \u{1F600}',
  entities: 'P&amp;D &lt;b&gt; &quot;x&quot; &#xE7; &#13;',
  'CDATA and a comment': 'a<![CDATA[<b> & c]]>d<!-- not signed -->e',
  'line ends and tabs': 'um\r\ndois\ttrês',
};

for (const [what, content] of Object.entries(CONTENTS)) {
  test(`${what}: taken as signed, as the whole of xml-crypto takes it`, () => {
    const message = lot({ edit: write(content) });
    const result = check(message);
    assert.ok(result.ok);
    assert.equal(result.certificate.serialNumber, new X509Certificate(signer.certPem).serialNumber);
    const verifier = new SignedXml({ publicCert: signer.certPem, getCertFromKeyInfo: () => null });
    verifier.loadSignature(/<Signature[\s\S]*<\/Signature>/.exec(message)?.[0] ?? '');
    assert.ok(verifier.checkSignature(message));
  });
}

test('content changed after signing is 297', () => {
  assert.equal(cStatOf(lot({ tamper: write('Vendo') })), '297');
});

test('content changed with its digest is 297: the signature is of the old digest', () => {
  const changed = lot({ tamper: write('Vendo') });
  const digest = createHash('sha1')
    .update(new C14nCanonicalization().process(infOf(changed) as never, {}))
    .digest('base64');
  assert.equal(cStatOf(changed.replace(/<DigestValue>[^<]*/, () => `<DigestValue>${digest}`)), '297');
});

test('a signature with another key than that of the certificate is 297', () => {
  assert.equal(cStatOf(lot()), 'ok');
  assert.equal(cStatOf(lot({ signer: { keyPem: other.keyPem, certPem: signer.certPem } })), '297');
});

test('an Id that two elements have is 297', () => {
  const message = lot();
  const id = infOf(message).getAttribute('Id');
  assert.equal(cStatOf(message.replace('<idLote>', `<idLote Id="${id}">`)), '297');
  assert.equal(cStatOf(message.replace('<idLote>', '<idLote Id="NFe1">')), 'ok');
});
