import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Evento, Inutilizacao, PedidoEvento, PedidoInutilizacao } from '@malote/client/client';
import { openCatalog } from '@malote/schemas/catalog';
import { createValidator } from '@malote/schemas/validator';
import { eventually } from '@malote/testkit/eventually';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { dhEmiText } from '@malote/testkit/sample-nfe';
import { type Customer, newCustomer } from './customer.ts';
import { JUSTIFICATIVA, postJson, untilRegistro } from './evento-customer.ts';
import { startHub } from './hub.ts';
import { xmlsecVerifies } from './xmlsec.ts';

const hub = await startHub();
after(() => hub.close());
const validator = createValidator(openCatalog(String(hub.env.MALOTE_SCHEMAS_DIR)));
const customer = await newCustomer(hub, { cnpj: '11222333000181' });
const INUTILIZAR = 'NFeInutilizacao4';
const AUTHORIZE = 'NFeAutorizacao4';
const CONSULT = 'NFeConsultaProtocolo4';
const ATTEMPT_OVER_MS = 70_000;
const ano = hub.now().getUTCFullYear();

const all = `/api/empresas/${customer.cnpj}/docs/inutilizacoes/hom/55`;
const pathOf = (numero: number) => `${all}/SP/${String(ano).slice(2)}/1/${numero}`;
async function ask(numeroInicial: number, numeroFinal = numeroInicial): Promise<void> {
  const answer = await postJson(customer, all, { uf: 'SP', ano, serie: 1, numeroInicial, numeroFinal, justificativa: JUSTIFICATIVA });
  assert.ok(answer.status < 300, `${answer.status} ${await answer.text()}`);
}
const until = (numero: number, status: string) => untilRegistro(customer, pathOf(numero), status);
const refused = async (numero: number) =>
  (await until(numero, 'Rejeitada')).faults.map(({ code, message }) => `${code} ${message}`).join(' ');
const asked = async (service = INUTILIZAR) => (await hub.simulator.calls({ service })).length;

test('a range is voided once, its procInutNFe is signed and valid, and a note inside it is refused before anything is sent', async () => {
  await ask(1000, 1020);
  const view = await until(1010, 'Inutilizada');
  assert.equal(view.codigoStatus, '102');
  xmlsecVerifies(String(view.conteudo), hub.ca);
  // No public pack has a schema of the proc: what was signed is checked.
  const [signed = ''] = /<inutNFe.*<\/inutNFe>/s.exec(String(view.conteudo)) ?? [];
  const about = { familia: 'nfe', root: 'inutNFe', versao: '4.00', ambiente: '2', date: hub.now() } as const;
  assert.deepEqual(validator.validate(signed, about), []);
  await ask(1000, 1020);
  assert.equal(await asked(), 1);
  await customer.emit({ numero: 1010 });
  const note = await customer.untilStatus(1010, 'Rejeitada');
  assert.equal(note.faults[0]?.code, 'INU-034');
  assert.equal(await asked(AUTHORIZE), 0);
  await ask(1020, 1025);
  assert.match(await refused(1025), /INU-035.*1000 a 1020/);
  const alphanumeric = await newCustomer(hub, { cnpj: '12ABC34501DE35' });
  const path = `/api/empresas/${alphanumeric.cnpj}/docs/inutilizacoes/hom/55`;
  const body = { uf: 'SP', ano, serie: 1, numeroInicial: 1, numeroFinal: 2, justificativa: JUSTIFICATIVA };
  assert.ok((await postJson(alphanumeric, path, body)).status < 300);
  await untilRegistro(alphanumeric, `${path}/SP/${String(ano).slice(2)}/1/1`, 'Inutilizada');
});

