import { at, textAt, type XmlElement } from '@malote/fiscal/xml/parse';
import { drawField, drawRow, type Field } from '../a4/block.ts';
import { cnpj, cpf, date, dateTime, inFours, inOffsetOf, numero, serie } from '../note/format.ts';
import { documentOf, streetOf, townOf } from '../note/person.ts';
import type { Evento } from '../note/read-evento.ts';
import type { Note } from '../note/read-note.ts';
import { drawFitted, LEADING } from '../pdf/fit.ts';
import { addPage, type Canvas, drawBars, drawBox, drawLogo, drawMark, drawText, drawWinAnsi, PT } from '../pdf/pages.ts';
import { toWinAnsi } from '../pdf/win-ansi.ts';
import { type Line, wrapLines } from '../pdf/wrap.ts';

const [X, WIDTH, TOP, BOTTOM] = [10, 190, 10, 287];
const ROW = 9;
const TEXT = { font: 'times', size: 10 } as const;
const STEP = (TEXT.size * LEADING) / PT;

interface Section {
  title: string;
  lines: Line[];
}

/** Header and facts on the first sheet, then the texts, over as many sheets as they need. */
export function drawEvento(
  canvas: Canvas,
  evento: Evento,
  note: Note | undefined,
  { title, lineBreak }: { title: string; lineBreak: string | undefined },
): void {
  begin(canvas, evento);
  let y = drawHead(canvas, evento, note, title);
  for (const rows of [noteRows(evento, note), eventRows(evento)]) {
    canvas.block = 'dados';
    for (const row of rows) {
      drawRow(canvas, row, X, y, WIDTH, ROW);
      y += ROW;
    }
    y += 3;
  }
  for (const section of sectionsOf(evento, lineBreak)) y = drawSection(canvas, evento, section, y);
  const last = 'Este documento é a impressão de um evento eletrônico e não tem valor fiscal. Confira-o no portal nacional da NF-e.';
  canvas.block = 'rodape';
  if (y + 6 > BOTTOM) {
    begin(canvas, evento);
    y = TOP;
  }
  drawText(canvas, last, X + WIDTH / 2, y + 5, { font: 'times', size: 8, align: 'center' });
}

function begin(canvas: Canvas, { tpAmb }: Evento): void {
  addPage(canvas, 210, 297);
  if (tpAmb !== '2') return;
  canvas.block = 'marca';
  drawMark(canvas, 'SEM VALOR FISCAL', 105, 170, 50, { font: 'timesBold', size: 56, gray: 0.86 });
}

function drawHead(canvas: Canvas, evento: Evento, note: Note | undefined, title: string): number {
  canvas.block = 'cabecalho';
  const [height, right] = [34, 84];
  const left = WIDTH - right;
  drawBox(canvas, X, TOP, left, height);
  const logo = canvas.logo === undefined ? 0 : 28;
  if (logo > 0) drawLogo(canvas, X + 1.5, TOP + 1.5, logo, height - 3);
  const emit = note && at(note.inf, 'emit');
  const address = emit && at(emit, 'enderEmit');
  const author = evento.autor === undefined ? '' : `${evento.autor.tag} ${masked(evento.autor)}`;
  const name = (emit && textAt(emit, 'xNome')) ?? author;
  const [tx, tw] = [X + logo + 3, left - logo - 6];
  drawFitted(canvas, name, tx, TOP + 2, tw, 12, { font: 'timesBold', size: 13, min: 9, align: 'center' });
  const uf = address === undefined ? '' : (textAt(address, 'UF') ?? '');
  const lines = [streetOf(address), [townOf(address), uf].filter((part) => part !== '').join(' - '), name === author ? '' : author];
  for (const [i, line] of lines.entries())
    drawFitted(canvas, line, tx, TOP + 15 + i * 5, tw, 5, { font: 'times', size: 9, min: 6, align: 'center' });
  drawBox(canvas, X + left, TOP, right, height);
  drawBars(canvas, evento.chave, X + left + 1, TOP + 2, right - 2, 13);
  const key = { label: 'CHAVE DE ACESSO', value: inFours(evento.chave), bold: true, align: 'center' } as const;
  drawField(canvas, key, X + left, TOP + 17, right, ROW);
  drawFitted(canvas, 'Consulte em www.nfe.fazenda.gov.br/portal', X + left + 2, TOP + 27, right - 4, 6, {
    font: 'times',
    size: 9,
    min: 8,
    align: 'center',
  });
  drawFitted(canvas, title, X, TOP + height + 2, WIDTH, 8, { font: 'timesBold', size: 16, min: 10, align: 'center' });
  return TOP + height + 12;
}

const masked = ({ tag, value }: { tag: 'CNPJ' | 'CPF'; value: string }): string => (tag === 'CNPJ' ? cnpj(value) : cpf(value));

