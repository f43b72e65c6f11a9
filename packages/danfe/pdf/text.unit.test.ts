import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fit } from './fit.ts';
import { widthOf } from './fonts.ts';
import { PT } from './pages.ts';
import { toWinAnsi } from './win-ansi.ts';
import { ellipsize, unwrap, wrapLines } from './wrap.ts';

test('widths are those of the Adobe metrics', () => {
  // Times-Roman: A 722, V 722, ç 444, 0 500; Helvetica-Bold: A 722.
  assert.equal(widthOf('AV', 'times', 1000), 1444);
  assert.equal(widthOf('ç0', 'times', 10), 9.44);
  assert.equal(widthOf('A', 'helveticaBold', 1000), 722);
});

test('letters of Portuguese stay, others keep their base letter, nothing vanishes', () => {
  assert.equal(toWinAnsi('Ação à Vovó, R$ 1 – “x”'), 'A\xe7\xe3o \xe0 Vov\xf3, R$ 1 \x96 \x93x\x94');
  assert.equal(toWinAnsi('cafe\u0301'), 'caf\xe9');
  assert.equal(toWinAnsi('Łódź ně 株'), '?\xf3dz ne ?');
  assert.equal(toWinAnsi('a\r\nb\tc\u200bd'), 'a  b cd');
});

test('no line is wider than asked, and the lines give the text back', () => {
  const text = `Parafuso ${'X'.repeat(150)} sextavado 3/8" galvanizado a fogo e ${'abc '.repeat(60)}fim`;
  for (const width of [40, 90, 200]) {
    const lines = wrapLines([text, 'Segundo parágrafo'], 'times', 7, width);
    for (const line of lines) assert.ok(widthOf(line.text, 'times', 7) <= width, `"${line.text}" at ${width}`);
    assert.deepEqual(unwrap(lines), [text, 'Segundo parágrafo']);
  }
});

test('a cut text ends with an ellipsis and fits', () => {
  const cut = ellipsize('Rua Doutor Fulano de Tal e Tal', 'times', 10, 60);
  assert.match(cut, /\x85$/);
  assert.ok(widthOf(cut, 'times', 10) <= 60);
  assert.equal(ellipsize('Rua', 'times', 10, 60), 'Rua');
});

test('a text is made smaller before it is wrapped, wrapped before it is cut', () => {
  const style = { font: 'times', size: 10, min: 6 } as const;
  assert.deepEqual(fit('Curto', 50, 5, style), { lines: ['Curto'], size: 10 });
  const smaller = fit('M'.repeat(20), 50, 5, style);
  assert.equal(smaller.lines.length, 1);
  assert.ok(smaller.size < 10 && smaller.size >= 6);
  assert.ok(widthOf('M'.repeat(20), 'times', smaller.size) <= 50 * PT);
  const wrapped = fit('palavras '.repeat(9).trim(), 50, 5, style);
  assert.deepEqual([wrapped.lines.length, wrapped.size], [2, 6]);
  assert.equal(wrapped.lines.join(' '), 'palavras '.repeat(9).trim());
  const cut = fit('palavras '.repeat(40).trim(), 50, 5, style);
  assert.equal(cut.lines.length, 2);
  assert.match(cut.lines[1] ?? '', /\x85$/);
});
