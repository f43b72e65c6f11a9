// `node packages/client/tools/build.ts DIR` makes the package that `npm publish` or a vendored copy takes: JavaScript, declarations, README.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

const ENTRIES = ['client.ts', 'errors.ts'];

/** Writes the package to `dir`, which exists. Throws with the compiler's words when it does not compile. */
export function buildPackage(dir: string): void {
  const here = join(import.meta.dirname, '..');
  const program = ts.createProgram(
    ENTRIES.map((file) => join(here, file)),
    {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ES2022,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      // Node's own types are not there for who uses the package, nor must it need them.
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
      types: [],
      strict: true,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      outDir: dir,
    },
  );
  const { diagnostics } = program.emit();
  const wrong = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (wrong.length > 0) throw new Error(ts.formatDiagnostics(wrong, ts.createCompilerHost({})));

  const { name, version, description, license, type } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
  const entry = (file: string) => ({ types: `./${file}.d.ts`, default: `./${file}.js` });
  const exports = { './client': entry('client'), './errors': entry('errors') };
  const manifest = { name, version, description, license, type, engines: { node: '>=20' }, sideEffects: false, exports };
  writeFileSync(join(dir, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync(join(here, 'README.md'), join(dir, 'README.md'));
}

if (import.meta.main) {
  const dir = process.argv[2];
  if (dir === undefined) throw new Error('which folder?');
  buildPackage(resolve(dir));
}
