import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cancelamento, type EventOptions, envEvento, signedEvento } from './signed-evento.ts';
import { consSitNFe, enviNFe, signedNfe } from './signed-nfe.ts';
import { assertValid, CNPJ, type Reply, type Stage, startStage } from './stage.ts';

let stage: Stage;
let next = 1;
before(async () => {
  stage = await startStage();
});
after(() => stage.close());

interface Authorised {
  chave: string;
  nProt: string;
  xml: string;
}

async function authorised(options: Partial<Parameters<typeof signedNfe>[0]> = {}): Promise<Authorised> {
  const { xml, chave } = signedNfe({ cnpj: CNPJ, numero: next++, signer: stage.company, ...options });
  const reply = await stage.call('NFeAutorizacao4', enviNFe(xml));
  assert.deepEqual(reply.all('cStat'), ['104', '100'], reply.body);
  return { chave, nProt: reply.all('nProt')[0] ?? '', xml };
}
const cancel = ({ chave, nProt }: { chave: string; nProt: string }, options: Partial<EventOptions> = {}) =>
  signedEvento({ signer: stage.company, chave, autor: CNPJ, tpEvento: '110111', det: cancelamento(nProt), ...options });
const send = (evento: string, options = {}): Promise<Reply> => stage.call('NFeRecepcaoEvento4', envEvento(evento), options);
const consult = (chave: string): Promise<Reply> => stage.call('NFeConsultaProtocolo4', consSitNFe(chave));

test('a cancellation is registered with a protocol, and the consult tells it with the event as it was signed', async () => {
  const note = await authorised();
  const evento = cancel(note);
  const reply = await send(evento);
  assert.deepEqual(reply.all('cStat'), ['128', '135'], reply.body);
  assert.match(reply.all('nProt')[0] ?? '', /^135\d\d\d{10}$/);
  assert.notEqual(reply.all('nProt')[0], note.nProt);
  assert.deepEqual(reply.all('xEvento'), ['Cancelamento']);
  assert.deepEqual(reply.all('CNPJDest'), [/<dest><CNPJ>(\d+)/.exec(note.xml)?.[1]]);
  assertValid(stage, reply, '110111');

  const consulted = await consult(note.chave);
  assert.deepEqual(consulted.all('cStat'), ['101', '100', '135']);
  assert.ok(consulted.retorno.includes(evento), consulted.retorno);
  assert.equal(consulted.all('nProt').at(-1), reply.all('nProt')[0]);
  assertValid(stage, consulted);

  const again = await stage.call('NFeAutorizacao4', enviNFe(note.xml));
  assert.deepEqual(again.all('cStat'), ['104', '218']);
});

test('the same event again is 573 with the protocol of the stored one, before and after a restart', async () => {
  const note = await authorised();
  const evento = cancel(note);
  const [nProt = ''] = (await send(evento)).all('nProt');
  for (const restart of [false, true]) {
    if (restart) await stage.restart();
    const again = await send(evento);
    assert.deepEqual(again.all('cStat'), ['128', '573']);
    assert.equal(again.all('xMotivo')[1], `Rejeição: Duplicidade de Evento [nProt:${nProt}]`);
    assertValid(stage, again, '110111');
    const consulted = await consult(note.chave);
    assert.deepEqual(consulted.all('cStat'), ['101', '100', '135']);
    assert.equal(consulted.all('nProt').at(-1), nProt);
  }
});

test('an event needs a note that is known and authorised', async () => {
  const { chave } = signedNfe({ cnpj: CNPJ, numero: next++, signer: stage.company });
  const unknown = await send(cancel({ chave, nProt: '135260000000001' }));
  assert.deepEqual(unknown.all('cStat'), ['128', '494']);
  assertValid(stage, unknown, '110111');
  const denied = signedNfe({ cnpj: CNPJ, numero: next++, signer: stage.company }).chave;
  await stage.admin('POST', '/documents', { chave: denied, cStat: '110' });
  const reply = await send(cancel({ chave: denied, nProt: '135260000000001' }));
  assert.deepEqual(reply.all('cStat'), ['128', '580']);
});
