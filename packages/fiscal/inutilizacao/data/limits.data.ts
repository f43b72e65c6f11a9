/** Most numbers of one request (rejection 201). */
export const MAX_NUMEROS = 10_000;

/** Days of the month after the one of the gap: the legal limit is day 10 (Ajuste SINIEF 07/05 cl. 14; Ajuste 19/16 cl. 16). */
export const ALERTA_DIA = 5;
export const VERMELHO_DIA = 10;
