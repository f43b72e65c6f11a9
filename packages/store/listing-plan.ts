import type { DocumentState } from '@malote/fiscal/emission/lifecycle-state';

/** Which documents: of one company, ambiente and model, and of what else is given. */
export interface ListQuery {
  conta: string;
  empresa: string;
  tpAmb: '1' | '2';
  modelo: string;
  states?: readonly DocumentState[] | undefined;
  serie?: number | undefined;
  /** Local date of the document, YYYY-MM-DD, both inclusive. */
  de?: string | undefined;
  ate?: string | undefined;
}

/** How a list is read: on which index, and whether a row can leave or join it anywhere but at its end. */
export interface ListPlan {
  key: string;
  filter: Record<string, unknown>;
  index: 'lista' | 'lista_serie' | 'lista_status' | 'lista_dia';
  volatile: boolean;
}

/** MongoDB merges at most 200 index ranges in order; more would be sorted in memory. */
const MAX_DAYS = 200;

/**
 * Every list is in the order of arrival, which an index gives only below fields that are compared for equality. So a span of days is a list
 * of days, merged; a longer one is looked for along the whole list, in the index alone, and a second filter along the list of the first.
 */
export function planList(query: ListQuery): ListPlan {
  const { conta, empresa, tpAmb, modelo, states, serie, de, ate } = query;
  const days = de !== undefined && ate !== undefined ? daysOf(de, ate) : undefined;
  const dated = de !== undefined || ate !== undefined;
  const filter = {
    ...{ conta, empresa, tpAmb, modelo },
    ...(states === undefined ? {} : { state: { $in: [...states] } }),
    ...(days ? { diaEmissao: { $in: days } } : {}),
    ...(dated && !days ? { diaEmissao: { ...(de === undefined ? {} : { $gte: de }), ...(ate === undefined ? {} : { $lte: ate }) } } : {}),
    ...(serie === undefined ? {} : { serie }),
  };
  return {
    key: JSON.stringify([conta, empresa, tpAmb, modelo, states, serie, de, ate]),
    filter,
    index: days ? 'lista_dia' : states ? 'lista_status' : serie === undefined ? 'lista' : 'lista_serie',
    // A status changes; a day does when the number is posted again after a refusal.
    volatile: states !== undefined || dated,
  };
}

const DAY_MS = 86_400_000;

/** Every day of a span; undefined when they are too many to be merged. */
function daysOf(de: string, ate: string): string[] | undefined {
  const first = Date.parse(`${de}T00:00:00Z`);
  const count = Math.floor((Date.parse(`${ate}T00:00:00Z`) - first) / DAY_MS) + 1;
  if (count > MAX_DAYS) return undefined;
  return Array.from({ length: Math.max(count, 0) }, (_, index) => new Date(first + index * DAY_MS).toISOString().slice(0, 10));
}
