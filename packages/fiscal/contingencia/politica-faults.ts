import type { Fault } from '../fault.ts';

/** Every code of reading a contingency policy; a code is permanent. POL-001 … 009: form of the body · POL-010 … : what the fields say. */
export const POLITICA_FAULTS = {
  'POL-001': 'JSON da política de contingência',
  'POL-002': 'JSON da política de contingência',
  'POL-010': 'modos da política: automatico, manual, desligado',
  'POL-011': 'ordem das modalidades',
  'POL-012': 'MOC 7.0, Anexo III; MOC CT-e 4.00, § 11',
  'POL-013': 'ordem das modalidades',
  'POL-014': 'MOC 7.0, Anexo III: EPEC da NFC-e só em SP, rejeição 714',
  'POL-020': 'FS-DA: só formulário de segurança declarado',
  'POL-021': 'FS-DA: só por decisão de uma pessoa',
  'POL-022': 'FS-DA: só formulário de segurança declarado',
  'POL-023': 'FS-DA: só formulário de segurança declarado',
  'POL-030': 'serieContingencia: só da empresa',
  'POL-031': 'MOC 7.0, série do documento, rejeição 266',
  'POL-040': 'MOC 7.0, ide/xJust',
} as const satisfies Readonly<Record<string, string>>;

export type PoliticaFaultCode = keyof typeof POLITICA_FAULTS;

/** A fault of the table. `path` is the field as the request has it (`modelos.55.ordem[1]`), `message` is Portuguese and says what to do. */
export function politicaFault(code: PoliticaFaultCode, path: string, message: string): Fault {
  return { code, path, message, norm: POLITICA_FAULTS[code] };
}

/** Longest text of a caller that is repeated in a message and compared with known names. */
const MAX_SHOWN = 40;

/** Says of an unknown name that it does not exist, which known one is near it, and all that exist. */
export function unknownName(name: string, known: readonly string[]): string {
  const shown = name.length > MAX_SHOWN ? `${name.slice(0, MAX_SHOWN)}…` : name;
  const near = nearest(shown, known);
  return `"${shown}" não existe${near === undefined ? '.' : `; seria "${near}"?`} Use ${known.join(', ')}.`;
}

/** The known name with the fewest edits between, capitals and accents aside; undefined when more than half of it would change. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known.map((other) => ({ other, edits: distance(plain(name), plain(other)) })).sort((a, b) => a.edits - b.edits);
  const first = ranked[0];
  return first && first.edits <= Math.floor(first.other.length / 2) ? first.other : undefined;
}

function plain(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[^A-Za-z0-9]/g, '')
    .toLowerCase();
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
