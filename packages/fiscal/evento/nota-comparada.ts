import { child, textAt, type XmlDocument } from '../xml/parse.ts';

/** What NT 2018.004 compares between a cancelled NFC-e and its substitute. */
export interface NotaComparada {
  dhEmi: string;
  /** CNPJ, CPF or idEstrangeiro; '' without recipient */
  destinatario: string;
  vNF: string;
  vICMS: string;
  /** in order */
  itens: readonly { cProd: string; vProd: string }[];
}

/** Reads a signed note (root NFe or nfeProc); undefined when it is none. */
export function readNotaComparada({ root }: XmlDocument): NotaComparada | undefined {
  const note = root.local === 'NFe' ? root : child(root, 'NFe');
  const inf = note && child(note, 'infNFe');
  if (!inf) return undefined;
  const text = (path: string) => textAt(inf, path)?.trim() ?? '';
  const items = inf.children.filter((c) => c.local === 'det');
  return {
    dhEmi: text('ide/dhEmi'),
    destinatario: text('dest/CNPJ') || text('dest/CPF') || text('dest/idEstrangeiro'),
    vNF: text('total/ICMSTot/vNF'),
    vICMS: text('total/ICMSTot/vICMS'),
    itens: items.map((det) => ({ cProd: textAt(det, 'prod/cProd')?.trim() ?? '', vProd: textAt(det, 'prod/vProd')?.trim() ?? '' })),
  };
}
