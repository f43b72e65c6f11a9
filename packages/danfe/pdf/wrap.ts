import { type FontName, widthOf } from './fonts.ts';

/** One line of a wrapped text; all texts here are WinAnsi (toWinAnsi). */
export interface Line {
  text: string;
  /** What stood between this line and the next: a space, nothing (a word too long was cut), or the end of a paragraph. */
  joint: ' ' | '' | '\n';
}

/**
 * Breaks `paragraphs` at spaces so that no line is wider than `width` points; a word wider than a line is cut at its last letter that
 * fits. Nothing is lost: lines and joints give the text back, but for runs of spaces.
 */
export function wrapLines(paragraphs: readonly string[], font: FontName, size: number, width: number): Line[] {
  const lines: Line[] = [];
  for (const paragraph of paragraphs) wrapParagraph(paragraph, font, size, width, lines);
  return lines;
}

function wrapParagraph(paragraph: string, font: FontName, size: number, width: number, lines: Line[]): void {
  const space = widthOf(' ', font, size);
  let line = '';
  let lineWidth = 0;
  for (const word of paragraph.split(' ')) {
    if (word === '') continue;
    let rest = word;
    let restWidth = widthOf(rest, font, size);
    if (line !== '' && lineWidth + space + restWidth <= width) {
      line += ` ${rest}`;
      lineWidth += space + restWidth;
      continue;
    }
    if (line !== '') lines.push({ text: line, joint: ' ' });
    while (restWidth > width && rest.length > 1) {
      const fits = Math.max(1, charactersThatFit(rest, font, size, width));
      lines.push({ text: rest.slice(0, fits), joint: '' });
      rest = rest.slice(fits);
      restWidth = widthOf(rest, font, size);
    }
    line = rest;
    lineWidth = restWidth;
  }
  if (line !== '') lines.push({ text: line, joint: '\n' });
  else {
    const last = lines.at(-1);
    if (last !== undefined) last.joint = '\n';
  }
}

/** The paragraphs that `lines` came from, to wrap them again at another width. */
export function unwrap(lines: readonly Line[]): string[] {
  const paragraphs: string[] = [];
  let open = '';
  for (const { text, joint } of lines) {
    open += joint === '\n' ? text : text + joint;
    if (joint === '\n') {
      paragraphs.push(open);
      open = '';
    }
  }
  if (open.trim() !== '') paragraphs.push(open.trimEnd());
  return paragraphs;
}

function charactersThatFit(text: string, font: FontName, size: number, width: number): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) {
    sum += widthOf(text[i] as string, font, size);
    if (sum > width) return i;
  }
  return text.length;
}

const ELLIPSIS = '\x85';

/** `text`, or its beginning with an ellipsis when it is wider than `width` points. */
export function ellipsize(text: string, font: FontName, size: number, width: number): string {
  if (widthOf(text, font, size) <= width) return text;
  const fits = charactersThatFit(text, font, size, width - widthOf(ELLIPSIS, font, size));
  return text.slice(0, fits).trimEnd() + ELLIPSIS;
}

/** The first `count` lines, the last of them with an ellipsis when there are more. */
export function firstLines(lines: readonly Line[], count: number, font: FontName, size: number, width: number): string[] {
  const kept = lines.slice(0, count).map((line) => line.text);
  if (lines.length > count && count > 0) {
    const last = kept[count - 1] as string;
    kept[count - 1] = ellipsize(`${last}${ELLIPSIS}`, font, size, width).replace(/\x85+$/, ELLIPSIS);
  }
  return kept;
}
