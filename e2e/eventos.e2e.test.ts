import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openCatalog } from '@malote/schemas/catalog';
import { createValidator } from '@malote/schemas/validator';
import { eventually } from '@malote/testkit/eventually';
import { dhEmiText } from '@malote/testkit/sample-nfe';
import { type Customer, newCustomer } from './customer.ts';
import { askEvento, cancelamento, correcao, JUSTIFICATIVA, untilEvento } from './evento-customer.ts';
import { startHub } from './hub.ts';
import { xmlsecVerifies } from './xmlsec.ts';

const MINUTE = 60_000;
const dir = mkdtempSync(join(tmpdir(), 'malote-prazos-'));
const prazos = join(dir, 'prazos.json');
const RIGIDO = {
  uf: 'SP',
  modelo: '65',
  tpEvento: '110111',
  minutos: 30,
  rigido: true,
  desde: '2026-01-01',
  norma: 'Portaria de teste 1/2026',
};
writeFileSync(prazos, JSON.stringify([RIGIDO]));
const hub = await startHub({ env: { MALOTE_EVENTOS_PRAZOS_FILE: prazos } });
after(async () => {
  await hub.close();
  rmSync(dir, { recursive: true });
});
const validator = createValidator(openCatalog(String(hub.env.MALOTE_SCHEMAS_DIR)));
const customer = await newCustomer(hub, { cnpj: '11222333000181' });
const EVENTO = 'NFeRecepcaoEvento4';
/** Longer than a SEFAZ time-out and the margin of its attempt (45 + 10 s), and than the clockwork's repeat. */
const ATTEMPT_OVER_MS = 70_000;

async function authorised(numero: number, of: Customer = customer, more: object = {}) {
  await of.emit({ numero, ...more });
  const note = await of.untilStatus(numero, 'Autorizada');
  return { ...note, chaveAcesso: String(note.chaveAcesso) };
}
const registrations = async (chave: string) =>
  (await hub.simulator.calls({ chave, service: EVENTO })).filter(({ cStat }) => /^(135|136|155)$/.test(cStat ?? ''));

test('a cancelamento is registered, its note is Cancelada, and what is served is signed, valid and SEFAZ’s', async () => {
  const note = await authorised(1);
  const asked = await askEvento(customer, note, cancelamento);
  assert.ok([200, 202].includes(asked.status), JSON.stringify(asked.view));
  const evento = await untilEvento(customer, { ...note, tpEvento: '110111' }, 'Registrado');
  assert.equal(evento.codigoStatus, '135');
  assert.match(String(evento.protocolo), /^\d{15}$/);
  assert.equal(evento.dataEvento.slice(-6), note.dataEmissao.slice(-6), 'dated in the zone of the note');
  const cancelled = await customer.untilStatus(1, 'Cancelada');
  assert.equal(cancelled.protocolo, note.protocolo);
  const xml = String(evento.conteudo);
  xmlsecVerifies(xml, hub.ca);
  const about = { familia: 'nfe', root: 'procEventoNFe', versao: '1.00', ambiente: '2', date: hub.now(), tpEvento: '110111' } as const;
  assert.deepEqual(validator.validate(xml, about), []);
  assert.equal((await askEvento(customer, note, cancelamento)).status, 200);
  const refused = await askEvento(customer, note, correcao('Onde se le azul leia-se verde na descricao'));
  assert.ok(refused.status < 300, JSON.stringify(refused.view));
  const { faults } = await untilEvento(customer, { ...note, tpEvento: '110110' }, 'Rejeitado');
  assert.deepEqual(
    faults.map(({ code }) => code),
    ['EVT-041'],
  );
});

