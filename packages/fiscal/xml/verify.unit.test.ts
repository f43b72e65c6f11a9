import assert from 'node:assert/strict';
import { createHash, sign } from 'node:crypto';
import { before, test } from 'node:test';
import { SignedXml } from 'xml-crypto';
import { type TestCertificate, testCertificate } from '../test/test-certificate.ts';
import { canonicalize } from './canonicalize.ts';
import { at, parseXml, textAt, type XmlElement, XmlError } from './parse.ts';
import { signXml } from './sign.ts';
import { type Verification, verifyXml } from './verify.ts';

const NFE = 'http://www.portalfiscal.inf.br/nfe';
const DS = 'http://www.w3.org/2000/09/xmldsig#';
let certificate: TestCertificate;
let other: TestCertificate;
let signed: string;

before(() => {
  certificate = testCertificate();
  other = testCertificate();
  const text = `<NFe xmlns="${NFE}"><infNFe versao="4.00" Id="NFe1"><emit><xNome>JOÃO &amp; CIA \u{1F600}</xNome></emit><vNF>10.00</vNF></infNFe></NFe>`;
  signed = signXml(text, { element: 'infNFe' }, certificate).xml;
});

function verdict(xml: string, element = 'infNFe'): Verification {
  return verifyXml(parseXml(xml), element);
}

function refused(xml: string, reason: RegExp): void {
  const result = verdict(xml);
  assert.equal(result.ok, false, xml);
  if (!result.ok) assert.match(result.reason, reason);
}

/** Signs SignedInfo again after a change, with the right key: what is left to object to is the change itself. */
function resigned(xml: string): string {
  const doc = parseXml(xml);
  const info = canonicalize(doc, at(doc.root, 'Signature/SignedInfo') as XmlElement);
  return xml.replace(
    textAt(doc.root, 'Signature/SignatureValue') as string,
    sign('sha1', Buffer.from(info), certificate.key).toString('base64'),
  );
}

test('a signature of ours is accepted with its certificate and digest', () => {
  const result = verdict(signed);
  assert.ok(result.ok);
  assert.deepEqual(Buffer.from(result.certDer), Buffer.from(certificate.certDer));
  assert.equal(result.digest, textAt(parseXml(signed).root, 'Signature/SignedInfo/Reference/DigestValue'));
});

