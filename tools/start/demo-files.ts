import { randomBytes, randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCa, issueCompanyPfx, issueServerCertificate } from '@malote/testkit/certificates';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';

/** Files of a run: keys and certificates made on the spot by a certificate authority nobody else trusts. */
export interface DemoFiles {
  ca: string;
  serverCert: string;
  serverKey: string;
  companyPfx: string;
  companySenha: string;
  masterKey: string;
  operatorKey: string;
  cnpj: string;
}

/** Makes them once per run directory; a later start finds them again, since the data in the database belongs to them. */
export function provideDemoFiles(dir: string): DemoFiles {
  const secrets = join(dir, 'secrets');
  const path = (name: string): string => join(secrets, name);
  const files = {
    ca: path('ca.pem'),
    serverCert: path('simulator.pem'),
    serverKey: path('simulator-key.pem'),
    companyPfx: path('empresa.pfx'),
    companySenha: path('empresa-senha.txt'),
    masterKey: path('master-key.txt'),
    operatorKey: path('operator-key.txt'),
  };
  const write = (file: string, content: string | Buffer): void => writeFileSync(file, content, { mode: 0o600 });
  mkdirSync(secrets, { recursive: true, mode: 0o700 });
  // Nothing in the database belongs to it: a directory of an earlier release gets one too.
  if (!existsSync(files.operatorKey)) write(files.operatorKey, randomBytes(18).toString('base64url'));
  const done = path('complete.json');
  if (existsSync(done)) return { ...files, cnpj: (JSON.parse(readFileSync(done, 'utf8')) as { cnpj: string }).cnpj };

  const ca = createCa({ name: 'AC Malote de Demonstração' });
  const server = issueServerCertificate(ca, { hosts: ['127.0.0.1', 'localhost'] });
  const cnpj = sampleCnpj(randomInt(1, 80_000_000));
  const senha = randomBytes(12).toString('base64url');
  const company = issueCompanyPfx(ca, { cnpj, razaoSocial: 'Comercial Exemplo Ltda', senha });
  write(files.ca, ca.certPem);
  write(files.serverCert, server.certPem);
  write(files.serverKey, server.keyPem);
  write(files.companyPfx, company.pfx);
  write(files.companySenha, senha);
  write(files.masterKey, `demo:${randomBytes(32).toString('base64')}`);
  write(done, JSON.stringify({ cnpj }));
  return { ...files, cnpj };
}
