import type { Autorizador } from './autorizadores.ts';
import { checkDigit, isCnpj, isCpf, isWeakCnf } from './chave.ts';
import type { NotaFacts } from './document.ts';

export interface RuleContext {
  autorizador: Autorizador;
  ambiente: string;
  now: Date;
}

interface Rule {
  cStat: string;
  broken: (nota: NotaFacts, context: RuleContext) => boolean;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const SENTENCE_55 = 'NF-E EMITIDA EM AMBIENTE DE HOMOLOGACAO - SEM VALOR FISCAL';
const SENTENCE_65 = 'NOTA FISCAL EMITIDA EM AMBIENTE DE HOMOLOGACAO - SEM VALOR FISCAL';

/** The one state with an EPEC of the NFC-e. */
const SAO_PAULO = '35';

/** NT 2026.007: a note without emit/IE is authorised by SVRS only; series 890-919 apart. */
const semIe = (n: NotaFacts) => !n.temIe && !(n.serie >= 890 && n.serie <= 919);
const isSvc = (c: RuleContext) => c.autorizador.kind === 'svc';
/** Milliseconds from emission to reception; negative when emitted "later". */
const age = (n: NotaFacts, c: RuleContext) => c.now.getTime() - Date.parse(n.dhEmi);
const isOnTheSpot = (n: NotaFacts) => (n.modelo === '65' || n.tpImp === '6') && n.tpEmis === '1';

/** Business rules of the authorisation in the order they are tried; the first broken one is the answer. */
export const RULES: readonly Rule[] = [
  { cStat: '252', broken: (n, c) => n.tpAmb !== c.ambiente },
  { cStat: '450', broken: (n, c) => c.autorizador.modelo === '55' && n.modelo !== '55' },
  { cStat: '775', broken: (n, c) => c.autorizador.modelo === '65' && n.modelo !== '65' },
  // SVC: NT 2013.007.
  { cStat: '582', broken: (n, c) => isSvc(c) && !c.autorizador.ufs.has(n.cUF) },
  { cStat: '166', broken: (n, c) => !isSvc(c) && c.autorizador.name !== 'SVRS' && semIe(n) },
  {
    cStat: '226',
    broken: (n, c) => !isSvc(c) && !c.autorizador.ufs.has(n.cUF) && !(c.autorizador.name === 'SVRS' && semIe(n)),
  },
  { cStat: '713', broken: (n, c) => isSvc(c) && n.tpEmis !== '6' && n.tpEmis !== '7' },
  { cStat: '584', broken: (n, c) => isSvc(c) && n.tpEmis !== (c.autorizador.name === 'SVC-AN' ? '6' : '7') },
  { cStat: '570', broken: (n, c) => !isSvc(c) && (n.tpEmis === '6' || n.tpEmis === '7') },
  { cStat: '714', broken: (n) => n.modelo === '65' && n.tpEmis === '4' && n.cUF !== SAO_PAULO },
  // NT 2026.002.
  { cStat: '711', broken: (n) => n.modelo === '55' && n.tpEmis === '9' && n.tpImp !== '6' },
  { cStat: '556', broken: (n) => n.tpEmis === '1' && n.temJustificativa },
  { cStat: '557', broken: (n) => n.tpEmis !== '1' && !n.temJustificativa },
  { cStat: '558', broken: (n, c) => Date.parse(n.dhCont) - c.now.getTime() > 5 * MINUTE },
  { cStat: '236', broken: (n) => n.chave === undefined || checkDigit(n.chave.text.slice(0, 43)) !== n.chave.cDV },
  { cStat: '253', broken: (n) => n.cDV !== n.chave?.cDV },
  { cStat: '502', broken: (n) => !idMatchesFields(n) },
  // NT 2019.001.
  { cStat: '897', broken: (n) => isWeakCnf(n.cNF, n.numero) },
  { cStat: '207', broken: (n) => n.emitente.length === 14 && !isCnpj(n.emitente) },
  { cStat: '401', broken: (n) => n.emitente.length !== 14 && !isCpf(n.emitente) },
  { cStat: '703', broken: (n, c) => age(n, c) < -5 * MINUTE },
  // Age of dhEmi (MOC rule B09-20). On the spot: five minutes, and five more for clocks that differ.
  { cStat: '704', broken: (n, c) => isOnTheSpot(n) && age(n, c) > 10 * MINUTE },
  { cStat: '228', broken: (n, c) => n.modelo === '55' && '167'.includes(n.tpEmis) && age(n, c) > 30 * DAY },
  {
    cStat: '598',
    broken: (n) => n.tpAmb === '2' && n.modelo === '55' && n.destNome !== undefined && n.destNome !== SENTENCE_55,
  },
  { cStat: '373', broken: (n) => n.tpAmb === '2' && n.modelo === '65' && n.primeiroItem !== SENTENCE_65 },
];

/** cStat of the first rule that the note breaks. */
export function firstBroken(nota: NotaFacts, context: RuleContext): string | undefined {
  return RULES.find((rule) => rule.broken(nota, context))?.cStat;
}

/** The parts of Id against the fields they repeat. In series 890-899 (NFA-e) the key has SEFAZ's CNPJ, not the emitter's. */
function idMatchesFields(n: NotaFacts): boolean {
  const key = n.chave;
  if (!key) return false;
  const avulsa = n.serie >= 890 && n.serie <= 899;
  return (
    key.cUF === n.cUF &&
    key.aamm === n.dhEmi.slice(2, 4) + n.dhEmi.slice(5, 7) &&
    (avulsa || key.documento === n.emitente.padStart(14, '0')) &&
    key.modelo === n.modelo &&
    key.serie === n.serie &&
    key.numero === n.numero &&
    key.tpEmis === n.tpEmis &&
    key.cNF === n.cNF
  );
}
