import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { BASE_PACK, type Manifest, type ManifestFile, sha256 } from '../manifest.ts';
import { summarizeXsd } from '../xsd-roots.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Files by `<conjunto>/<file>`. */
export type XsdTexts = Record<string, string>;

/** A schema of one namespace per familia, `urn:<familia>`, as small as a test needs it. */
export function xsd(familia: string, body: string): string {
  return (
    `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:${familia}" targetNamespace="urn:${familia}" ` +
    `elementFormDefault="qualified">${body}</xs:schema>`
  );
}

/** A root element that takes one of these texts. */
export function rootOf(familia: string, root: string, ...accepted: string[]): string {
  const values = accepted.map((value) => `<xs:enumeration value="${value}"/>`).join('');
  return xsd(
    familia,
    `<xs:element name="${root}"><xs:simpleType><xs:restriction base="xs:string">${values}</xs:restriction></xs:simpleType></xs:element>`,
  );
}

/** A new folder with the given files installed as the base pack. */
export function installTiny(texts: XsdTexts): string {
  const dir = temporaryFolder();
  const files = Object.entries(texts).map(([path, text]): ManifestFile => {
    const [conjunto = '', file = ''] = path.split('/');
    mkdirSync(join(dir, 'packs', BASE_PACK, conjunto), { recursive: true });
    writeFileSync(join(dir, 'packs', BASE_PACK, path), text);
    const bytes = Buffer.from(text);
    const common = { familia: conjunto.split('_')[0] ?? '', conjunto, file, source: path, sha256: sha256(bytes), amended: false };
    return { ...common, ...summarizeXsd(bytes, file) };
  });
  const source = { package: 'tiny', wheel: 'tiny.whl', sha256: '', license: 'MIT' };
  const manifest: Manifest = { pack: BASE_PACK, revision: 'tiny', source, validFrom: { '1': null, '2': null }, amendments: [], files };
  writeFileSync(join(dir, 'packs', BASE_PACK, 'manifest.json'), JSON.stringify(manifest));
  return dir;
}

/** Drops a ZIP as an operator does; `paths` may have folders. */
export function dropZip(dir: string, name: string, paths: XsdTexts): void {
  const entries = Object.fromEntries(Object.entries(paths).map(([path, text]) => [path, new TextEncoder().encode(text)]));
  writeFileSync(join(dir, 'packs', name), zipSync(entries));
}

/** Drops an unpacked folder. */
export function dropFolder(dir: string, name: string, paths: XsdTexts): void {
  for (const [path, text] of Object.entries(paths)) {
    mkdirSync(join(dir, 'packs', name, path, '..'), { recursive: true });
    writeFileSync(join(dir, 'packs', name, path), text);
  }
}
