import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoFiles } from './demo-files.ts';

export interface DemoAccount {
  conta: string;
  token: string;
  secret: string;
}

export type Malote = (...args: string[]) => Promise<string>;

/** Runs the `malote` command line of this working copy. */
export function maloteCli(cwd: string, env: NodeJS.ProcessEnv): Malote {
  return (...args) =>
    new Promise((resolve, reject) => {
      execFile(process.execPath, ['services/cli/main.ts', ...args], { cwd, env, timeout: 60_000 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`malote ${args.slice(0, 2).join(' ')}: ${stderr.trim() || error.message}`));
      });
    });
}

/** The demo account with its company and certificate; made at the first start of a run directory, kept for the later ones. */
export async function provideDemoAccount(options: { dir: string; files: DemoFiles; malote: Malote }): Promise<DemoAccount> {
  const { files, malote } = options;
  const file = join(options.dir, 'secrets', 'account.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as DemoAccount;
  const account = JSON.parse(await malote('account', 'create', '--name', 'Demonstração', '--json')) as DemoAccount;
  const company = ['--cnpj', files.cnpj, '--uf', 'SP', '--ie', '110042490114', '--razao-social', 'Comercial Exemplo Ltda'];
  await malote('company', 'add', '--conta', account.conta, ...company, '--json');
  const certificate = ['--file', files.companyPfx, '--senha-file', files.companySenha];
  await malote('certificate', 'put', '--conta', account.conta, '--empresa', files.cnpj, ...certificate, '--json');
  const { conta, token, secret } = account;
  writeFileSync(file, JSON.stringify({ conta, token, secret }), { mode: 0o600 });
  return { conta, token, secret };
}
