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

/** Lines are slices of the paragraph: thousands of items with texts put together word by word cost more memory than all the rest. */
function wrapParagraph(paragraph: string, font: FontName, size: number, width: number, lines: Line[]): void {
  const text = /^ | $| {2}/.test(paragraph) ? paragraph.replace(/ +/g, ' ').replace(/^ | $/g, '') : paragraph;
  if (text === '') {
    const last = lines.at(-1);
    if (last !== undefined) last.joint = '\n';
    return;
  }
  const space = widthOf(' ', font, size);
  let start = 0;
  let end = -1;
  let lineWidth = 0;
  for (let from = 0; from <= text.length; ) {
    const next = text.indexOf(' ', from);
    const to = next < 0 ? text.length : next;
    let restWidth = widthOf(text.slice(from, to), font, size);
    if (end >= 0 && lineWidth + space + restWidth <= width) {
      lineWidth += space + restWidth;
    } else {
      if (end >= 0) lines.push({ text: text.slice(start, end), joint: ' ' });
      start = from;
      while (restWidth > width && to - start > 1) {
        const fits = Math.max(1, charactersThatFit(text.slice(start, to), font, size, width));
        lines.push({ text: text.slice(start, start + fits), joint: '' });
        start += fits;
        restWidth = widthOf(text.slice(start, to), font, size);
      }
      lineWidth = restWidth;
    }
    end = to;
    from = to + 1;
  }
  lines.push({ text: text.slice(start, end), joint: '\n' });
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
