import { parseArgs } from 'node:util';
import { openCatalog } from './catalog.ts';
import { installSchemas } from './install.ts';
import { createValidator } from './validator.ts';

/**
 * node packages/schemas/install-cli.ts --dir PASTA [--wheel ARQUIVO] [--pip COMANDO] [--check]
 * Installs the base pack; `--check` then compiles every schema of every pack, so that an operator's pack is tried before a service reads it.
 */
const USAGE = 'Uso: node packages/schemas/install-cli.ts --dir PASTA [--wheel ARQUIVO] [--pip COMANDO] [--check]';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { dir: { type: 'string' }, wheel: { type: 'string' }, pip: { type: 'string' }, check: { type: 'boolean', default: false } },
  });
  if (!values.dir) {
    console.error(USAGE);
    return 2;
  }
  const manifest = await installSchemas({
    dir: values.dir,
    ...(values.wheel !== undefined && { wheelPath: values.wheel }),
    ...(values.pip !== undefined && { pip: values.pip }),
    log: (line) => console.error(line),
  });
  console.log(`Schemas prontos em ${values.dir}: ${manifest.pack}, ${manifest.files.length} arquivos.`);
  return values.check ? check(values.dir) : 0;
}

function check(dir: string): number {
  const catalog = openCatalog(dir);
  const validator = createValidator(catalog);
  let failures = 0;
  for (const pack of catalog.packs) {
    const from = (ambiente: '1' | '2') => pack.validFrom[ambiente]?.replace(/^$/, 'desde sempre') ?? 'não vale';
    console.log(`${pack.name}: produção ${from('1')}, homologação ${from('2')}; conjuntos ${pack.conjuntos.join(', ')}`);
  }
  const files = new Map(catalog.all().map((file) => [file.id, file]));
  for (const file of files.values()) {
    try {
      validator.compile(file);
    } catch (error) {
      failures += 1;
      console.error(error instanceof Error ? error.message : error);
    }
  }
  validator.dispose();
  console.log(`${files.size} schemas, ${failures} com erro.`);
  return failures === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
