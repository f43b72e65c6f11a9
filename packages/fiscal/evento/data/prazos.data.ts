import type { PrazoEvento } from '../prazos.ts';

/** National limits from the authorisation on; none is rigid: many UFs take a later cancelamento (155), SEFAZ decides (501). */
export const PRAZO_DATA: readonly PrazoEvento[] = [
  { uf: '*', modelo: '55', tpEvento: '110111', minutos: 1440, rigido: false, desde: '2012-01-01', norma: 'Ajuste SINIEF 07/05, cl. 12' },
  { uf: '*', modelo: '65', tpEvento: '110111', minutos: 30, rigido: false, desde: '2020-01-01', norma: 'Ajuste SINIEF 19/16, cl. 15' },
  { uf: '*', modelo: '65', tpEvento: '110112', minutos: 10_080, rigido: false, desde: '2019-01-01', norma: 'NT 2018.004' },
  {
    uf: '*',
    modelo: '55',
    tpEvento: '110110',
    minutos: 43_200,
    rigido: false,
    desde: '2012-01-01',
    norma: 'Ajuste SINIEF 07/05, cl. 14-A',
  },
];
