import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ca, createCa, issueCompanyPfx, issueServerCertificate, readCa } from '@malote/testkit/certificates';
import { isCnpj, isCpf } from './chave.ts';
import { InputError } from './json-input.ts';

/** Throw-away certificates of a simulator that was given none, as files for whoever is to call it. */
export interface OwnCertificates {
  ca: Ca;
  caFile: string;
  serverCertPem: string;
  serverKeyPem: string;
  companies: CompanyFiles[];
}

export interface CompanyFiles {
  /** CNPJ or CPF. */
  documento: string;
  /** PKCS#12 with key, certificate and authority. */
  pfx: string;
  /** File that holds the password of the PFX, without a line break. */
  senha: string;
  cert: string;
  key: string;
}

/** Not a secret: nobody but this simulator trusts what it opens. */
const SENHA = 'simulador';

/**
 * Makes an authority, a server certificate for `hosts` and a company certificate for each of `documentos` in `dir`; what is there
 * from an earlier start is kept, so that callers can be set up once. The server certificate is made anew each time.
 * @throws InputError for a CNPJ or CPF with wrong check digits
 */
export function provideCertificates(dir: string, options: { hosts: string[]; documentos: readonly string[] }): OwnCertificates {
  for (const documento of options.documentos) {
    if (!isCnpj(documento) && !isCpf(documento))
      throw new InputError(`"${documento}" is no CNPJ or CPF (no punctuation, right check digits)`);
  }
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = (name: string) => join(dir, name);
  const write = (name: string, content: string | Buffer) => writeFileSync(file(name), content, { mode: 0o600 });

  const [caFile, caKeyFile] = [file('ca.pem'), file('ca-key.pem')];
  if (!existsSync(caFile) || !existsSync(caKeyFile)) {
    const made = createCa({ name: 'AC do Simulador da SEFAZ' });
    write('ca-key.pem', made.keyPem);
    write('ca.pem', made.certPem);
  }
  const ca = readCa({ certPem: readFileSync(caFile, 'utf8'), keyPem: readFileSync(caKeyFile, 'utf8') });
  const server = issueServerCertificate(ca, { hosts: options.hosts });

  const companies = options.documentos.map((documento): CompanyFiles => {
    const name = `empresa-${documento}`;
    const files = { pfx: `${name}.pfx`, senha: `${name}-senha.txt`, cert: `${name}.pem`, key: `${name}-key.pem` };
    if (!existsSync(file(files.pfx))) {
      const holder = documento.length === 11 ? { cpf: documento } : { cnpj: documento };
      const issued = issueCompanyPfx(ca, { ...holder, razaoSocial: 'Empresa do Simulador', senha: SENHA });
      write(files.cert, issued.certPem);
      write(files.key, issued.keyPem);
      write(files.senha, SENHA);
      // Last: its presence says that the others are whole.
      write(files.pfx, issued.pfx);
    }
    return { documento, pfx: file(files.pfx), senha: file(files.senha), cert: file(files.cert), key: file(files.key) };
  });
  return { ca, caFile, serverCertPem: server.certPem, serverKeyPem: server.keyPem, companies };
}
