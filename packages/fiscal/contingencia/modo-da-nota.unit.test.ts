import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emContingencia, escolheModo, type FatosDaNota, type ModosVistos, permiteOffline } from './modo-da-nota.ts';
import { efetiva, type Politica, type PoliticaModelo } from './politica.ts';
import { type Evidence, type Modo, startOf } from './situacao.ts';

const NOW = new Date('2026-11-22T13:00:00Z');
const before = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);
const DH_EMI = '2026-11-22T10:00:00-03:00';
const JUST = 'Sem resposta da SEFAZ desde as dez horas';

const nota = (changes: Partial<FatosDaNota> = {}): FatosDaNota => ({
  ...{ modelo: '55', uf: 'SP', ambiente: 'prod', tpEmisInformado: '1', semIe: false, serie: 1, dhEmi: DH_EMI },
  ...changes,
});
const nfce = (changes: Partial<FatosDaNota> = {}) => nota({ modelo: '65', ...changes });
const hub = (modo: Modo, status: Evidence['status'] = {}): ModosVistos => {
  const { mode, evidence } = startOf(before(600));
  return { hub: { situacao: { mode: { ...mode, modo, since: before(120) }, evidence: { ...evidence, status } } } };
};
const good = (secondsAgo: number, answer = '107') => ({ answer, at: before(secondsAgo).getTime(), inARow: 1 });
const padrao = efetiva({});
const da = (politica: Politica) => efetiva({ cnpj: politica });
const de55 = (modelo: PoliticaModelo) => da({ modelos: { '55': modelo } });
const de65 = (modelo: PoliticaModelo) => da({ modelos: { '65': modelo } });
const chosen = (...args: Parameters<typeof escolheModo> extends [infer N, infer V, infer P, Date] ? [N, V, P] : never) => {
  const escolha = escolheModo(args[0], args[1], args[2], NOW);
  return 'tpEmis' in escolha ? `${escolha.modo} ${escolha.tpEmis}` : escolha.modo;
};

const table: [string, FatosDaNota, ModosVistos, ReturnType<typeof efetiva>, string][] = [
  ['nothing known', nota(), {}, padrao, 'NORMAL'],
  ['hub is normal', nota(), hub('NORMAL'), padrao, 'NORMAL'],
  ['SP is served by SVC-AN', nota(), hub('SVC'), padrao, 'SVC 6'],
  ['GO by SVC-RS', nota({ uf: 'GO' }), hub('SVC'), padrao, 'SVC 7'],
  ['a CT-e of SP by SVC-RS', nota({ modelo: '57' }), hub('SVC'), padrao, 'SVC 7'],
  ['and one of RS by SVC-SP', nota({ modelo: '57', uf: 'RS' }), hub('SVC'), padrao, 'SVC 8'],
  ['EPEC', nota(), hub('EPEC'), padrao, 'EPEC 4'],
  ['EPEC, and the SVC works by now', nota(), hub('EPEC', { svc: good(100) }), padrao, 'SVC 6'],
  ['EPEC, the SVC worked once', nota(), hub('EPEC', { svc: good(181) }), padrao, 'EPEC 4'],
  ['EPEC, the SVC is being disabled', nota(), hub('EPEC', { svc: good(1, '113') }), padrao, 'EPEC 4'],
  ['a CT-e may still use an SVC being disabled', nota({ modelo: '57' }), hub('EPEC', { svc: good(1, '113') }), padrao, 'SVC 7'],
  ['own order: EPEC before SVC', nota(), hub('SVC'), de55({ ordem: ['EPEC', 'SVC'] }), 'EPEC 4'],
  ['own order: SVC only, and it does not work', nota(), hub('EPEC'), de55({ ordem: ['SVC'] }), 'NORMAL'],
  ['FSDA is never chosen', nota(), hub('EPEC'), de55({ ordem: ['FSDA', 'EPEC'], formulariosFsda: 9 }), 'EPEC 4'],
  ['OFFLINE of a 55 is for tpImp 6', nota(), hub('SVC'), de55({ ordem: ['OFFLINE', 'SVC'] }), 'SVC 6'],
  ['tpImp 6 goes off line', nota({ tpImp: '6' }), hub('SVC'), padrao, 'OFFLINE 9'],
  ['tpImp 6 where the order has no OFFLINE', nota({ tpImp: '6' }), hub('SVC'), de55({ ordem: ['SVC'] }), 'SVC 6'],
  ['NFC-e', nfce(), hub('OFFLINE'), padrao, 'OFFLINE 9'],
  ['NFC-e of SP with EPEC first, up', nfce(), hub('OFFLINE', { epec: good(1) }), de65({ ordem: ['EPEC', 'OFFLINE'] }), 'EPEC 4'],
  [
    'NFC-e of SP with EPEC first, down',
    nfce(),
    hub('OFFLINE', { epec: good(1, '114') }),
    de65({ ordem: ['EPEC', 'OFFLINE'] }),
    'OFFLINE 9',
  ],
  ['NFC-e elsewhere has no EPEC', nfce({ uf: 'MG' }), hub('OFFLINE', { epec: good(1) }), de65({ ordem: ['EPEC', 'OFFLINE'] }), 'OFFLINE 9'],
  ['an MDF-e', nota({ modelo: '58' }), hub('OFFLINE'), padrao, 'OFFLINE 2'],
  ['without IE: SVRS, whatever SP is', nota({ semIe: true }), hub('SVC'), padrao, 'NORMAL'],
  ['manual: not by itself', nota(), hub('SVC'), de55({ modo: 'manual' }), 'NORMAL'],
  ['desligado', nota(), hub('SVC'), de55({ modo: 'desligado' }), 'NORMAL'],
  ['ativo false', nota(), hub('SVC'), da({ ativo: false }), 'NORMAL'],
];
for (const [name, note, vistos, politica, expected] of table) {
  test(`mode of a note: ${name}`, () => assert.equal(chosen(note, vistos, politica), expected));
}

