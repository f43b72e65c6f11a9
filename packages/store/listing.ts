import type { Clock } from '@malote/runtime/clock';
import type { Documento, DocumentoModel } from './documento.ts';
import { type Anchor, type Counted, createMarks, type Marks } from './listing-marks.ts';
import { type ListPlan, type ListQuery, planList } from './listing-plan.ts';

export interface ListedPage {
  total: number;
  /** Without `entrada` and `outbox`. */
  documentos: Documento[];
}

export interface Listing {
  /** Rows `skip` to `skip + limit` in the order of arrival, and how many there are in all. */
  page(query: ListQuery, rows: { skip: number; limit: number }): Promise<ListedPage>;
}

/** A longer way is walked in steps of this many keys, and each step remembered. */
const STEP = 10_000;
/** Up to here a total is counted each time. */
const EXACT = 10_000;
/** Rows younger than this may still be joined by older ones: of another edge whose clock is behind, or whose write took longer. */
const SETTLED_MS = 5 * 60_000;
/** How long a place is believed in where rows come and go. */
const BELIEVED_MS = 60_000;
/** The part of a large total that is counted each time begins at most this far back. */
const COUNTED_MS = 15 * 60_000;
const QUERY_TIMEOUT_MS = 20_000;

const ARRIVAL = { createdAt: 1, _id: 1 } as const;

/**
 * Lists by page number without reading what comes before the page (docs/adr/0010): a page begins at the place where the one before it ended,
 * which is remembered, and a page nobody came to by the one before it is walked to on index keys alone.
 */
export function listingOf(model: DocumentoModel, clock: Pick<Clock, 'now'>): Listing {
  const marksOf = createMarks();

  const count = (plan: ListPlan, createdAt?: object, limit?: number): Promise<number> =>
    model
      .countDocuments({ ...plan.filter, ...(createdAt ? { createdAt } : {}) }, limit === undefined ? {} : { limit })
      .hint(plan.index)
      .maxTimeMS(QUERY_TIMEOUT_MS);

  const from = ({ filter }: ListPlan, anchor: Anchor | undefined) => (anchor ? { ...filter, createdAt: { $gte: anchor.from } } : filter);

  /** With both ends, where one was left open: the first or last day there is, one key of the index. Undefined when there is none. */
  async function closed(query: ListQuery): Promise<ListQuery | undefined> {
    const { conta, empresa, tpAmb, modelo, de, ate } = query;
    if ((de === undefined) === (ate === undefined)) return query;
    const [outermost] = (await model
      .find({ conta, empresa, tpAmb, modelo }, { _id: 0, diaEmissao: 1 })
      .hint('lista_dia')
      .sort({ diaEmissao: de === undefined ? 1 : -1 })
      .limit(1)
      .maxTimeMS(QUERY_TIMEOUT_MS)
      .lean()) as unknown as Pick<Documento, 'diaEmissao'>[];
    return outermost && { ...query, de: de ?? outermost.diaEmissao, ate: ate ?? outermost.diaEmissao };
  }

  async function rowsAt(plan: ListPlan, anchor: Anchor | undefined, limit: number): Promise<Documento[]> {
    const rows = await model
      .find(from(plan, anchor), { entrada: 0, outbox: 0 })
      .hint(plan.index)
      .sort(ARRIVAL)
      .skip(anchor?.skip ?? 0)
      .limit(limit)
      .maxTimeMS(QUERY_TIMEOUT_MS)
      .lean();
    return rows as unknown as Documento[];
  }

  /** The place of a row; undefined when the list ends before it. */
  async function placeOf(plan: ListPlan, marks: Marks, row: number): Promise<{ anchor: Anchor | undefined } | undefined> {
    let { row: at, anchor } = marks.nearest(row, clock.now());
    while (at < row) {
      const step = Math.min(row - at, STEP);
      const [last] = (await model
        .find(from(plan, anchor), ARRIVAL)
        .hint(plan.index)
        .sort(ARRIVAL)
        .skip((anchor?.skip ?? 0) + step - 1)
        .limit(1)
        .maxTimeMS(QUERY_TIMEOUT_MS)
        .lean()) as unknown as Pick<Documento, '_id' | 'createdAt'>[];
      if (!last) return undefined;
      const { createdAt } = last;
      const upTo = { ...plan, filter: { ...plan.filter, _id: { $lte: last._id } } };
      anchor = { from: createdAt, skip: await count(upTo, { $eq: createdAt }) };
      at += step;
      keep(plan, marks, at, anchor);
    }
    return { anchor };
  }

  function keep({ volatile }: ListPlan, marks: Marks, row: number, anchor: Anchor): void {
    const now = clock.now().getTime();
    const fixed = !volatile && anchor.from.getTime() < now - SETTLED_MS;
    marks.put(row, anchor, fixed ? Number.POSITIVE_INFINITY : now + BELIEVED_MS);
  }

  async function totalOf(plan: ListPlan, marks: Marks): Promise<number> {
    const now = clock.now().getTime();
    if (marks.counted && marks.counted.until < now) marks.counted = undefined;
    if (!marks.counted) {
      const n = await count(plan, undefined, EXACT + 1);
      if (n <= EXACT) return n;
    }
    const { until, n } = await countedOf(plan, marks, now);
    return n + (await count(plan, { $gte: until }));
  }

  /** Of the rows that arrived a while ago: counted once, by one caller for all, then only moved on. */
  async function countedOf(plan: ListPlan, marks: Marks, now: number): Promise<Counted> {
    const until = new Date(now - SETTLED_MS);
    const believed = plan.volatile ? now + BELIEVED_MS : Number.POSITIVE_INFINITY;
    if (!marks.counted) return begin(count(plan, { $lt: until }).then((n) => ({ until, n })));
    const known = await marks.counted.value;
    if (known.until.getTime() >= now - COUNTED_MS) return known;
    return begin(count(plan, { $gte: known.until, $lt: until }).then((n) => ({ until, n: known.n + n })));

    function begin(value: Promise<Counted>): Promise<Counted> {
      const counted = { value, until: marks.counted?.until ?? believed };
      marks.counted = counted;
      value.catch(() => {
        if (marks.counted === counted) marks.counted = undefined;
      });
      return value;
    }
  }

  return {
    async page(asked, { skip, limit }) {
      const query = asked.states?.length === 0 ? undefined : await closed(asked);
      if (!query || isReversed(query)) return { total: 0, documentos: [] };
      const plan = planList(query);
      const marks = marksOf(plan.key);
      const [total, documentos] = await Promise.all([totalOf(plan, marks), read()]);
      return { total, documentos };

      async function read(): Promise<Documento[]> {
        const place = await placeOf(plan, marks, skip);
        if (!place) return [];
        const rows = await rowsAt(plan, place.anchor, limit);
        if (rows.length === limit) keep(plan, marks, skip + limit, anchorAfter(rows, place.anchor));
        return rows;
      }
    },
  };
}

const isReversed = ({ de, ate }: ListQuery) => de !== undefined && ate !== undefined && de > ate;

/** Where the next page begins: after the last of these rows, however many arrived in its very millisecond. */
function anchorAfter(rows: Documento[], before: Anchor | undefined): Anchor {
  const last = rows.at(-1) as Documento;
  const at = last.createdAt.getTime();
  const same = rows.filter(({ createdAt }) => createdAt.getTime() === at).length;
  const carried = same === rows.length && before?.from.getTime() === at ? before.skip : 0;
  return { from: last.createdAt, skip: same + carried };
}
