import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseXml } from '../xml/parse.ts';
import { type Retorno, type RetornoKind, readRetorno } from './read-retorno.ts';

const NS = 'http://www.portalfiscal.inf.br/nfe';
const CHAVE = '42220575277525000178550030000292481295366801';
const OTHER = '41180678393592000146558900000006041028190697';
const DIGEST = 'aWv6LeEM4X6u4+qBI2OYZ8grigw=';

function prot(cStat: string, xMotivo: string, more: { nProt?: string; alerts?: string; chave?: string; attributes?: string } = {}): string {
  const { nProt = '135260000000001', alerts = '', chave = CHAVE, attributes = '' } = more;
  const proof = nProt === '' ? '' : `<nProt>${nProt}</nProt><digVal>${DIGEST}</digVal>`;
  return (
    `<protNFe versao="4.00"${attributes}><infProt Id="ID1"><tpAmb>2</tpAmb><verAplic>SVRS26</verAplic><chNFe>${chave}</chNFe>` +
    `<dhRecbto>2026-11-21T10:00:05-03:00</dhRecbto>${proof}<cStat>${cStat}</cStat><xMotivo>${xMotivo}</xMotivo>${alerts}</infProt></protNFe>`
  );
}

function envi(cStat: string, inner = '', xMotivo = 'Lote processado'): string {
  return (
    `<retEnviNFe xmlns="${NS}" versao="4.00"><tpAmb>2</tpAmb><verAplic>SVRS26</verAplic><cStat>${cStat}</cStat><xMotivo>${xMotivo}</xMotivo>` +
    `<cUF>43</cUF><dhRecbto>2026-11-21T10:00:04-03:00</dhRecbto>${inner}</retEnviNFe>`
  );
}

function sit(cStat: string, xMotivo: string, inner = ''): string {
  return (
    `<retConsSitNFe xmlns="${NS}" versao="4.00"><tpAmb>2</tpAmb><verAplic>S</verAplic><cStat>${cStat}</cStat><xMotivo>${xMotivo}</xMotivo>` +
    `<cUF>43</cUF><dhRecbto>2026-11-21T10:09:00-03:00</dhRecbto><chNFe>${CHAVE}</chNFe>${inner}</retConsSitNFe>`
  );
}

function document(kind: RetornoKind, body: string): Extract<Retorno, { kind: 'document' }> {
  const read = readRetorno(kind, body);
  assert.equal(read.kind, 'document', JSON.stringify(read));
  return read as Extract<Retorno, { kind: 'document' }>;
}

function unreadable(kind: RetornoKind, body: string): Extract<Retorno, { kind: 'unreadable' }> {
  const read = readRetorno(kind, body);
  assert.equal(read.kind, 'unreadable', JSON.stringify(read));
  return read as Extract<Retorno, { kind: 'unreadable' }>;
}