test('a signature made by xml-crypto is accepted', () => {
  const xml = `<NFe xmlns="${NFE}"><infNFe Id="NFe1" b='"' a="1">ç &lt; <![CDATA[&]]><x/></infNFe></NFe>`;
  const signer = new SignedXml({
    privateKey: certificate.key,
    publicCert: certificate.certPem,
    signatureAlgorithm: `${DS}rsa-sha1`,
    canonicalizationAlgorithm: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
  });
  signer.addReference({
    xpath: "//*[local-name(.)='infNFe']",
    transforms: [`${DS}enveloped-signature`, 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'],
    digestAlgorithm: `${DS}sha1`,
  });
  signer.computeSignature(xml);
  assert.deepEqual(verdict(signer.getSignedXml()).ok, true, signer.getSignedXml());
});

test('a form that canonicalizes the same is still signed: line ends, quotes, order, comments, base64 in lines', () => {
  const same = signed
    .replace('versao="4.00" Id="NFe1"', "Id='NFe1'\r\n   versao='4.00'")
    .replace('<vNF>10.00</vNF>', '<vNF\n>10<!-- x -->.<![CDATA[0]]>&#48;</vNF >')
    .replace(/<SignatureValue>(.{76})/, '<SignatureValue>\r\n$1\r\n');
  assert.notEqual(same, signed);
  assert.equal(verdict(same).ok, true);
});

test('no changed byte of the signed element, of SignedInfo or of the values is accepted', () => {
  const { root } = parseXml(signed);
  const infNFe = at(root, 'infNFe') as XmlElement;
  const signature = at(root, 'Signature') as XmlElement;
  const certificateAt = (at(root, 'Signature/KeyInfo') as XmlElement).start;
  const bytes = Buffer.from(signed);
  const from = Buffer.byteLength(signed.slice(0, infNFe.start));
  const to = Buffer.byteLength(signed.slice(0, certificateAt));
  assert.ok(signature.start === infNFe.end);
  let tried = 0;
  for (let i = from; i < to; i++) {
    for (const flip of [0x01, 0x20]) {
      const changed = Buffer.from(bytes);
      changed[i] = (changed[i] as number) ^ flip;
      tried++;
      let accepted = false;
      try {
        accepted = verdict(new TextDecoder('utf-8', { fatal: true }).decode(changed)).ok;
      } catch (error) {
        assert.ok(error instanceof XmlError || error instanceof TypeError, String(error));
      }
      assert.equal(accepted, false, `byte ${i}: ${changed.subarray(i - 20, i + 20)}`);
    }
  }
  assert.ok(tried > 2000);
});

test('another certificate in KeyInfo is refused, and so are bytes around a certificate', () => {
  const base64 = (der: Uint8Array): string => Buffer.from(der).toString('base64');
  const own = base64(certificate.certDer);
  refused(signed.replace(own, base64(other.certDer)), /não confere com o certificado/);
  refused(signed.replace(own, base64(Buffer.concat([certificate.certDer, Buffer.from('x')]))), /não pode ser lido/);
  refused(signed.replace(own, base64(Buffer.from(certificate.certPem))), /não pode ser lido/);
  refused(signed.replace(own, base64(Buffer.from('nonsense'))), /não pode ser lido/);
  refused(signed.replace(own, '@@@@'), /não é base64/);
  refused(signed.replace(own, ''), /não é base64/);
});

test('a value is base64 to the letter: nothing else in it, no spare bits set', () => {
  const value = textAt(parseXml(signed).root, 'Signature/SignatureValue') as string;
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  // 256 bytes leave four unused bits in the last letter: the next one of the alphabet decodes to the same bytes.
  const spare = `${value.slice(0, -3)}${alphabet[alphabet.indexOf(value.at(-3) as string) + 1]}==`;
  assert.deepEqual(Buffer.from(spare, 'base64'), Buffer.from(value, 'base64'));
  for (const changed of [spare, `!${value}`, value.slice(0, -2), `${value}=`, value.replaceAll('+', '-').replace('A', 'A ~')]) {
    refused(signed.replace(value, changed), /não é base64/);
  }
});

test('a wrapped document is refused: the signed element moved away, another one in its place', () => {
  const doc = parseXml(signed);
  const original = signed.slice(at(doc.root, 'infNFe')?.start, at(doc.root, 'infNFe')?.end);
  const signature = signed.slice(at(doc.root, 'Signature')?.start, at(doc.root, 'Signature')?.end);
  const forged = original.replace('10.00', '99.00');
  const root = (content: string): string => `<NFe xmlns="${NFE}">${content}</NFe>`;
  refused(root(`${forged}<x>${original}</x>${signature}`), /mais de um elemento/);
  refused(root(`${forged.replace('NFe1', 'NFe2')}${signature}<x>${original}</x>`), /mais de um elemento/);
  refused(root(`${forged}${signature.replace('</Signature>', `<Object>${original}</Object></Signature>`)}`), /mais de um elemento/);
  // With the original under another name nothing is ambiguous, but neither does the reference fit any more.
  refused(root(`${forged}${signature}<y Id="NFe1"/>`), /mais de um elemento|aparece em mais/);
  refused(root(`${forged.replace('NFe1', 'NFe2')}${signature}<y Id="NFe1"/>`), /a referência/i);
  refused(root(`${original}<x>${signature}</x>`), /não está assinado/);
  refused(root(`${original}${signature}${signature}`), /mais de uma assinatura/);
  refused(root(`${signature}${original}`), /logo depois/);
  refused(root(`${original}<x/>${signature}`), /logo depois/);
  refused(original.replace('</infNFe>', `${signature}</infNFe>`), /não está assinado/);
});

test('the same id on a second element is refused under every spelling of the attribute', () => {
  for (const name of ['Id', 'ID', 'id', 'xml:id']) refused(signed.replace('</NFe>', `<x ${name}="NFe1"/></NFe>`), /aparece em mais/);
});

test('a Signature of another shape or algorithm is refused even when its value is right', () => {
  const changes: [string | RegExp, string, RegExp][] = [
    [/URI="#NFe1"/, 'URI=""', /referência/],
    [/URI="#NFe1"/, 'URI="#xpointer(id(\'NFe1\'))"', /referência/],
    [/ URI="#NFe1"/, '', /referência/],
    [
      `<SignatureMethod Algorithm="${DS}rsa-sha1">`,
      '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256">',
      /algoritmo/,
    ],
    [`<SignatureMethod Algorithm="${DS}rsa-sha1">`, `<SignatureMethod Algorithm="${DS}hmac-sha1">`, /algoritmo/],
    [`<DigestMethod Algorithm="${DS}sha1">`, '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256">', /algoritmo/],
    [
      `<Transform Algorithm="${DS}enveloped-signature">`,
      '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116">',
      /algoritmo/,
    ],
    [/c14n-20010315"><\/Canon/, 'c14n-20010315#WithComments"></Canon', /algoritmo/],
    [/<Transform Algorithm="[^"]*c14n-20010315"><\/Transform>/, '', /fora do padrão/],
    ['</Transforms>', `<Transform Algorithm="${DS}enveloped-signature"></Transform></Transforms>`, /fora do padrão/],
    ['</Transform></Transforms>', '<XPath>1</XPath></Transform></Transforms>', /deve ser vazio/],
    [/(<Reference .*<\/Reference>)/, '$1$1', /fora do padrão/],
    ['</SignedInfo>', 'x</SignedInfo>', /fora do padrão/],
    ['<KeyInfo>', '<KeyInfo><KeyName>x</KeyName>', /fora do padrão/],
    ['</X509Certificate>', '</X509Certificate><X509Certificate>AAAA</X509Certificate>', /fora do padrão/],
    ['</KeyInfo>', '</KeyInfo><Object/>', /fora do padrão/],
    [/<KeyInfo>.*<\/KeyInfo>/, '', /fora do padrão/],
  ];
  for (const [what, by, reason] of changes) {
    const changed = signed.replace(what, by);
    assert.notEqual(changed, signed, String(what));
    refused(resigned(changed), reason);
  }
});

test('a digest that was recomputed for a changed element still fails on the signature value', () => {
  const changed = signed.replace('10.00', '11.00');
  const doc = parseXml(changed);
  const digest = createHash('sha1')
    .update(canonicalize(doc, at(doc.root, 'infNFe') as XmlElement))
    .digest('base64');
  refused(changed.replace(/<DigestValue>[^<]*/, `<DigestValue>${digest}`), /valor da assinatura não confere/);
});

test('an unsigned document, a missing element and a missing Id are reasons, not exceptions', () => {
  refused(`<NFe xmlns="${NFE}"><infNFe Id="a"/></NFe>`, /não está assinado/);
  refused(`<NFe xmlns="${NFE}"><Signature/><infNFe Id="a"/></NFe>`, /não está assinado/);
  refused('<NFe/>', /não tem o elemento/);
  refused(signed.replace(' Id="NFe1"', ''), /não tem o atributo Id/);
  refused(signed.replace(`<NFe xmlns="${NFE}"`, '<NFe xmlns="relative"'), /relativo/);
});

test('of two elements of one name, each with its own signature, the one that is given is checked', () => {
  const half = (id: string): string =>
    signXml(`<evento xmlns="${NFE}"><infEvento Id="${id}">1</infEvento></evento>`, { element: 'infEvento' }, certificate).xml;
  const doc = parseXml(`<proc>${half('ID1')}${half('ID2').replace('>1<', '>2<')}</proc>`);
  const [first, second] = doc.root.children.map((e) => at(e, 'infEvento') as XmlElement) as [XmlElement, XmlElement];
  assert.equal(verifyXml(doc, 'infEvento').ok, false);
  assert.equal(verifyXml(doc, first).ok, true);
  assert.equal(verifyXml(doc, second).ok, false);
});
