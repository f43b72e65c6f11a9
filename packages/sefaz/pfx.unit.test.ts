import assert from 'node:assert/strict';
import { createPrivateKey, sign, verify, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { createCa, issueClientPem, issueCompanyPfx } from '@malote/testkit/certificates';
import { writePfx } from '@malote/testkit/pfx-writer';
import { sampleAlphanumericCnpj, sampleCnpj, sampleCpf } from '@malote/testkit/sample-cnpj';
import { PfxError, type PfxErrorCode, readPfx } from './pfx.ts';
import { iterationBudget, TooManyIterations } from './pfx-budget.ts';
import { OPENSSL_AES, OPENSSL_RC2_40 } from './test/openssl-pfx.data.ts';

const ca = createCa();
const withCode = (codigo: PfxErrorCode) => (error: unknown) => error instanceof PfxError && error.codigo === codigo;

test('reads AES, 3DES and RC2-40 files, with a password that has accents, to the same key and certificate', () => {
  for (const algorithm of ['aes', '3des', 'rc2'] as const) {
    const cnpj = sampleAlphanumericCnpj(5);
    const issued = issueCompanyPfx(ca, { cnpj, razaoSocial: 'Açaí & Cia', senha: 'pão-de-açúcar 1€', algorithm });
    const a1 = readPfx(issued.pfx, issued.senha);
    assert.deepEqual([a1.documento, a1.tipo], [cnpj, 'CNPJ'], algorithm);
    assert.equal(a1.certPem.trim(), issued.certPem.trim());
    assert.equal(a1.thumbprint, new X509Certificate(issued.certPem).fingerprint256.replaceAll(':', '').toLowerCase());
    const signature = sign('sha1', Buffer.from('x'), a1.key);
    assert.ok(verify('sha1', Buffer.from('x'), new X509Certificate(a1.certDer).publicKey, signature));
    assert.ok(createPrivateKey(a1.keyPem).equals(createPrivateKey(issued.keyPem)));
  }
});

test('reads what OpenSSL wrote, new and legacy', () => {
  for (const base64 of [OPENSSL_AES, OPENSSL_RC2_40]) {
    const a1 = readPfx(Buffer.from(base64, 'base64'), 'ação€1');
    assert.equal(a1.documento, '12ABC34501DE35');
    assert.match(a1.subject, /^C=BR, O=ICP-Brasil \(teste\), CN=OPENSSL LTDA:12ABC34501DE35$/);
    assert.throws(() => readPfx(Buffer.from(base64, 'base64'), 'acao€1'), withCode('senha-incorreta'));
  }
});

test('tells subject, issuer and validity, and takes otherNames of any string type', () => {
  const notBefore = new Date('2026-01-01T00:00:00Z');
  const notAfter = new Date('2027-01-01T00:00:00Z');
  const company = { cnpj: sampleCnpj(2), razaoSocial: 'Empresa', otherNameType: 'printable', notBefore, notAfter } as const;
  const { pfx } = issueCompanyPfx(ca, { ...company, senha: 's' });
  const a1 = readPfx(pfx, 's');
  assert.deepEqual([a1.notBefore, a1.notAfter, a1.documento], [notBefore, notAfter, sampleCnpj(2)]);
  assert.equal(a1.issuer, 'C=BR, O=ICP-Brasil (teste), CN=AC Malote de Teste');
  assert.match(a1.serial, /^[0-9A-F]+$/);
});

test('an e-CPF is known by its CPF', () => {
  const { pfx } = issueCompanyPfx(ca, { cpf: sampleCpf(9), razaoSocial: 'Produtor Rural', senha: 's' });
  const { documento, tipo } = readPfx(pfx, 's');
  assert.deepEqual([documento, tipo], [sampleCpf(9), 'CPF']);
});

test('of many certificates the one of the key is taken, with its issuers in order and without the root', () => {
  const intermediate = createCa({ name: 'AC Intermediária', issuer: createCa({ name: 'AC Nível 1', issuer: ca }) });
  const mine = issueClientPem(intermediate, { cnpj: sampleCnpj(1), razaoSocial: 'Minha' });
  const other = issueClientPem(ca, { cnpj: sampleCnpj(2), razaoSocial: 'Outra' });
  const certPems = [...mine.chainPem].reverse().concat(other.certPem, mine.certPem);
  const a1 = readPfx(writePfx({ keyPem: mine.keyPem, certPems, senha: 's', algorithm: '3des' }), 's');
  assert.equal(a1.documento, sampleCnpj(1));
  const names = a1.chainPem.map((pem) => /CN=(.*)/.exec(new X509Certificate(pem).subject)?.[1]);
  assert.deepEqual(names, ['AC Intermediária', 'AC Nível 1']);
});

test('each fault has its own code', () => {
  const { pfx, keyPem } = issueCompanyPfx(ca, { cnpj: sampleCnpj(1), razaoSocial: 'A', senha: 'certa' });
  assert.throws(() => readPfx(pfx, 'errada'), withCode('senha-incorreta'));
  assert.throws(() => readPfx(pfx, ''), withCode('senha-incorreta'));
  assert.throws(() => readPfx(Buffer.from('isto não é um PFX'), 's'), withCode('pfx-invalido'));
  assert.throws(() => readPfx(Buffer.alloc(0), 's'), withCode('pfx-invalido'));
  assert.throws(() => readPfx(pfx.subarray(0, pfx.length - 200), 'certa'), withCode('pfx-invalido'));
  const foreign = issueClientPem(ca, { cnpj: sampleCnpj(2), razaoSocial: 'Outra' });
  const mismatched = writePfx({ keyPem, certPems: [foreign.certPem], senha: 's', algorithm: 'aes' });
  assert.throws(() => readPfx(mismatched, 's'), withCode('sem-certificado'));
  const plain = issueCompanyPfx(ca, { cnpj: sampleCnpj(1), razaoSocial: 'A', senha: 's', withoutDocumento: true });
  assert.throws(() => readPfx(plain.pfx, 's'), withCode('sem-documento'));
});

test('a file that asks for more work than any program writes is refused before it is done, in one place or in many', () => {
  const { keyPem, certPem } = issueCompanyPfx(ca, { cnpj: sampleCnpj(1), razaoSocial: 'A', senha: 's' });
  const file = (saidIterations: number) => writePfx({ keyPem, certPems: [certPem], senha: 's', algorithm: 'aes', saidIterations });
  // Were it done, this would take half an hour.
  assert.throws(() => readPfx(file(2 ** 31 - 1), 's'), withCode('pfx-iteracoes'));
  assert.throws(() => readPfx(file(40_000), 's'), withCode('senha-incorreta'), 'what programs do write is tried');
  const budget = iterationBudget();
  for (let bag = 0; bag < 2; bag += 1) budget.spend(600_000);
  assert.throws(() => budget.spend(600_000), TooManyIterations);
  assert.throws(() => budget.spend(Number.NaN), TooManyIterations);
});

test('an error never carries the password', () => {
  const { pfx } = issueCompanyPfx(ca, { cnpj: sampleCnpj(1), razaoSocial: 'A', senha: 'certa' });
  assert.throws(
    () => readPfx(pfx, 'hunter-2-secreta'),
    (error: Error) => !`${error.stack}${JSON.stringify(error)}${error.cause}`.includes('hunter'),
  );
});
