// Answers as the API description shows them; each is validated against its schema by openapi.unit.test.ts.
export const ORDEM_BODY = {
  ...{ modelo: '55', uf: 'SP', ambiente: 'hom', modo: 'SVC' },
  justificativa: 'SEFAZ indisponível: emissão em contingência',
};

export const SIMULACAO_BODY = { modelo: '55', uf: 'SP', minutos: 15 };

export const SITUACAO_EXAMPLE = {
  ...{ modelo: '55', uf: 'SP', ambiente: 'prod', modo: 'SVC', desde: '2026-11-21T13:02:11.000Z', origem: 'hub' },
  hub: {
    ...{ modo: 'SVC', desde: '2026-11-21T13:02:11.000Z', motivo: 'o autorizador normal não atende', versao: 7 },
    ...{ suspeitaDesde: null, falhasRecentes: 12, situacaoDoNossoLado: null },
    status: {
      normal: { resposta: 'sem-resposta', em: '2026-11-21T13:05:11.000Z', seguidas: 2 },
      svc: { resposta: '107', em: '2026-11-21T13:02:10.000Z', seguidas: 1 },
      epec: null,
    },
    historico: [
      {
        ...{ em: '2026-11-21T13:02:11.000Z', de: 'NORMAL', para: 'SVC', motivo: 'o autorizador normal não atende', quem: 'hub' },
        observado: { falhas: 3, documentos: 3, normal: 'sem-resposta', svc: '107', epec: null },
      },
    ],
  },
  conta: { ordem: null, simulacao: null, historico: [] },
};

export const DRILL_EXAMPLE = {
  ...{ id: '0b8f8c1e-5d5c-4f8e-9a39-2f6c1d1f7a10', modelo: '55', uf: 'SP', ambiente: 'hom' },
  ...{ desde: '2026-11-21T13:00:00.000Z', ate: '2026-11-21T13:15:00.000Z', emCurso: true, modo: 'SVC' },
  quem: 'erp-principal',
};

export const REPORT_EXAMPLE = {
  ...DRILL_EXAMPLE,
  resumo: {
    ...{ svc: 1, 'contingencia-autorizada': 0, 'contingencia-pendente': 0, 'contingencia-recusada': 0 },
    ...{ substituida: 0, normal: 0, recusada: 0, 'em-andamento': 0 },
  },
  ...{ numeroElementos: 1, totalElementos: 1 },
  registros: [
    {
      ...{ ambiente: 'hom', empresa: '07385111000102', codModelo: '55', ano: 2026, serie: 77, numero: 261121 },
      ...{ chaveAcesso: '35261107385111000102550770002611216832019469', status: 'Autorizada', tipoEmissao: '6' },
      ...{ resultado: 'svc', descricao: 'autorizada na SVC', recebidaEm: '2026-11-21T13:01:00.000Z', emitidaEm: null },
      documento: '/api/empresas/07385111000102/docs/hom/55/2026/77/261121',
    },
  ],
};
