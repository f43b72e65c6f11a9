/** What one element of a detEvento may hold: a literal, a pattern, or text of a length. */
export type OwnField = readonly [tag: string, rule: { literal: string } | { pattern: string } | { min: number; max: number }];

/** Fields, in their order, of each detEvento that no public pack has a schema for: written from the norm named, not official. */
export const OWN_DET_EVENTOS: Readonly<Record<string, { norma: string; campos: readonly OwnField[] }>> = {
  '110112': {
    norma: 'NT 2018.004',
    campos: [
      ['descEvento', { literal: 'Cancelamento por substituicao' }],
      ['cOrgaoAutor', { pattern: '[0-9]{2}' }],
      ['tpAutor', { literal: '1' }],
      ['verAplic', { min: 1, max: 20 }],
      ['nProt', { pattern: '[0-9]{15}|[0-9]{17}' }],
      ['xJust', { min: 15, max: 255 }],
      ['chNFeRef', { pattern: '[0-9]{6}[0-9A-Z]{12}[0-9]{26}' }],
    ],
  },
};
