import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { createCa, issueClientPem, issueCompanyPfx, issueServerCertificate } from './certificates.ts';
import { sampleAlphanumericCnpj, sampleCnpj, sampleCpf } from './sample-cnpj.ts';

const ca = createCa();

test('a company certificate is issued by the CA, matches its key and names the company', () => {
  const cnpj = sampleAlphanumericCnpj(7);
  const { certPem, keyPem } = issueClientPem(ca, { cnpj, razaoSocial: 'Padaria do João' });
  const certificate = new X509Certificate(certPem);
  assert.ok(certificate.checkIssued(new X509Certificate(ca.certPem)));
  assert.ok(certificate.verify(new X509Certificate(ca.certPem).publicKey));
  assert.ok(certificate.checkPrivateKey(createPrivateKey(keyPem)));
  assert.match(certificate.subject, new RegExp(`CN=PADARIA DO JOÃO:${cnpj}`));
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.4']);
});

test('the CNPJ stands in otherName 2.16.76.1.3.3, the CPF inside 2.16.76.1.3.1', () => {
  const cnpj = sampleCnpj(3);
  const cpf = sampleCpf(3);
  const company = new X509Certificate(issueClientPem(ca, { cnpj, razaoSocial: 'A' }).certPem);
  const person = new X509Certificate(issueClientPem(ca, { cpf, razaoSocial: 'B', otherNameType: 'printable' }).certPem);
  const oid3 = Buffer.from('0605604c010303', 'hex');
  const oid1 = Buffer.from('0605604c010301', 'hex');
  assert.ok(company.raw.includes(Buffer.concat([oid3, Buffer.from([0xa0, 16, 0x04, 14]), Buffer.from(cnpj)])));
  assert.ok(person.raw.includes(oid1));
  assert.ok(person.raw.includes(`01011980${cpf}`));
});

test('AES and 3DES files are read by OpenSSL with a password that has accents', () => {
  for (const algorithm of ['aes', '3des'] as const) {
    const { pfx, senha } = issueCompanyPfx(ca, { cnpj: sampleCnpj(1), razaoSocial: 'A', senha: 'ação€1', algorithm });
    assert.ok(createSecureContext({ pfx, passphrase: senha }), algorithm);
  }
});

test('a wrong password does not open the file', () => {
  const { pfx } = issueCompanyPfx(ca, { cnpj: sampleCnpj(1), razaoSocial: 'A', senha: 'certa' });
  assert.throws(() => createSecureContext({ pfx, passphrase: 'errada' }), /mac verify failure/);
});

test('OpenSSL 3 refuses the RC2-40 file for its cipher, not for its form', () => {
  const { pfx, senha } = issueCompanyPfx(ca, { cnpj: sampleCnpj(1), razaoSocial: 'A', senha: 'x', algorithm: 'rc2' });
  assert.throws(() => createSecureContext({ pfx, passphrase: senha }), /unsupported/i);
});

test('a server certificate is good for its names and addresses and for no other', () => {
  const certificate = new X509Certificate(issueServerCertificate(ca, { hosts: ['localhost', '127.0.0.1'] }).certPem);
  assert.equal(certificate.checkHost('localhost'), 'localhost');
  assert.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1');
  assert.equal(certificate.checkHost('example.com'), undefined);
});

test('a certificate of both CNPJ and CPF, or of neither, is refused', () => {
  assert.throws(() => issueClientPem(ca, { razaoSocial: 'A' }), /exactly one/);
  assert.throws(() => issueClientPem(ca, { razaoSocial: 'A', cnpj: sampleCnpj(1), cpf: sampleCpf(1) }), /exactly one/);
});
