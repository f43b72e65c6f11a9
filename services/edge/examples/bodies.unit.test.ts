import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVENTO_KINDS, eventoKind, kindOfTipo } from '@malote/fiscal/evento/kinds';
import { readEvento } from '@malote/fiscal/evento/read-evento';
import { readInutilizacao } from '@malote/fiscal/inutilizacao/read-inutilizacao';
import { parseXml } from '@malote/fiscal/xml/parse';
import { EVENTO_BODIES, eventoJsonSchema } from './evento-bodies.ts';
import { EVENTO_JSON_EXAMPLES } from './eventos.data.ts';
import { INUTILIZACAO_BODIES, inutilizacaoJsonSchema } from './inutilizacao-bodies.ts';

const CHAVE = '35261107385111000102550770002611211832019466';
const VALUES: Record<string, string> = {
  ...{ chaveAcesso: CHAVE, empresa: '07385111000102', dhEmi: '2026-11-21T00:00:00-03:00', dia: '2026-11-21' },
  ...{ ano: '2026', aa: '26', numero: '261121' },
};
/** As show-description.ts puts the values in. */
const filled = (text: string) => text.replace(/@([A-Za-z]+)@/g, (token, name: string) => VALUES[name] ?? token);

test('every example of an event is of its kind in both forms, which ask for the same', () => {
  for (const [name, { json, xml }] of Object.entries(EVENTO_BODIES)) {
    const { modelo } = EVENTO_JSON_EXAMPLES[name] ?? assert.fail(name);
    const body = JSON.parse(filled(JSON.stringify(json)));
    assert.equal(eventoJsonSchema.validate(body).error, undefined, name);
    const read = readEvento(parseXml(filled(xml ?? '')), 'sefaz');
    assert.ok(read.ok, name);
    assert.equal(read.pedido.chave, CHAVE);
    assert.equal(eventoKind(modelo, read.pedido.tpEvento), kindOfTipo(modelo, body.tipo), name);
  }
});

test('every event that has a name in JSON and a form of its own has an example', () => {
  const shown = new Set(Object.values(EVENTO_JSON_EXAMPLES).map(({ json }) => json.tipo));
  const forms = EVENTO_KINDS.filter(({ tipo, enviavel, suportado }) => tipo && enviavel && suportado);
  // Written as the first term is, or named in its example.
  const alike = ['prorrogacao-segundo-prazo', 'cancelamento-prorrogacao-primeiro-prazo', 'cancelamento-prorrogacao-segundo-prazo'];
  assert.deepEqual(
    forms.map(({ tipo }) => tipo).filter((tipo) => !shown.has(tipo) && !alike.includes(tipo ?? '')),
    ['cancelamento-evento'],
  );
});

test('the example of an inutilização asks for the same in both forms', () => {
  const { json, xml } = INUTILIZACAO_BODIES.faixa ?? assert.fail();
  assert.equal(inutilizacaoJsonSchema.validate(JSON.parse(filled(JSON.stringify(json)))).error, undefined);
  const read = readInutilizacao(parseXml(filled(xml ?? '')));
  assert.ok(read.ok, JSON.stringify(read));
  const { ano, numeroInicial, numeroFinal, serie } = read.pedido;
  assert.deepEqual([ano, serie, numeroInicial, numeroFinal], ['26', 78, 261121, 261121]);
});
