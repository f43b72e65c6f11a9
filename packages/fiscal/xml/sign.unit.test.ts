import assert from 'node:assert/strict';
import { createHash, createPublicKey, createSecretKey, generateKeyPairSync } from 'node:crypto';
import { before, test } from 'node:test';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { type TestCertificate, testCertificate } from '../test/test-certificate.ts';
import { acceptedByXmlCrypto } from '../test/verify-with-xml-crypto.ts';
import { canonicalize } from './canonicalize.ts';
import { at, parseXml, textAt, type XmlElement, XmlError } from './parse.ts';
import { signXml } from './sign.ts';

const NFE = 'http://www.portalfiscal.inf.br/nfe';
const ID = 'NFe35261111222333000181550010000000011123456780';
let certificate: TestCertificate;

before(() => {
  certificate = testCertificate();
});

function nfe(content = '<ide><cUF>35</cUF></ide>', behind = ''): string {
  return `<NFe xmlns="${NFE}"><infNFe Id="${ID}" versao="4.00">${content}</infNFe>${behind}</NFe>`;
}

function codigo(xml: string, element = 'infNFe'): string {
  try {
    signXml(xml, { element }, certificate);
  } catch (error) {
    if (error instanceof XmlError) return error.codigo;
    throw error;
  }
  return 'signed';
}

test('the Signature has exactly the form of the manual and stands right behind the element', () => {
  const { xml, digest, id } = signXml(nfe(), { element: 'infNFe' }, certificate);
  const { root } = parseXml(xml);
  const certBase64 = Buffer.from(certificate.certDer).toString('base64');
  const value = textAt(root, 'Signature/SignatureValue') as string;
  const expected =
    '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>' +
    '<CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"></CanonicalizationMethod>' +
    '<SignatureMethod Algorithm="http://www.w3.org/2000/09/xmldsig#rsa-sha1"></SignatureMethod>' +
    `<Reference URI="#${ID}"><Transforms>` +
    '<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></Transform>' +
    '<Transform Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"></Transform>' +
    `</Transforms><DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"></DigestMethod><DigestValue>${digest}</DigestValue></Reference>` +
    `</SignedInfo><SignatureValue>${value}</SignatureValue><KeyInfo><X509Data><X509Certificate>${certBase64}</X509Certificate></X509Data></KeyInfo></Signature>`;
  assert.equal(xml, nfe('<ide><cUF>35</cUF></ide>', expected));
  assert.match(value, /^[A-Za-z0-9+/]{342}==$/);
  assert.equal(id, ID);
});

test('the digest is the SHA-1 of the canonical element with the namespace it inherits', () => {
  const canonical = `<infNFe xmlns="${NFE}" Id="${ID}" versao="4.00"><ide><cUF>35</cUF></ide></infNFe>`;
  assert.equal(signXml(nfe(), { element: 'infNFe' }, certificate).digest, createHash('sha1').update(canonical).digest('base64'));
});

test('nothing but the Signature is added to the text, whatever its form', () => {
  const text = `\uFEFF<?xml version='1.0'?>\r\n<!-- x --><NFe\r\n xmlns='${NFE}'>\n <infNFe versao='4.00'\tId='${ID}'><x a='"'>&#xE7;&gt;<![CDATA[<\r>]]>\u{1F600}</x><y/></infNFe >\r\n</NFe>\r\n`;
  const { xml } = signXml(text, { element: 'infNFe' }, certificate);
  assert.equal(xml.replace(/<Signature .*<\/Signature>/, ''), text);
  assert.ok(xml.includes('</infNFe ><Signature '));
  assert.ok(acceptedByXmlCrypto(xml.slice(1), certificate.certPem));
});

