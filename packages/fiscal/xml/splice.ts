/** A change at a place of the original text. */
export interface Edit {
  /** Index in the original text. */
  at: number;
  /** How many UTF-16 units to take out there; default 0. */
  remove?: number;
  insert: string;
}

/**
 * Applies edits, given in any order with offsets of the *original* text; everything between them stays byte for byte.
 * Insertions at the same place keep the order of the list. Throws RangeError when two edits overlap or one leaves the text.
 */
export function splice(text: string, edits: Edit[]): string {
  const ordered = edits.toSorted((a, b) => a.at - b.at || Number(removes(a)) - Number(removes(b)));
  let result = '';
  let from = 0;
  for (const { at, remove = 0, insert } of ordered) {
    if (!(at >= from && remove >= 0 && at + remove <= text.length)) {
      throw new RangeError(`edit at ${at} (removing ${remove}) overlaps another one or leaves the text of ${text.length}`);
    }
    result += text.slice(from, at) + insert;
    from = at + remove;
  }
  return result + text.slice(from);
}

function removes(edit: Edit): boolean {
  return (edit.remove ?? 0) > 0;
}

/** Text content as C14N writes it (so that nothing changes when it is signed): `& < >` and carriage return. */
export function escapeText(s: string): string {
  return /[&<>\r]/.test(s) ? s.replace(/[&<>\r]/g, (c) => ESCAPES[c] as string) : s;
}

/** Attribute value, between double quotes, as C14N writes it: `& < "`, tab, line feed and carriage return. */
export function escapeAttribute(s: string): string {
  return /[&<"\t\n\r]/.test(s) ? s.replace(/[&<"\t\n\r]/g, (c) => ESCAPES[c] as string) : s;
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};
