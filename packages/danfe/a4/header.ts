import { at, textAt } from '@malote/fiscal/xml/parse';
import { epecText, protocolText } from '../note/contingency.ts';
import { cep, fone, inFours, numero, serie } from '../note/format.ts';
import { fsDaCode } from '../note/fs-da.ts';
import { documentOf, streetOf, townOf } from '../note/person.ts';
import type { Note } from '../note/read-note.ts';
import { drawFitted } from '../pdf/fit.ts';
import type { FontName } from '../pdf/fonts.ts';
import { type Canvas, drawBars, drawBox, drawLogo, drawText } from '../pdf/pages.ts';
import { drawField, drawRow, type Field } from './block.ts';
import type { Geometry } from './geometry.ts';

const CRT: Readonly<Record<string, string>> = {
  '1': '1 - Simples Nacional',
  '2': '2 - Simples Nacional, excesso de sublimite',
  '3': '3 - Regime Normal',
  '4': '4 - MEI',
};

/** From this day NT 2026.010 wants CRT and the regime of IBS and CBS in the header. */
const REFORM_FROM = '2026-12-01';

export function headerHeight(geo: Geometry): number {
  return geo.header.height + 2 * geo.rowHeight + geo.gap;
}

/** Emitter, DANFE box, key, natureza and registrations: the same on every sheet. Gives the y below it. */
export function drawHeader(canvas: Canvas, note: Note, geo: Geometry, y: number, sheet: { folha: number; folhas: number }): number {
  canvas.block = 'cabecalho';
  const { emitter, danfe, key, height } = geo.header;
  drawEmitter(canvas, note, geo.x, y, emitter, height);
  drawDanfeBox(canvas, note, geo, y, sheet);
  drawKey(canvas, note, geo, geo.x + emitter + danfe, y, key);
  const first = y + height;
  const natureza: Field = { label: 'NATUREZA DA OPERAÇÃO', value: textAt(note.inf, 'ide/natOp') ?? '', w: emitter + danfe };
  drawRow(canvas, [natureza, { ...secondField(note), w: key }], geo.x, first, geo.width, geo.rowHeight);
  drawRow(canvas, registrations(note), geo.x, first + geo.rowHeight, geo.width, geo.rowHeight);
  return first + 2 * geo.rowHeight + geo.gap;
}

function registrations({ inf, dhEmi }: Note): Field[] {
  const get = (path: string) => textAt(inf, path) ?? '';
  const fields: Field[] = [
    { label: 'INSCRIÇÃO ESTADUAL', value: get('emit/IE'), w: 42 },
    { label: 'INSC. ESTADUAL DO SUBST. TRIB.', value: get('emit/IEST'), w: 43 },
    { label: 'CNPJ / CPF', value: documentOf(at(inf, 'emit')), w: 43 },
  ];
  if (dhEmi < REFORM_FROM) return fields;
  const crt = get('emit/CRT');
  return [
    ...fields,
    { label: 'CÓD. REGIME TRIBUTÁRIO', value: CRT[crt] ?? crt, w: 34 },
    { label: 'TIPO REGIME APUR. IBS/CBS', value: '', w: 38 },
  ];
}

function drawEmitter(canvas: Canvas, { inf }: Note, x: number, y: number, w: number, h: number): void {
  drawBox(canvas, x, y, w, h);
  drawText(canvas, 'IDENTIFICAÇÃO DO EMITENTE', x + w / 2, y + 2.6, { font: 'times', size: 6, align: 'center' });
  const hasLogo = canvas.logo !== undefined;
  const logoWidth = hasLogo ? Math.min(30, w * 0.3) : 0;
  if (hasLogo) drawLogo(canvas, x + 1.5, y + 3.5, logoWidth, h - 5);
  const get = (path: string) => textAt(inf, `emit/${path}`) ?? '';
  const [left, width] = [x + logoWidth + (hasLogo ? 3 : 1.5), w - logoWidth - (hasLogo ? 4.5 : 3)];
  const nameHeight = h * 0.4;
  const center = { align: 'center' as const };
  drawFitted(canvas, get('xNome'), left, y + 3.4, width, nameHeight, { font: 'timesBold', size: 13, min: 10, ...center });
  const address = at(inf, 'emit/enderEmit');
  const town = [townOf(address), get('enderEmit/UF')].filter((part) => part !== '').join(' - ');
  const postal = get('enderEmit/CEP') === '' ? '' : `CEP ${cep(get('enderEmit/CEP'))}`;
  const phone = get('enderEmit/fone') === '' ? '' : `Fone: ${fone(get('enderEmit/fone'))}`;
  const lines = [streetOf(address), [get('enderEmit/xBairro'), postal].filter((part) => part !== '').join(' - '), town, phone];
  const step = (h - nameHeight - 4.4) / 4;
  for (const [i, line] of lines.entries())
    drawFitted(canvas, line, left, y + 3.4 + nameHeight + i * step, width, step, { font: 'times', size: 9, min: 6, ...center });
}

