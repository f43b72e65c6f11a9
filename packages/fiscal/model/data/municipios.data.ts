/** Municipalities whose published IBGE code has another check digit than the rule gives (MOC 7.0, validation of cMun). */
export const IRREGULARES = {
  '2201919': 'Bom Princípio do Piauí/PI',
  '2201988': 'Brejo do Piauí/PI',
  '2202251': 'Canavieira/PI',
  '2611533': 'Quixaba/PE',
  '3117836': 'Cônego Marinho/MG',
  '3152131': 'Ponto Chique/MG',
  '4305871': 'Coronel Barros/RS',
  '5203939': 'Buriti de Goiás/GO',
  '5203962': 'Buritinópolis/GO',
} as const;
