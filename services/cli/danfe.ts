import { readFile, writeFile } from 'node:fs/promises';
import { FORMATOS, type Formato, LARGURAS, type PaperWidth, printDanfe } from '@malote/danfe/print-danfe';
import { printEvento } from '@malote/danfe/print-evento';
import { decodeXml } from '@malote/fiscal/xml/parse';
import type { CliCommand } from './commands.ts';
import { readFileAndOptions } from './usage.ts';

const options = {
  out: { description: 'arquivo PDF a gravar, também -o (padrão: o nome do XML com .pdf)', example: 'arquivo.pdf', short: 'o' },
  formato: {
    description: `${FORMATOS.join(', ')} (padrão: o que o tpImp do documento diz)`,
    example: 'formato',
    values: FORMATOS,
  },
  largura: {
    description: `papel de cupom, simplificado e etiqueta em mm: ${LARGURAS.join(', ')}`,
    example: 'mm',
    values: LARGURAS.map(String),
  },
  epec: { description: 'com uma nota de tpEmis 4 ainda sem protocolo: o procEventoNFe do seu EPEC', example: 'epec.xml' },
  nota: { description: 'com um evento: o XML da nota, que dá nomes e endereços', example: 'nota.xml' },
};

export const danfe: CliCommand = {
  name: 'danfe',
  summary: 'Imprime em PDF uma NF-e, uma NFC-e ou um evento: malote danfe arquivo.xml -o arquivo.pdf',
  options,
  async run(args) {
    const { file, values, json } = readFileAndOptions(options, args);
    const { out = `${file.replace(/\.xml$/i, '')}.pdf`, formato, largura, epec, nota } = values;
    const xml = await readXml(file);
    const pdf = /<procEventoNFe[\s>]/.test(xml)
      ? printEvento(xml, { nota: nota === undefined ? undefined : await readXml(nota) })
      : printDanfe(xml, {
          epec: epec === undefined ? undefined : await readXml(epec),
          formato: formato as Formato | undefined,
          largura: largura === undefined ? undefined : (Number(largura) as PaperWidth),
        });
    await writeFile(out, pdf);
    return json ? JSON.stringify({ arquivo: out, bytes: pdf.length }) : `${out} (${Math.ceil(pdf.length / 1000)} kB)`;
  },
};

async function readXml(file: string): Promise<string> {
  return decodeXml(await readFile(file));
}