describe('readRetorno of an authorisation', () => {
  it('gives class, protocolo and dates of an authorised note', () => {
    const protNFe = prot('100', 'Autorizado o uso da NF-e');
    const read = document('authorize', envi('104', protNFe));
    assert.equal(read.class, 'authorized');
    assert.equal(read.cStat, '100');
    assert.deepEqual(read.service, { cStat: '104', xMotivo: 'Lote processado' });
    assert.equal(read.dhRecbto, '2026-11-21T10:00:05-03:00');
    assert.deepEqual(read.protocolo, {
      xml: protNFe,
      chave: CHAVE,
      cStat: '100',
      xMotivo: 'Autorizado o uso da NF-e',
      nProt: '135260000000001',
      digVal: DIGEST,
      dhRecbto: '2026-11-21T10:00:05-03:00',
      alertas: [],
      tpAmb: '2',
      verAplic: 'SVRS26',
    });
  });

  it('keeps the alerts of 120, up to five, in order', () => {
    const alerts = [1, 2, 3, 4, 5].map((n) => `<cMsg>${n}0</cMsg><xMsg>Alerta &amp; aviso ${n}</xMsg>`).join('');
    const read = document('authorize', envi('104', prot('120', 'Autorizado o uso da NF-e, com alerta', { alerts })));
    assert.equal(read.class, 'authorized');
    assert.deepEqual(
      read.protocolo?.alertas,
      [1, 2, 3, 4, 5].map((n) => ({ cMsg: `${n}0`, xMsg: `Alerta & aviso ${n}` })),
    );
  });

  const fates: [string, string, string][] = [
    ['150', 'Autorizado o uso da NF-e, autorização fora de prazo', 'authorized'],
    ['225', 'Rejeição: Falha no Schema XML', 'schema'],
    ['213', 'Rejeição: CNPJ-Base do Emitente difere do CNPJ-Base do Certificado Digital', 'certificate'],
    ['897', 'Rejeição: Código numérico em formato inválido', 'rejected'],
    ['204', 'Rejeição: Duplicidade de NF-e', 'duplicate'],
    ['999', 'Rejeição: Erro não catalogado', 'internal'],
    ['998', 'Um código novo', 'unknown'],
    ['1115', 'Rejeição: IBSCBS', 'rejected'],
    ['302', 'Rejeição: Irregularidade fiscal do destinatário', 'rejected'],
  ];
  for (const [cStat, xMotivo, expected] of fates) {
    it(`reads cStat ${cStat} in the protNFe as ${expected}`, () => {
      const nProt = expected === 'authorized' ? undefined : '';
      assert.equal(document('authorize', envi('104', prot(cStat, xMotivo, { nProt }))).class, expected);
    });
  }

  it('counts 302 with an nProt as denied', () => {
    assert.equal(document('authorize', envi('104', prot('302', 'Uso Denegado'))).class, 'denied');
  });

  const batches: [string, string][] = [
    ['108', 'unavailable'],
    ['114', 'svc'],
    ['215', 'schema'],
    ['656', 'throttled'],
    ['452', 'rejected'],
    ['999', 'internal'],
    ['998', 'unknown'],
  ];
  for (const [cStat, expected] of batches) {
    it(`reads a batch answered ${cStat} without protNFe as ${expected}`, () => {
      const read = document('authorize', envi(cStat, '', 'x'));
      assert.equal(read.class, expected);
      assert.equal(read.protocolo, undefined);
    });
  }

  it('gives the receipt of a batch taken for later (103)', () => {
    const read = document('authorize', envi('103', '<infRec><nRec>351000012345678</nRec><tMed>1</tMed></infRec>', 'Lote recebido'));
    assert.equal(read.class, 'in-process');
    assert.equal(read.recibo, '351000012345678');
  });

  it('finds the other key that 539 names, in any writing', () => {
    for (const text of [`Duplicidade [chNFe: ${OTHER}][nRec:123456789012345]`, `Duplicidade [chNFe:${OTHER}`, `chave ${OTHER}.`]) {
      assert.equal(document('authorize', envi('104', prot('539', text, { nProt: '' }))).chaveNoMotivo, OTHER);
    }
  });

  it('takes no key with a wrong check digit from the text, and none from a plain rejection', () => {
    const wrong = `${OTHER.slice(0, 43)}8`;
    assert.equal(document('authorize', envi('104', prot('539', `[chNFe:${wrong}]`, { nProt: '' }))).chaveNoMotivo, undefined);
    assert.equal(document('authorize', envi('104', prot('897', `[chNFe:${OTHER}]`, { nProt: '' }))).chaveNoMotivo, undefined);
  });

  it('keeps the protocolo byte for byte: spaces, CRLF, attribute quotes and comments included', () => {
    const odd = prot('100', 'Autorizado').replace('versao="4.00"', "versao='4.00' ").replace('<cStat>', '\r\n  <!-- x --><cStat>');
    assert.equal(document('authorize', `\n<?xml version="1.0" encoding="UTF-8"?>${envi('104', odd)}\n`).protocolo?.xml, odd);
  });
});

describe('readRetorno of an authorisation that proves nothing', () => {
  const cases: [string, string, RegExp][] = [
    ['an empty body', '', /vazia/],
    ['blanks', ' \r\n\t', /vazia/],
    ['an HTML page', '<!DOCTYPE html><html><body>503 Service Unavailable</body></html>', /HTML/],
    ['an HTML page without doctype', '<html><head><title>Erro</title></head></html>', /HTML/],
    ['plain text', 'Internal Server Error', /não é XML/],
    ['XML cut in the middle', envi('104', prot('100', 'ok')).slice(0, 300), /não é XML/],
    ['a DTD', `<!DOCTYPE x [<!ENTITY a "b">]>${envi('104')}`, /não é XML/],
    ['another root', `<retConsSitNFe xmlns="${NS}" versao="4.00"><cStat>100</cStat></retConsSitNFe>`, /raiz/],
    ['another namespace', envi('104', prot('100', 'ok')).replaceAll(NS, 'http://example.com/nfe'), /namespace/],
    ['no cStat', `<retEnviNFe xmlns="${NS}"><xMotivo>x</xMotivo></retEnviNFe>`, /cStat/],
    ['a cStat of letters', envi('ok'), /cStat/],
    ['104 without protNFe', envi('104'), /104 sem protNFe/],
    ['100 without protNFe', envi('100', '', 'Autorizado'), /100 sem protNFe/],
    ['103 inside protNFe', envi('104', prot('103', 'Lote recebido', { nProt: '' })), /103/],
    ['105 inside protNFe', envi('104', prot('105', 'Em processamento', { nProt: '' })), /105/],
    ['635 inside protNFe: the number is still in process', envi('104', prot('635', 'Aguardando', { nProt: '' })), /635/],
    ['107 inside protNFe', envi('104', prot('107', 'Em operação')), /107/],
    ['100 without nProt', envi('104', prot('100', 'Autorizado', { nProt: '' })), /sem nProt/],
    ['100 without a chave', envi('104', prot('100', 'Autorizado', { chave: '' })), /sem chave/],
    ['two protNFe', envi('104', prot('100', 'a') + prot('100', 'b')), /2 protNFe/],
    ['a protNFe without infProt', envi('104', '<protNFe versao="4.00"/>'), /incompleto/],
    ['a protNFe of another namespace', envi('104', prot('100', 'a', { attributes: ' xmlns="urn:x"' })), /incompleto/],
  ];
  for (const [what, body, reason] of cases) {
    it(`calls ${what} unreadable`, () => assert.match(unreadable('authorize', body).reason, reason));
  }

  it('says which cStat it was, when there was one', () => {
    const read = unreadable('authorize', envi('104', prot('103', 'Lote recebido', { nProt: '' })));
    assert.deepEqual([read.cStat, read.xMotivo], ['103', 'Lote recebido']);
  });
});

