import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { createCa, issueClientPem, issueCompanyPfx } from '@malote/testkit/certificates';
import { writePfx } from '@malote/testkit/pfx-writer';
import { sampleAlphanumericCnpj, sampleCnpj, sampleCpf } from '@malote/testkit/sample-cnpj';
import { checkCertificado, MAX_PFX_BYTES, simularCertificado } from './certificados.ts';
import { Refused } from './refused.ts';

const NOW = new Date('2026-06-15T12:00:00Z');
const EMPRESA = sampleCnpj(1);
const raiz = createCa({ name: 'AC Raiz de Teste' });
const ac = createCa({ name: 'AC Intermediária', issuer: raiz });
const raizes = [new X509Certificate(raiz.certPem)];
const facts = { now: NOW, raizes };
const company = { cnpj: EMPRESA, razaoSocial: 'Açaí & Cia Ltda', senha: 'pão-de-açúcar 1€' };
const senha = company.senha;

const refusal = (codigo: string, campo: string, text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Refused, String(error));
  assert.deepEqual([error.codigo, error.campo], [codigo, campo], error.message);
  assert.match(error.message, text);
  assert.match(error.message, /^\p{Lu}.*[.)]$/u);
  return true;
};

test('every flavour of PFX is taken, whatever the order of its certificates', async () => {
  for (const algorithm of ['aes', '3des', 'rc2'] as const) {
    const { certPem, keyPem, chainPem } = issueClientPem(ac, company);
    for (const certPems of [[certPem, ...chainPem], [...chainPem, certPem], [chainPem[1], certPem, chainPem[0]] as string[]]) {
      const pfx = writePfx({ keyPem, certPems, senha, algorithm });
      const { info, avisos, material } = await checkCertificado({ empresa: EMPRESA, pfx, senha }, facts);
      assert.deepEqual([info.cadeia, info.documento, avisos, info.ambiente], ['icp-brasil', EMPRESA, [], undefined], algorithm);
      assert.deepEqual(info.emissores, [
        'C=BR, O=ICP-Brasil (teste), CN=AC Intermediária',
        'C=BR, O=ICP-Brasil (teste), CN=AC Raiz de Teste',
      ]);
      assert.equal(material.chainPem.length, 1, 'the root itself is not sent');
    }
  }
});

