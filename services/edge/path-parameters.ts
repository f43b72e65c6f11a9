/** What a path parameter may be, and how the API description explains it. */
export interface PathParameter {
  pattern: RegExp;
  description: string;
}

/** Every parameter of the routing table; whatever does not fit its pattern falls to the next route. */
export const PATH_PARAMETERS: Record<string, PathParameter> = {
  empresa: {
    pattern: /[0-9A-Z]{12}[0-9]{2}|[0-9]{11}/,
    description: 'CNPJ (numérico ou alfanumérico) ou CPF da empresa, sem máscara.',
  },
  ambiente: { pattern: /hom|prod/, description: '`hom` (homologação, tpAmb 2) ou `prod` (produção, tpAmb 1).' },
  codModelo: { pattern: /55|65|57|67|58/, description: 'Modelo do documento: 55 NF-e, 65 NFC-e, 57 CT-e, 67 CT-e OS, 58 MDF-e.' },
  ano: { pattern: /[0-9]{4}|[0-9]{2}/, description: 'Ano da emissão, com quatro ou dois dígitos.' },
  serie: { pattern: /[0-9]{1,3}/, description: 'Série, com ou sem zeros à esquerda.' },
  numero: { pattern: /[0-9]{1,9}/, description: 'Número do documento, com ou sem zeros à esquerda.' },
  tpEvento: { pattern: /[0-9]{6}/, description: 'Código do evento, como 110111.' },
  nSeqEvento: { pattern: /[0-9]{1,3}/, description: 'Número do evento entre os do mesmo tipo, com ou sem zeros à esquerda.' },
  idCsc: { pattern: /[0-9]{1,6}/, description: 'Id do CSC na SEFAZ, com ou sem zeros à esquerda.' },
  uf: { pattern: /[A-Za-z]{2}|[0-9]{2}/, description: 'UF do emitente: a sigla ou o código do IBGE.' },
  arquivo: { pattern: /docs\.css|docs\.js|swagger-ui\.css|swagger-ui-bundle\.js/, description: 'Parte da página.' },
  entidade: { pattern: /[0-9]{6}/, description: 'Número da entidade na conta, 6 dígitos.' },
  pedido: {
    pattern: /[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}/,
    description: 'O pedido, como o cabeçalho Location o disse.',
  },
  simulacao: {
    pattern: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/,
    description: 'A simulação, como a resposta que a criou disse.',
  },
  codigo: { pattern: /[a-z0-9]+(?:-[a-z0-9]+)*/, description: 'Código do problema, o último trecho de `type`.' },
  chaveAcesso: { pattern: /[0-9]{6}[A-Z0-9]{12}[0-9]{26}/, description: 'Chave de acesso, 44 caracteres.' },
};

/** The patterns alone, as the routing table is compiled with. */
export const PARAMETERS: Record<string, RegExp> = Object.fromEntries(
  Object.entries(PATH_PARAMETERS).map(([name, { pattern }]) => [name, pattern]),
);
