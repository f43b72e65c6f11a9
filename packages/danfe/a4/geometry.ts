/** Lengths of an A4 sheet in millimetres: those of MOC 7.0 Anexo II, scaled to margins of 5 mm that every printer can print. */
export interface Geometry {
  orientation: 'retrato' | 'paisagem';
  pageWidth: number;
  pageHeight: number;
  /** Left edge and width of the blocks; in landscape the strip with their titles comes first. */
  x: number;
  width: number;
  top: number;
  bottom: number;
  rowHeight: number;
  /** Height of the title above a block; 0 where it stands beside it. */
  titleHeight: number;
  /** Width of the title beside a block; 0 where it stands above it. */
  stripWidth: number;
  /** Smallest heights of products and of additional information on a further sheet: room for the titles beside them. */
  least: { table: number; info: number };
  /** White below a block. */
  gap: number;
  header: {
    emitter: number;
    danfe: number;
    key: number;
    height: number;
    bars: number;
    /** Baselines in the DANFE box below its top; `step` from line to line of its small letters. */
    box: { title: number; subtitle: number; step: number; kind: number; numbers: number };
  };
  /** Dados adicionais: smallest height and the share of its left part. */
  additional: { height: number; share: number };
}

export const RETRATO: Geometry = {
  orientation: 'retrato',
  pageWidth: 210,
  pageHeight: 297,
  x: 5,
  width: 200,
  top: 5,
  bottom: 292,
  rowHeight: 8,
  titleHeight: 3.6,
  stripWidth: 0,
  least: { table: 0, info: 0 },
  gap: 0,
  header: {
    emitter: 96.5,
    danfe: 25.4,
    key: 78.1,
    height: 38,
    bars: 14,
    box: { title: 4.6, subtitle: 8.4, step: 3.1, kind: 18.8, numbers: 28 },
  },
  additional: { height: 30.7, share: 12.95 / 20.57 },
};

/** The receipt stands in a band at the left edge of the first sheet; the other sheets keep its room, so that all columns are alike. */
export const PAISAGEM: Geometry = {
  orientation: 'paisagem',
  pageWidth: 297,
  pageHeight: 210,
  x: 27,
  width: 265,
  top: 5,
  bottom: 205,
  rowHeight: 6.4,
  titleHeight: 0,
  stripWidth: 4.6,
  least: { table: 24, info: 15 },
  gap: 0.8,
  header: {
    emitter: 112,
    danfe: 30.5,
    key: 122.5,
    height: 31,
    bars: 11.9,
    box: { title: 3.9, subtitle: 7.1, step: 2.85, kind: 15.9, numbers: 22.6 },
  },
  additional: { height: 28, share: 19.05 / 26.54 },
};
