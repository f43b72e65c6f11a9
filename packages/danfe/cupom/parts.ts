import { at, children, textAt, type XmlElement } from '@malote/fiscal/xml/parse';
import { cancelledText, EPEC_RECEBIDA, epecText } from '../note/contingency.ts';
import { cep, dateTime, decimal, inFours, inOffsetOf, numero, serie } from '../note/format.ts';
import { documentOf, streetOf, townOf } from '../note/person.ts';
import type { Note } from '../note/read-note.ts';
import { centered, type Entry, rule } from './entry.ts';
import { TPAG } from './payment.data.ts';

/** Division I: who sells. */
export function emitterEntries({ inf }: Note, title: string): Entry[] {
  const emit = at(inf, 'emit');
  const address = emit && at(emit, 'enderEmit');
  const tag = emit !== undefined && textAt(emit, 'CPF') ? 'CPF' : 'CNPJ';
  return [
    { kind: 'logo' },
    centered(textAt(inf, 'emit/xNome') ?? '', true, 8.5),
    centered([`${tag}: ${documentOf(emit)}`, ieOf(emit)].filter((part) => part !== '').join('  '), false),
    centered(addressOf(address)),
    rule,
    centered(title, true, 7.5),
  ];
}

const ieOf = (emit: XmlElement | undefined): string => {
  const ie = emit && textAt(emit, 'IE');
  return ie ? `IE: ${ie}` : '';
};

/** Without the country, as the manual has it. */
export function addressOf(address: XmlElement | undefined): string {
  if (address === undefined) return '';
  const get = (tag: string) => textAt(address, tag) ?? '';
  // Not to be torn from its number at the end of a line.
  const postal = get('CEP') === '' ? '' : `CEP\u00a0${cep(get('CEP'))}`;
  return [streetOf(address), get('xBairro'), townOf(address), get('UF'), postal].filter((part) => part !== '').join(', ');
}

/** Division II. */
export function itemEntries({ inf }: Note): Entry[] {
  const entries: Entry[] = [
    rule,
    { kind: 'pair', left: 'CÓDIGO  DESCRIÇÃO / QTD. UN. X VALOR UNIT.', right: 'TOTAL', bold: true, size: 6.5 },
  ];
  for (const det of children(inf, 'det')) {
    const get = (tag: string) => textAt(det, `prod/${tag}`);
    entries.push({ kind: 'text', text: `${get('cProd') ?? ''}  ${get('xProd') ?? ''}` });
    entries.push({
      kind: 'pair',
      left: `${decimal(get('qCom'), 0)} ${get('uCom') ?? ''} x ${decimal(get('vUnCom'))}`,
      right: decimal(get('vProd')),
    });
    for (const [label, tag] of ITEM_EXTRAS) {
      const value = get(tag);
      if (value !== undefined && Number(value) > 0) entries.push({ kind: 'pair', left: `   ${label}`, right: decimal(value) });
    }
    const more = textAt(det, 'infAdProd');
    if (more) entries.push({ kind: 'text', text: more, size: 6.5 });
  }
  return entries;
}

const ITEM_EXTRAS: readonly [string, string][] = [
  ['(-) Desconto', 'vDesc'],
  ['(+) Frete', 'vFrete'],
  ['(+) Seguro', 'vSeg'],
  ['(+) Outras despesas', 'vOutro'],
];

/** Decimal texts added exactly. */
export function sum(values: (string | undefined)[]): string {
  const cents = values.reduce((total, value) => total + BigInt((value ?? '0.00').replace('.', '') || '0'), 0n);
  const text = cents.toString().padStart(3, '0');
  return `${text.slice(0, -2)}.${text.slice(-2)}`;
}