function drawDanfeBox(canvas: Canvas, { inf }: Note, geo: Geometry, y: number, { folha, folhas }: { folha: number; folhas: number }): void {
  const [x, w] = [geo.x + geo.header.emitter, geo.header.danfe];
  drawBox(canvas, x, y, w, geo.header.height);
  const { title, subtitle, step, kind, numbers } = geo.header.box;
  const centre = x + w / 2;
  const centred = (text: string, at: number, font: FontName, size: number): void =>
    drawText(canvas, text, centre, y + at, { font, size, align: 'center' });
  centred('DANFE', title, 'timesBold', 12);
  for (const [i, line] of ['Documento Auxiliar', 'da Nota Fiscal', 'Eletrônica'].entries()) centred(line, subtitle + step * i, 'times', 8);
  drawText(canvas, '0 - ENTRADA', x + 1.5, y + kind, { font: 'times', size: 8 });
  drawText(canvas, '1 - SAÍDA', x + 1.5, y + kind + step, { font: 'times', size: 8 });
  drawBox(canvas, x + w - 6.2, y + kind - 2, 5, 5.2);
  drawText(canvas, textAt(inf, 'ide/tpNF') ?? '', x + w - 3.7, y + kind + 1.9, { font: 'timesBold', size: 10, align: 'center' });
  const lines = [`Nº ${numero(textAt(inf, 'ide/nNF'))}`, `SÉRIE ${serie(textAt(inf, 'ide/serie'))}`, `FOLHA ${folha}/${folhas}`];
  for (const [i, line] of lines.entries()) centred(line, numbers + 3.7 * i, 'timesBold', 10);
}

function drawKey(canvas: Canvas, note: Note, geo: Geometry, x: number, y: number, w: number): void {
  const { bars, height } = geo.header;
  drawBox(canvas, x, y, w, bars);
  if (note.chave !== '') drawBarsIn(canvas, note.chave, x, y, w, bars);
  const value = inFours(note.chave);
  drawField(canvas, { label: 'CHAVE DE ACESSO', value, bold: true, align: 'center' }, x, y + bars, w, geo.rowHeight);
  const top = y + bars + geo.rowHeight;
  const rest = height - bars - geo.rowHeight;
  drawBox(canvas, x, top, w, rest);
  if (usesFsDa(note)) {
    drawBarsIn(canvas, fsDaCode(note.inf), x, top, w, rest);
    return;
  }
  const where = note.tpEmis === '4' && note.prot === undefined ? '' : ' ou no site da Sefaz Autorizadora';
  const text = `Consulta de autenticidade no portal nacional da NF-e www.nfe.fazenda.gov.br/portal${where}`;
  drawFitted(canvas, text, x + 4, top + 0.5, w - 8, rest - 1, { font: 'times', size: 9, min: 9, align: 'center' });
}

/** At least 0,2 mm a module and 8 mm of height (MOC 7.0 Anexo II 2), in the middle of the frame. */
function drawBarsIn(canvas: Canvas, text: string, x: number, y: number, w: number, h: number): void {
  const height = Math.max(8, h - 3);
  drawBars(canvas, text, x + 0.1, y + (h - height) / 2, w - 0.2, height);
}

const usesFsDa = ({ tpEmis }: Note): boolean => tpEmis === '5' || tpEmis === '2';

function secondField(note: Note): Omit<Field, 'w'> {
  const { situation, prot, tpEmis, inf } = note;
  if (usesFsDa(note)) return { label: 'DADOS DA NF-E', value: inFours(fsDaCode(inf)), align: 'center', bold: true };
  if (tpEmis === '4' && prot === undefined) {
    return { label: 'PROTOCOLO DE AUTORIZAÇÃO DO EPEC', value: epecText(note), align: 'center', bold: true };
  }
  const label = situation.kind === 'denegada' ? 'PROTOCOLO DE DENEGAÇÃO DE USO' : 'PROTOCOLO DE AUTORIZAÇÃO DE USO';
  return { label, value: protocolText(note), align: 'center', bold: true };
}