test('two corrections at once get the numbers 1 and 2, a third one 3, and the same one again none', async () => {
  const note = await authorised(2);
  await Promise.all(['verde', 'preto'].map((cor) => askEvento(customer, note, correcao(`Onde se le azul leia-se ${cor} na descricao`))));
  for (const nSeq of [1, 2]) await untilEvento(customer, { ...note, tpEvento: '110110', nSeq }, 'Registrado');
  const dhEvento = note.dataAutorizacao;
  const third = await askEvento(customer, note, { ...correcao('Onde se le azul leia-se branco na descricao'), dhEvento });
  assert.equal(third.view.nSeqEvento, 3);
  const registered = await untilEvento(customer, { ...note, tpEvento: '110110', nSeq: 3 }, 'Registrado');
  assert.equal(registered.dataEvento, dhEvento, 'the moment that the ERP gave it');
  const again = await askEvento(customer, note, correcao('Onde se le azul leia-se branco na descricao'));
  assert.deepEqual([again.status, again.view.nSeqEvento], [200, 3]);
  assert.equal((await registrations(note.chaveAcesso)).length, 3);
});

test('an evento goes to who registers it: the national environment, the SVC that holds the note; an alphanumeric CNPJ signs it as any other', async () => {
  const note = await authorised(3);
  const ator = { tipo: '110150', detEvento: { tpAutor: '1', autXML: { CNPJ: '99888777000166' }, tpAutorizacao: '0' } };
  const asked = await askEvento(customer, note, ator);
  assert.ok(asked.status < 300, JSON.stringify(asked.view));
  await untilEvento(customer, { ...note, tpEvento: '110150' }, 'Registrado');
  assert.deepEqual(
    (await registrations(note.chaveAcesso)).map(({ autorizador }) => autorizador),
    ['AN'],
  );
  const alphanumeric = await newCustomer(hub, { cnpj: '12ABC34501DE35' });
  const dhCont = dhEmiText(new Date(hub.now().getTime() - MINUTE), 'SP');
  const atSvc = { tpEmis: '6', contingencia: { dhCont, xJust: 'SEFAZ de origem fora do ar desde as 10h' } };
  const contingency = await authorised(4, alphanumeric, atSvc);
  await askEvento(alphanumeric, contingency, cancelamento);
  await untilEvento(alphanumeric, { ...contingency, tpEvento: '110111' }, 'Registrado');
  assert.deepEqual(
    (await registrations(contingency.chaveAcesso)).map(({ autorizador }) => autorizador),
    ['SVC-AN'],
  );
});

test('an answer lost after registering leads to one registration: consulted by key and adopted, and the note is Cancelada', async () => {
  const note = await authorised(10);
  await hub.simulator.fault({ fault: 'answer-lost', match: { service: EVENTO, chave: note.chaveAcesso }, times: 1 });
  await askEvento(customer, note, cancelamento);
  const evento = await untilEvento(customer, { ...note, tpEvento: '110111' }, 'Registrado');
  assert.equal(evento.tentativas, 2);
  assert.match(String(evento.protocolo), /^\d{15}$/);
  xmlsecVerifies(String(evento.conteudo), hub.ca);
  await customer.untilStatus(10, 'Cancelada');
  assert.equal((await registrations(note.chaveAcesso)).length, 1);
});

test('573 is consulted and adopted; a request that was read and reset is found absent and sent again with the same bytes', async () => {
  const [twice, reset] = [await authorised(11), await authorised(12)];
  const match = (chave: string) => ({ match: { service: EVENTO, chave }, times: 1 });
  await hub.simulator.fault({ fault: 'answer-after-authorising', ...match(twice.chaveAcesso), cStat: '573' });
  await hub.simulator.fault({ fault: 'reset-after-read', ...match(reset.chaveAcesso) });
  for (const note of [twice, reset]) await askEvento(customer, note, cancelamento);
  await untilEvento(customer, { ...twice, tpEvento: '110111' }, 'Registrado');
  await untilEvento(customer, { ...reset, tpEvento: '110111' }, 'Em recuperação');
  const rows = hub.raw.collection('eventos');
  const attempts = async () => (await rows.findOne({ chave: reset.chaveAcesso }))?.attempts as { reason?: string; digest?: string }[];
  await eventually(async () => (await attempts())[1]?.reason === 'não consta', { message: 'the first consult' });
  hub.advance(16_000);
  await untilEvento(customer, { ...reset, tpEvento: '110111' }, 'Registrado');
  assert.equal(new Set((await attempts()).map(({ digest }) => digest)).size, 1);
  for (const numero of [11, 12]) await customer.untilStatus(numero, 'Cancelada');
  assert.equal((await registrations(reset.chaveAcesso)).length, 1);
});

