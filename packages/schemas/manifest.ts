import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** tpAmb: '1' produção, '2' homologação. */
export type Ambiente = '1' | '2';

/** One XSD of the base pack. `file` lies in `<pack>/<conjunto>/<file>`; includes are resolved inside the conjunto. */
export interface ManifestFile {
  familia: string;
  conjunto: string;
  file: string;
  /** Global elements that a document may have as root; empty for files of types only. */
  roots: string[];
  namespace: string;
  /** '4.00', read from the file name; '' when the name has none. */
  versao: string;
  /** Path inside the wheel. */
  source: string;
  /** Hex, of the file as written (after amendments). */
  sha256: string;
  amended: boolean;
}

/** A change made to an official file, and why. */
export interface AppliedAmendment {
  file: string;
  what: string;
  norm: string;
  before: string;
  after: string;
}

export interface Manifest {
  pack: string;
  /** Changes when the source or the amendments change: an older installation is then replaced. */
  revision: string;
  source: { package: string; wheel: string; sha256: string; license: string };
  /** Local date (Brasília) from which the pack counts, by ambiente; null = since always (the base under all others). */
  validFrom: Record<Ambiente, string | null>;
  amendments: AppliedAmendment[];
  files: ManifestFile[];
}

export const BASE_PACK = 'nfelib-3.2.0';
export const MANIFEST_FILE = 'manifest.json';

export function packsDir(dir: string): string {
  return join(dir, 'packs');
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The manifest of the base pack under `dir`, or undefined when nothing readable is installed there. */
export async function readManifest(dir: string): Promise<Manifest | undefined> {
  try {
    return JSON.parse(await readFile(join(packsDir(dir), BASE_PACK, MANIFEST_FILE), 'utf8')) as Manifest;
  } catch {
    return undefined;
  }
}

/** True when every file of the manifest is on disk with its hash (a power cut can leave empty files behind a rename). */
export async function isIntact(dir: string, manifest: Manifest): Promise<boolean> {
  const root = join(packsDir(dir), manifest.pack);
  const checks = await Promise.all(
    manifest.files.map(async (f) => {
      try {
        return sha256(await readFile(join(root, f.conjunto, f.file))) === f.sha256;
      } catch {
        return false;
      }
    }),
  );
  return checks.every(Boolean);
}
