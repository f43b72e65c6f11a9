import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildChave } from '../chave/chave-acesso.ts';
import { parseXml } from '../xml/parse.ts';
import { EVENTO_FAULTS } from './fault-codes.ts';
import { eventoKind } from './kinds.ts';
import type { NotaComparada } from './nota-comparada.ts';
import { PRAZOS } from './prazos.ts';
import { checkEventoRules, type DocumentoDoEvento, type EventoRuleFacts } from './rules.ts';

const CNPJ = '11222333000181';
const KEY = { cUF: '35', aamm: '2611', documento: CNPJ, modelo: '65', serie: '1', numero: '8', tpEmis: '9', cNF: '48151623' };
const CHAVE = buildChave({ ...KEY, numero: '7', tpEmis: '1' });
const SUBSTITUTA = '35261111222333000181650010000000089481516233';
const NOTA: NotaComparada = {
  dhEmi: 'x',
  destinatario: '12345678909',
  vNF: '10.00',
  vICMS: '1.80',
  itens: [{ cProd: 'A', vProd: '10.00' }],
};
const DOCUMENTO: DocumentoDoEvento = {
  ...{ chave: CHAVE, modelo: '65', uf: 'SP', state: 'authorized', emitente: CNPJ, tpEmis: '1', nProt: '135260000000001', nota: NOTA },
  ...{ dhEmi: '2026-11-21T10:00:00-03:00', dhRecbto: '2026-11-21T10:00:05-03:00' },
};
const OUTRA: DocumentoDoEvento = { ...DOCUMENTO, chave: SUBSTITUTA, tpEmis: '9', dhEmi: '2026-11-21T11:00:00-03:00' };

interface Case {
  modelo?: '55' | '65';
  tpEvento?: string;
  det?: string;
  documento?: Partial<DocumentoDoEvento>;
}

function check({ modelo = '65', tpEvento = '110111', det, documento }: Case = {}, more: Partial<EventoRuleFacts> = {}) {
  const kind = eventoKind(modelo, tpEvento);
  if (!kind) assert.fail(tpEvento);
  const text = det ?? '<xJust>Pedido desfeito pelo cliente</xJust>';
  const xml = `<evento xmlns="http://www.portalfiscal.inf.br/nfe"><infEvento><tpEvento>${tpEvento}</tpEvento><detEvento>${text}</detEvento></infEvento></evento>`;
  return checkEventoRules({
    ...{ kind, doc: parseXml(xml), layout: 'sefaz', nSeqEvento: 1, autor: CNPJ, documento: { ...DOCUMENTO, modelo, ...documento } },
    ...{ eventos: [], prazos: PRAZOS, now: new Date('2026-11-21T13:10:00Z') },
    ...more,
  });
}
const XML =
  '<evento xmlns="http://www.portalfiscal.inf.br/nfe"><infEvento><tpEvento>110111</tpEvento><detEvento><xJust>Pedido desfeito pelo cliente</xJust></detEvento></infEvento></evento>';
const seen = new Set<string>();
const codes = (result: ReturnType<typeof check>) =>
  result.faults.map(({ code }) => {
    seen.add(code);
    return code;
  });
const CCE = { modelo: '55', tpEvento: '110110', det: '<xCorrecao>Rua das Flores, 12</xCorrecao>' } as const;
const SUBST = { tpEvento: '110112', det: `<xJust>Emitida em duplicidade</xJust><chNFeRef>${SUBSTITUTA}</chNFeRef>` } as const;