test('emission killed after transmitting: consulted before anything is sent, one registration, and the note is Cancelada', async () => {
  const note = await authorised(13);
  await hub.simulator.fault({ fault: 'hang-after-authorising', match: { service: EVENTO, chave: note.chaveAcesso }, times: 1 });
  await askEvento(customer, note, cancelamento);
  await eventually(async () => (await registrations(note.chaveAcesso)).length === 1, { message: 'the simulator registered it' });
  await hub.kill('emission');
  await hub.start('emission');
  hub.advance(ATTEMPT_OVER_MS);
  await untilEvento(customer, { ...note, tpEvento: '110111' }, 'Registrado');
  await customer.untilStatus(13, 'Cancelada');
  assert.equal((await hub.simulator.calls({ chave: note.chaveAcesso, service: EVENTO })).length, 1);
});

test('an NFC-e is cancelled at 31 minutes: refused here in a rigid UF with the deadline named, sent and taken late (155) in a tolerant one', async () => {
  const [rigid, tolerant] = [
    await newCustomer(hub, { cnpj: '45543915000181', modelo: '65' }),
    await newCustomer(hub, { cnpj: '07526557000100', modelo: '65', uf: 'RJ' }),
  ];
  await hub.simulator.deadline({ uf: 'RJ', modelo: '65', minutes: 30, late: 'accept' });
  const notes = [await authorised(1, rigid), await authorised(1, tolerant)] as const;
  hub.advance(31 * MINUTE);
  await askEvento(rigid, notes[0], cancelamento);
  await askEvento(tolerant, notes[1], cancelamento);
  const refused = await untilEvento(rigid, { ...notes[0], tpEvento: '110111' }, 'Rejeitado');
  assert.match(refused.faults[0]?.message ?? '', /30 minutos.*Portaria de teste 1\/2026/s);
  assert.equal((await hub.simulator.calls({ chave: notes[0].chaveAcesso, service: EVENTO })).length, 0);
  const late = await untilEvento(tolerant, { ...notes[1], tpEvento: '110111' }, 'Registrado');
  assert.equal(late.codigoStatus, '155');
  assert.deepEqual(
    late.avisos.map(({ cMsg }) => cMsg),
    ['prazo-do-evento'],
  );
  await tolerant.untilStatus(1, 'Cancelada');
});

test('an NFC-e is cancelled by substitution once its off-line substitute is authorised, and not for one of another value', async () => {
  const till = await newCustomer(hub, { cnpj: '61186888000193', modelo: '65' });
  const normal = await authorised(1, till);
  const dhCont = dhEmiText(new Date(hub.now().getTime() - MINUTE), 'SP');
  const offline = { tpEmis: '9' as const, contingencia: { dhCont, xJust: 'Sem conexao com a internet' } };
  const same = await authorised(2, till, offline);
  const other = await authorised(3, till, { ...offline, itens: 3 });
  const by = (chaveSubstituta: string) => ({ tipo: 'cancelamento-substituicao', justificativa: JUSTIFICATIVA, chaveSubstituta });
  const asked = await askEvento(till, normal, by(other.chaveAcesso));
  assert.ok(asked.status < 300, JSON.stringify(asked.view));
  const refused = await untilEvento(till, { ...normal, tpEvento: '110112' }, 'Rejeitado');
  assert.ok(
    refused.faults.some(({ code }) => code === 'EVT-064'),
    JSON.stringify(refused.faults),
  );
  await askEvento(till, normal, by(same.chaveAcesso));
  await untilEvento(till, { ...normal, tpEvento: '110112' }, 'Registrado');
  await till.untilStatus(1, 'Cancelada');
  assert.equal((await till.view(2)).status, 'Autorizada');
});
