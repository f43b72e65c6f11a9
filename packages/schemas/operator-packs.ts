import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { zipSync } from 'fflate';
import { openCatalog } from './catalog.ts';
import { type Ambiente, BASE_PACK, packsDir, sha256 } from './manifest.ts';
import { parsePackName, SchemaPackError } from './pack.ts';
import { createValidator } from './validator.ts';

/** A pack as it is installed. */
export interface PackShown {
  nome: string;
  /** First day (Brasília) in each ambiente: '' since always, undefined never. */
  validFrom: Partial<Record<Ambiente, string>>;
  conjuntos: string[];
  origem: 'base' | 'operador';
  /** Of the base pack: the wheel it was taken from. Of an operator's: file or folder name. */
  fonte: string;
  /** Of the wheel or the ZIP; undefined of a folder. */
  sha256?: string;
}

export interface NewPack {
  /** `PL_010f_v1.04` */
  nome: string;
  /** AAAA-MM-DD; one of them at least. */
  hom?: string | undefined;
  prod?: string | undefined;
  /** Where the names of its schemas do not say it. */
  conjunto?: string | undefined;
  /** The ZIP as the portal publishes it. */
  zip: Uint8Array;
}

export interface AddedPack extends PackShown {
  /** Schemas that were compiled with it: every one that it has a part in. */
  compilados: number;
  /** The same pack was there already, and stays. */
  jaEstava: boolean;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;

/** The packs under `dir`, the base first. Throws SchemaPackError. */
export async function listPacks(dir: string): Promise<PackShown[]> {
  const { manifest, packs } = openCatalog(dir);
  const entries = (await readdir(packsDir(dir))).filter((entry) => entry !== BASE_PACK && !entry.startsWith('.')).sort();
  return Promise.all(
    packs.map(async ({ name, validFrom, conjuntos }, index): Promise<PackShown> => {
      const shown = { nome: name, validFrom, conjuntos: [...conjuntos].sort() };
      const { wheel, sha256: ofWheel } = manifest.source;
      if (index === 0) return { ...shown, origem: 'base', fonte: wheel, sha256: ofWheel };
      const entry = entries[index - 1] ?? '';
      const path = join(packsDir(dir), entry);
      const isFile = (await stat(path)).isFile();
      return { ...shown, origem: 'operador', fonte: entry, ...(isFile ? { sha256: sha256(await readFile(path)) } : {}) };
    }),
  );
}

/**
 * Adds an operator's pack: it is tried beside those that are installed, every schema that it changes is compiled, and only then it appears, by
 * one rename. Running services see it after their next start. The same pack again changes nothing.
 * Throws SchemaPackError (Portuguese), SchemaCompileError.
 */
export async function addPack(dir: string, pack: NewPack): Promise<AddedPack> {
  const entry = entryOf(pack);
  const hash = sha256(pack.zip);
  const present = await listPacks(dir);
  const same = present.find(({ nome }) => nome === pack.nome);
  if (same && (same.fonte !== entry || same.sha256 !== hash)) {
    const what = `o pacote ${pack.nome} já está instalado (${same.fonte}), com outro conteúdo ou outras datas`;
    throw new SchemaPackError(`${what}; dê outro nome ao novo, ou retire o antigo da pasta ${packsDir(dir)}.`);
  }
  const compilados = same ? 0 : await tryOut(dir, entry, pack);
  if (!same) {
    // The leading dot hides an unfinished pack from the catalogue.
    const temporary = await mkdtemp(join(packsDir(dir), '.tmp-'));
    try {
      await writeFile(join(temporary, entry), pack.zip);
      await rename(join(temporary, entry), join(packsDir(dir), entry));
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }
  const added = (await listPacks(dir)).find(({ fonte }) => fonte === entry);
  if (!added) throw new SchemaPackError(`o pacote ${entry} foi retirado da pasta enquanto era instalado.`);
  return { ...added, compilados, jaEstava: same !== undefined };
}

/** A folder as the ZIP of its schemas, always the same bytes. Throws SchemaPackError when there are none. */
export async function zipFolder(folder: string): Promise<Buffer> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.toLowerCase().endsWith('.xsd')).sort();
  if (names.length === 0) throw new SchemaPackError(`a pasta ${folder} não tem nenhum arquivo .xsd.`);
  const files = await Promise.all(names.map(async (name) => [name, new Uint8Array(await readFile(join(folder, name)))] as const));
  return Buffer.from(zipSync(Object.fromEntries(files), { mtime: '1980-01-01T00:00:00' }));
}

function entryOf({ nome, hom, prod, conjunto }: NewPack): string {
  if (!NAME.test(nome) || nome === BASE_PACK)
    throw new SchemaPackError(`o nome ${nome} não serve: use até 80 letras, dígitos, ponto, hífen e _, como PL_010f_v1.04.`);
  const parts = Object.entries({ hom, prod, conjunto }).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
  const entry = `${nome}@${parts.join(',')}.zip`;
  parsePackName(entry);
  return entry;
}

/** Compiles what the pack takes part in, in a folder where it stands beside the installed ones. */
async function tryOut(dir: string, entry: string, { nome, zip }: NewPack): Promise<number> {
  await mkdir(packsDir(dir), { recursive: true });
  const trial = await mkdtemp(join(packsDir(dir), '.trial-'));
  try {
    await mkdir(packsDir(trial));
    const installed = (await readdir(packsDir(dir))).filter((name) => !name.startsWith('.'));
    for (const name of installed) await symlink(resolve(packsDir(dir), name), join(packsDir(trial), basename(name)));
    await writeFile(join(packsDir(trial), entry), zip);
    const catalog = openCatalog(trial);
    const validator = createValidator(catalog);
    try {
      const touched = catalog.all().filter(({ packs }) => packs.includes(nome));
      for (const file of touched) validator.compile(file);
      return touched.length;
    } finally {
      validator.dispose();
    }
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
}