test('the Signature follows infNFeSupl, infCTeSupl or infMDFeSupl where there is one, as the schemas order it', () => {
  const cases = [
    ['NFe', 'infNFe', 'infNFeSupl'],
    ['CTe', 'infCte', 'infCTeSupl'],
    ['MDFe', 'infMDFe', 'infMDFeSupl'],
  ] as const;
  for (const [root, element, supplement] of cases) {
    const text = `<${root} xmlns="urn:x"><${element} Id="X1"/><${supplement}><qrCode>q</qrCode></${supplement}></${root}>`;
    const { xml } = signXml(text, { element }, certificate);
    assert.ok(xml.includes(`</${supplement}><Signature `), xml);
    assert.ok(acceptedByXmlCrypto(xml, certificate.certPem), xml);
  }
  assert.ok(
    signXml('<e xmlns="urn:x"><infEvento Id="ID1"/><other/></e>', { element: 'infEvento' }, certificate).xml.includes(
      '<infEvento Id="ID1"/><Signature ',
    ),
  );
});

test('a document read before is signed without being read again, with the same result', () => {
  const text = nfe();
  assert.deepEqual(signXml(parseXml(text), { element: 'infNFe' }, certificate), signXml(text, { element: 'infNFe' }, certificate));
});

test('namespaces and xml attributes around the element enter the signature', () => {
  const text = `<lote xmlns="${NFE}" xmlns:b="urn:b" xmlns:a="urn:a"><NFe xmlns:c="urn:c"><infNFe Id="${ID}"><a:x b:y="1"/></infNFe></NFe></lote>`;
  const { xml } = signXml(text, { element: 'infNFe' }, certificate);
  assert.ok(acceptedByXmlCrypto(xml, certificate.certPem));
  const doc = parseXml(xml);
  const info = canonicalize(doc, at(doc.root, 'NFe/Signature/SignedInfo') as XmlElement);
  assert.ok(
    info.startsWith('<SignedInfo xmlns="http://www.w3.org/2000/09/xmldsig#" xmlns:a="urn:a" xmlns:b="urn:b" xmlns:c="urn:c"><Canon'),
    info,
  );
});

test('a sample NF-e full of nasty text is accepted by xml-crypto', () => {
  for (const pretty of [false, true]) {
    const text = sampleNfe({ cnpj: '11222333000181', numero: 7, dhEmi: '2026-11-21T10:00:00-03:00', itens: 3, nastyText: true, pretty });
    const { xml } = signXml(text.replace('<infNFe', `<infNFe Id="${ID}"`), { element: 'infNFe' }, certificate);
    assert.ok(acceptedByXmlCrypto(xml, certificate.certPem));
  }
});

test('what cannot be signed is refused by its codigo', () => {
  assert.equal(codigo('<NFe><infNFe'), 'xml-malformado');
  assert.equal(codigo('<NFe/>'), 'xml-sem-elemento');
  assert.equal(codigo('<infNFe Id="a"/>'), 'xml-sem-elemento');
  assert.equal(codigo('<a><NFe><infNFe Id="a"/></NFe><NFe><infNFe Id="b"/></NFe></a>'), 'xml-elemento-repetido');
  assert.equal(codigo('<NFe><infNFe id="a"/></NFe>'), 'xml-sem-id');
  assert.equal(codigo('<NFe><infNFe Id=""/></NFe>'), 'xml-sem-id');
  assert.equal(codigo('<NFe><infNFe Id="a&quot;b"/></NFe>'), 'xml-id-invalido');
  assert.equal(codigo('<NFe Id="a"><infNFe Id="a"/></NFe>'), 'xml-id-repetido');
  assert.equal(codigo('<NFe><infNFe Id="a"><x xml:id="a"/></infNFe></NFe>'), 'xml-id-repetido');
  assert.equal(codigo('<NFe xmlns="relative"><infNFe Id="a"/></NFe>'), 'xml-namespace');
  assert.equal(codigo(signXml(nfe(), { element: 'infNFe' }, certificate).xml), 'xml-ja-assinado');
  assert.equal(codigo(`<NFe xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><infNFe Id="a"/><x/><ds:Signature/></NFe>`), 'xml-ja-assinado');
});

test('only a private RSA key signs', () => {
  const wrong = [
    createPublicKey(certificate.key),
    createSecretKey(Buffer.alloc(32)),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  ];
  for (const key of wrong) assert.throws(() => signXml(nfe(), { element: 'infNFe' }, { ...certificate, key }), TypeError);
});