test('a range with a note that is authorised, of unknown fate or once signed in contingência is refused here, the numbers named', async () => {
  const before = await asked();
  await customer.emit({ numero: 1 });
  await customer.untilStatus(1, 'Autorizada');
  await hub.simulator.fault({ fault: 'hang', match: { numero: 3 }, times: 1 });
  await customer.emit({ numero: 3 });
  await eventually(async () => (await hub.simulator.calls({ numero: 3 })).length === 1);
  const dhCont = dhEmiText(new Date(hub.now().getTime() - 60_000), 'SP');
  // Without security forms a note with tpEmis 5 is refused before it is signed.
  const politica = { modelos: { '55': { formulariosFsda: 100 } } };
  const headers = { 'x-auth-token': customer.session, 'content-type': 'application/json' };
  const put = { method: 'PUT', headers, body: JSON.stringify(politica) };
  assert.equal((await fetch(`${hub.url()}/api/empresas/${customer.cnpj}/contingencia`, put)).status, 200);
  const match = { service: AUTHORIZE, numero: 5 };
  await hub.simulator.fault({ fault: 'answer', match, times: 1, cStat: '610', xMotivo: 'Rejeição: teste' });
  await customer.emit({ numero: 5, tpEmis: '5', contingencia: { dhCont, xJust: 'SEFAZ de origem fora do ar desde as 10h' } });
  await customer.untilStatus(5, 'Rejeitada');
  await ask(1, 9);
  const faults = await refused(2);
  assert.match(faults, /INU-030 Números 1 /);
  assert.match(faults, /INU-031 Números 3 /);
  assert.match(faults, /INU-032 Números 5 /);
  assert.equal(await asked(), before);
});

test('every number that was ever sent is asked for a last time; what SEFAZ knows is not voided, what it does not know is', async () => {
  const reject = (numero: number, fault: string) =>
    hub.simulator.fault({ fault, match: { service: AUTHORIZE, numero }, times: 1, cStat: '610', xMotivo: 'Rejeição: teste' });
  await reject(20, 'answer');
  // Refused in the answer, yet held: what only a last look can tell.
  await reject(22, 'answer-after-authorising');
  for (const numero of [20, 22]) await customer.emit({ numero });
  for (const numero of [20, 22]) await customer.untilStatus(numero, 'Rejeitada');
  await ask(20, 21);
  await until(20, 'Inutilizada');
  assert.equal((await hub.simulator.calls({ service: CONSULT, numero: 20 })).length, 1);
  await ask(22, 24);
  assert.match(await refused(22), /INU-036 Números 22 /);
  await reject(26, 'answer');
  await customer.emit({ numero: 26 });
  await customer.untilStatus(26, 'Rejeitada');
  await hub.simulator.fault({ fault: 'http-500', match: { service: CONSULT, numero: 26 }, times: 1 });
  await ask(26);
  const unanswered = await eventually(async () => {
    const view = await until(26, 'Em processamento');
    return view.avisos.length > 0 ? view : null;
  });
  assert.equal(unanswered.avisos[0]?.cMsg, 'consulta-previa-sem-resposta');
  hub.advance(15 * 60_000);
  await until(26, 'Inutilizada');
});

test('an answer lost after voiding: the same bytes again after 15 s, and 563 is its own registration', async () => {
  const before = await asked();
  await hub.simulator.fault({ fault: 'answer-lost', match: { service: INUTILIZAR }, times: 1 });
  await ask(300, 305);
  await until(300, 'Em recuperação');
  hub.advance(16_000);
  const view = await until(300, 'Inutilizada');
  assert.deepEqual([view.codigoStatus, view.avisos], ['563', []]);
  assert.match(String(view.protocolo), /^\d{15}$/);
  const attempts = (await hub.raw.collection('inutilizacoes').findOne({ numeroInicial: 300 }))?.attempts as { digest: string }[];
  assert.deepEqual([attempts.length, new Set(attempts.map(({ digest }) => digest)).size], [2, 1]);
  assert.equal(await asked(), before + 2);
});

test('emission killed after transmitting: sent again when the attempt is over, and voided once', async () => {
  await hub.simulator.fault({ fault: 'hang-after-authorising', match: { service: INUTILIZAR }, times: 1 });
  const before = await asked();
  await ask(400);
  await eventually(async () => (await asked()) === before + 1);
  await hub.kill('emission');
  await hub.start('emission');
  hub.advance(ATTEMPT_OVER_MS);
  await until(400, 'Em recuperação');
  hub.advance(16_000);
  await until(400, 'Inutilizada');
});

/** Events and gaps over HTTP: a company of its own, so that the numbers above stay what they are. */
const nfe = await newCustomer(hub, { cnpj: sampleCnpj(41) });

const refOf = ({ cnpj }: Customer, chave: string) => ({ empresa: cnpj, ambiente: 'hom' as const, chave });

