import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Evento, Inutilizacao, PedidoEvento, PedidoInutilizacao } from '@malote/client/client';
import { openCatalog } from '@malote/schemas/catalog';
import { createValidator } from '@malote/schemas/validator';
import { eventually } from '@malote/testkit/eventually';
import { type Customer, newCustomer } from './customer.ts';
import { startHub } from './hub.ts';
import { xmlsecVerifies } from './xmlsec.ts';

const hub = await startHub();
after(() => hub.close());
const validator = createValidator(openCatalog(String(hub.env.MALOTE_SCHEMAS_DIR)));
const nfe = await newCustomer(hub, { cnpj: '11222333000181' });

const refOf = ({ cnpj }: Customer, chave: string) => ({ empresa: cnpj, ambiente: 'hom' as const, chave });

/** An authorised note; its key. */
async function authorised(customer: Customer, numero: number): Promise<string> {
  await customer.emit({ numero });
  const { chaveAcesso } = await customer.untilStatus(numero, 'Autorizada');
  return chaveAcesso ?? assert.fail(`note ${numero} has no key`);
}

async function ask(customer: Customer, chave: string, evento: PedidoEvento): Promise<Evento> {
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
  const late = await ask(nfe, chave, { tipo: 'carta-correcao', correcao: 'Correção de uma nota cancelada' });
  assert.equal(late.status, 'Rejeitado');
  assert.match(late.faults[0]?.message ?? '', /cancelad/i);
  assert.equal(late.tentativas, 0);
});

test('of two corrections at once each gets a number; they are read as XML and PDF, and number 21 is refused', async () => {
  const chave = await authorised(nfe, 2);
  const texts = ['Primeira correção: endereço de entrega', 'Segunda correção: dados do transportador'];
  const both = await Promise.all(texts.map((correcao) => ask(nfe, chave, { tipo: 'carta-correcao', correcao })));
  assert.deepEqual(
    both.map(({ status }) => status),
    ['Registrado', 'Registrado'],
  );
  assert.deepEqual(both.map(({ nSeqEvento }) => nSeqEvento).sort(), [1, 2]);
  for (const [index, evento] of both.entries()) assert.ok((await kept(nfe, evento)).includes(texts[index] ?? '?'));
  const pdf = await nfe.client.eventPdf({ ...refOf(nfe, chave), tpEvento: 110110, nSeqEvento: 1 });
  assert.equal(Buffer.from(pdf).subarray(0, 5).toString('latin1'), '%PDF-');
  const beyond = await ask(nfe, chave, { tipo: 'carta-correcao', correcao: 'Vigésima primeira correção', nSeqEvento: 21 });
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
  const reform = await ask(nfe, chave, { tipo: '112110', detEvento: { indQuitacao: '1' } });
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
