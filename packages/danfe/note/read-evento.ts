import { at, child, parseXml, textAt, type XmlElement } from '@malote/fiscal/xml/parse';
import { NotPrintable } from './not-printable.ts';

export interface Evento {
  chave: string;
  tpEvento: string;
  nSeqEvento: string;
  dhEvento: string;
  tpAmb: string;
  /** CNPJ or CPF of the author. */
  autor: { tag: 'CNPJ' | 'CPF'; value: string } | undefined;
  id: string;
  orgao: string | undefined;
  det: XmlElement;
  ret:
    | {
        cStat: string;
        xMotivo: string | undefined;
        nProt: string | undefined;
        dhRegEvento: string | undefined;
        destinatario: { tag: 'CNPJ' | 'CPF'; value: string } | undefined;
      }
    | undefined;
}

/** Reads procEventoNFe (or a bare evento that was not sent yet). */
export function readEvento(xml: string): Evento {
  const { root } = parseXml(xml);
  const inf = at(root, 'evento/infEvento') ?? (root.local === 'evento' ? child(root, 'infEvento') : undefined);
  const det = inf === undefined ? undefined : child(inf, 'detEvento');
  if (inf === undefined || det === undefined)
    throw new NotPrintable(`O XML começa com <${root.local}>; para imprimir um evento é preciso <procEventoNFe> ou <evento>.`);
  const ret = at(root, 'retEvento/infEvento');
  return {
    chave: textAt(inf, 'chNFe') ?? '',
    tpEvento: textAt(inf, 'tpEvento') ?? '',
    nSeqEvento: textAt(inf, 'nSeqEvento') ?? '',
    dhEvento: textAt(inf, 'dhEvento') ?? '',
    tpAmb: textAt(inf, 'tpAmb') ?? '1',
    autor: person(inf, 'CNPJ', 'CPF'),
    id: inf.attributes.get('Id') ?? '',
    orgao: textAt(inf, 'cOrgao'),
    det,
    ret: ret && {
      cStat: textAt(ret, 'cStat') ?? '',
      xMotivo: textAt(ret, 'xMotivo'),
      nProt: textAt(ret, 'nProt'),
      dhRegEvento: textAt(ret, 'dhRegEvento'),
      destinatario: person(ret, 'CNPJDest', 'CPFDest'),
    },
  };
}

function person(inf: XmlElement, cnpjTag: string, cpfTag: string): { tag: 'CNPJ' | 'CPF'; value: string } | undefined {
  const cnpj = textAt(inf, cnpjTag);
  if (cnpj) return { tag: 'CNPJ', value: cnpj };
  const cpf = textAt(inf, cpfTag);
  return cpf ? { tag: 'CPF', value: cpf } : undefined;
}
