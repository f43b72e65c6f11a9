import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ofEvent, ownSchema } from './event-schemas.ts';
import { type Ambiente, BASE_PACK, MANIFEST_FILE, type Manifest, packsDir } from './manifest.ts';
import { type Pack, type PackFile, readBasePack, readOperatorPack, SchemaPackError } from './pack.ts';

export type { Ambiente, Manifest } from './manifest.ts';
export { SchemaPackError } from './pack.ts';

/** Which schema is wanted. `date` is when the document is received by the authoriser, not dhEmi (SEFAZ accepts by that day). */
export interface SchemaQuery {
  familia: string;
  root: string;
  versao: string;
  ambiente: Ambiente;
  date: Date;
  /** Narrows down where several conjuntos have the root: `evento` and `detEvento` of the NF-e (`nfe_evento_cancel`, …). */
  conjunto?: string;
  /** Narrows down where one conjunto has several files with the root: `e210200_v1.00.xsd`. */
  file?: string;
  /**
   * For the roots of events of the NF-e (envEvento, evento, procEventoNFe, retEnvEvento, detEvento): the schema of that event. When no pack has
   * one, the generic envelope; for detEvento, the project's own schema where there is one.
   */
  tpEvento?: string;
}

export interface SchemaFile {
  /** Equal ids compile to the same schema: file and the packs that serve it. */
  id: string;
  familia: string;
  conjunto: string;
  file: string;
  roots: readonly string[];
  namespace: string;
  versao: string;
  /** The pack that has this file; its includes may come from the ones in `packs`. */
  pack: string;
  /** Newest first, base last. */
  packs: readonly string[];
  /** A file of the same scope, from the newest pack that has it. */
  read(file: string): Uint8Array | undefined;
}

export interface Catalog {
  manifest: Manifest;
  packs: readonly { name: string; validFrom: Partial<Record<Ambiente, string>>; conjuntos: string[] }[];
  /**
   * The schema in force, or undefined when there is none.
   * @throws Error when the query fits several files: give `conjunto` or `file`.
   */
  find(query: SchemaQuery): SchemaFile | undefined;
  /** Every schema with a root, in every state that the dated packs bring about. */
  all(): SchemaFile[];
}

/**
 * Reads the packs under `<dir>/packs` into memory. A pack dropped there later is seen by the next opening (restart); one dropped in advance
 * takes effect on its date without it. Names that begin with a dot are left alone.
 * @throws SchemaPackError (Portuguese message) when nothing is installed or a pack is unreadable.
 */
export function openCatalog(dir: string): Catalog {
  const manifest = loadManifest(dir);
  const base = readBasePack(dir, manifest);
  const entries = readdirSync(packsDir(dir)).filter((name) => name !== BASE_PACK && !name.startsWith('.'));
  const packs = [base, ...entries.sort().map((entry) => readOperatorPack(dir, entry, base))];
  const chains: Record<Ambiente, Step[]> = { '1': timeline(packs, '1'), '2': timeline(packs, '2') };
  const found = new Map<string, SchemaFile | undefined>();

  const find = (query: SchemaQuery): SchemaFile | undefined => {
    const time = query.date.getTime();
    if (Number.isNaN(time)) throw new Error('schema query with an invalid date');
    const step = chains[query.ambiente].findLast((s) => s.from <= time);
    if (!step) return undefined;
    const key = [query.ambiente, step.from, query.familia, query.root, query.versao, query.conjunto, query.file, query.tpEvento].join('|');
    if (!found.has(key)) found.set(key, choose(candidates(step), query));
    return found.get(key);
  };
  const all = (): SchemaFile[] => {
    const steps = [...chains['1'], ...chains['2']];
    return [...new Map(steps.flatMap(candidates).map((file) => [file.id, file])).values()];
  };
  const describe = (p: Pack) => ({ name: p.name, validFrom: p.validFrom, conjuntos: [...p.conjuntos.keys()] });
  return { manifest, packs: packs.map(describe), find, all };
}

