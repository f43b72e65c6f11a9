import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { SAMPLE_EVENTOS } from '@malote/testkit/sample-eventos';
import fc from 'fast-check';
import { at, parseXml, textAt, XmlError } from '../xml/parse.ts';
import { eventoXmlFromJson } from './json-evento.ts';
import { EVENTO_KINDS } from './kinds.ts';
import { readEvento } from './read-evento.ts';

const CHAVE = '35261111222333000181550010000000071481516238';

function xmlOf(body: unknown, facts: { modelo: '55' | '65'; chave?: string } = { modelo: '55' }) {
  const result = eventoXmlFromJson(body, facts);
  if (!result.ok) assert.fail(JSON.stringify(result.faults));
  return parseXml(result.xml).root;
}
function faultsOf(body: unknown, modelo: '55' | '65' = '55') {
  const result = eventoXmlFromJson(body, { modelo });
  return result.ok ? [] : result.faults;
}
const pathsOf = (body: unknown) => faultsOf(body).map(({ path }) => path);
const det = (root: ReturnType<typeof xmlOf>, path: string) => textAt(root, `infEvento/detEvento/${path}`);

describe('eventoXmlFromJson', () => {
  it('makes of every sample an event that is read back', () => {
    for (const { modelo, tpEvento, body } of SAMPLE_EVENTOS) {
      const result = eventoXmlFromJson({ ...body, chaveAcesso: CHAVE }, { modelo });
      if (!result.ok) assert.fail(`${tpEvento}: ${JSON.stringify(result.faults)}`);
      const read = readEvento(parseXml(result.xml), 'sefaz');
      if (!read.ok) assert.fail(`${tpEvento}: ${JSON.stringify(read.faults)}`);
      assert.equal(read.pedido.tpEvento, tpEvento);
      assert.equal(read.pedido.chave, CHAVE);
    }
  });

  it('writes fields in the order of the layout, whatever their order in JSON, and escapes them', () => {
    const root = xmlOf({ chaveSubstituta: CHAVE, justificativa: '<A & B>', tipo: 'cancelamento-substituicao' }, { modelo: '65' });
    assert.deepEqual(
      at(root, 'infEvento/detEvento')?.children.map((c) => c.local),
      ['xJust', 'chNFeRef'],
    );
    assert.equal(det(root, 'xJust'), '<A & B>');
  });

  it('writes numbers with the decimals of the layout, lists, attributes, persons and truth values', () => {
    const pagamentos = [
      { forma: '17', valor: 1.5, data: '2026-11-21' },
      { forma: '01', valor: '2.00', data: '2026-11-21' },
    ];
    const econf = xmlOf({ tipo: 'conciliacao-financeira', pagamentos });
    const values = at(econf, 'infEvento/detEvento')?.children.map((c) => textAt(c, 'vPag'));
    assert.deepEqual(values, ['1.50', '2.00']);
    const pedido = xmlOf({ tipo: 'prorrogacao-primeiro-prazo', itens: [{ item: 3, quantidade: 10 }] });
    assert.equal(at(pedido, 'infEvento/detEvento/itemPedido')?.attributes.get('numItem'), '3');
    assert.equal(det(pedido, 'itemPedido/qtdeItem'), '10.0000');
    const ator = xmlOf({ tipo: 'ator-interessado', autorizado: '12345678909', permiteAutorizar: false });
    assert.equal(det(ator, 'autXML/CPF'), '12345678909');
    assert.equal(det(ator, 'tpAutorizacao'), '0');
  });

  it('makes the hash of the delivery from chave and image', () => {
    const entrega = { tipo: 'comprovante-entrega', dataEntrega: 'x', documentoRecebedor: '12', nomeRecebedor: 'Maria', imagem: 'AAAA' };
    const expected = createHash('sha1').update(`${CHAVE}AAAA`).digest('base64');
    assert.equal(det(xmlOf({ ...entrega, chaveAcesso: CHAVE }), 'hashComprovante'), expected);
    assert.equal(det(xmlOf(entrega, { modelo: '55', chave: CHAVE }), 'hashComprovante'), expected);
    assert.deepEqual(pathsOf(entrega), ['imagem']);
    assert.deepEqual(pathsOf({ ...entrega, imagem: 'não é base64' }), ['imagem']);
    assert.deepEqual(pathsOf({ ...entrega, imagem: undefined }), ['hashComprovante']);
  });

  it('names what is missing, unknown or misshapen', () => {
    assert.deepEqual(pathsOf({ tipo: 'cancelamento' }), ['justificativa']);
    assert.deepEqual(pathsOf({ tipo: 'cancelamento', justificativa: { a: 1 } }), ['justificativa']);
    assert.deepEqual(pathsOf({ tipo: 'cancelamento', justificatva: 'x', justificativa: 'y' }), ['justificatva']);
    assert.deepEqual(pathsOf({ tipo: 'cancelamento', justificativa: 'y', nSeqEvento: [1] }), ['nSeqEvento']);
    assert.deepEqual(pathsOf({ tipo: 'conciliacao-financeira', pagamentos: {} }), ['pagamentos']);
    assert.deepEqual(pathsOf({ tipo: 'conciliacao-financeira', pagamentos: [{ forma: '17', valor: 1 }] }), ['pagamentos[1].data']);
    assert.deepEqual(pathsOf({ tipo: 'prorrogacao-primeiro-prazo', itens: [{ quantidade: 1 }] }), ['itens[1].item']);
    assert.deepEqual(pathsOf({ tipo: 'ator-interessado', autorizado: '1', permiteAutorizar: 'sim' }), ['permiteAutorizar']);
    for (const body of [undefined, null, 'x', [], {}, { tipo: 1 }, { tipo: 'cancelar' }, { tipo: '110112' }]) {
      assert.equal(faultsOf(body)[0]?.code, 'EVT-013', JSON.stringify(body));
    }
    assert.match(faultsOf({ tipo: 'cancelamento' })[0]?.message ?? '', /Falta o campo justificativa/);
  });

  it('takes detEvento as a tree of tags for every event', () => {
    const root = xmlOf({
      tipo: '112120',
      nSeqEvento: 2,
      detEvento: {
        '@versao': '9',
        gConsumo: [
          { '@nItem': 1, vIBS: '1.00' },
          { '@nItem': '2', vIBS: 2 },
        ],
      },
    });
    const items = at(root, 'infEvento/detEvento')?.children ?? [];
    assert.deepEqual(
      items.map((c) => [c.local, c.attributes.get('nItem'), textAt(c, 'vIBS')]),
      [
        ['gConsumo', '1', '1.00'],
        ['gConsumo', '2', '2'],
      ],
    );
    assert.equal(textAt(root, 'infEvento/nSeqEvento'), '2');
    assert.equal(det(xmlOf({ tipo: '211110', tpAutor: '2', detEvento: { gCredPresOper: '1' } }), 'tpAutor'), '2');
    assert.equal(det(xmlOf({ tipo: 'cancelamento', detEvento: { xJust: 'como no leiaute' } }), 'xJust'), 'como no leiaute');
  });

  it('refuses a tree that is none', () => {
    assert.deepEqual(pathsOf({ tipo: '112110' }), ['detEvento']);
    assert.deepEqual(pathsOf({ tipo: '112110', detEvento: { 'a b': '1' } }), ['detEvento']);
    assert.deepEqual(pathsOf({ tipo: '112110', detEvento: { a: null } }), ['detEvento/a']);
    assert.deepEqual(pathsOf({ tipo: '112110', detEvento: { a: { '@xmlns': 'urn:x' } } }), ['detEvento/a/@xmlns']);
    assert.deepEqual(pathsOf({ tipo: '112110', indQuitacao: '1', detEvento: { indQuitacao: '1' } }), ['indQuitacao']);
    let deep: unknown = '1';
    for (let i = 0; i < 50; i++) deep = { a: deep };
    assert.equal(faultsOf({ tipo: '112110', detEvento: deep }).length, 1);
  });

  it('never throws and never makes anything but one well-formed event of any JSON', () => {
    const tipo = fc.constantFrom(...EVENTO_KINDS.map((kind) => kind.tipo ?? kind.tpEvento));
    fc.assert(
      fc.property(tipo, fc.jsonValue(), fc.object(), (name, detEvento, more) => {
        const result = eventoXmlFromJson({ ...more, tipo: name, detEvento }, { modelo: '55' });
        if (!result.ok) return;
        try {
          const { root } = parseXml(result.xml);
          assert.deepEqual([root.local, root.children.length], ['evento', 1]);
        } catch (error) {
          // Characters that XML has not: whoever reads the text tells.
          assert.ok(error instanceof XmlError && error.codigo === 'xml-caractere', String(error));
        }
      }),
    );
  });
});
