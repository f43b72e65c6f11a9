import type { Feriado } from '../dia-util.ts';

/**
 * A floor: only days that a law in force certainly makes a holiday; an operator's own rows go behind these. A missing row makes a deadline
 * earlier, a wrong one would make it later than the law's. So these count as working days here:
 * - pontos facultativos: Carnaval, Quarta-feira de Cinzas, Corpus Christi, 28/10, 24/12, 31/12, and municipal holidays;
 * - days that a state transfers, by law or by a decree of the year: Acre's Tuesdays to Thursdays (Lei 2.247/2009; 15/06 is excepted),
 *   Amazonas 05/09, Santa Catarina 11/08 and 25/11, Goiás 26/07 and 28/10, Rondônia 04/01 (Decreto 26.739/2021);
 * - state holidays of a doubtful law: the religious ones (Lei 9.093/1995 leaves these to the municipality) but for RJ 23/04 (ADI 4092).
 * `desde` of a state is the first year in which the law was in force on that day.
 */
export const FERIADO_DATA: readonly Feriado[] = [
  { uf: '*', dia: '01-01', desde: 1950, nome: 'Confraternização Universal', norma: 'Lei 662/1949, art. 1' },
  { uf: '*', dia: 'pascoa-2', desde: 1996, nome: 'Sexta-feira Santa', norma: 'Lei 9.093/1995, art. 2' },
  { uf: '*', dia: '04-21', desde: 1951, nome: 'Tiradentes', norma: 'Lei 1.266/1950; Lei 10.607/2002' },
  { uf: '*', dia: '05-01', desde: 1949, nome: 'Dia do Trabalho', norma: 'Lei 662/1949, art. 1' },
  { uf: '*', dia: '09-07', desde: 1949, nome: 'Independência', norma: 'Lei 662/1949, art. 1' },
  { uf: '*', dia: '10-12', desde: 1980, nome: 'Nossa Senhora Aparecida', norma: 'Lei 6.802/1980' },
  { uf: '*', dia: '11-02', desde: 2003, nome: 'Finados', norma: 'Lei 10.607/2002' },
  { uf: '*', dia: '11-15', desde: 1949, nome: 'Proclamação da República', norma: 'Lei 662/1949, art. 1' },
  { uf: '*', dia: '11-20', desde: 2024, nome: 'Consciência Negra', norma: 'Lei 14.759/2023' },
  { uf: '*', dia: '12-25', desde: 1949, nome: 'Natal', norma: 'Lei 662/1949, art. 1' },

  { uf: 'AC', dia: '06-15', desde: 1965, nome: 'Aniversário do Acre', norma: 'AC, Lei 14/1964' },
  { uf: 'BA', dia: '07-02', desde: 1990, nome: 'Independência da Bahia', norma: 'BA, Constituição, art. 6' },
  { uf: 'CE', dia: '03-25', desde: 2012, nome: 'Data Magna do Ceará', norma: 'CE, EC 73/2011' },
  { uf: 'MA', dia: '07-28', desde: 1965, nome: 'Adesão do Maranhão à Independência', norma: 'MA, Lei 2.457/1964' },
  { uf: 'MS', dia: '10-11', desde: 1980, nome: 'Criação do Estado', norma: 'MS, Lei 10/1979' },
  { uf: 'PA', dia: '08-15', desde: 1997, nome: 'Adesão do Grão-Pará à Independência', norma: 'PA, Lei 5.999/1996' },
  { uf: 'PB', dia: '08-05', desde: 2016, nome: 'Fundação do Estado', norma: 'PB, Lei 10.601/2015' },
  { uf: 'PE', dia: '03-06', desde: 2018, nome: 'Data Magna de Pernambuco', norma: 'PE, Lei 16.059/2017; Lei 16.241/2017, art. 49' },
  { uf: 'PI', dia: '10-19', desde: 1938, nome: 'Dia do Piauí', norma: 'PI, Lei 176/1937' },
  { uf: 'RJ', dia: '04-23', desde: 2008, nome: 'São Jorge', norma: 'RJ, Lei 5.198/2008' },
  { uf: 'RJ', dia: '11-20', desde: 2003, nome: 'Zumbi dos Palmares', norma: 'RJ, Lei 4.007/2002' },
  { uf: 'RS', dia: '09-20', desde: 1996, nome: 'Revolução Farroupilha', norma: 'RS, Constituição, art. 6 (EC 11/1995)' },
  { uf: 'SP', dia: '07-09', desde: 1997, nome: 'Revolução Constitucionalista', norma: 'SP, Lei 9.497/1997' },
  { uf: 'SP', dia: '11-20', desde: 2023, nome: 'Consciência Negra', norma: 'SP, Lei 17.746/2023' },
];