function noteRows({ chave, ret }: Evento, note: Note | undefined): Field[][] {
  const get = (path: string) => (note === undefined ? undefined : textAt(note.inf, path));
  const dest = note && at(note.inf, 'dest');
  const destinatario = documentOf(dest) || (ret?.destinatario === undefined ? '' : masked(ret.destinatario));
  return [
    [
      { label: 'MODELO', value: chave.slice(20, 22), w: 1, align: 'center' },
      { label: 'SÉRIE', value: serie(chave.slice(22, 25)), w: 1, align: 'center' },
      { label: 'NÚMERO DA NOTA', value: numero(chave.slice(25, 34)), w: 2, align: 'center', bold: true },
      { label: 'DATA DA EMISSÃO', value: date(get('ide/dhEmi')), w: 2, align: 'center' },
      { label: 'PROTOCOLO DA NOTA', value: note?.prot?.nProt ?? '', w: 3, align: 'center' },
    ],
    [
      { label: 'DESTINATÁRIO', value: get('dest/xNome') ?? '', w: 6 },
      { label: 'CNPJ / CPF DO DESTINATÁRIO', value: destinatario, w: 3 },
    ],
  ];
}

function eventRows({ id, nSeqEvento, tpEvento, dhEvento, ret, autor }: Evento): Field[][] {
  return [
    [
      { label: 'IDENTIFICADOR DO EVENTO', value: id, w: 6 },
      { label: 'TIPO', value: tpEvento, w: 1, align: 'center' },
      { label: 'SEQUÊNCIA', value: nSeqEvento, w: 1, align: 'center', bold: true },
    ],
    [
      { label: 'AUTOR DO EVENTO', value: autor === undefined ? '' : masked(autor), w: 2 },
      { label: 'DATA E HORA DO EVENTO', value: dateTime(dhEvento), w: 2, align: 'center' },
      { label: 'PROTOCOLO DO EVENTO', value: ret?.nProt ?? '', w: 2, align: 'center', bold: true },
      { label: 'DATA E HORA DO REGISTRO', value: dateTime(inOffsetOf(ret?.dhRegEvento, dhEvento)), w: 2, align: 'center' },
    ],
    [
      {
        label: 'SITUAÇÃO',
        value: ret === undefined ? 'AINDA NÃO REGISTRADO NA SEFAZ - SEM VALOR' : `${ret.cStat} - ${ret.xMotivo ?? ''}`,
        w: 1,
      },
    ],
  ];
}

const KNOWN: Readonly<Record<string, string>> = {
  xCorrecao: 'CORREÇÃO',
  xJust: 'JUSTIFICATIVA',
  nProt: 'PROTOCOLO DA NOTA',
  chNFeRef: 'CHAVE DA NOTA QUE SUBSTITUI',
  xCondUso: 'CONDIÇÕES DE USO',
};

/** Each text of detEvento, known by a title or by its tag, so that nothing of another event is left out. */
function sectionsOf({ det }: Evento, lineBreak: string | undefined): Section[] {
  const width = (WIDTH - 4) * PT;
  return leavesOf(det)
    .filter(({ path, text }) => path !== 'descEvento' && text !== '')
    .map(({ path, text }) => {
      const paragraphs = path === 'xCorrecao' && lineBreak !== undefined ? text.split(lineBreak).map((part) => part.trim()) : [text];
      return { title: KNOWN[path] ?? path, lines: wrapLines(paragraphs.map(toWinAnsi), TEXT.font, TEXT.size, width) };
    });
}

function leavesOf(element: XmlElement, prefix = ''): { path: string; text: string }[] {
  return element.children.flatMap((child) => {
    const path = prefix + child.local;
    const text = path === 'chNFeRef' ? inFours(child.text.trim()) : child.text.trim();
    return child.children.length === 0 ? [{ path, text }] : leavesOf(child, `${path}/`);
  });
}

function drawSection(canvas: Canvas, evento: Evento, { title, lines }: Section, y: number): number {
  canvas.block = title;
  let top = y;
  let rest = lines;
  while (rest.length > 0) {
    if (top + 5 + 2 * STEP + 2 > BOTTOM) {
      begin(canvas, evento);
      top = TOP;
    }
    drawText(canvas, title, X, top + 3.6, { font: 'timesBold', size: 9 });
    const count = Math.min(rest.length, Math.floor((BOTTOM - top - 7) / STEP));
    const height = count * STEP + 2;
    drawBox(canvas, X, top + 5, WIDTH, height);
    for (const [i, { text }] of rest.slice(0, count).entries()) drawWinAnsi(canvas, text, X + 2, top + 5 + 4 + i * STEP, TEXT);
    rest = rest.slice(count);
    top += 5 + height + 2;
  }
  return top;
}
