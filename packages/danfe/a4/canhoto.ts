import { textAt } from '@malote/fiscal/xml/parse';
import { date, decimal, numero, serie } from '../note/format.ts';
import type { Note } from '../note/read-note.ts';
import { drawFitted, fit, LEADING } from '../pdf/fit.ts';
import { type Canvas, drawBox, drawLine, drawText, drawTextUp, PT } from '../pdf/pages.ts';
import { toWinAnsi } from '../pdf/win-ansi.ts';
import { drawLabel } from './block.ts';
import type { Geometry } from './geometry.ts';

const HEIGHT = 16;
const CUT = 4;

/** What the receipt takes from the height of the first sheet: in landscape nothing, it stands at the side. */
export const canhotoHeight = (geo: Geometry): number => (geo.orientation === 'retrato' ? HEIGHT + CUT : 0);

function sentence({ inf, dhEmi }: Note): string {
  const get = (path: string) => textAt(inf, path) ?? '';
  const whom = get('dest/xNome') === '' ? '' : ` DESTINATÁRIO: ${get('dest/xNome')}.`;
  return (
    `RECEBEMOS DE ${get('emit/xNome')} OS PRODUTOS E/OU SERVIÇOS CONSTANTES DA NOTA FISCAL ELETRÔNICA INDICADA AO LADO. ` +
    `EMISSÃO: ${date(dhEmi)}. VALOR TOTAL: R$ ${decimal(get('total/ICMSTot/vNF'))}.${whom}`
  );
}

export function drawCanhoto(canvas: Canvas, note: Note, geo: Geometry): void {
  canvas.block = 'canhoto';
  if (geo.orientation === 'retrato') drawAbove(canvas, note, geo);
  else drawBeside(canvas, note, geo);
}

function drawAbove(canvas: Canvas, note: Note, { x, width, top }: Geometry): void {
  const right = 44;
  const left = width - right;
  drawBox(canvas, x, top, left, HEIGHT / 2);
  drawFitted(canvas, sentence(note), x + 0.8, top + 0.2, left - 1.6, HEIGHT / 2 - 0.4, { font: 'times', size: 7, min: 6 });
  const date = 42;
  drawBox(canvas, x, top + HEIGHT / 2, date, HEIGHT / 2);
  drawLabel(canvas, 'DATA DE RECEBIMENTO', x, top + HEIGHT / 2, date);
  drawBox(canvas, x + date, top + HEIGHT / 2, left - date, HEIGHT / 2);
  drawLabel(canvas, 'IDENTIFICAÇÃO E ASSINATURA DO RECEBEDOR', x + date, top + HEIGHT / 2, left - date);
  drawBox(canvas, x + left, top, right, HEIGHT);
  const bold = { font: 'timesBold', size: 10, align: 'center' } as const;
  const lines = ['NF-e', `Nº ${numero(textAt(note.inf, 'ide/nNF'))}`, `SÉRIE ${serie(textAt(note.inf, 'ide/serie'))}`];
  for (const [i, line] of lines.entries()) drawText(canvas, line, x + left + right / 2, top + 4.6 + 4.6 * i, bold);
  drawLine(canvas, x, top + HEIGHT + CUT / 2, x + width, top + HEIGHT + CUT / 2, 'dashed');
}

/** The band at the left edge reads from below to above. */
function drawBeside(canvas: Canvas, note: Note, { top, bottom, x }: Geometry): void {
  const [left, width, cut] = [5, 18, x - 2];
  const height = bottom - top;
  const head = 34;
  const date = 42;
  drawBox(canvas, left, top, width, head);
  const lines = ['NF-e', `Nº ${numero(textAt(note.inf, 'ide/nNF'))}`, `SÉRIE ${serie(textAt(note.inf, 'ide/serie'))}`];
  for (const [i, line] of lines.entries()) drawTextUp(canvas, line, left + 5 + 5 * i, top + head / 2, { font: 'timesBold', size: 10 });
  drawBox(canvas, left, top + head, width / 2, height - head);
  const rest = height - head;
  const { lines: words, size } = fit(toWinAnsi(sentence(note)), rest - 3, width / 2 - 1, { font: 'times', size: 7, min: 6 });
  const step = (size * LEADING) / PT;
  const first = left + width / 4 + 0.8 - ((words.length - 1) * step) / 2;
  for (const [i, line] of words.entries()) drawTextUp(canvas, line, first + i * step, top + head + rest / 2, { font: 'times', size });
  drawBox(canvas, left + width / 2, top + head, width / 2, rest - date);
  drawTextUp(canvas, 'IDENTIFICAÇÃO E ASSINATURA DO RECEBEDOR', left + width / 2 + 2.6, top + head + rest - date - 29, {
    font: 'times',
    size: 6,
  });
  drawBox(canvas, left + width / 2, bottom - date, width / 2, date);
  drawTextUp(canvas, 'DATA DE RECEBIMENTO', left + width / 2 + 2.6, bottom - 15, { font: 'times', size: 6 });
  drawLine(canvas, cut, top, cut, bottom, 'dashed');
}
