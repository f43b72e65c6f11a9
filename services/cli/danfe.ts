import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { FORMATOS, type Formato, printDanfe } from '@malote/danfe/print-danfe';
import { printEvento } from '@malote/danfe/print-evento';
import { decodeXml } from '@malote/fiscal/xml/parse';
import type { Command } from './commands.ts';
import { UsageError } from './usage.ts';

const LARGURAS = ['58', '80', '100', '210'] as const;

const options = {
  out: { description: 'arquivo PDF a gravar, também -o (padrão: o nome do XML com .pdf)', example: 'arquivo.pdf' },
  formato: { description: `${FORMATOS.join(', ')} (padrão: o que o tpImp do documento diz)`, example: 'formato' },
  largura: { description: `papel de cupom, simplificado e etiqueta em mm: ${LARGURAS.join(', ')}`, example: 'mm' },
  nota: { description: 'com um evento: o XML da nota, que dá nomes e endereços', example: 'nota.xml' },
};

export const danfe: Command = {
  name: 'danfe',
  summary: 'Imprime em PDF uma NF-e, uma NFC-e ou um evento: malote danfe arquivo.xml -o arquivo.pdf',
  options,
  async run(args) {
    const { file, out, formato, largura, nota, json } = readWords(args);
    const xml = await readXml(file);
    const pdf = /<procEventoNFe[\s>]/.test(xml)
      ? printEvento(xml, { nota: nota === undefined ? undefined : await readXml(nota) })
      : printDanfe(xml, { formato: formato as Formato | undefined, largura: largura as 58 | 80 | 100 | 210 | undefined });
    await writeFile(out, pdf);
    return json ? JSON.stringify({ arquivo: out, bytes: pdf.length }) : `${out} (${Math.ceil(pdf.length / 1000)} kB)`;
  },
};

function readWords(args: string[]) {
  const text = { type: 'string' } as const;
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse();
  } catch (error) {
    throw new UsageError(`opção inválida: ${(error as Error).message}`);
  }
  const { values, positionals } = parsed;
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new UsageError('informe um arquivo XML, e um só');
  if (values.formato !== undefined && !FORMATOS.includes(values.formato as Formato))
    throw new UsageError(`--formato ${values.formato}: use ${FORMATOS.join(', ')}`);
  if (values.largura !== undefined && !(LARGURAS as readonly string[]).includes(values.largura))
    throw new UsageError(`--largura ${values.largura}: use ${LARGURAS.join(', ')}`);
  return {
    file,
    out: values.out ?? `${file.replace(/\.xml$/i, '')}.pdf`,
    formato: values.formato,
    largura: values.largura === undefined ? undefined : Number(values.largura),
    nota: values.nota,
    json: values.json === true,
  };

  function parse() {
    const known = { out: { ...text, short: 'o' }, formato: text, largura: text, nota: text, json: { type: 'boolean' } } as const;
    return parseArgs({ args, options: known, strict: true, allowPositionals: true });
  }
}

async function readXml(file: string): Promise<string> {
  return decodeXml(await readFile(file));
}