/** Divisions III and III-A: totals and payments. */
export function totalEntries({ inf }: Note, tipo2: boolean): Entry[] {
  const get = (tag: string) => textAt(inf, `total/ICMSTot/${tag}`);
  const pair = (left: string, value: string | undefined, bold = false): Entry => ({ kind: 'pair', left, right: decimal(value), bold });
  const entries: Entry[] = [
    rule,
    { kind: 'pair', left: 'Qtde. total de itens', right: String(children(inf, 'det').length) },
    pair('Valor total R$', get('vProd')),
  ];
  const more = sum([get('vFrete'), get('vSeg'), get('vOutro')]);
  const less = get('vDesc');
  const [hasMore, hasLess] = [Number(more) > 0, Number(less ?? 0) > 0];
  if (hasLess) entries.push(pair('Desconto R$', less));
  if (hasMore) entries.push(pair('Acréscimos (frete, seguro e outros) R$', more));
  if (tipo2) entries.push(...reformEntries(inf));
  if (hasMore || hasLess || tipo2 || get('vProd') !== get('vNF')) entries.push(pair('Valor a Pagar R$', get('vNF'), true));
  entries.push({ kind: 'pair', left: 'FORMA DE PAGAMENTO', right: 'VALOR PAGO R$', bold: true });
  const pag = at(inf, 'pag');
  for (const det of pag === undefined ? [] : children(pag, 'detPag')) {
    const code = textAt(det, 'tPag') ?? '';
    entries.push(pair(textAt(det, 'xPag') ?? TPAG[code] ?? code, textAt(det, 'vPag')));
  }
  const change = textAt(inf, 'pag/vTroco');
  if (change !== undefined || tipo2) entries.push(pair('Troco R$', change ?? (tipo2 ? '0.00' : undefined)));
  return entries;
}

/** Division III-A of the Simplificado Tipo 2 (NT 2026.003): each line only when there is any. */
function reformEntries(inf: XmlElement): Entry[] {
  const total = (path: string) => textAt(inf, `total/${path}`);
  const lines: [string, string | undefined][] = [
    ['(+) CBS R$', total('IBSCBSTot/gCBS/vCBS')],
    ['(+) IBS R$', sum([total('IBSCBSTot/gIBS/gIBSUF/vIBSUF'), total('IBSCBSTot/gIBS/gIBSMun/vIBSMun')])],
    ['(+) IS R$', total('ISTot/vIS')],
  ];
  return lines.flatMap(([left, value]): Entry[] => (Number(value ?? 0) > 0 ? [{ kind: 'pair', left, right: decimal(value) }] : []));
}

/** Division IV; a preview may have no key yet. */
export function keyEntries({ chave, urlChave }: Note): Entry[] {
  if (chave === '') return [];
  return [rule, centered('Consulte pela Chave de Acesso em'), centered(urlChave ?? ''), centered(inFours(chave), true, 6.5)];
}

/** Division VI: who buys; name and address where there are any (home delivery). */
export function consumerEntries({ inf }: Note, tipo2: boolean): Entry[] {
  const dest = at(inf, 'dest');
  const id = documentOf(dest);
  if (dest === undefined || id === '') return [rule, centered('CONSUMIDOR NÃO IDENTIFICADO', true)];
  const tag = textAt(dest, 'CNPJ') ? 'CNPJ' : textAt(dest, 'CPF') ? 'CPF' : 'Id. Estrangeiro';
  const entries: Entry[] = [rule, centered(`CONSUMIDOR ${tag}: ${id}`, true)];
  const name = textAt(dest, 'xNome');
  const delivery = at(inf, 'entrega');
  const remote = textAt(inf, 'ide/indPres') !== '1';
  if (name && (!tipo2 || remote)) entries.push(centered(name));
  const address = delivery === undefined ? addressOf(at(dest, 'enderDest')) : addressOf(delivery);
  if (address !== '' && (!tipo2 || remote)) entries.push(centered(`${delivery === undefined ? '' : 'Entrega: '}${address}`));
  return entries;
}

