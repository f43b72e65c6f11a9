import type { Amendment } from './amendments.data.ts';
import type { AppliedAmendment } from './manifest.ts';

/** A file to be amended; `text` is replaced in the answer, the input is left alone. */
export interface XsdText {
  conjunto: string;
  file: string;
  text: string;
}

/**
 * Applies the amendments to the files.
 * @throws Error when an amendment does not meet exactly the number of files it was written for.
 */
export function applyAmendments<F extends XsdText>(
  files: F[],
  amendments: readonly Amendment[],
): { files: F[]; applied: AppliedAmendment[] } {
  const result = files.map((f) => ({ ...f }));
  const applied: AppliedAmendment[] = [];
  for (const amendment of amendments) {
    let met = 0;
    for (const file of result) {
      if (!amendment.conjuntos.includes(file.conjunto)) continue;
      const text = amendText(file.text, amendment);
      if (text === file.text) continue;
      met += 1;
      file.text = text;
      const { what, norm, before, after } = amendment;
      applied.push({ file: `${file.conjunto}/${file.file}`, what, norm, before, after });
    }
    if (met !== amendment.files) {
      throw new Error(`amendment "${amendment.what}" (${amendment.before}) met ${met} files, expected ${amendment.files}`);
    }
  }
  return { files: result, applied };
}

function amendText(text: string, { type, before, after }: Amendment): string {
  if (type === undefined) return text.replaceAll(before, after);
  const start = text.indexOf(`<xs:simpleType name="${type}">`);
  if (start < 0) return text;
  const end = text.indexOf('</xs:simpleType>', start);
  return text.slice(0, start) + text.slice(start, end).replaceAll(before, after) + text.slice(end);
}