/** An authorised note; its key. */
async function authorised(customer: Customer, numero: number): Promise<string> {
  await customer.emit({ numero });
  const { chaveAcesso } = await customer.untilStatus(numero, 'Autorizada');
  return chaveAcesso ?? assert.fail(`note ${numero} has no key`);
}

async function askEvent(customer: Customer, chave: string, evento: PedidoEvento): Promise<Evento> {
  const asked = await customer.client.postEvent({ ...customer.docs, chave, evento, wait: 30 });
  return eventually(async () => {
    const seen = await customer.client.getEvent({ ...refOf(customer, chave), tpEvento: asked.codigoEvento, nSeqEvento: asked.nSeqEvento });
    if (seen.status.startsWith('Em ')) throw new Error(`${seen.codigoEvento} ${seen.nSeqEvento} is still ${seen.status}`);
    return seen;
  });
}

/** The event as people keep it: valid by its XSD, signed by the company. */
async function kept(customer: Customer, { chaveAcesso, codigoEvento, nSeqEvento }: Evento): Promise<string> {
  const xml = await customer.client.eventXml({ ...refOf(customer, chaveAcesso), tpEvento: codigoEvento, nSeqEvento });
  xmlsecVerifies(xml, hub.ca);
  const query = {
    familia: 'nfe',
    root: 'procEventoNFe',
    versao: '1.00',
    ambiente: '2',
    date: hub.now(),
    tpEvento: String(codigoEvento),
  } as const;
  assert.deepEqual(validator.validate(xml, query), [], String(codigoEvento));
  return xml;
}

test('a note is cancelled while the caller waits: its event and its own authorisation are both kept', async () => {
  const chave = await authorised(nfe, 1);
  const authorisation = await nfe.client.documento({ ...nfe.docs, chave });
  const evento: PedidoEvento = { tipo: 'cancelamento', justificativa: 'Pedido cancelado pelo cliente çã' };
  const asked = await nfe.client.postEvent({ ...nfe.docs, chave, evento, wait: 60 });
  assert.deepEqual([asked.status, asked.codigoStatus, asked.nSeqEvento, asked.codigoEvento], ['Registrado', '135', 1, 110111]);
  const xml = await kept(nfe, asked);
  assert.ok(xml.includes('çã') && xml.includes(String(authorisation.protocolo)));

  const cancelled = await nfe.client.documento({ ...nfe.docs, chave });
  assert.deepEqual(
    [cancelled.status, cancelled.codigoStatus, cancelled.motivo, cancelled.protocolo, cancelled.dataAutorizacao],
    ['Cancelada', '135', asked.motivo, authorisation.protocolo, authorisation.dataAutorizacao],
  );
  assert.equal(cancelled.conteudo, authorisation.conteudo);
  assert.deepEqual(await nfe.client.listEvents(refOf(nfe, chave)), [asked]);
  // Asked again it is the same event; a correction comes too late.
  assert.deepEqual(await nfe.client.postEvent({ ...nfe.docs, chave, evento }), asked);
  const late = await askEvent(nfe, chave, { tipo: 'carta-correcao', correcao: 'Correção de uma nota cancelada' });
  assert.equal(late.status, 'Rejeitado');
  assert.match(late.faults[0]?.message ?? '', /cancelad/i);
  assert.equal(late.tentativas, 0);
});

test('of two corrections at once each gets a number; they are read as XML and PDF, and number 21 is refused', async () => {
  const chave = await authorised(nfe, 2);
  const texts = ['Primeira correção: endereço de entrega', 'Segunda correção: dados do transportador'];
  const both = await Promise.all(texts.map((correcao) => askEvent(nfe, chave, { tipo: 'carta-correcao', correcao })));
  assert.deepEqual(
    both.map(({ status }) => status),
    ['Registrado', 'Registrado'],
  );
  assert.deepEqual(both.map(({ nSeqEvento }) => nSeqEvento).sort(), [1, 2]);
  for (const [index, evento] of both.entries()) assert.ok((await kept(nfe, evento)).includes(texts[index] ?? '?'));
  const pdf = await nfe.client.eventPdf({ ...refOf(nfe, chave), tpEvento: 110110, nSeqEvento: 1 });
  assert.equal(Buffer.from(pdf).subarray(0, 5).toString('latin1'), '%PDF-');
  const beyond = await askEvent(nfe, chave, { tipo: 'carta-correcao', correcao: 'Vigésima primeira correção', nSeqEvento: 21 });
  assert.equal(beyond.status, 'Rejeitado');
  assert.match(beyond.faults[0]?.message ?? '', /20/);
  assert.equal((await nfe.client.documento({ ...nfe.docs, chave })).status, 'Autorizada');
});

