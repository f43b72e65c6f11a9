import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { unzipSync } from 'fflate';
import { type Ambiente, type Manifest, packsDir, sha256 } from './manifest.ts';
import { summarizeXsd, type XsdSummary } from './xsd-roots.ts';

/** A pack that cannot be read; `message` is for the operator, in Portuguese. */
export class SchemaPackError extends Error {
  override name = 'SchemaPackError';
}

export interface PackFile extends XsdSummary {
  file: string;
  bytes: Uint8Array;
}

/** Files by name, in each conjunto: the scope in which includes are resolved. */
export interface Pack {
  name: string;
  /** 'AAAA-MM-DD' in Brasília, '' = since always, undefined = never in that ambiente. */
  validFrom: Partial<Record<Ambiente, string>>;
  conjuntos: ReadonlyMap<string, ReadonlyMap<string, PackFile>>;
}

const MAX_FILES = 1000;
const MAX_FILE_BYTES = 5_000_000;
const NAME_HELP = 'o nome deve ser NOME@hom=AAAA-MM-DD,prod=AAAA-MM-DD[,conjunto=CONJUNTO], com .zip no fim ou como pasta';

/** Reads the base pack whole into memory (4 MB), verifying each hash: an installation that replaces it later does not mix with this one. */
export function readBasePack(dir: string, manifest: Manifest): Pack {
  const conjuntos = new Map<string, Map<string, PackFile>>();
  for (const { conjunto, file, roots, namespace, versao, sha256: expected } of manifest.files) {
    const path = join(packsDir(dir), manifest.pack, conjunto, file);
    const bytes = readFileSync(path);
    if (sha256(bytes) !== expected) {
      throw new SchemaPackError(
        `O schema ${path} foi alterado depois de instalado. Reinstale: node packages/schemas/install-cli.ts --dir ${dir}`,
      );
    }
    const files = conjuntos.get(conjunto) ?? new Map<string, PackFile>();
    conjuntos.set(conjunto, files.set(file, { file, bytes, roots, namespace, versao }));
  }
  return { name: manifest.pack, validFrom: { '1': manifest.validFrom['1'] ?? '', '2': manifest.validFrom['2'] ?? '' }, conjuntos };
}

/**
 * Reads an operator's pack: `<dir>/packs/PL_010f_v1.04@hom=2026-09-01,prod=2026-11-03.zip`, or a folder of that name.
 * A ZIP is taken as published: folders inside it do not matter, only `*.xsd` count. The dates are the first day (Brasília) in each ambiente; an
 * ambiente that is not named never uses the pack. It covers every conjunto of the base in which one of its own root schemas has the same file name
 * and namespace, or the one given as `conjunto=`, which may be a new one (`nfe_evento_rtc`).
 * @throws SchemaPackError
 */
export function readOperatorPack(dir: string, entry: string, base: Pack): Pack {
  const path = join(packsDir(dir), entry);
  const { name, validFrom, conjunto } = parsePackName(entry);
  const files = new Map<string, PackFile>();
  for (const [file, bytes] of readXsds(path, entry)) {
    try {
      files.set(file, { file, bytes, ...summarizeXsd(bytes, file) });
    } catch (error) {
      throw new SchemaPackError(
        `Pacote de schemas ${entry}: ${file} não é um XSD legível (${error instanceof Error ? error.message : error}).`,
      );
    }
  }
  if (files.size === 0) throw new SchemaPackError(`Pacote de schemas ${entry}: não há nenhum arquivo .xsd nele.`);
  const targets = conjunto === undefined ? coveredConjuntos(files, base) : [conjunto];
  if (targets.length === 0) {
    throw new SchemaPackError(
      `Pacote de schemas ${entry}: nenhum dos seus schemas raiz existe no pacote base, então não dá para saber onde ele entra. ` +
        `Ponha conjunto=… no nome. Conjuntos existentes: ${[...base.conjuntos.keys()].join(', ')}.`,
    );
  }
  return { name, validFrom, conjuntos: new Map(targets.map((target) => [target, files])) };
}

/** @throws SchemaPackError when the name does not follow the form; see readOperatorPack. */
export function parsePackName(entry: string): { name: string; validFrom: Partial<Record<Ambiente, string>>; conjunto?: string } {
  const [name = '', suffix = '', ...rest] = entry.replace(/\.zip$/i, '').split('@');
  const fail = (why: string): never => {
    throw new SchemaPackError(`Pacote de schemas ${entry}: ${why}; ${NAME_HELP}.`);
  };
  if (name === '' || suffix === '' || rest.length > 0) return fail('falta a data de vigência no nome');
  const validFrom: Partial<Record<Ambiente, string>> = {};
  let conjunto: string | undefined;
  for (const part of suffix.split(',')) {
    const [key, value = ''] = part.split('=');
    if (key === 'hom' || key === 'prod') validFrom[key === 'prod' ? '1' : '2'] = isDay(value) ? value : fail(`data inválida "${value}"`);
    else if (key === 'conjunto' && /^[a-z0-9]+(_[a-z0-9]+)*$/.test(value)) conjunto = value;
    else fail(`não entendi "${part}"`);
  }
  if (Object.keys(validFrom).length === 0) fail('falta a data de vigência no nome');
  return { name, validFrom, ...(conjunto !== undefined && { conjunto }) };
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function coveredConjuntos(files: ReadonlyMap<string, PackFile>, base: Pack): string[] {
  const isReplacement = (own: PackFile, theirs: PackFile | undefined) =>
    own.roots.length > 0 && theirs !== undefined && theirs.roots.length > 0 && theirs.namespace === own.namespace;
  return [...base.conjuntos]
    .filter(([, baseFiles]) => [...files.values()].some((own) => isReplacement(own, baseFiles.get(own.file))))
    .map(([conjunto]) => conjunto);
}

function readXsds(path: string, entry: string): Map<string, Uint8Array> {
  const result = new Map<string, Uint8Array>();
  const add = (file: string, bytes: Uint8Array): void => {
    const twin = result.get(file);
    if (twin && sha256(twin) !== sha256(bytes)) {
      throw new SchemaPackError(
        `Pacote de schemas ${entry}: há dois arquivos ${file} diferentes. Separe-os em dois pacotes, cada um com o seu conjunto=….`,
      );
    }
    result.set(file, bytes);
  };
  if (statSync(path).isDirectory()) {
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter(isXsdName);
    for (const name of names) add(basename(name), readFileSync(join(path, name)));
    return result;
  }
  for (const [name, bytes] of Object.entries(unzip(path, entry))) add(basename(name), bytes);
  return result;
}

function unzip(path: string, entry: string): Record<string, Uint8Array> {
  let count = 0;
  const accept = ({ name, originalSize }: { name: string; originalSize: number }): boolean => {
    if (!isXsdName(name)) return false;
    count += 1;
    if (count > MAX_FILES || originalSize > MAX_FILE_BYTES)
      throw new SchemaPackError(`Pacote de schemas ${entry}: grande demais para ser um pacote oficial.`);
    return true;
  };
  try {
    return unzipSync(readFileSync(path), { filter: accept });
  } catch (error) {
    if (error instanceof SchemaPackError) throw error;
    throw new SchemaPackError(
      `Pacote de schemas ${entry}: o ZIP não abre (${error instanceof Error ? error.message : error}). Baixe-o de novo do portal.`,
    );
  }
}

/** macOS archives carry `._x.xsd` twins that are not XML. */
function isXsdName(name: string): boolean {
  return name.toLowerCase().endsWith('.xsd') && !basename(name).startsWith('.');
}
