import type { Documento, Rodada } from './documento.ts';

/** Rounds kept on a document: far more than a person makes, and a bound on what a program that loops can make. */
const MAX_RODADAS = 50;

/** The rounds of a document once its present one has ended. A round that reached nobody leaves no trace worth keeping. */
export function roundsWith({ rodadas, fingerprint, chave, digest, conteudo, attempts, retorno, faults, updatedAt }: Documento): Rodada[] {
  if (attempts.length === 0) return rodadas;
  return [...rodadas, { fingerprint, chave, digest, conteudo, attempts, retorno, faults, endedAt: updatedAt }].slice(-MAX_RODADAS);
}