/** Division VII: number and authorisation, in the emitter's own time. */
export function identityEntries(note: Note, copy: string | undefined): Entry[] {
  const { inf, dhEmi, prot } = note;
  const name = note.modelo === '65' ? 'NFC-e' : 'NF-e';
  const issued = copy === undefined ? `Emissão ${dateTime(dhEmi)}` : `${dateTime(dhEmi)} - ${copy}`;
  const entries: Entry[] = [
    rule,
    centered(`${name} nº ${numero(textAt(inf, 'ide/nNF'))} Série ${serie(textAt(inf, 'ide/serie'))}`, true),
    centered(issued, true),
  ];
  const epec = epecText(note);
  if (epec !== '') return [...entries, centered(`Protocolo do EPEC: ${epec}`)];
  if (prot?.nProt === undefined) return entries;
  const authorised = dateTime(inOffsetOf(prot.dhRecbto, dhEmi));
  return [...entries, centered(`Protocolo de autorização: ${prot.nProt}`), centered(`Data de autorização: ${authorised}`)];
}

/** Divisions VIII and IX. */
export function messageEntries(note: Note, lineBreak: string | undefined): Entry[] {
  const { inf, situation, prot } = note;
  const entries: Entry[] = [];
  if (situation.homologacao) entries.push(centered('EMITIDA EM AMBIENTE DE HOMOLOGAÇÃO - SEM VALOR FISCAL', true));
  for (const text of [textAt(inf, 'infAdic/infAdFisco'), prot?.xMsg]) if (text) entries.push(centered(text));
  const began = textAt(inf, 'ide/dhCont');
  if (began !== undefined)
    entries.push(centered(`Contingência desde ${dateTime(began)}. Justificativa: ${textAt(inf, 'ide/xJust') ?? ''}`));
  const taxes = textAt(inf, 'total/ICMSTot/vTotTrib');
  if (taxes !== undefined && Number(taxes) > 0)
    entries.push({ kind: 'pair', left: 'Tributos Totais Incidentes (Lei Federal 12.741/2012) R$', right: decimal(taxes), size: 6.5 });
  const infCpl = textAt(inf, 'infAdic/infCpl');
  if (infCpl) for (const part of infCpl.split(lineBreak ?? '\n')) if (part.trim() !== '') entries.push({ kind: 'text', text: part.trim() });
  const infAdic = at(inf, 'infAdic');
  for (const obs of infAdic === undefined ? [] : children(infAdic, 'obsCont'))
    entries.push({ kind: 'text', text: `${obs.attributes.get('xCampo') ?? ''}: ${textAt(obs, 'xTexto') ?? ''}` });
  return entries.length === 0 ? [] : [rule, ...entries];
}

/** MOC 7.0 Anexo IV has the sentence with the older name of the EPEC. */
const DPEC_RECEBIDA = 'DANFE impresso em contingência – DPEC regularmente recebida pela SEFAZ autorizadora';

/** What is said twice in a contingency off-line, and once of a note that is cancelled or was never authorised. */
export function noticeOf(note: Note): Entry[] {
  const { kind } = note.situation;
  if (kind === 'contingencia' && note.tpEmis === '4')
    return [{ kind: 'notice', lines: [note.modelo === '65' ? DPEC_RECEBIDA : EPEC_RECEBIDA] }];
  if (kind === 'contingencia') return [{ kind: 'notice', lines: ['EMITIDA EM CONTINGÊNCIA', 'Pendente de autorização'] }];
  if (kind === 'cancelada') return [{ kind: 'notice', lines: [cancelledText(note)] }];
  if (kind === 'previa') return [{ kind: 'notice', lines: ['PRÉVIA - SEM VALOR FISCAL'] }];
  if (kind === 'rascunho') return [{ kind: 'notice', lines: ['SEM AUTORIZAÇÃO DE USO', 'SEM VALOR FISCAL'] }];
  if (kind === 'denegada') return [{ kind: 'notice', lines: ['USO DENEGADO - SEM VALOR FISCAL'] }];
  return [];
}
