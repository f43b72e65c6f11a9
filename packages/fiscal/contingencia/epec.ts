import { eventoFault } from '../evento/fault-codes.ts';
import { EVENTO_NAMESPACE } from '../evento/locate-evento.ts';
import type { Fault } from '../fault.ts';
import type { RegistroTraits } from '../registro/registro-state.ts';
import { child, textAt, type XmlDocument } from '../xml/parse.ts';
import { escapeText } from '../xml/splice.ts';

/** Code of the Evento Prévio de Emissão em Contingência, of both models. */
export const TP_EVENTO_EPEC = '110140';

/**
 * How an EPEC lives: nobody can be asked for one (AN has no such service), so a lost answer has the same bytes sent again. 573 is then its own
 * registration: the key, whose cNF only the hub knows, and tpEvento are ours. 485 speaks of the number, so it is ours only if one was sent.
 */
export const EPEC_TRAITS = {
  canConsult: false,
  hasEffect: true,
  duplicado: { '573': 'sempre', '485': 'se-enviado' },
} as const satisfies RegistroTraits;

export type EpecResult = { ok: true; xml: string } | { ok: false; faults: Fault[] };

const IE = /^[0-9]{2,14}$/;

/**
 * The unsigned evento 110140 of a signed note (root NFe): detEvento complete, the rest is for prepareEvento. Everything is copied from the
 * note, since SEFAZ compares the two afterwards (467). NF-e: NT 2014.001, and a recipient is a must; NFC-e (SP): NT 2014.003, without vST and
 * with the values outside dest. Faults when the note has not what the layout demands.
 */
export function buildEpec({ root }: XmlDocument, modelo: '55' | '65'): EpecResult {
  const inf = child(root, 'infNFe');
  if (!inf) throw new Error('an EPEC is made of a signed NFe');
  const value = (path: string) => textAt(inf, path)?.trim() ?? '';
  const tag = (name: string, text: string) => `<${name}>${escapeText(text)}</${name}>`;
  const faults: Fault[] = [];

  const ie = value('emit/IE');
  if (!IE.test(ie)) {
    const message = `O EPEC leva a inscrição estadual do emitente, de 2 a 14 dígitos, e emit/IE está "${ie}": esta nota não pode ser emitida por EPEC.`;
    faults.push(eventoFault('EVT-028', 'infNFe/emit/IE', message));
  }
  const values = `${tag('vNF', value('total/ICMSTot/vNF'))}${tag('vICMS', value('total/ICMSTot/vICMS'))}`;
  const inDest = modelo === '55' ? `${values}${tag('vST', value('total/ICMSTot/vST'))}` : '';
  const dest = child(inf, 'dest');
  const who = dest && ['CNPJ', 'CPF', 'idEstrangeiro'].find((name) => child(dest, name));
  if (modelo === '55' && !who) {
    const message = 'O EPEC da NF-e leva o destinatário, e a nota não o traz: informe dest com CNPJ, CPF ou idEstrangeiro.';
    faults.push(eventoFault('EVT-029', 'infNFe/dest', message));
  }
  if (faults.length > 0) return { ok: false, faults };

  const destIe = value('dest/IE');
  const recipient = who
    ? `<dest>${tag('UF', value('dest/enderDest/UF') || value('emit/enderEmit/UF'))}${tag(who, value(`dest/${who}`))}` +
      `${IE.test(destIe) ? tag('IE', destIe) : ''}${inDest}</dest>`
    : '';
  const det =
    `${tag('descEvento', 'EPEC')}${tag('cOrgaoAutor', value('ide/cUF'))}<tpAutor>1</tpAutor><verAplic>Malote</verAplic>` +
    `${tag('dhEmi', value('ide/dhEmi'))}${tag('tpNF', value('ide/tpNF'))}${tag('IE', ie)}${recipient}${modelo === '65' ? values : ''}`;
  const inf110140 = `<infEvento><tpEvento>${TP_EVENTO_EPEC}</tpEvento><nSeqEvento>1</nSeqEvento><detEvento versao="1.00">${det}</detEvento></infEvento>`;
  return { ok: true, xml: `<evento xmlns="${EVENTO_NAMESPACE}" versao="1.00">${inf110140}</evento>` };
}