describe('checkEventoRules', () => {
  it('lets a cancelamento and a carta de correção of an authorised note pass', () => {
    assert.deepEqual(check(), { faults: [], avisos: [] });
    assert.deepEqual(check(CCE), { faults: [], avisos: [] });
    assert.deepEqual(check(SUBST, { substituta: OUTRA }), { faults: [], avisos: [] });
  });

  it('wants an authorised note', () => {
    for (const state of ['received', 'signed', 'uncertain', 'rejected', 'denied', 'invalid', 'conflict'] as const) {
      assert.deepEqual(codes(check({ documento: { state } })), ['EVT-040'], state);
    }
    assert.deepEqual(codes(check({ documento: { state: 'cancelled' } })), ['EVT-041']);
    assert.deepEqual(codes(check({ ...CCE, documento: { state: 'cancelled' } })), ['EVT-041']);
  });

  it('wants an EPEC before its note, and everything else after it', () => {
    const epec = { modelo: '55', tpEvento: '110140' } as const;
    assert.deepEqual(codes(check({ ...epec, documento: { state: 'signed' } })), []);
    for (const state of ['received', 'issued', 'uncertain', 'authorized', 'cancelled'] as const) {
      assert.deepEqual(codes(check({ ...epec, documento: { state } })), ['EVT-055'], state);
    }
  });

  it('wants the right author', () => {
    assert.deepEqual(codes(check({}, { autor: '11444777000161' })), ['EVT-042']);
    const recipient = { modelo: '55', tpEvento: '211128', det: '<indAceitacao>1</indAceitacao>' } as const;
    // An emitter may be its own recipient, and without knowing who receives SEFAZ decides.
    assert.deepEqual(codes(check(recipient)), []);
    const to = (destinatario: string) => codes(check({ ...recipient, documento: { destinatario } }));
    assert.deepEqual([to('11444777000161'), to(CNPJ)], [['EVT-043'], []]);
  });

  it('takes a given dhEvento between the authorisation and five minutes from now', () => {
    const given = (dhEvento: string) =>
      codes(check({}, { doc: parseXml(XML.replace('<tpEvento>', `<dhEvento>${dhEvento}</dhEvento><tpEvento>`)) }));
    assert.deepEqual([given('2026-11-21T10:00:05-03:00'), given('2026-11-21T10:15:00-03:00')], [[], []]);
    assert.deepEqual(given('2026-11-21T10:00:04-03:00'), ['EVT-053']);
    assert.deepEqual(given('2026-11-21T13:00:04+00:00'), ['EVT-053']);
    assert.deepEqual(given('2026-11-21T10:15:01-03:00'), ['EVT-051']);
  });

  it('counts the characters of xJust and xCorrecao', () => {
    const just = (text: string) => codes(check({ det: `<xJust>${text}</xJust>` }));
    assert.deepEqual(just('a'.repeat(14)), ['EVT-044']);
    assert.deepEqual(just('a'.repeat(15)), []);
    assert.deepEqual(just('ã'.repeat(255)), []);
    assert.deepEqual(just('a'.repeat(256)), ['EVT-044']);
    assert.deepEqual(codes(check({ det: '' })), ['EVT-044']);
    const correcao = (n: number) => codes(check({ ...CCE, det: `<xCorrecao>${'a'.repeat(n)}</xCorrecao>` }));
    assert.deepEqual([correcao(14), correcao(15), correcao(1000), correcao(1001)], [['EVT-045'], [], [], ['EVT-045']]);
  });

  it('takes carta de correção 1 to 20 and cancelamento 1 only', () => {
    const cce = (nSeqEvento: number) => codes(check(CCE, { nSeqEvento }));
    assert.deepEqual([cce(0), cce(1), cce(20), cce(21)], [['EVT-046'], [], [], ['EVT-046']]);
    assert.deepEqual(codes(check({}, { nSeqEvento: 2 })), ['EVT-046']);
  });

  it('does not cancel what is delivered, confirmed by the recipient or inspected by SUFRAMA', () => {
    const with_ = (tpEvento: string, state: 'registered' | 'rejected') =>
      codes(check({ modelo: '55' }, { eventos: [{ tpEvento, nSeqEvento: 1, state }] }));
    assert.deepEqual(with_('210200', 'registered'), ['EVT-048']);
    assert.deepEqual(with_('210200', 'rejected'), []);
    assert.deepEqual(with_('210210', 'registered'), []);
    assert.deepEqual(with_('990900', 'registered'), ['EVT-052']);
    assert.deepEqual(with_('110130', 'registered'), ['EVT-054']);
    const eventos = ['110130', '110131', '110130'].map((tpEvento) => ({ tpEvento, nSeqEvento: 1, state: 'registered' as const }));
    assert.deepEqual(codes(check({ modelo: '55' }, { eventos })), ['EVT-054']);
    assert.deepEqual(codes(check({ modelo: '55' }, { eventos: eventos.slice(0, 2) })), []);
  });

  it('compares a given nProt with that of the note', () => {
    const det = (nProt: string) => `<nProt>${nProt}</nProt><xJust>Pedido desfeito pelo cliente</xJust>`;
    assert.deepEqual(codes(check({ det: det('135260000000001') })), []);
    assert.deepEqual(codes(check({ det: det('135260000000002') })), ['EVT-049']);
  });

  it('tells an unreadable request as readEvento does', () => {
    const kind = eventoKind('55', '110111');
    if (!kind) assert.fail();
    assert.deepEqual(codes(check({}, { doc: parseXml('<x/>') })), ['EVT-001']);
  });
});

