/** A certificate as it is shown. */
export const CERTIFICADO_EXAMPLE = {
  empresa: '07385111000102',
  titular: 'C=BR, O=ICP-Brasil, OU=Certificado PJ A1, CN=COMERCIAL EXEMPLO LTDA:07385111000102',
  documento: '07385111000102',
  emissor: 'C=BR, O=ICP-Brasil, OU=Secretaria da Receita Federal do Brasil - RFB, CN=AC EXEMPLO RFB G5',
  emissores: [
    'C=BR, O=ICP-Brasil, OU=Secretaria da Receita Federal do Brasil - RFB, CN=AC EXEMPLO RFB G5',
    'C=BR, O=ICP-Brasil, OU=Autoridade Certificadora Raiz Brasileira v5, CN=AC Secretaria da Receita Federal do Brasil v4',
  ],
  numeroSerie: '4A0B6C2D9E11F3A7',
  impressaoSha1: '8d1c5e0f3b7a92c4d6e8f0a1b3c5d7e9f1a2b4c6',
  impressaoSha256: '5f2b9c0d7e1a4f6380b2c4d6e8fa1c3e5f7091b3d5f7a9cbedf10325476980ab',
  chaveBits: 2048,
  validoDe: '2026-03-02T12:00:00.000Z',
  validoAte: '2027-03-02T12:00:00.000Z',
  diasRestantes: 101,
  situacao: 'valido',
  cadeia: 'icp-brasil',
  ambientes: ['prod', 'hom'],
  avisos: [],
  instaladoEm: '2026-11-20T12:59:58.004Z',
} as const;

/** Bodies that are shown; their content is no certificate. */
export const CERTIFICADO_BODIES = {
  json: { conteudo: 'MIIKrgIBAzCCCmoGCSqGSIb3DQEHAaCC…', senha: 'senha do arquivo' },
  form: { arquivo: '(conteúdo do arquivo certificado.pfx)', senha: 'senha do arquivo' },
} as const;