test('the national environment and SVRS register theirs: ator interessado by XML of the old layout, an event of the reform by JSON', async () => {
  const chave = await authorised(nfe, 3);
  const det = '<tpAutor>1</tpAutor><autXML><CNPJ>10900001000146</CNPJ></autXML><tpAutorizacao>1</tpAutorizacao>';
  const xml =
    `<envEvento xmlns="http://www.oobj.com.br/nfe"><evento><infEvento><chNFe>${chave}</chNFe><tpEvento>110150</tpEvento>` +
    `<detEvento>${det}</detEvento></infEvento></evento></envEvento>`;
  const [ano, serie, numero] = [hub.now().getFullYear(), 1, 3];
  const posted = await nfe.client.postEvent({ ...nfe.docs, ano, serie, numero, xml, layout: 'oobj', wait: 30 });
  const reform = await askEvent(nfe, chave, { tipo: '112110', detEvento: { indQuitacao: '1' } });
  const ator = await eventually(async () => {
    const seen = await nfe.client.getEvent({ ...refOf(nfe, chave), tpEvento: posted.codigoEvento, nSeqEvento: 1 });
    return seen.status === 'Registrado' ? seen : null;
  });
  assert.match(await kept(nfe, ator), /<cOrgao>91<\/cOrgao>/);
  assert.equal(reform.status, 'Registrado');
  assert.match(await kept(nfe, reform), /<cOrgao>92<\/cOrgao>/);
});

test('numbers that were skipped are found, proposed, declared void, and no longer proposed; a used one is refused by its number', async () => {
  const serie = 7;
  for (const numero of [101, 105]) {
    await nfe.emit({ numero, serie });
    await nfe.untilStatus(numero, 'Autorizada', 20_000, serie);
  }
  const found = await nfe.client.lacunas({ ...nfe.docs, serie });
  const [gap, ...more] = found.propostas;
  assert.deepEqual([gap?.numeroInicial, gap?.numeroFinal, more], [102, 104, []]);
  assert.ok(gap);
  const { numeroInicial, ano } = gap;
  const faixa = { uf: 'SP', ano, serie, numeroInicial, numeroFinal: 105, justificativa: 'Números pulados pelo sistema' } as const;
  const used = await inutilizada({ ...faixa });
  assert.equal(used.status, 'Rejeitada');
  assert.match(used.faults[0]?.message ?? '', /\b105\b/);
  assert.equal(used.tentativas, 0);
  const done = await inutilizada({ ...faixa, numeroFinal: gap.numeroFinal });
  assert.deepEqual([done.status, done.codigoStatus], ['Inutilizada', '102']);
  const ref = { ...nfe.docs, uf: 'SP', ano, serie, numero: 103 };
  const xml = await nfe.client.inutilizacaoXml(ref);
  xmlsecVerifies(xml, hub.ca);
  const query = { familia: 'nfe', root: 'ProcInutNFe', versao: '4.00', ambiente: '2', date: hub.now() } as const;
  assert.deepEqual(validator.validate(xml, query), []);
  assert.deepEqual(await nfe.client.inutilizacao(ref), done);
  const listed = await nfe.client.inutilizacoesPage({ empresa: nfe.cnpj, ambiente: 'hom' });
  assert.deepEqual(listed.registros.map(({ status }) => status).sort(), ['Inutilizada', 'Rejeitada']);
  const after = await nfe.client.lacunas({ ...nfe.docs, serie });
  assert.deepEqual([after.faixas, after.propostas], [[], []]);
});

async function inutilizada(faixa: PedidoInutilizacao): Promise<Inutilizacao> {
  const { uf, ano, serie, numeroInicial } = await nfe.client.inutilizar({ ...nfe.docs, faixa, wait: 30 });
  return eventually(async () => {
    const seen = await nfe.client.inutilizacao({ ...nfe.docs, uf, ano, serie, numero: numeroInicial });
    if (seen.status.startsWith('Em ')) throw new Error(`${numeroInicial} is still ${seen.status}`);
    return seen;
  });
}