describe('checkSubstituicao', () => {
  const subst = (documento: Partial<DocumentoDoEvento>, outra: Partial<DocumentoDoEvento> | undefined) =>
    check({ ...SUBST, documento }, { substituta: outra && { ...OUTRA, ...outra } });
  const other = (nota: Partial<NotaComparada>) => codes(subst({}, { nota: { ...NOTA, ...nota } }));

  it('wants a normal note and an offline substitute, both authorised', () => {
    assert.deepEqual(codes(subst({ tpEmis: '9' }, {})), ['EVT-060']);
    assert.deepEqual(codes(subst({}, { state: 'signed' })), ['EVT-061']);
    assert.deepEqual(codes(subst({}, { state: 'cancelled' })), ['EVT-062']);
    const foreign = buildChave({ ...KEY, documento: '11444777000161' });
    assert.deepEqual(codes(check({ ...SUBST, det: SUBST.det.replace(SUBSTITUTA, foreign) })), ['EVT-069']);
    assert.deepEqual(codes(check({ ...SUBST, det: SUBST.det.replace(SUBSTITUTA, buildChave({ ...KEY, cUF: '33' })) })), ['EVT-069']);
    assert.deepEqual(codes(check({ ...SUBST, det: SUBST.det.replace(SUBSTITUTA, buildChave({ ...KEY, tpEmis: '1' })) })), ['EVT-060']);
    const normal = check({ ...SUBST, det: SUBST.det.replace(SUBSTITUTA, '35261111222333000181650010000000088481516230') });
    assert.deepEqual(codes(normal).slice(0, 1), ['EVT-061']);
    assert.deepEqual(codes(check({ ...SUBST, det: SUBST.det.replace(SUBSTITUTA, CHAVE) })), ['EVT-061']);
  });

  it('wants both within two hours, earlier or later', () => {
    assert.deepEqual(codes(subst({}, { dhEmi: '2026-11-21T12:00:00-03:00' })), []);
    assert.deepEqual(codes(subst({}, { dhEmi: '2026-11-21T12:00:01-03:00' })), ['EVT-063']);
    assert.deepEqual(codes(subst({}, { dhEmi: '2026-11-21T07:59:59-03:00' })), ['EVT-063']);
    assert.deepEqual(codes(subst({}, { dhEmi: '2026-11-21T13:00:00-02:00' })), []);
  });

  it('wants the same values, recipient and items', () => {
    assert.deepEqual(other({ vNF: '10.0' }), []);
    assert.deepEqual(other({ vNF: '10.01' }), ['EVT-064']);
    assert.deepEqual(other({ vICMS: '' }), ['EVT-065']);
    assert.deepEqual(other({ destinatario: '' }), ['EVT-066']);
    assert.deepEqual(other({ itens: [] }), ['EVT-067']);
    assert.deepEqual(other({ itens: [{ cProd: 'B', vProd: '10.00' }] }), ['EVT-068']);
    assert.deepEqual(other({ itens: [{ cProd: 'A', vProd: '9.99' }] }), ['EVT-068']);
  });

  it('sends with an aviso when the hub does not hold the substitute', () => {
    const { faults, avisos } = subst({}, undefined);
    assert.deepEqual([faults, avisos.map(({ codigo }) => codigo)], [[], ['substituta-desconhecida']]);
  });
});

describe('the codes of the rules', () => {
  it('have a case above each; that of checkPrazo is tested with it', () => {
    const elsewhere = ['EVT-050'];
    const rules = Object.keys(EVENTO_FAULTS).filter((code) => code >= 'EVT-040' && !elsewhere.includes(code));
    assert.deepEqual(
      rules.filter((code) => !seen.has(code)),
      [],
    );
  });
});
