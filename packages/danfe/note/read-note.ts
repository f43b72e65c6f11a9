import { at, child, parseXml, textAt, type XmlElement } from '@malote/fiscal/xml/parse';
import { NotPrintable } from './not-printable.ts';
import { type Evento, readEvento } from './read-evento.ts';
import { type Situation, situationOf } from './situation.ts';

/** What the answer of SEFAZ adds to the note. */
export interface Protocolo {
  nProt: string | undefined;
  dhRecbto: string | undefined;
  cStat: string;
  xMotivo: string | undefined;
  xMsg: string | undefined;
}

/** What is printed of a registered EPEC; its protocolo may be unknown. */
export interface EpecRegistrado {
  nProt?: string | undefined;
  /** With its offset. */
  dhRegistro?: string | undefined;
}

export interface Note {
  inf: XmlElement;
  /** '' for a preview that has none yet. */
  chave: string;
  modelo: string;
  tpEmis: string;
  tpAmb: string;
  dhEmi: string;
  prot: Protocolo | undefined;
  qrCode: string | undefined;
  urlChave: string | undefined;
  cancelamento: Evento | undefined;
  epec: EpecRegistrado | undefined;
  situation: Situation;
}

export interface NoteOptions {
  /** procEventoNFe of the cancellation, when there is one. */
  cancelamento?: string | undefined;
  /** It is cancelled, whatever its protocol says and whether or not the event is at hand. */
  cancelada?: boolean | undefined;
  /** The EPEC that came before the note: its procEventoNFe, or what is known of its registration. */
  epec?: string | EpecRegistrado | undefined;
  /** Nothing was sent yet: printed as such, whatever the XML holds. */
  previa?: boolean | undefined;
}

// The largest legal note, 990 items with every group, is above the limit of what is received over HTTP.
const LIMITS = { maxBytes: 20_000_000, maxElements: 600_000 };

/** Reads nfeProc or NFe, signed or not. Throws XmlError for what is no XML and NotPrintable for what is no NF-e or NFC-e. */
export function readNote(xml: string, options: NoteOptions = {}): Note {
  const { root } = parseXml(xml, LIMITS);
  const nfe = root.local === 'NFe' ? root : child(root, 'NFe');
  const inf = nfe === undefined ? undefined : child(nfe, 'infNFe');
  if (nfe === undefined || inf === undefined)
    throw new NotPrintable(`O XML começa com <${root.local}>; para imprimir é preciso uma NF-e ou NFC-e: <nfeProc> ou <NFe>.`);
  const modelo = textAt(inf, 'ide/mod') ?? '';
  if (modelo !== '55' && modelo !== '65') throw new NotPrintable(`ide/mod é "${modelo}"; são impressos os modelos 55 e 65.`);
  const infProt = at(root, 'protNFe/infProt');
  const prot = infProt === undefined || options.previa ? undefined : readProt(infProt);
  const cancelamento = options.cancelamento === undefined ? undefined : readEvento(options.cancelamento);
  const epec = typeof options.epec === 'string' ? readEvento(options.epec) : undefined;
  const note = {
    inf,
    chave: inf.attributes.get('Id')?.replace(/^NFe/, '') ?? '',
    modelo,
    tpEmis: textAt(inf, 'ide/tpEmis') ?? '1',
    tpAmb: textAt(inf, 'ide/tpAmb') ?? '1',
    dhEmi: textAt(inf, 'ide/dhEmi') ?? '',
    prot,
    qrCode: textAt(nfe, 'infNFeSupl/qrCode')?.trim(),
    urlChave: textAt(nfe, 'infNFeSupl/urlChave')?.trim(),
    cancelamento,
    epec: typeof options.epec === 'string' ? registeredOf(epec) : options.epec,
  };
  for (const evento of [note.cancelamento, epec])
    if (evento !== undefined && evento.chave !== note.chave)
      throw new NotPrintable(`O evento ${evento.tpEvento} é da chave ${evento.chave}, não da chave ${note.chave}.`);
  return { ...note, situation: situationOf(note, options) };
}

/** One that was refused, or not sent yet, is none. */
function registeredOf(epec: Evento | undefined): EpecRegistrado | undefined {
  const { nProt, dhRegEvento } = epec?.ret ?? {};
  return nProt ? { nProt, dhRegistro: dhRegEvento } : undefined;
}

function readProt(infProt: XmlElement): Protocolo {
  return {
    nProt: textAt(infProt, 'nProt'),
    dhRecbto: textAt(infProt, 'dhRecbto'),
    cStat: textAt(infProt, 'cStat') ?? '',
    xMotivo: textAt(infProt, 'xMotivo'),
    xMsg: textAt(infProt, 'xMsg'),
  };
}
