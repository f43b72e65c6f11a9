import Joi from 'joi';

/** Rows of every page of the contract. */
export const PAGE_ROWS = 20;

/** `pagina` from 1; missing or blank is the first. */
export const pageQuery = Joi.object<{ pagina: number }>({
  pagina: Joi.number()
    .integer()
    .min(1)
    .max(9_999_999)
    .empty(Joi.string().trim().valid(''))
    .default(1)
    .description('Página, a partir de 1; cada uma tem 20 linhas.'),
});

/** Where the rows of a page are. */
export function rowsOf(pagina: number): { skip: number; limit: number } {
  return { skip: (pagina - 1) * PAGE_ROWS, limit: PAGE_ROWS };
}

/** The page object of the contract. */
export function writePage<T>(total: number, registros: T[]): { numeroElementos: number; totalElementos: number; registros: T[] } {
  return { numeroElementos: registros.length, totalElementos: total, registros };
}

/** The page object of rows of one kind. */
export function pageSchema(row: Joi.ObjectSchema): Joi.ObjectSchema {
  return Joi.object({
    numeroElementos: Joi.number().integer().min(0).max(PAGE_ROWS).required().description('Linhas desta página.'),
    totalElementos: Joi.number().integer().min(0).required().description('Linhas de todas as páginas.'),
    registros: Joi.array().items(row).max(PAGE_ROWS).required(),
  });
}