test('an order of the account goes before the hub, where the policy is automatic or manual, with its own text', () => {
  const ordem = { modo: 'EPEC' as Modo, desde: before(60), justificativa: JUST };
  for (const politica of [padrao, de55({ modo: 'manual' })]) {
    const escolha = escolheModo(nota(), { ...hub('SVC'), conta: { ordem } }, politica, NOW);
    const dhCont = '2026-11-22T09:59:00-03:00';
    assert.deepEqual(escolha, { modo: 'EPEC', tpEmis: '4', dhCont, desde: before(60), xJust: JUST });
  }
  assert.equal(chosen(nota(), { ...hub('SVC'), conta: { ordem: { ...ordem, modo: 'NORMAL' } } }, padrao), 'NORMAL');
  for (const politica of [de55({ modo: 'desligado' }), da({ ativo: false })])
    assert.equal(chosen(nota(), { conta: { ordem } }, politica), 'NORMAL');
});

test('an order that the note cannot have, or FSDA without forms, leaves it to the hub', () => {
  const ordered = (modo: Modo) => ({ ...hub('SVC'), conta: { ordem: { modo, desde: before(60) } } });
  assert.equal(chosen(nota(), ordered('OFFLINE'), padrao), 'SVC 6');
  assert.equal(chosen(nota({ tpImp: '6' }), ordered('OFFLINE'), padrao), 'OFFLINE 9');
  assert.equal(chosen(nota(), ordered('FSDA'), padrao), 'SVC 6');
  assert.equal(chosen(nota(), ordered('FSDA'), de55({ formulariosFsda: 100 })), 'FSDA 5');
  assert.equal(chosen(nfce({ uf: 'MG' }), ordered('EPEC'), padrao), 'OFFLINE 9');
});

test('a drill holds notes until it knows a mode, then they use it, and it ends by itself', () => {
  const drill = (modo: Modo | undefined, ate = before(-60)) => ({
    conta: { simulacao: { desde: before(5), ate, ...(modo ? { modo } : {}) } },
  });
  assert.equal(chosen(nota(), drill(undefined), padrao), 'AGUARDAR');
  assert.equal(chosen(nota(), drill('SVC'), padrao), 'SVC 6');
  assert.equal(chosen(nota(), drill('EPEC'), padrao), 'EPEC 4');
  assert.equal(chosen(nota(), drill('EPEC'), de55({ modo: 'manual' })), 'EPEC 4');
  assert.equal(chosen(nota({ semIe: true }), drill('SVC'), padrao), 'NORMAL');
  assert.equal(chosen(nfce(), drill('OFFLINE'), padrao), 'OFFLINE 9');
  assert.equal(chosen(nota(), drill('SVC', NOW), padrao), 'NORMAL');
});

test('a tpEmis of the ERP is kept whatever the modes are, with its own dhCont and xJust', () => {
  const politica = da({ ativo: false });
  for (const [tpEmis, modo] of [
    ['4', 'EPEC'],
    ['6', 'SVC'],
    ['9', 'OFFLINE'],
  ]) {
    const tpImp = tpEmis === '9' ? '6' : '1';
    assert.equal(chosen(nota({ tpEmisInformado: tpEmis as string, tpImp }), hub('NORMAL'), politica), `${modo} ${tpEmis}`);
  }
  const dhContInformada = '2026-11-22T09:30:00-03:00';
  const escolha = escolheModo(nota({ tpEmisInformado: '4', dhContInformada, xJustInformada: JUST }), {}, politica, NOW);
  assert.deepEqual(escolha, { modo: 'EPEC', tpEmis: '4', dhCont: dhContInformada, desde: new Date('2026-11-22T12:30:00Z'), xJust: JUST });
  assert.equal(chosen(nota({ tpEmisInformado: '3' }), hub('SVC'), padrao), 'NORMAL');
});

test('FS-DA of the ERP is refused without a declared stock of forms', () => {
  const escolha = escolheModo(nota({ tpEmisInformado: '5' }), {}, padrao, NOW);
  assert.ok(escolha.modo === 'RECUSADA');
  assert.deepEqual(
    escolha.faults.map(({ code, path }) => [code, path]),
    [['EMI-081', 'ide/tpEmis']],
  );
  assert.equal(chosen(nota({ tpEmisInformado: '5' }), {}, de55({ formulariosFsda: 1 })), 'FSDA 5');
  assert.equal(chosen(nota({ tpEmisInformado: '5' }), {}, de55({ formulariosFsda: 0 })), 'RECUSADA');
});