describe('readRetorno of a consult', () => {
  const authorised = prot('100', 'Autorizado o uso da NF-e');

  it('gives an authorised note with its protocolo', () => {
    const read = document('consult', sit('100', 'Autorizado o uso da NF-e', authorised));
    assert.equal(read.class, 'authorized');
    assert.equal(read.protocolo?.xml, authorised);
    assert.deepEqual(read.eventos, []);
  });

  it('shows the cStat of the protocolo: 120 inside wins over 100 or 150 outside', () => {
    const alerts = '<cMsg>1</cMsg><xMsg>a</xMsg>';
    const read = document('consult', sit('150', 'fora de prazo', prot('120', 'com alerta', { alerts })));
    assert.equal(read.cStat, '120');
    assert.equal(read.service.cStat, '150');
    assert.equal(read.protocolo?.alertas.length, 1);
  });

  for (const cStat of ['101', '151', '155']) {
    it(`reads ${cStat} as cancelled, with the authorisation it had and its events`, () => {
      const evento = `<procEventoNFe versao="1.00"><evento><infEvento Id="x"/></evento></procEventoNFe>`;
      const read = document('consult', sit(cStat, 'Cancelamento homologado', authorised + evento + evento));
      assert.equal(read.class, 'cancelled');
      assert.equal(read.protocolo?.cStat, '100');
      assert.equal(read.eventos?.length, 2);
      const [first = ''] = read.eventos ?? [];
      assert.equal(parseXml(first).root.uri, NS, 'an event is a document of its own');
      assert.equal(first.replace(` xmlns="${NS}"`, ''), evento);
    });
  }

  it('reads 217 as not found', () => {
    assert.equal(document('consult', sit('217', 'NF-e não consta')).class, 'not-found');
  });

  for (const cStat of ['561', '562', '613']) {
    it(`reads ${cStat} as duplicate with the other key`, () => {
      const read = document('consult', sit(cStat, `Chave difere [chNFe:${OTHER}]`));
      assert.equal(read.class, 'duplicate');
      assert.equal(read.chaveNoMotivo, OTHER);
    });
  }

  it('reads an old denial by its protocolo', () => {
    assert.equal(document('consult', sit('302', 'Uso Denegado', prot('302', 'Uso Denegado'))).class, 'denied');
  });

  const nothing: [string, string][] = [
    ['100 without protNFe', sit('100', 'Autorizado')],
    ['100 outside and a rejection inside', sit('100', 'Autorizado', prot('897', 'cNF', { nProt: '' }))],
    ['a denial without protNFe', sit('110', 'Uso Denegado')],
    ['106: of a receipt, not of a key', sit('106', 'Lote não localizado')],
    ['105', sit('105', 'Em processamento')],
  ];
  for (const [what, body] of nothing) it(`calls ${what} unreadable`, () => assert.ok(unreadable('consult', body).cStat));

  it('reads a refused question by its class, which is not the fate of the document', () => {
    assert.equal(document('consult', sit('656', 'Consumo indevido')).class, 'throttled');
    assert.equal(document('consult', sit('236', 'DV da chave')).class, 'rejected');
    assert.equal(document('consult', sit('999', 'Erro')).class, 'internal');
  });
});

describe('readRetorno of the service status', () => {
  const status = (cStat: string, more = '') =>
    `<retConsStatServ xmlns="${NS}" versao="4.00"><tpAmb>2</tpAmb><cStat>${cStat}</cStat><xMotivo>x</xMotivo><cUF>43</cUF>${more}</retConsStatServ>`;

  it('gives class, mean time in seconds and the announced return', () => {
    const read = readRetorno('status', status('108', '<tMed>3</tMed><dhRetorno>2026-11-21T12:00:00-03:00</dhRetorno>'));
    assert.deepEqual(read, {
      kind: 'status',
      class: 'unavailable',
      cStat: '108',
      xMotivo: 'x',
      tMed: 3,
      dhRetorno: '2026-11-21T12:00:00-03:00',
    });
  });

  it('does without a mean time that is no number', () => {
    const read = readRetorno('status', status('107', '<tMed>agora</tMed>'));
    assert.equal(read.kind === 'status' && read.tMed, undefined);
    assert.equal(read.kind === 'status' && read.class, 'service-status');
  });
});
