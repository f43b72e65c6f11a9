/**
 * Corrections to the XSDs of the wheel nfelib 3.2.0, which still carry numeric-only patterns that the norms below have widened.
 * Nothing is narrowed. `type` limits the change to one named simpleType; without it the text is changed wherever it stands.
 * `files` is how many files of the wheel the change must meet: another number means that the source is not the one examined.
 */
export interface Amendment {
  what: string;
  norm: string;
  conjuntos: readonly string[];
  type?: string;
  before: string;
  after: string;
  files: number;
}

const ALFA = 'NT Conjunta DF-e 2025.001 (CNPJ alfanumérico)';
const ALFA_NFE = 'NT 2026.004 (CNPJ alfanumérico, PL_010d)';

/** Event, consultation and EPEC packages of the NF-e that share tiposBasico_v1.03.xsd. */
const NFE_103 = [
  'nfe_ator_interessado',
  'nfe_cons',
  'nfe_entrega',
  'nfe_epec',
  'nfe_evento_cancel',
  'nfe_evento_cce',
  'nfe_evento_generico',
  'nfe_evento_mde',
  'nfe_insucesso',
] as const;

const CNPJ = '[0-9A-Z]{12}[0-9]{2}';
const CHAVE = '[0-9]{6}[0-9A-Z]{12}[0-9]{26}';
const pattern = (value: string): string => `<xs:pattern value="${value}"/>`;

export const AMENDMENTS: readonly Amendment[] = [
  {
    what: 'Id do infInut com CNPJ alfanumérico',
    norm: ALFA_NFE,
    conjuntos: ['nfe'],
    before: pattern('ID[0-9]{41}'),
    after: pattern('ID[0-9]{4}[0-9A-Z]{12}[0-9]{25}'),
    files: 1,
  },
  {
    what: 'Id do infEvento com CNPJ alfanumérico',
    norm: ALFA_NFE,
    conjuntos: ['nfe', ...NFE_103],
    before: pattern('ID[0-9]{52}'),
    after: pattern('ID[0-9]{12}[0-9A-Z]{12}[0-9]{28}'),
    files: 12,
  },
  {
    what: 'Id do infMDFe com CNPJ alfanumérico',
    norm: ALFA,
    conjuntos: ['mdfe'],
    before: pattern('MDFe[0-9]{44}'),
    after: pattern('MDFe[0-9]{6}[A-Z0-9]{12}[0-9]{26}'),
    files: 1,
  },
  {
    what: 'CNPJ alfanumérico (TCnpj)',
    norm: ALFA_NFE,
    conjuntos: NFE_103,
    type: 'TCnpj',
    before: pattern('[0-9]{14}'),
    after: pattern(CNPJ),
    files: 9,
  },
  {
    what: 'CNPJ alfanumérico (TCnpj)',
    norm: ALFA,
    conjuntos: ['cte_dist_dfe', 'mdfe_dist_dfe'],
    type: 'TCnpj',
    before: pattern('[0-9]{14}'),
    after: pattern(CNPJ),
    files: 3,
  },
  {
    what: 'CNPJ alfanumérico opcional (TCnpjOpc)',
    norm: ALFA,
    conjuntos: [...NFE_103, 'mdfe_dist_dfe'],
    type: 'TCnpjOpc',
    before: pattern('[0-9]{0}|[0-9]{14}'),
    after: pattern(`[0-9]{0}|${CNPJ}`),
    files: 10,
  },
  {
    what: 'CNPJ alfanumérico de tamanho variável (TCnpjVar)',
    norm: ALFA,
    conjuntos: [...NFE_103, 'mdfe_dist_dfe'],
    type: 'TCnpjVar',
    before: pattern('[0-9]{3,14}'),
    after: pattern(`[0-9]{3,14}|${CNPJ}`),
    files: 10,
  },
  {
    what: 'chave de acesso com CNPJ alfanumérico (TChNFe)',
    norm: ALFA_NFE,
    conjuntos: NFE_103,
    type: 'TChNFe',
    before: pattern('[0-9]{44}'),
    after: pattern(CHAVE),
    files: 8,
  },
  {
    what: 'chave de acesso com CNPJ alfanumérico no cancelamento (TChNFe)',
    norm: ALFA_NFE,
    conjuntos: ['nfe_evento_cancel'],
    type: 'TChNFe',
    before: String.raw`([\d]{14})([\d]{5})([\d]{9})([\d]{10})`,
    after: String.raw`(${CNPJ})([\d]{5})([\d]{9})([\d]{10})`,
    files: 1,
  },
  {
    what: 'chave de acesso com CNPJ alfanumérico (TChNFe)',
    norm: ALFA,
    conjuntos: ['cte_dist_dfe', 'mdfe_dist_dfe'],
    type: 'TChNFe',
    before: pattern('[0-9]{44}'),
    after: pattern(CHAVE),
    files: 2,
  },
  {
    what: 'chave de acesso com CNPJ alfanumérico (TChCTe)',
    norm: ALFA,
    conjuntos: ['mdfe_dist_dfe'],
    type: 'TChCTe',
    before: pattern('[0-9]{44}'),
    after: pattern(CHAVE),
    files: 1,
  },
  {
    what: 'chave de acesso com CNPJ alfanumérico (TChMDFe)',
    norm: ALFA,
    conjuntos: ['mdfe_dist_dfe'],
    type: 'TChMDFe',
    before: pattern('[0-9]{44}'),
    after: pattern(CHAVE),
    files: 1,
  },
  {
    what: 'protocolo de 15 ou 17 posições (TProt)',
    norm: ALFA_NFE,
    conjuntos: [...NFE_103, 'nfe_dist_dfe'],
    type: 'TProt',
    before: pattern('[0-9]{15}'),
    after: pattern('[0-9]{15}|[0-9]{17}'),
    files: 10,
  },
  {
    what: 'protocolo de 15 ou 17 posições (tamanho de TProt)',
    norm: ALFA_NFE,
    conjuntos: ['nfe_dist_dfe'],
    type: 'TProt',
    before: '<xs:maxLength value="15"/>',
    after: '<xs:maxLength value="17"/>',
    files: 1,
  },
  {
    what: 'cStat de 3 ou 4 posições (TStat)',
    norm: ALFA_NFE,
    conjuntos: [...NFE_103, 'nfe_dist_dfe'],
    type: 'TStat',
    before: pattern('[0-9]{3}'),
    after: pattern('[0-9]{3,4}'),
    files: 10,
  },
  {
    what: 'cStat de 3 ou 4 posições (tamanho de TStat)',
    norm: ALFA_NFE,
    conjuntos: ['nfe_dist_dfe'],
    type: 'TStat',
    before: '<xs:maxLength value="3"/>',
    after: '<xs:maxLength value="4"/>',
    files: 1,
  },
];
