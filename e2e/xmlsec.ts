import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** xmlsec1 itself says whether the signature inside a proc XML holds; its exit code is the verdict. `signed` is the element with the Id. Throws when it does not. */
export function xmlsecVerifies(xml: string, ca: { certPem: string }, signed: 'infNFe' | 'infEvento' | 'infInut' = 'infNFe'): void {
  const dir = mkdtempSync(join(tmpdir(), 'malote-xmlsec-'));
  try {
    writeFileSync(join(dir, 'proc.xml'), xml);
    writeFileSync(join(dir, 'ca.pem'), ca.certPem);
    const id = ['--id-attr:Id', `http://www.portalfiscal.inf.br/nfe:${signed}`];
    execFileSync('xmlsec1', ['--verify', ...id, '--trusted-pem', join(dir, 'ca.pem'), join(dir, 'proc.xml')], { stdio: 'pipe' });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
