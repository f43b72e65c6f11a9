import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseXml } from '../xml/parse.ts';
import { signXml } from '../xml/sign.ts';
import { verifyXml } from '../xml/verify.ts';
import { type RandomDfe, randomDfe } from './random-dfe.ts';
import { seededPick } from './random-xml.ts';
import { type TestCertificate, testCertificate } from './test-certificate.ts';
import { acceptedByXmlCrypto } from './verify-with-xml-crypto.ts';

const SEED = Number(process.env.MALOTE_TEST_SEED ?? 20_261_121);
const DOCUMENTS = 250;

let folder: string;
let certificate: TestCertificate;

before(() => {
  const version = spawnSync('xmlsec1', ['--version'], { encoding: 'utf8' });
  assert.equal(
    version.status,
    0,
    'xmlsec1 is missing: it verifies our signatures here. Install it (Debian, Ubuntu: apt-get install xmlsec1).',
  );
  folder = mkdtempSync(join(tmpdir(), 'malote-xmlsec1-'));
  certificate = testCertificate();
  writeFileSync(join(folder, 'ca.pem'), certificate.caPem);
});

after(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

function signedDocuments(
  count: number,
  change: (xml: string) => string = (xml) => xml,
): { signed: string; source: RandomDfe; name: string }[] {
  return Array.from({ length: count }, (_, i) => {
    const source = randomDfe(seededPick(SEED + i));
    const signed = signXml(change(source.xml), { element: source.element }, certificate).xml;
    return { signed, source, name: `seed-${SEED + i}.xml` };
  });
}

/**
 * Takes out what xml-crypto cannot do: xmldom takes U+0085 and U+2028 for line ends (XML 1.1), xml-crypto does not inherit xml:*
 * attributes. U+FFFD it can, but fills the log with warnings.
 */
function readableByXmldom(xml: string): string {
  return xml.replaceAll(/[\u0085\u2028\uFFFD]/g, '').replace(/\s+xml:lang="[^"]*"/, '');
}

/** Names of the files xmlsec1 accepts, the certificate's chain to our own CA included. Many files a run; it stops at the first bad one. */
function acceptedByXmlsec1(documents: { signed: string; source: RandomDfe; name: string }[]): Set<string> {
  const ids = new Set(documents.map(({ source }) => `${source.uri}:${source.element}`));
  const options = ['--verify', '--trusted-pem', 'ca.pem', ...[...ids].flatMap((id) => ['--id-attr:Id', id])];
  for (const { name, signed } of documents) writeFileSync(join(folder, name), signed);
  const accepted = new Set<string>();
  for (let rest = documents.map(({ name }) => name); rest.length > 0; ) {
    const { stderr } = spawnSync('xmlsec1', [...options, ...rest], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28, timeout: 120_000 });
    const verdicts = stderr.split('\n').filter((line) => line === 'OK' || line === 'FAIL');
    assert.ok(verdicts.length > 0 && verdicts.length <= rest.length, `xmlsec1 gave no verdict: ${stderr.slice(-2000)}`);
    verdicts.forEach((verdict, i) => {
      if (verdict === 'OK') accepted.add(rest[i] as string);
    });
    assert.ok(verdicts.length === rest.length || verdicts.at(-1) === 'FAIL', `xmlsec1 stopped: ${stderr.slice(-2000)}`);
    rest = rest.slice(verdicts.length);
  }
  return accepted;
}

test(`xmlsec1 accepts the signature of each of ${DOCUMENTS} random documents (seed ${SEED})`, () => {
  const documents = signedDocuments(DOCUMENTS);
  const accepted = acceptedByXmlsec1(documents);
  assert.deepEqual(
    documents.filter(({ name }) => !accepted.has(name)).map(({ name }) => name),
    [],
  );
  for (const { signed, source, name } of documents) {
    const verdict = verifyXml(parseXml(signed), source.element);
    assert.ok(verdict.ok, name);
    assert.deepEqual(Buffer.from(verdict.certDer), Buffer.from(certificate.certDer));
  }
});

test(`xml-crypto accepts the signature of each of ${DOCUMENTS} random documents (seed ${SEED})`, () => {
  const documents = signedDocuments(DOCUMENTS, readableByXmldom);
  const refused = documents.filter(({ signed }) => !acceptedByXmlCrypto(signed, certificate.certPem)).map(({ name }) => name);
  assert.deepEqual(refused, []);
});

test('xmlsec1, xml-crypto and verifyXml refuse a document with one letter changed behind our back', () => {
  const documents = signedDocuments(20, readableByXmldom).map((d) => ({ ...d, signed: d.signed.replace(/(versao='4\.0)0/, '$11') }));
  assert.equal(acceptedByXmlsec1(documents).size, 0);
  for (const { signed, source } of documents) {
    assert.equal(verifyXml(parseXml(signed), source.element).ok, false);
    assert.equal(acceptedByXmlCrypto(signed, certificate.certPem), false);
  }
});