test('a suspicion holds a note for a second, at most 30 s, and never where there is no other way to issue it', () => {
  const suspected = (seconds: number): ModosVistos => {
    const { hub: row } = hub('NORMAL');
    return row ? { hub: { ...row, suspeitaDesde: before(seconds) } } : {};
  };
  assert.deepEqual(escolheModo(nota(), suspected(5), padrao, NOW), { modo: 'AGUARDAR', ate: before(-1) });
  assert.equal(chosen(nota(), suspected(30), padrao), 'NORMAL');
  assert.equal(chosen(nota(), suspected(5), de55({ modo: 'manual' })), 'NORMAL');
  assert.equal(chosen(nota(), suspected(5), de55({ ordem: ['FSDA'] })), 'NORMAL');
  assert.equal(chosen(nota({ semIe: true }), suspected(5), padrao), 'NORMAL');
  assert.equal(chosen(nfce({ limite: before(-2) }), suspected(5), padrao), 'AGUARDAR');
});

test('a till without time for the verdict goes off line at once, any other note is sent', () => {
  const { hub: row } = hub('NORMAL');
  const vistos = { hub: row && { ...row, suspeitaDesde: before(5) } };
  assert.equal(chosen(nfce({ limite: before(-1.9) }), vistos, padrao), 'OFFLINE 9');
  assert.equal(chosen(nfce({ limite: before(-1.9) }), vistos, de65({ ordem: ['EPEC'] })), 'NORMAL');
  assert.equal(chosen(nota({ limite: before(-1.9) }), vistos, padrao), 'NORMAL');
});

test('who may go off line by itself', () => {
  assert.equal(permiteOffline(nfce(), padrao), true);
  assert.equal(permiteOffline(nfce(), de65({ ordem: ['EPEC'] })), false);
  assert.equal(permiteOffline(nfce(), de65({ modo: 'manual' })), false);
  assert.equal(permiteOffline(nfce(), da({ ativo: false })), false);
  assert.equal(permiteOffline(nfce({ tpEmisInformado: '4' }), padrao), false);
  assert.equal(permiteOffline(nota(), de55({ ordem: ['OFFLINE'] })), false);
  assert.equal(permiteOffline(nota({ tpImp: '6' }), padrao), true);
  assert.equal(permiteOffline(nota({ tpImp: '6' }), de55({ ordem: ['OFFLINE', 'SVC'] })), true);
  assert.equal(permiteOffline(nota({ tpImp: '6' }), de55({ ordem: ['SVC'] })), false);
  assert.equal(permiteOffline(nota({ modelo: '58' }), padrao), false);
});

test('dhCont is never after dhEmi, in its offset and to the second', () => {
  const at = (dhEmi: string, desde: string) => emContingencia(nfce({ dhEmi }), 'OFFLINE', new Date(desde), padrao);
  assert.equal(at(DH_EMI, '2026-11-22T12:58:30.900Z').dhCont, '2026-11-22T09:58:30-03:00');
  assert.equal(at('2026-11-22T00:30:00-05:00', '2026-11-22T04:00:00Z').dhCont, '2026-11-21T23:00:00-05:00');
  const late = at(DH_EMI, '2026-11-22T13:05:00Z');
  assert.equal(late.dhCont, DH_EMI);
  assert.deepEqual(late.desde, new Date('2026-11-22T13:00:00Z'));
  assert.throws(() => emContingencia(nfce(), 'SVC', NOW, padrao), RangeError);
});

test('policies of three scopes: for every set of them the most specific decides mode and order, field by field', () => {
  const scopes = { cnpj: ['EPEC'], uf: ['SVC'], conta: ['FSDA'] } as const;
  const modos = { cnpj: 'automatico', uf: 'manual', conta: 'desligado' } as const;
  const names = ['cnpj', 'uf', 'conta'] as const;
  for (let subset = 0; subset < 64; subset += 1) {
    const ordemOf = names.find((_, i) => subset & (1 << i));
    const modoOf = names.find((_, i) => subset & (8 << i));
    const politicas = Object.fromEntries(
      names.map((name, i) => {
        const ordem = subset & (1 << i) ? { ordem: [...scopes[name]] } : {};
        const modo = subset & (8 << i) ? { modo: modos[name] } : {};
        return [name, { modelos: { '55': { ...ordem, ...modo } } }];
      }),
    );
    const automatic = modoOf === undefined || modoOf === 'cnpj';
    const expected = { cnpj: 'EPEC 4', uf: 'SVC 6', conta: 'NORMAL', hub: 'SVC 6' }[ordemOf ?? 'hub'];
    assert.equal(chosen(nota(), hub('SVC'), efetiva(politicas)), automatic ? expected : 'NORMAL', `${ordemOf} ${modoOf}`);
  }
});
