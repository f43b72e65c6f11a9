// As the API description shows them; the bodies can be sent as they stand.
const URLS = {
  qrCode: 'https://www.homologacao.nfce.fazenda.sp.gov.br/qrcode',
  urlChave: 'https://www.homologacao.nfce.fazenda.sp.gov.br/consulta',
};

export const EMPRESA_BODY = {
  ...{ razaoSocial: 'Comercial Exemplo Ltda', nomeFantasia: 'Exemplo', uf: 'SP', ie: '110042490114' },
  outrasInscricoes: [{ uf: 'RJ', ie: '12345678' }],
  ...{ municipio: '3550308', crt: '3' },
  nfce: { qrVersion: '3', urls: { hom: URLS, prod: null } },
  danfe: { orientacao: 'retrato', larguraCupom: 80 },
  lacunas: { politica: 'propor', justificativa: null },
};

export const EMPRESA_EXAMPLE = {
  empresa: '07385111000102',
  ...EMPRESA_BODY,
  ...{ fusoHorario: 'America/Sao_Paulo', temLogo: false, temCertificado: true, versao: 3 },
  ...{ criadaEm: '2026-11-20T13:00:00.000Z', atualizadaEm: '2026-11-21T13:00:00.000Z' },
};

export const EMPRESAS_EXAMPLE = { numeroElementos: 1, totalElementos: 1, registros: [EMPRESA_EXAMPLE] };

export const CSC_BODY = { ambiente: 'hom', id: '1', codigo: '0A1B2C3D-4E5F-6789-ABCD-EF0123456789' };

export const CSC_EXAMPLE = { ambiente: 'hom', id: '1', emUso: true, criadoEm: '2026-11-21T13:00:00.000Z' };
