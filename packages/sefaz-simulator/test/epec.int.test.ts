import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '@malote/runtime/clock';
import { eventScene } from './event-scene.ts';
import { envEvento } from './signed-evento.ts';
import { signedNfce } from './signed-nfce.ts';
import { consStatServ, enviNFe, type SignedOptions, signedNfe } from './signed-nfe.ts';
import { assertValid, CNPJ, type Stage, startStage } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await startStage();
});
after(() => stage.close());
const { event, toAn, eventCode, nextNumber } = eventScene(() => stage);

const contingencia = { dhCont: '2026-01-01T10:00:00-03:00', xJust: 'Falha na conexao com a SEFAZ' };
const HOUR = 3_600_000;

/** A signed note in tpEmis 4, not sent. */
function epecNote(options: Partial<SignedOptions> = {}) {
  return signedNfe({ cnpj: CNPJ, numero: nextNumber(), tpEmis: '4', contingencia, signer: stage.company, ...options });
}

const field = (xml: string, name: string) => new RegExp(`<${name}>([^<]+)`).exec(xml)?.[1] ?? '';

function detOf(xml: string): string {
  const [emit = '', dest = ''] = [/<emit>.*<\/emit>/.exec(xml)?.[0], /<dest>.*<\/dest>/.exec(xml)?.[0]];
  const value = (name: string) => `<${name}>${field(xml.slice(xml.indexOf('<ICMSTot>')), name)}</${name}>`;
  return (
    `<cOrgaoAutor>35</cOrgaoAutor><tpAutor>1</tpAutor><verAplic>ERP 1.0</verAplic><dhEmi>${field(xml, 'dhEmi')}</dhEmi><tpNF>1</tpNF>` +
    `<IE>${field(emit, 'IE')}</IE><dest><UF>SP</UF><CNPJ>${field(dest, 'CNPJ')}</CNPJ>${value('vNF')}${value('vICMS')}${value('vST')}</dest>`
  );
}

const register = ({ chave, xml }: { chave: string; xml: string }, det = detOf(xml), dhEvento?: Date) =>
  toAn(chave, '110140', { det, ...(dhEvento ? { dhEvento } : {}) });
const authorize = async (xml: string) => {
  const { all } = await stage.call('NFeAutorizacao4', enviNFe(xml));
  return { cStat: all('cStat')[1], xMotivo: all('xMotivo')[1] ?? '' };
};

test('an EPEC is registered by AN before its note (124), once, and then its note is authorised', async () => {
  const note = epecNote();
  assert.equal((await authorize(note.xml)).cStat, '468');
  const reply = await register(note);
  assert.deepEqual(reply.all('cStat'), ['128', '124'], reply.body);
  assertValid(stage, reply, '110140');
  const again = await register(note);
  assert.equal(again.all('cStat')[1], '573');
  assert.ok(again.all('xMotivo')[1]?.includes(`[nProt:${reply.all('nProt')[0]}]`), again.body);
  assert.equal((await authorize(note.xml)).cStat, '100');
  const late = epecNote();
  await stage.admin('POST', '/documents', { chave: late.chave, cStat: '100' });
  assert.equal(await eventCode(register(late)), '204');
});

test('the number of an EPEC takes no other EPEC and no other note', async () => {
  const numero = nextNumber();
  const note = epecNote({ numero });
  assert.equal(await eventCode(register(note)), '124');
  const other = epecNote({ numero, cNF: '51234567' });
  assert.equal(await eventCode(register(other)), '485');
  const refused = await authorize(other.xml);
  assert.deepEqual(refused, { cStat: '691', xMotivo: refused.xMotivo });
  assert.ok(refused.xMotivo.includes(note.chave));
  const normal = signedNfe({ cnpj: CNPJ, numero, signer: stage.company });
  assert.equal((await authorize(normal.xml)).cStat, '692');
  assert.equal(await eventCode(register(normal)), '484');
});

test('a note that differs from its EPEC is refused, with the field', async () => {
  for (const [tag, edit] of [
    ['vNF', (det: string) => det.replace(/<vNF>[^<]+/, '<vNF>1.00')],
    ['vICMS', (det: string) => det.replace(/<vICMS>[^<]+/, '<vICMS>1.00')],
    ['vST', (det: string) => det.replace(/<vST>[^<]+/, '<vST>1.00')],
    ['IE', (det: string) => det.replace(/<IE>[^<]+/, '<IE>110042490223')],
    ['CNPJ', (det: string) => det.replace(/<CNPJ>[^<]+/, `<CNPJ>${CNPJ}`)],
  ] as const) {
    const note = epecNote();
    assert.equal(await eventCode(register(note, edit(detOf(note.xml)))), '124', tag);
    const { cStat, xMotivo } = await authorize(note.xml);
    assert.equal(cStat, '467', tag);
    assert.ok(xMotivo.includes(`[tag: ${tag}]`), xMotivo);
  }
});

test('SP registers the EPEC of an NFC-e at a service of its own, with a status of its own, and then takes the note; no other state does', async () => {
  const note = signedNfce({ cnpj: CNPJ, numero: nextNumber(), tpEmis: '4', contingencia, signer: stage.company });
  const total = note.xml.slice(note.xml.indexOf('<ICMSTot>'));
  const det =
    `<cOrgaoAutor>35</cOrgaoAutor><tpAutor>1</tpAutor><verAplic>ERP 1.0</verAplic><dhEmi>${field(note.xml, 'dhEmi')}</dhEmi><tpNF>1</tpNF>` +
    `<IE>${field(/<emit>.*<\/emit>/.exec(note.xml)?.[0] ?? '', 'IE')}</IE><vNF>${field(total, 'vNF')}</vNF><vICMS>${field(total, 'vICMS')}</vICMS>`;
  const evento = envEvento(event(note.chave, '110140', { det }));
  const at = { modelo: '65', autorizador: 'SP' };
  const send = async () => (await stage.call('NFeAutorizacao4', enviNFe(note.xml), at)).all('cStat')[1];
  assert.equal(await send(), '468');
  assert.equal(await eventCode(stage.call('NFeRecepcaoEvento4', evento, at)), '491');
  const reply = await stage.call('RecepcaoEPEC', evento, at);
  assert.deepEqual(reply.all('cStat'), ['128', '124'], reply.body);
  assert.equal(await send(), '100');
  assert.deepEqual((await stage.call('EPECStatusServico', consStatServ('35'), at)).all('cStat'), ['107']);
  assert.equal((await stage.call('EPECStatusServico', consStatServ('43'), { ...at, autorizador: 'RS' })).status, 404);
});

test('an EPEC whose note is not there after 168 hours blocks the next one (142) until it is, over a restart', async () => {
  await stage.restart();
  const before = await stage.admin<{ chave: string }[]>('GET', '/events?tpEvento=110140');
  const notes = new Set((await stage.admin<{ chave: string }[]>('GET', '/documents')).map(({ chave }) => chave));
  assert.ok(
    before.some(({ chave }) => !notes.has(chave)),
    'one is pending',
  );
  await stage.shiftClock(169 * HOUR);
  const now = new Date(systemClock.now().getTime() + 169 * HOUR);
  const next = epecNote({ dhEmi: now });
  assert.equal(await eventCode(register(next, detOf(next.xml), now)), '142');
  for (const { chave } of before) if (!notes.has(chave)) await stage.admin('POST', '/documents', { chave, cStat: '100' });
  assert.equal(await eventCode(register(next, detOf(next.xml), now)), '124');
});