test('each reason for refusing has its code, the field and what to do', async () => {
  const { pfx, keyPem, certPem } = issueCompanyPfx(ac, company);
  const check = (over: object) => checkCertificado({ empresa: EMPRESA, pfx, senha, ...over }, facts);
  const made = (over: object) => ({ pfx: issueCompanyPfx(ac, { ...company, ...over }).pfx });
  await assert.rejects(check({ senha: 'outra' }), refusal('senha-incorreta', 'senha', /senha/));
  await assert.rejects(check({ senha: 'x'.repeat(300) }), refusal('senha-incorreta', 'senha', /256/));
  await assert.rejects(check({ pfx: Buffer.from('nada') }), refusal('pfx-invalido', 'arquivo', /PKCS#12/));
  await assert.rejects(check({ pfx: Buffer.alloc(MAX_PFX_BYTES + 1) }), refusal('pfx-grande-demais', 'arquivo', /100001 bytes.*100000/));
  await assert.rejects(
    check(made({ notAfter: new Date('2026-06-15T11:59:59Z') })),
    refusal('certificado-vencido', 'arquivo', /venceu em 2026-06-15T11:59/),
  );
  const future = made({ notBefore: new Date('2026-06-15T12:00:01Z') });
  await assert.rejects(check(future), refusal('certificado-ainda-nao-valido', 'arquivo', /a partir de 2026-06-15T12:00:01/));
  const other = made({ cnpj: sampleCnpj(2) });
  await assert.rejects(check(other), refusal('certificado-de-outra-empresa', 'arquivo', new RegExp(`${sampleCnpj(2)}.*${EMPRESA}.*213`)));
  await assert.rejects(check(made({ cnpj: undefined, cpf: sampleCpf(1) })), refusal('certificado-de-outra-empresa', 'arquivo', /CNPJ/));
  await assert.rejects(check(made({ keyUsage: 'encipherment' })), refusal('certificado-sem-assinatura', 'arquivo', /keyUsage/));
  await assert.rejects(check(made({ keyBits: 1024 })), refusal('chave-nao-suportada', 'arquivo', /2048/));
  await assert.rejects(check(made({ withoutDocumento: true })), refusal('sem-documento', 'arquivo', /ICP-Brasil/));
  const keyless = writePfx({ keyPem, certPems: [certPem], senha, algorithm: 'aes', without: 'key' });
  await assert.rejects(check({ pfx: keyless }), refusal('sem-chave', 'arquivo', /chave privada/));
  const certless = writePfx({ keyPem, certPems: [raiz.certPem], senha, algorithm: 'aes' });
  await assert.rejects(check({ pfx: certless }), refusal('sem-certificado', 'arquivo', /certificado da chave/));
});

test('a branch uses the certificate of its company, numeric or alphanumeric; an e-CPF is for its person', async () => {
  const cnpj = sampleAlphanumericCnpj(3);
  const { pfx } = issueCompanyPfx(ac, { ...company, cnpj });
  assert.equal((await checkCertificado({ empresa: `${cnpj.slice(0, 8)}000299`, pfx, senha }, facts)).info.documento, cnpj);
  const person = issueCompanyPfx(ac, { razaoSocial: 'Produtor', senha, cpf: sampleCpf(1) });
  assert.equal((await checkCertificado({ empresa: sampleCpf(1), pfx: person.pfx, senha }, facts)).info.documento, sampleCpf(1));
});

test('a chain of somebody else is refused for production, and marks what it is taken for', async () => {
  const fake = createCa({ name: 'AC Raiz de Teste' });
  const { pfx } = issueCompanyPfx(fake, company);
  const given = { empresa: EMPRESA, pfx, senha };
  await assert.rejects(
    checkCertificado(given, facts),
    refusal('certificado-fora-da-icp-brasil', 'arquivo', /MALOTE_SEFAZ_CA_FILE.*ambiente=hom/),
  );
  const shown = await simularCertificado({ ...given, ambiente: 'hom' }, facts);
  assert.deepEqual([shown.cadeia, shown.ambientes, shown.instaladoEm], ['outra', ['hom'], null]);
  assert.deepEqual(
    shown.avisos.map(({ codigo }) => codigo),
    ['certificado-so-homologacao'],
  );
  assert.deepEqual(
    (await simularCertificado(given, { ...facts, raizes: [] })).avisos.map(({ codigo }) => codigo),
    ['cadeia-nao-verificada'],
  );
  // Named after the root, with its key identifier, and signed with another key.
  const forged = issueCompanyPfx({ ...fake, certificate: raiz.certificate }, company);
  await assert.rejects(checkCertificado({ ...given, pfx: forged.pfx }, facts), { codigo: 'certificado-fora-da-icp-brasil' });
  const { pfx: good } = issueCompanyPfx(ac, company);
  assert.deepEqual((await simularCertificado({ ...given, pfx: good, ambiente: 'hom' }, facts)).ambientes, ['prod', 'hom']);
});

test('nothing of the key, the password or the seal is in what is shown', async () => {
  const { pfx } = issueCompanyPfx(ac, { ...company, notAfter: new Date('2026-07-01T00:00:00Z') });
  const shown = await simularCertificado({ empresa: EMPRESA, pfx, senha }, facts);
  assert.deepEqual([shown.situacao, shown.diasRestantes, shown.chaveBits], ['valido', 15, 2048]);
  assert.deepEqual(
    shown.avisos.map(({ codigo }) => codigo),
    ['certificado-a-vencer'],
  );
  assert.match(String(shown.impressaoSha1), /^[0-9a-f]{40}$/);
  assert.match(shown.impressaoSha256, /^[0-9a-f]{64}$/);
  assert.doesNotMatch(JSON.stringify(shown), /PRIVATE|senha|pão-de/);
});
