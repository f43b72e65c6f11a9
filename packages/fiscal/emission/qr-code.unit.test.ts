import assert from 'node:assert/strict';
import { verify, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { testCertificate } from '../test/test-certificate.ts';
import { acceptedByXmlCrypto } from '../test/verify-with-xml-crypto.ts';
import { parseXml, textAt } from '../xml/parse.ts';
import { signXml } from '../xml/sign.ts';
import { verifyXml } from '../xml/verify.ts';
import { prepare } from './prepare.ts';
import { carriesQrCode, type QrCodeRequest, qrVersionOf, withQrCode } from './qr-code.ts';

const certificate = testCertificate();
const { key } = certificate;
const urls = { qrCode: 'http://www.sefazexemplo.gov.br/nfce/qrcode', urlChave: 'www.sefazexemplo.gov.br/nfce/consulta' };
/** The CSC of the manual's examples. */
const csc = { id: '1', codigo: 'SEU-CODIGO-CSC-CONTRIBUINTE-36-CARACTERES' };
const ONLINE = '28170800156225000131650110000151341562040824';
const OFFLINE = '28170800156225000131650110000151349562040824';

/** As much of a signed NFC-e as the QR code is made of. */
const note = (chave: string, { dest = '', digest = 'yzGYhUx1/XYYzksWB+fPR3Qc50c=' } = {}) =>
  `<NFe xmlns="http://www.portalfiscal.inf.br/nfe"><infNFe Id="NFe${chave}" versao="4.00"><ide><dhEmi>2017-08-02T23:50:00-03:00</dhEmi>` +
  `<tpEmis>${chave[34]}</tpEmis><tpAmb>1</tpAmb></ide>${dest}<total><ICMSTot><vNF>60.90</vNF></ICMSTot></total></infNFe>` +
  `<Signature><SignedInfo><Reference><DigestValue>${digest}</DigestValue></Reference></SignedInfo></Signature></NFe>`;
const qrOf = (xml: string) => textAt(parseXml(xml).root, 'infNFeSupl/qrCode') ?? '';
const made = (xml: string, more: Partial<QrCodeRequest>) => qrOf(withQrCode(xml, { version: '2', urls, key, ...more }));

test('version 2 online is the example of the manual (6.0, section 4.3.6.1)', () => {
  const expected = `${urls.qrCode}?p=${ONLINE}|2|1|1|DC6AE2C2B9A992BE59679AC365E29922DE6B7511`;
  assert.equal(made(note(ONLINE), { csc }), expected);
});

test('version 2 offline is the example of the manual, with the digest as the hexadecimal of its base64 text (section 4.3.6.2)', () => {
  const digest = '797a4759685578312f5859597a6b7357422b6650523351633530633d';
  const expected = `${urls.qrCode}?p=${OFFLINE}|2|1|02|60.90|${digest}|1|4615A93BB0D7C4E780F8D30EE77EDD5BA55C7D66`;
  assert.equal(made(note(OFFLINE), { csc }), expected);
});

test('version 3 online holds the key and nothing secret', () => {
  assert.equal(made(note(ONLINE), { version: '3' }), `${urls.qrCode}?p=${ONLINE}|3|1`);
});

test('version 3 offline is signed by the certificate of the note, the recipient by type and number', () => {
  const recipients = [
    ['', '|'],
    ['<dest><CNPJ>12ABC34501DE35</CNPJ></dest>', '1|12ABC34501DE35'],
    ['<dest><CPF>12345678909</CPF></dest>', '2|12345678909'],
    ['<dest><idEstrangeiro>AB12345</idEstrangeiro></dest>', '3|'],
    ['<dest><idEstrangeiro></idEstrangeiro></dest>', '|'],
  ];
  const { publicKey } = new X509Certificate(certificate.certPem);
  for (const [dest = '', expected] of recipients) {
    const qr = made(note(OFFLINE, { dest }), { version: '3' });
    const signed = `${OFFLINE}|3|1|02|60.90|${expected}`;
    assert.ok(qr.startsWith(`${urls.qrCode}?p=${signed}|`), qr);
    const signature = Buffer.from(qr.slice(urls.qrCode.length + 3 + signed.length + 1), 'base64');
    assert.ok(verify('sha1', Buffer.from(signed), publicKey, signature), expected);
    assert.ok(!verify('sha1', Buffer.from(`${signed}0`), publicKey, signature));
  }
});

test('infNFeSupl stands between infNFe and Signature, and the signature still holds', () => {
  const unsigned = prepare({
    text: sampleNfce({ cnpj: '11222333000181', numero: 7, dhEmi: '2026-11-21T10:00:00-03:00' }),
    layout: 'sefaz',
    tpEmis: '1',
    cNF: '48151623',
  });
  if (!unsigned.ok) assert.fail(JSON.stringify(unsigned.faults));
  const signed = signXml(unsigned.xml, { element: 'infNFe' }, certificate);
  const whole = withQrCode(signed.xml, { version: '2', csc, urls, key });
  const { root } = parseXml(whole);
  assert.deepEqual(
    root.children.map(({ local }) => local),
    ['infNFe', 'infNFeSupl', 'Signature'],
  );
  assert.equal(textAt(root, 'infNFeSupl/urlChave'), urls.urlChave);
  assert.equal(whole.replace(/<infNFeSupl>.*<\/infNFeSupl>/, ''), signed.xml, 'no other byte changed');
  const verified = verifyXml(parseXml(whole), 'infNFe');
  assert.ok(verified.ok && verified.digest === signed.digest);
  assert.ok(acceptedByXmlCrypto(whole, certificate.certPem));
});

test('the infNFeSupl of the ERP is left out before signing: it cannot know the key', () => {
  const stale = '<infNFeSupl><qrCode>http://x?p=old</qrCode><urlChave>www.sefaz.sp.gov.br/old</urlChave></infNFeSupl>';
  const nfce = sampleNfce({ cnpj: '11222333000181', numero: 7, dhEmi: '2026-11-21T10:00:00-03:00' });
  const request = { layout: 'sefaz', tpEmis: '1', cNF: '48151623' } as const;
  const plain = prepare({ ...request, text: nfce });
  const given = prepare({ ...request, text: nfce.replace('</infNFe>', `</infNFe>\n${stale}\n`) });
  assert.deepEqual(given, plain);
});

test('a secret is never asked of version 3, and version 2 without it is refused loudly', () => {
  assert.throws(() => withQrCode(note(ONLINE), { version: '2', urls, key }), /needs a CSC/);
  assert.throws(() => withQrCode('<NFe><infNFe/></NFe>', { version: '3', urls, key }), /signed/);
});

test('NFC-e and NF-e with tpImp 6 carry a QR code, other documents none', () => {
  assert.ok(carriesQrCode({ modelo: '65', tpImp: '4' }));
  assert.ok(carriesQrCode({ modelo: '55', tpImp: '6' }));
  assert.ok(!carriesQrCode({ modelo: '55', tpImp: '1' }));
  assert.ok(!carriesQrCode({ modelo: '57', tpImp: '6' }));
});

test('the version follows the norm, then the company, then its CSC', () => {
  const nfce = { modelo: '65', tipoEmitente: 'CNPJ', uf: 'SP' } as const;
  assert.equal(qrVersionOf(nfce, { hasCsc: true }), '2');
  assert.equal(qrVersionOf(nfce, { hasCsc: false }), '3');
  assert.equal(qrVersionOf(nfce, { hasCsc: true, chosen: '3' }), '3');
  assert.equal(qrVersionOf(nfce, { hasCsc: false, chosen: '2' }), '2', 'the company is told that its CSC is missing');
  assert.equal(qrVersionOf({ ...nfce, modelo: '55' }, { hasCsc: true, chosen: '2' }), '3', 'rejection 672');
  assert.equal(qrVersionOf({ ...nfce, tipoEmitente: 'CPF' }, { hasCsc: true, chosen: '2' }), '3', 'rejection 444');
  assert.equal(qrVersionOf({ ...nfce, tipoEmitente: 'CPF', uf: 'PR' }, { hasCsc: true }), '2');
});
