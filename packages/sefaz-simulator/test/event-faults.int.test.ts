import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { systemClock } from '@malote/runtime/clock';
import { eventually } from '@malote/testkit/eventually';
import { eventScene } from './event-scene.ts';
import { envEvento } from './signed-evento.ts';
import { signedInutNFe } from './signed-inutilizacao.ts';
import { assertValid, type CallOptions, type Reply, type Stage, startStage } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await startStage();
});
after(() => stage.close());
afterEach(() => stage.admin('DELETE', '/faults'));
const { authorised, cancel, consult, eventCode, nextNumber } = eventScene(() => stage);
const fault = (body: object) => stage.admin<{ id: string; error?: string }>('POST', '/faults', body);

interface Message {
  service: string;
  /** How a fault finds this one call. */
  match: Record<string, unknown>;
  send(options?: CallOptions): Promise<Reply>;
  /** Whether SEFAZ did it. */
  done(): Promise<boolean>;
  /** cStat that is told when it is done, and when it was done before. */
  codes: { first: string; again: string };
  /** The cStat that decides in an answer. */
  codeOf(reply: Reply): string | undefined;
}

const MESSAGES: Record<string, () => Promise<Message>> = {
  async evento() {
    const note = await authorised();
    const service = 'NFeRecepcaoEvento4';
    const lote = envEvento(cancel(note));
    return {
      service,
      match: { service, tpEvento: '110111', nSeqEvento: 1, chave: note.chave },
      send: (options) => stage.call(service, lote, options),
      done: async () => (await consult(note.chave)).all('cStat')[0] === '101',
      codes: { first: '135', again: '573' },
      codeOf: (reply) => reply.all('cStat').at(-1),
    };
  },
  async inutilização() {
    const numero = 1_000 + nextNumber();
    const service = 'NFeInutilizacao4';
    const xml = signedInutNFe(numero, numero, { signer: stage.company });
    return {
      service,
      match: { service, serie: 1, numero },
      send: (options) => stage.call(service, xml, options),
      done: async () => (await stage.admin<unknown[]>('GET', `/inutilizacoes?numeroInicial=${numero}`)).length === 1,
      codes: { first: '102', again: '563' },
      codeOf: (reply) => reply.all('cStat').at(-1),
    };
  },
};

for (const [what, make] of Object.entries(MESSAGES)) {
  test(`${what}: an answer that is lost was done, and the next send tells it`, async () => {
    const message = await make();
    await fault({ fault: 'answer-lost', match: message.match, times: 1 });
    await assert.rejects(message.send(), { code: 'ECONNRESET' });
    assert.equal(await message.done(), true);
    assert.equal(message.codeOf(await message.send()), message.codes.again);
    const [lost] = await stage.calls(`fault=answer-lost&service=${message.service}`);
    assert.deepEqual([lost?.outcome, lost?.cStat], ['cut', message.codes.first]);
  });

  for (const name of ['reset-after-read', 'http-500', 'http-503', 'html', 'empty', 'cstat-108', 'cstat-109', 'cstat-656', 'cstat-999']) {
    test(`${what}: ${name} does nothing, and the next send is done`, async () => {
      const message = await make();
      await fault({ fault: name, match: message.match, times: 1 });
      if (name === 'reset-after-read') await assert.rejects(message.send(), { code: 'ECONNRESET' });
      else {
        const reply = await message.send();
        const code = /^cstat-(\d+)/.exec(name)?.[1];
        if (code === undefined) assert.deepEqual([reply.status, reply.retorno], [Number(/\d+/.exec(name)?.[0] ?? 200), '']);
        else {
          assert.deepEqual(reply.all('cStat'), [code]);
          assertValid(stage, reply);
        }
      }
      assert.equal(await message.done(), false);
      assert.equal(message.codeOf(await message.send()), message.codes.first);
    });
  }

  test(`${what}: a cStat that nobody knows is told of the message itself, done or not`, async () => {
    for (const name of ['answer', 'answer-after-authorising']) {
      const message = await make();
      await fault({ fault: name, cStat: '9876', match: message.match, times: 1 });
      const reply = await message.send();
      assert.equal(message.codeOf(reply), '9876');
      assert.deepEqual(reply.all('nProt'), []);
      assertValid(stage, reply);
      assert.equal(await message.done(), name !== 'answer');
    }
  });

  for (const name of ['hang', 'hang-after-authorising']) {
    test(`${what}: ${name} never answers`, async () => {
      const message = await make();
      await fault({ fault: name, match: message.match, times: 1 });
      const giveUp = new AbortController();
      const rejected = assert.rejects(message.send({ signal: giveUp.signal }), { name: 'AbortError' });
      await eventually(async () => (await stage.calls(`fault=${name}&outcome=hanging&service=${message.service}`)).length === 1);
      giveUp.abort();
      await rejected;
      assert.equal(await message.done(), name !== 'hang');
    });
  }

  test(`${what}: a slow answer is late, and done at once`, async () => {
    const message = await make();
    await fault({ fault: 'slow', delayMs: 300, match: message.match, times: 1 });
    const before = systemClock.monotonic();
    assert.equal(message.codeOf(await message.send()), message.codes.first);
    assert.ok(systemClock.monotonic() - before >= 300);
  });
}

test('a fault of one tpEvento lets other events pass, and a matcher that is misspelt is refused', async () => {
  const [first, second] = [await authorised(), await authorised()];
  await fault({ fault: 'cstat-999', match: { tpEvento: '110110' } });
  assert.equal(await eventCode(stage.call('NFeRecepcaoEvento4', envEvento(cancel(first)))), '135');
  await fault({ fault: 'cstat-999', match: { tpEvento: '110111' } });
  const refused = await stage.call('NFeRecepcaoEvento4', envEvento(cancel(second)));
  assert.deepEqual(refused.all('cStat'), ['999']);
  assert.deepEqual((await consult(second.chave)).all('cStat'), ['100', '100']);
  assert.match((await fault({ fault: 'hang', match: { tpevento: '110111' } })).error ?? '', /tpevento is not allowed/);
  const calls = await stage.calls(`tpEvento=110111&chave=${second.chave}`);
  assert.deepEqual(
    calls.map((call) => [call.cStat, call.nSeqEvento]),
    [['999', 1]],
  );
});
