import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attempt } from '@malote/fiscal/emission/lifecycle-state';
import type { Documento } from '@malote/store/documento';
import { ledgerOf, locationOf, presentDocument, statusOf, xmlOf } from './present-document.ts';

const CHAVE = '35261107385111000102550010000047111000047110';
const at = (s: number) => new Date(Date.UTC(2026, 10, 21, 12, 0, s));

const attempt: Attempt = {
  n: 1,
  kind: 'authorize',
  autorizador: 'SP',
  service: 'NFeAutorizacao4',
  sentAt: at(1),
  until: at(56),
  endedAt: at(2),
  result: 'answered',
  cStat: '100',
  xMotivo: 'Autorizado o uso da NF-e',
  digest: 'abc=',
  durationMs: 1000,
  trace: 't',
};

const received: Documento = {
  _id: '07385111000102.2.55.35.001.000004711',
  schema: 1,
  version: 1,
  conta: 'c1',
  empresa: '07385111000102',
  emitente: '07385111000102',
  tpAmb: '2',
  modelo: '55',
  familia: 'nfe',
  cUF: '35',
  uf: 'SP',
  serie: 1,
  numero: 4711,
  ano: 2026,
  autorizadorNormal: 'SP',
  fila: 'lote',
  layout: 'sefaz',
  fingerprint: 'f',
  tpEmisInformado: '1',
  dhEmi: '2026-11-21T09:00:00-03:00',
  emitidoEm: at(0),
  diaEmissao: '2026-11-21',
  state: 'received',
  attempts: [],
  faults: [],
  avisos: [],
  consultas: 0,
  rodadas: [],
  outbox: [],
  trace: 't',
  createdAt: at(0),
  updatedAt: at(0),
};

const authorized: Documento = {
  ...received,
  state: 'authorized',
  tpEmis: '1',
  chave: CHAVE,
  chaveInformada: CHAVE,
  conteudo: 'ref',
  attempts: [attempt],
  avisos: [{ codigo: '1', mensagem: 'Aviso' }],
  retorno: {
    class: 'authorized',
    cStat: '100',
    xMotivo: 'Autorizado o uso da NF-e',
    nProt: '135260000000001',
    dhRecbto: '2026-11-21T09:00:02-03:00',
    protocolo: '<protNFe versao="4.00"/>',
  },
};

test('a document just received shows its identity, and null for what is not known yet', () => {
  assert.deepEqual(presentDocument(received, undefined), {
    ambiente: 'hom',
    empresa: '07385111000102',
    codModelo: '55',
    ano: 2026,
    serie: 1,
    numero: 4711,
    chaveAcesso: null,
    status: 'Em processamento',
    codigoStatus: null,
    motivo: null,
    protocolo: null,
    dataEmissao: '2026-11-21T09:00:00-03:00',
    dataAutorizacao: null,
    tipoEmissao: null,
    avisos: [],
    faults: [],
    tentativas: 0,
    conteudo: null,
  });
});

test('an authorised document shows key, protocolo, warnings and its XML', () => {
  const shown = presentDocument(authorized, '<nfeProc/>');
  assert.equal(shown.chaveAcesso, CHAVE);
  assert.equal(shown.status, 'Autorizada');
  assert.equal(shown.codigoStatus, '100');
  assert.equal(shown.protocolo, '135260000000001');
  assert.equal(shown.dataAutorizacao, '2026-11-21T09:00:02-03:00');
  assert.equal(shown.tipoEmissao, '1');
  assert.equal(shown.tentativas, 1);
  assert.equal(shown.conteudo, '<nfeProc/>');
  assert.deepEqual(shown.avisos, [{ cMsg: '1', xMsg: 'Aviso' }]);
  assert.equal('chaveInformada' in shown, false);
});

test('a cancelled document says what cancelled it, keeps its own protocolo, and says where its events are', () => {
  const cancelamento = { tpEvento: '110111', nSeqEvento: 1, cStat: '155', xMotivo: 'Cancelamento homologado fora de prazo', nProt: '9' };
  const shown = presentDocument({ ...authorized, state: 'cancelled', cancelamento }, undefined);
  assert.deepEqual(
    [shown.status, shown.codigoStatus, shown.motivo, shown.protocolo, shown.dataAutorizacao],
    ['Cancelada', '155', 'Cancelamento homologado fora de prazo', '135260000000001', '2026-11-21T09:00:02-03:00'],
  );
  assert.equal(shown.eventos, `/api/empresas/07385111000102/docs/hom/${CHAVE}/eventos`);
});

test('the informed key is shown beside the real one only where they differ', () => {
  const other = CHAVE.replace(/.$/, '9');
  assert.equal(presentDocument({ ...authorized, chaveInformada: other }, undefined).chaveInformada, other);
});

test('every state has the literal of the contract', () => {
  const literals = Object.fromEntries(
    (['received', 'signed', 'uncertain', 'authorized', 'rejected', 'denied', 'cancelled', 'invalid', 'conflict'] as const).map((state) => [
      state,
      statusOf({ state }),
    ]),
  );
  assert.deepEqual(literals, {
    received: 'Em processamento',
    signed: 'Em processamento',
    uncertain: 'Em recuperação',
    authorized: 'Autorizada',
    rejected: 'Rejeitada',
    denied: 'Denegada',
    cancelled: 'Cancelada',
    invalid: 'Arquivo inválido',
    conflict: 'Conflito',
  });
});

test('the location of a document is its path by number', () => {
  assert.equal(locationOf(received), '/api/empresas/07385111000102/docs/hom/55/2026/1/4711');
  assert.equal(locationOf({ ...received, tpAmb: '1' }), '/api/empresas/07385111000102/docs/prod/55/2026/1/4711');
});

test('the ledger shows the calls of every round the number was posted for, oldest first', () => {
  const rejected: Attempt = { ...attempt, cStat: '225', xMotivo: 'Rejeição: Falha no Schema XML' };
  const open: Attempt = { ...attempt, n: 2, kind: 'consult', result: 'open', endedAt: undefined, cStat: undefined, xMotivo: undefined };
  const ledger = ledgerOf({ attempts: [attempt, open], rodadas: [{ fingerprint: 'g', attempts: [rejected], faults: [], endedAt: at(3) }] });
  assert.deepEqual(
    ledger.map(({ rodada, tentativa, tipo, resultado, codigoStatus }) => [rodada, tentativa, tipo, resultado, codigoStatus]),
    [
      [1, 1, 'autorizacao', 'respondida', '225'],
      [2, 1, 'autorizacao', 'respondida', '100'],
      [2, 2, 'consulta', 'em aberto', null],
    ],
  );
});

test('there is a proc XML only once SEFAZ has answered with a protocolo, made of the stored bytes', async () => {
  const signed = `<NFe xmlns="http://www.portalfiscal.inf.br/nfe"><infNFe versao="4.00" Id="NFe${CHAVE}"/></NFe>`;
  const read = async (ref: string) => (ref === 'ref' ? Buffer.from(signed) : undefined);
  const proc = await xmlOf(authorized, read);
  assert.ok(proc?.includes(signed) && proc.includes('<protNFe versao="4.00"/>'), proc);
  assert.equal(await xmlOf(received, read), undefined);
  assert.equal(await xmlOf({ ...authorized, state: 'rejected' }, read), undefined);
  assert.equal(await xmlOf({ ...authorized, state: 'signed', retorno: undefined }, read), undefined);
  await assert.rejects(xmlOf({ ...authorized, conteudo: 'gone' }, read), /gone/);
});
