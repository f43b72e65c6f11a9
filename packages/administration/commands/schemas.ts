import { SchemaPackError } from '@malote/schemas/catalog';
import type { PackShown } from '@malote/schemas/operator-packs';
import { type CommandDeps, command } from '../command.ts';
import { OptionFault } from '../option.ts';
import { Refused } from '../refused.ts';
import { show, table } from '../show.ts';

export const schemasList = command({
  name: 'schemas list',
  summary: 'Lista os pacotes de schemas (XSD) instalados na pasta deste processo, com vigência e origem.',
  options: {},
  reads: true,
  async run(deps) {
    const { listPacks } = await packs();
    return (await refusing(() => listPacks(dirOf(deps)))).map(shown);
  },
  text: (rows) => table(rows, ['nome', 'homologacao', 'producao', 'origem', 'fonte'], 'nenhum pacote'),
});

export const schemasAdd = command({
  name: 'schemas add',
  summary: 'Instala um pacote oficial de schemas (o ZIP do portal), com a data em que vale; antes compila tudo o que ele muda.',
  options: {
    file: {
      description: 'o ZIP como foi publicado, ou a pasta com os arquivos .xsd',
      required: true,
      file: 'bytes',
      folder: true,
      example: 'PL_010f_v1.04.zip',
    },
    nome: { description: 'nome do pacote, como PL_010f_v1.04', required: true },
    hom: { description: 'primeiro dia em homologação', example: 'AAAA-MM-DD' },
    prod: { description: 'primeiro dia em produção', example: 'AAAA-MM-DD' },
    conjunto: { description: 'conjunto em que entra, quando os nomes dos schemas não o dizem', example: 'nfe_evento_rtc' },
  },
  reads: false,
  acao: 'schemas.instalar',
  async run(deps, { file: zip, nome, hom, prod, conjunto }) {
    if (hom === undefined && prod === undefined) throw new OptionFault('informe --hom, --prod ou as duas datas', 'hom');
    const { addPack } = await packs();
    const added = await refusing(() => addPack(dirOf(deps), { nome, hom, prod, conjunto, zip }));
    return { ...shown(added), compilados: added.compilados, jaEstava: added.jaEstava };
  },
  text: (added) => `${show(added)}\nOs serviços em execução passam a usá-lo quando reiniciarem.`,
});

/** The compiler of schemas is WebAssembly: an edge that is never asked for it does without. */
const packs = () => import('@malote/schemas/operator-packs');

function dirOf({ config }: CommandDeps): string {
  return config(['schemasDir']).schemasDir;
}

function shown({ validFrom, ...pack }: PackShown) {
  const from = (day: string | undefined) => (day === '' ? 'desde sempre' : (day ?? null));
  const { nome, conjuntos, origem, fonte, sha256 } = pack;
  return { nome, homologacao: from(validFrom['2']), producao: from(validFrom['1']), conjuntos, origem, fonte, sha256: sha256 ?? null };
}

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // Of a schema that does not compile; the compiler's class is its package's own.
    const isCompile = error instanceof Error && error.name === 'SchemaCompileError';
    if (error instanceof SchemaPackError || isCompile) throw new Refused('pacote-de-schemas-invalido', (error as Error).message, 'file');
    throw error;
  }
}
