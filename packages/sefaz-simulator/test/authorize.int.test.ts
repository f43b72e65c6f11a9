import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildConsSit } from '@malote/fiscal/emission/consulta';
import { buildLote } from '@malote/fiscal/emission/lote';
import { prepare } from '@malote/fiscal/emission/prepare';
import { readRetorno } from '@malote/fiscal/retorno/read-retorno';
import { signXml } from '@malote/fiscal/xml/sign';
import { systemClock } from '@malote/runtime/clock';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { consSitNFe, consStatServ, enviNFe, signedNfe } from './signed-nfe.ts';
import { assertValid, CNPJ, type Stage, startStage } from './stage.ts';

let stage: Stage;
let next = 1;
before(async () => {
  stage = await startStage();
});
after(() => stage.close());

const note = (options: Partial<Parameters<typeof signedNfe>[0]> = {}) =>
  signedNfe({ ...(options.cpf === undefined ? { cnpj: CNPJ } : {}), numero: next++, signer: stage.company, ...options });
const authorize = (xml: string, options = {}) => stage.call('NFeAutorizacao4', enviNFe(xml), options);

test('a signed NF-e is authorised with digest, a protocol of 15 digits and the local time of its state', async () => {
  const { xml, chave, digest } = note();
  const reply = await authorize(xml);
  assert.deepEqual(reply.all('cStat'), ['104', '100']);
  assert.deepEqual(reply.all('digVal'), [digest]);
  assert.deepEqual(reply.all('chNFe'), [chave]);
  assert.match(reply.all('nProt')[0] ?? '', /^135\d\d\d{10}$/);
  assert.match(reply.all('dhRecbto')[1] ?? '', /-03:00$/);
  assertValid(stage, reply);

  const consulted = await stage.call('NFeConsultaProtocolo4', consSitNFe(chave));
  assert.deepEqual(consulted.all('cStat'), ['100', '100']);
  assert.deepEqual(consulted.all('nProt'), reply.all('nProt'));
  assert.deepEqual(consulted.all('digVal'), [digest]);
  assertValid(stage, consulted);
});

test('the status service answers 107 for a state it serves and 289 for another', async () => {
  const up = await stage.call('NFeStatusServico4', consStatServ('12'), { autorizador: 'SVRS' });
  assert.deepEqual(up.all('cStat'), ['107']);
  assert.match(up.all('dhRecbto')[0] ?? '', /-05:00$/);
  assertValid(stage, up);
  const other = await stage.call('NFeStatusServico4', consStatServ('35'), { autorizador: 'SVRS' });
  assert.deepEqual(other.all('cStat'), ['289']);
  assertValid(stage, other);
});

test('what SEFAZ answered is on the disk when the answer comes', async () => {
  const { xml, chave } = note();
  await authorize(xml);
  assert.match(readFileSync(join(stage.dir, 'state', 'state.jsonl'), 'utf8'), new RegExp(`"chave":"${chave}"`));
});

test('notes completed, signed and read by the fiscal package are accepted, with nasty texts too', async () => {
  for (const nastyText of [false, true]) {
    const numero = next++;
    const text = sampleNfe({ cnpj: CNPJ, numero, dhEmi: systemClock.now(), nastyText, itens: 3 });
    const prepared = prepare({ text, layout: 'sefaz', tpEmis: '1', cNF: '48019273' });
    assert.ok(prepared.ok, JSON.stringify(prepared));
    const key = createPrivateKey(stage.company.keyPem);
    const signed = signXml(prepared.xml, { element: 'infNFe' }, { key, certDer: new X509Certificate(stage.company.certPem).raw });
    const reply = await stage.call('NFeAutorizacao4', buildLote(signed.xml, '1'));
    assert.deepEqual(reply.all('cStat'), ['104', '100'], reply.body);
    assert.deepEqual(reply.all('digVal'), [signed.digest]);
    const retorno = readRetorno('authorize', reply.retorno);
    assert.equal(retorno.kind === 'document' && retorno.class, 'authorized');
    const consulted = await stage.call('NFeConsultaProtocolo4', buildConsSit({ chave: prepared.chave, tpAmb: '2' }));
    const again = readRetorno('consult', consulted.retorno);
    assert.equal(again.kind === 'document' && again.protocolo?.digVal, signed.digest);
  }
});
