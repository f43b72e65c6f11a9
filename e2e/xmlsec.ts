import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** xmlsec1 itself says whether the signature inside a proc XML (of a note, an evento or an inutilização) holds; its exit code is the verdict. Throws when it does not. */
export function xmlsecVerifies(xml: string, ca: { certPem: string }): void {
  const dir = mkdtempSync(join(tmpdir(), 'malote-xmlsec-'));
  try {
    writeFileSync(join(dir, 'proc.xml'), xml);
    writeFileSync(join(dir, 'ca.pem'), ca.certPem);
    const id = ['infNFe', 'infEvento', 'infInut'].flatMap((tag) => ['--id-attr:Id', `http://www.portalfiscal.inf.br/nfe:${tag}`]);
    execFileSync('xmlsec1', ['--verify', ...id, '--trusted-pem', join(dir, 'ca.pem'), join(dir, 'proc.xml')], { stdio: 'pipe' });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
