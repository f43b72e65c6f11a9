import { type Html, html } from '../html.ts';

/** A part of the page under its heading. */
export function section(name: string, ...content: (Html | undefined)[]): Html {
  return html`<section><h2>${name}</h2>${content}</section>`;
}

/** `numbers`: columns set to the right. */
export function table(columns: readonly string[], rows: readonly (readonly (Html | string)[])[], numbers: readonly number[] = []): Html {
  const style = (column: number) => (numbers.includes(column) ? html` class="n"` : undefined);
  const head = columns.map((name, column) => html`<th scope="col"${style(column)}>${name}</th>`);
  const body = rows.map(
    (cells) =>
      html`<tr>${cells.map((cell, column) => html`<td data-label="${columns[column]}"${style(column)}>${isEmpty(cell) ? undefined : html`<span>${cell}</span>`}</td>`)}</tr>`,
  );
  return html`<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

function isEmpty(cell: Html | string): boolean {
  return (typeof cell === 'string' ? cell : cell.html) === '';
}
