import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Option, OptionFault } from '@malote/administration/option';
import { environmentWith } from '@malote/runtime/config';
import { installSchemas } from '@malote/schemas/install';
import type { CliCommand } from './commands.ts';
import { readOptions } from './usage.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Started as a process of its own: it is a test tool, and no part of any service. */
const PROGRAM = join(ROOT, 'packages', 'sefaz-simulator', 'main.ts');
const DEMO_CNPJ = '11222333000181';

/** Passed on to the simulator under the same name. */
const PASSED = {
  port: { description: 'porta do lado SEFAZ, HTTPS (0: qualquer livre)', example: '8443' },
  'admin-port': { description: 'porta da página e da API de controle, HTTP em 127.0.0.1', example: '8444' },
  host: { description: 'endereço do lado SEFAZ (padrão 127.0.0.1)', example: '0.0.0.0' },
  scenario: {
    description: 'arquivo de cenário, ou dia-normal, sefaz-lenta, fora-do-ar, respostas-perdidas, sp-em-contingencia',
    example: 'cenario',
  },
  'csc-file': { description: 'arquivo JSON com os CSC das empresas', example: 'csc.json' },
  'deadlines-file': {
    description: 'arquivo JSON com os prazos de eventos de cada UF (rígida: 501; tolerante: 155)',
    example: 'prazos.json',
  },
  'clock-file': { description: 'arquivo JSON {"offsetMs": n} que desloca o relógio', example: 'relogio.json' },
  'odd-hosts': { description: 'abre também portas com TLS defeituoso (cadeia errada, vencido, renegociação)', flag: true },
  fast: { description: 'não confere XSD nem assinatura (para medir vazão)', flag: true },
  fresh: { description: 'esquece o que foi autorizado antes', flag: true },
  'server-cert': { description: 'certificado do servidor (PEM), em lugar dos próprios', example: 'arquivo' },
  'server-key': { description: 'chave do servidor (PEM)', example: 'arquivo' },
  'client-ca': { description: 'autoridades dos certificados de cliente (PEM)', example: 'arquivo' },
} satisfies Record<string, Option>;

const options = {
  cnpj: {
    description: `empresas (CNPJ ou CPF, separados por vírgula) que recebem um certificado de teste (padrão ${DEMO_CNPJ})`,
    example: 'cnpj',
  },
  'server-name': { description: 'outros nomes do servidor no certificado, separados por vírgula', example: 'nome' },
  state: { description: 'pasta do estado e dos certificados (padrão .malote/simulator)', example: 'pasta' },
  schemas: { description: 'pasta dos pacotes XSD, instalados se faltarem (padrão .malote/schemas)', example: 'pasta' },
  ...PASSED,
  'allow-doubled': { description: 'com um comando: números dobrados não são falha', flag: true },
};

interface Ready {
  url: string;
  admin: string;
  hosts?: Record<string, string>;
  ca?: string;
  companies?: { documento: string; pfx: string; senha: string; cert: string; key: string }[];
}

export const simulator: CliCommand = {
  name: 'simulator',
  summary:
    'Sobe um simulador da SEFAZ até Ctrl-C; com `-- comando`, até o comando acabar, e sai com o código dele (1 se houve número dobrado).',
  options,
  async run(args) {
    const cut = args.indexOf('--');
    const command = cut < 0 ? [] : args.slice(cut + 1);
    if (cut >= 0 && command.length === 0) throw new OptionFault('falta o comando depois de --');
    const { given, json } = await readOptions(options, cut < 0 ? args : args.slice(0, cut));
    const program = spawn(process.execPath, [PROGRAM, ...(await programArgs(given as Words))], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: Ctrl-C reaches this process, which ends the simulator when the time has come.
      detached: true,
    });
    const ended = once(program, 'exit');
    // Whoever started this with a channel and died is not outlived.
    process.once('disconnect', () => program.kill('SIGTERM'));
    const ready = await untilReady(program, { showCalls: command.length === 0 && !json });
    return command.length > 0
      ? runCommand(command, { program, ended, ready, allowDoubled: given['allow-doubled'] !== undefined })
      : stay({ program, ended, ready, json });
  },
};

type Words = { [K in keyof typeof options]?: string };