/** From an instant on, the packs in force: newest first, base last. */
interface Step {
  from: number;
  packs: Pack[];
}

function timeline(packs: Pack[], ambiente: Ambiente): Step[] {
  const dated = packs
    .flatMap((pack) => (pack.validFrom[ambiente] === undefined ? [] : [{ pack, from: startOf(pack.validFrom[ambiente]) }]))
    .sort((a, b) => a.from - b.from || (a.pack.name < b.pack.name ? -1 : 1));
  return dated.map(({ from }, i) => ({
    from,
    packs: dated
      .slice(0, i + 1)
      .map((d) => d.pack)
      .reverse(),
  }));
}

/** The portals publish days; they begin at midnight in Brasília. */
function startOf(day: string): number {
  return day === '' ? Number.NEGATIVE_INFINITY : Date.parse(`${day}T00:00:00-03:00`);
}

function candidates({ packs }: Step): SchemaFile[] {
  const result: SchemaFile[] = [];
  for (const conjunto of new Set(packs.flatMap((p) => [...p.conjuntos.keys()]))) {
    const layers = packs.filter((p) => p.conjuntos.has(conjunto));
    const newest = (file: string): { pack: Pack; file: PackFile } | undefined => {
      for (const pack of layers) {
        const hit = pack.conjuntos.get(conjunto)?.get(file);
        if (hit) return { pack, file: hit };
      }
      return undefined;
    };
    const names = layers.map((p) => p.name);
    for (const file of new Set(layers.flatMap((p) => [...(p.conjuntos.get(conjunto)?.keys() ?? [])]))) {
      const hit = newest(file);
      if (!hit || hit.file.roots.length === 0) continue;
      const { roots, namespace, versao } = hit.file;
      result.push({
        id: `${conjunto}/${file}@${names.join('+')}`,
        familia: conjunto.split('_')[0] ?? conjunto,
        conjunto,
        file,
        roots,
        namespace,
        versao,
        pack: hit.pack.name,
        packs: names,
        read: (name) => newest(name)?.file.bytes,
      });
    }
  }
  return result;
}

function choose(files: SchemaFile[], query: SchemaQuery): SchemaFile | undefined {
  const { familia, root, versao, conjunto, file, tpEvento } = query;
  const named = files.filter(
    (f) =>
      f.familia === familia &&
      f.versao === versao &&
      f.roots.includes(root) &&
      (conjunto === undefined || f.conjunto === conjunto) &&
      (file === undefined || f.file === file),
  );
  const ofThisEvent = tpEvento === undefined ? named : ofEvent(named, root, tpEvento);
  if (ofThisEvent.length === 0 && root === 'detEvento') return ownSchema(query);
  const fits = ofThisEvent.length > 0 ? ofThisEvent : named.filter((f) => f.conjunto === `${familia}_evento_generico`);
  // Two files of one event in one conjunto are wrappers of one layout (the official retEventoCancInsucessoNFe includes that of 110192).
  const twins = tpEvento !== undefined && new Set(fits.map((f) => f.conjunto)).size === 1;
  if (fits.length <= 1 || twins) return fits[0];
  // The family's own folder first, then the generic event envelope: what a caller who names neither means.
  for (const preferred of [familia, `${familia}_evento_generico`]) {
    const own = fits.filter((f) => f.conjunto === preferred);
    if (own.length === 1) return own[0];
  }
  throw new Error(`schema ${familia} ${root} ${versao} is ambiguous: ${fits.map((f) => `${f.conjunto}/${f.file}`).join(', ')}`);
}

function loadManifest(dir: string): Manifest {
  const path = join(packsDir(dir), BASE_PACK, MANIFEST_FILE);
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  } catch (error) {
    throw new SchemaPackError(
      `Os schemas não estão instalados em ${dir} (${error instanceof Error ? error.message : error}). ` +
        `Instale: node packages/schemas/install-cli.ts --dir ${dir}`,
    );
  }
}
