import type { DocumentState } from '@malote/fiscal/emission/lifecycle-state';
import Joi from 'joi';
import { pageQuery } from './pages.ts';
import { STATES_OF } from './present-document.ts';

/** The query of a list after validation. */
export interface DocumentsQuery {
  pagina: number;
  /** The states behind the status that was asked for. */
  status?: readonly DocumentState[];
  /** YYYY-MM-DD. */
  de?: string;
  ate?: string;
  serie?: number;
}

const blank = Joi.string().trim().valid('');
/** `Em recuperação` of `em recuperacao`, `EM_RECUPERACAO` or `em-recuperacao`. */
const plain = (text: string) =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim();
const BY_PLAIN = new Map(Object.entries(STATES_OF).map(([status, states]) => [plain(status), states]));

const status = Joi.string()
  .max(60)
  .empty(blank)
  .custom((value: string, helpers) => {
    const states = BY_PLAIN.get(plain(value));
    return states ?? helpers.message({ custom: `O parâmetro status deve ser um destes: ${Object.keys(STATES_OF).join(', ')}.` });
  })
  .example('Autorizada')
  .description(`Só os documentos neste status, com ou sem acentos: ${Object.keys(STATES_OF).join(', ')}.`);

/** The local date of the document; of a date-time the date as it is written, whatever its offset. */
const date = (description: string) =>
  Joi.string()
    .trim()
    .max(40)
    .empty(blank)
    .custom((value: string, helpers) => {
      const day = dayOf(value);
      return day ?? helpers.message({ custom: 'O parâmetro {#label} deve ser uma data que existe, como 2026-11-21 ou 20261121.' });
    })
    .example('2026-11-21')
    .description(description);

/** Parameters of GET …/docs/{ambiente}/{codModelo}. */
export const documentsQuery = (pageQuery as Joi.ObjectSchema)
  .keys({
    status,
    de: date('Documentos emitidos deste dia em diante (data local do documento): AAAA-MM-DD, AAAAMMDD ou data e hora ISO 8601.'),
    ate: date('Documentos emitidos até este dia, inclusive.'),
    serie: Joi.number().integer().min(0).max(999).empty(blank).description('Só os documentos desta série.'),
  })
  .custom((query: DocumentsQuery, helpers) =>
    query.de !== undefined && query.ate !== undefined && query.de > query.ate
      ? helpers.message({ custom: 'O parâmetro de não pode ser depois de ate.' })
      : query,
  );

// A plus sign in a query that was not encoded arrives as a space.
const DAY = /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ]\d{2}:?\d{2}(?::?\d{2}(?:\.\d{1,9})?)?(?:Z|[ +-]\d{2}:?\d{2})?)?$/i;

function dayOf(text: string): string | undefined {
  const [, year, month, day] = DAY.exec(text) ?? [];
  const iso = `${year}-${month}-${day}`;
  const existing = new Date(`${iso}T00:00:00Z`);
  // 30 February parses, as another day.
  return !Number.isNaN(existing.getTime()) && existing.toISOString().startsWith(iso) ? iso : undefined;
}
