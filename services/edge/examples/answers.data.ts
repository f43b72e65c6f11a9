// Answers as the API description shows them; each is validated against its schema by openapi.unit.test.ts.
const CHAVE = '35261107385111000102550770002611211832019466';

export const TOKEN_EXAMPLE = {
  'x-auth-token': '5e0b1f0a-6f3c-4f0e-9d0b-2d3f8a7c1b9e',
  jwt: '5e0b1f0a-6f3c-4f0e-9d0b-2d3f8a7c1b9e',
  exp: 1795269600,
};

export const SESSION_EXAMPLE = {
  conta: '6f1c2b7e-0d52-4f7a-8b64-5a3c1e9d7f20',
  nome: 'Comercial Exemplo',
  escopos: ['emissao', 'recebimento', 'administracao', 'leitura'],
  empresas: [{ empresa: '07385111000102', razaoSocial: 'Comercial Exemplo Ltda', uf: 'SP' }],
  criadaEm: '2026-11-21T13:00:00.000Z',
  expiraEm: '2026-11-21T13:30:00.000Z',
};

export const DOCUMENT_EXAMPLE = {
  ambiente: 'hom',
  empresa: '07385111000102',
  codModelo: '55',
  ano: 2026,
  serie: 77,
  numero: 261121,
  chaveAcesso: CHAVE,
  status: 'Autorizada',
  codigoStatus: '100',
  motivo: 'Autorizado o uso da NF-e',
  protocolo: '135260000000001',
  dataEmissao: '2026-11-21T00:00:00-03:00',
  dataAutorizacao: '2026-11-21T10:00:01-03:00',
  tipoEmissao: '1',
  avisos: [],
  faults: [],
  eventos: `/api/empresas/07385111000102/docs/hom/${CHAVE}/eventos`,
  tentativas: 1,
  conteudo: '<nfeProc versao="4.00" xmlns="http://www.portalfiscal.inf.br/nfe">…</nfeProc>',
};

export const LEDGER_EXAMPLE = {
  chaveAcesso: CHAVE,
  status: 'Autorizada',
  tentativas: [
    {
      rodada: 1,
      tentativa: 1,
      tipo: 'autorizacao',
      autorizador: 'SP',
      servico: 'NFeAutorizacao4',
      enviadaEm: '2026-11-21T13:00:00.120Z',
      encerradaEm: '2026-11-21T13:00:01.004Z',
      resultado: 'respondida',
      codigoStatus: '100',
      motivo: 'Autorizado o uso da NF-e',
      digest: 'q5Zk6t4o1m6b9mCkM6cH6m1p0lQ=',
      duracaoMs: 884,
      trace: '4bf92f3577b34da6a3ce929d0e0e4736',
    },
  ],
};

export const RECOVERING_EXAMPLE = {
  numeroElementos: 1,
  totalElementos: 1,
  registros: [
    {
      ambiente: 'hom',
      empresa: '07385111000102',
      codModelo: '55',
      ano: 2026,
      serie: 77,
      numero: 261121,
      chaveAcesso: CHAVE,
      status: 'Em recuperação',
      desde: '2026-11-21T13:00:00.000Z',
      acao: 'consultar pela chave',
      proximaAcaoEm: '2026-11-21T13:01:15.000Z',
      ultimaTentativa: {
        tipo: 'autorizacao',
        autorizador: 'SP',
        enviadaEm: '2026-11-21T13:00:00.120Z',
        codigoStatus: null,
        motivo: 'tempo esgotado à espera da resposta',
      },
      tentativas: 1,
      avisos: [],
      documento: '/api/empresas/07385111000102/docs/hom/55/2026/77/261121',
    },
  ],
};

export const AUDITORIA_EXAMPLE = {
  numeroElementos: 1,
  totalElementos: 1,
  registros: [
    {
      seq: 1,
      em: '2026-11-21T13:00:00.000Z',
      quem: { tipo: 'credencial', id: '0d9c4f5e-3a0b-4a57-9f5e-7f1f0a6f3c21', ip: '203.0.113.7' },
      acao: 'certificado.instalar',
      empresa: '07385111000102',
      alvo: '5f0c1e2d3b4a59687706f5e4d3c2b1a09f8e7d6c',
      resultado: 'ok',
      detalhe: null,
      anterior: '',
      hash: '9f2c7d1e5b8a4036c1d2e3f405162738495a6b7c8d9eafb0c1d2e3f405162738',
    },
  ],
};

const { conteudo: _conteudo, ...LISTED } = DOCUMENT_EXAMPLE;

export const LIST_EXAMPLE = {
  numeroElementos: 1,
  totalElementos: 1,
  registros: [{ ...LISTED, documento: '/api/empresas/07385111000102/docs/hom/55/2026/77/261121' }],
};