async function programArgs(given: Words): Promise<string[]> {
  const args = ['--state', given.state ?? join(ROOT, '.malote', 'simulator')];
  for (const [name, option] of Object.entries(PASSED) as [keyof typeof PASSED, Option][]) {
    const value = given[name];
    if (value) args.push(`--${name}`, ...(option.flag ? [] : [value]));
  }
  const split = (text: string | undefined) => (text === undefined ? [] : text.split(','));
  for (const name of split(given['server-name'])) args.push('--server-name', name);
  const ownCertificates = !given['server-cert'] && !given['server-key'] && !given['client-ca'];
  for (const documento of split(given.cnpj ?? (ownCertificates ? DEMO_CNPJ : undefined))) args.push('--company', documento);
  if (given.fast) return args;
  const dir = given.schemas ?? join(ROOT, '.malote', 'schemas');
  await installSchemas({ dir, log: (line) => process.stderr.write(`${line}\n`) });
  return [...args, '--schemas', dir];
}

/** Its ready line, or an error with what it said. */
function untilReady(program: ChildProcess, { showCalls }: { showCalls: boolean }): Promise<Ready> {
  return new Promise((resolve, reject) => {
    let [output, errors] = ['', ''];
    program.stdout?.on('data', (chunk: Buffer) => {
      output += chunk;
      if (output.includes('\n')) resolve(JSON.parse(output) as Ready);
    });
    program.stderr?.on('data', (chunk: Buffer) => {
      errors = (errors + chunk).slice(-4_000);
      if (showCalls) process.stderr.write(chunk);
    });
    program.once('error', reject);
    program.once('exit', () => reject(new Error(errors.trim() || 'o simulador acabou antes de ficar pronto')));
  });
}

interface Running {
  program: ChildProcess;
  ended: Promise<unknown[]>;
  ready: Ready;
}

/** Until a signal, or the simulator's own end. */
async function stay({ program, ended, ready, json }: Running & { json: boolean }): Promise<string> {
  process.stdout.write(`${json ? JSON.stringify({ ready: true, ...ready }) : describe(ready)}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => program.kill('SIGTERM'));
  const [code] = await ended;
  if (code !== 0) throw new Error('o simulador acabou por si');
  return json ? '' : 'simulador encerrado';
}

async function runCommand(
  [name = '', ...args]: string[],
  { program, ended, ready, allowDoubled }: Running & { allowDoubled: boolean },
): Promise<string> {
  const child = spawn(name, args, { stdio: 'inherit', env: environmentWith(environmentOf(ready)) });
  // Ctrl-C reaches the command by itself; whatever it makes of it, the simulator outlives it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const finished = new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => resolve(code ?? 1));
    child.once('error', reject);
    program.once('exit', () => reject(new Error('o simulador acabou antes do comando')));
  });
  try {
    const code = await finished;
    const report = await reportOf(ready);
    process.exitCode = code === 0 && report.doubled > 0 && !allowDoubled ? 1 : code;
    return `simulador: ${report.calls} chamadas, ${report.total} notas autorizadas, ${report.doubled} números dobrados`;
  } finally {
    program.kill('SIGTERM');
    await ended;
  }
}

async function reportOf({ admin }: Ready): Promise<{ calls: number; total: number; doubled: number }> {
  const get = async <T>(path: string) => (await (await fetch(`${admin}${path}`)).json()) as T;
  const { total, doubled } = await get<{ total: number; doubled: number }>('/authorizations');
  return { calls: (await get<unknown[]>('/calls')).length, total, doubled };
}

/** Not MALOTE_ names: those are the hub's own, and it refuses unknown ones. */
function environmentOf({ url, admin, ca, companies = [] }: Ready): Record<string, string> {
  const [company] = companies;
  return {
    SEFAZ_SIMULATOR_URL: url,
    SEFAZ_SIMULATOR_ADMIN: admin,
    ...(ca === undefined ? {} : { SEFAZ_SIMULATOR_CA: ca }),
    ...(company === undefined
      ? {}
      : {
          SEFAZ_SIMULATOR_CNPJ: company.documento,
          SEFAZ_SIMULATOR_PFX: company.pfx,
          SEFAZ_SIMULATOR_SENHA_FILE: company.senha,
          SEFAZ_SIMULATOR_CERT: company.cert,
          SEFAZ_SIMULATOR_KEY: company.key,
        }),
  };
}

function describe({ url, admin, ca, hosts = {}, companies = [] }: Ready): string {
  return [
    `SEFAZ     ${url}/{ambiente}/{autorizador}/{modelo}/{serviço}, por exemplo ${url}/2/SP/55/NFeStatusServico4`,
    `página    ${admin}`,
    ...Object.entries(hosts).map(([name, host]) => `${name.padEnd(9)} ${host}`),
    ...(ca === undefined ? [] : [`AC        ${ca} (confie nela só nos testes)`]),
    ...companies.map(({ documento, pfx, senha }) => `empresa   ${documento}: ${pfx}, senha em ${senha}`),
    'Ctrl-C encerra. As chamadas aparecem abaixo.',
  ].join('\n');
}
