/** One part of a narrow document, from above to below; drawn on paper by draw-cupom.ts and sent to tills by escpos/. */
export type Entry =
  | {
      kind: 'text';
      text: string;
      align?: 'left' | 'center';
      bold?: boolean;
      /** Points on paper; in ESC/POS everything has one size. Default 7. */
      size?: number;
    }
  | { kind: 'pair'; left: string; right: string; bold?: boolean; size?: number }
  | { kind: 'rule' }
  | { kind: 'space' }
  | { kind: 'logo' }
  | { kind: 'qr'; text: string }
  /** Code 128 of the key. */
  | { kind: 'bars'; text: string }
  /** Highlighted: white on black in ESC/POS, framed on paper. */
  | { kind: 'notice'; lines: string[] };

export const rule: Entry = { kind: 'rule' };
export const space: Entry = { kind: 'space' };
export const centered = (text: string, bold = false, size?: number): Entry => ({
  kind: 'text',
  text,
  align: 'center',
  bold,
  ...(size === undefined ? {} : { size }),
});
