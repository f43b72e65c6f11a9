/** A place in a list: the row that comes after `skip` rows of those that arrived at `from` or later. */
export interface Anchor {
  from: Date;
  skip: number;
}

/** How many rows of a list arrived before `until`. */
export interface Counted {
  until: Date;
  n: number;
}

/** What is known of one list, so that no page of it is looked for from the beginning. */
export interface Marks {
  /** The last known place at or before row `row` (from 0), and the row it stands at. */
  nearest(row: number, now: Date): { row: number; anchor: Anchor | undefined };
  /** Keeps a place. What was known further on goes when this row has moved. */
  put(row: number, anchor: Anchor, until: number): void;
  counted?: { value: Promise<Counted>; until: number } | undefined;
}

const MAX_LISTS = 200;
const MAX_ANCHORS = 1_000;

/** Marks of the lists that were read last; a list that was forgotten costs a walk along the index, nothing else. */
export function createMarks(maxLists = MAX_LISTS, maxAnchors = MAX_ANCHORS): (key: string) => Marks {
  const lists = new Map<string, Marks>();
  return (key) => {
    const marks = lists.get(key) ?? marksOfOne(maxAnchors);
    lists.delete(key);
    lists.set(key, marks);
    if (lists.size > maxLists) lists.delete(lists.keys().next().value as string);
    return marks;
  };
}

function marksOfOne(maxAnchors: number): Marks {
  const anchors = new Map<number, { anchor: Anchor; until: number }>();
  return {
    nearest(row, now) {
      let best = 0;
      for (const [at, { until }] of anchors) {
        if (until < now.getTime()) anchors.delete(at);
        else if (at <= row && at > best) best = at;
      }
      return { row: best, anchor: anchors.get(best)?.anchor };
    },
    put(row, anchor, until) {
      const known = anchors.get(row)?.anchor;
      if (known && (known.from.getTime() !== anchor.from.getTime() || known.skip !== anchor.skip)) {
        for (const at of anchors.keys()) if (at > row) anchors.delete(at);
      }
      anchors.delete(row);
      anchors.set(row, { anchor, until });
      if (anchors.size > maxAnchors) anchors.delete(anchors.keys().next().value as number);
    },
  };
}
