import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { buildProc } from '../emission/proc.ts';
import { parseXml } from '../xml/parse.ts';
import { type RetornoKind, readRetorno } from './read-retorno.ts';
import { reconcile } from './reconcile.ts';

const NS = 'http://www.portalfiscal.inf.br/nfe';
const CHAVE = '42220575277525000178550030000292481295366801';
const OURS = { chave: CHAVE, digest: 'aWv6LeEM4X6u4+qBI2OYZ8grigw=' };

const PROT =
  `<protNFe versao="4.00"><infProt><tpAmb>2</tpAmb><chNFe>${CHAVE}</chNFe><dhRecbto>2026-11-21T10:00:05-03:00</dhRecbto>` +
  `<nProt>135260000000001</nProt><digVal>${OURS.digest}</digVal><cStat>100</cStat><xMotivo>Autorizado</xMotivo></infProt></protNFe>`;
const BODY = `<retEnviNFe xmlns="${NS}" versao="4.00"><cStat>104</cStat><xMotivo>Lote processado</xMotivo>${PROT}</retEnviNFe>`;

const kinds = fc.constantFrom<RetornoKind>('authorize', 'consult', 'status');
const cStat = fc.oneof(
  fc.constantFrom('100', '120', '150', '104', '101', '217'),
  fc.integer({ min: 0, max: 1300 }).map((n) => String(n).padStart(3, '0')),
  fc.string({ maxLength: 6 }),
);

function check(kind: RetornoKind, body: string): void {
  const read = readRetorno(kind, body);
  assert.ok(['document', 'status', 'unreadable'].includes(read.kind));
  if (read.kind === 'unreadable') assert.ok(read.reason.length > 0);
  assert.ok(reconcile(OURS, read));
}

describe('readRetorno under fuzzing', () => {
  it('never throws on arbitrary text', () => {
    fc.assert(fc.property(kinds, fc.string({ unit: 'binary', maxLength: 300 }), check));
  });

  it('never throws on a real answer with a piece cut out, doubled or replaced', () => {
    const mutation = fc.tuple(fc.nat(BODY.length), fc.nat(60), fc.string({ maxLength: 20 }));
    fc.assert(
      fc.property(kinds, fc.array(mutation, { minLength: 1, maxLength: 4 }), (kind, mutations) => {
        let body = BODY;
        for (const [at, length, insert] of mutations) body = body.slice(0, at) + insert + body.slice(at + length);
        check(kind, body);
      }),
      { numRuns: 500 },
    );
  });

  it('never calls a note authorised without protocolo, nProt, key and a code that authorises', () => {
    const inner = fc.record({ cStat, nProt: fc.constantFrom('', '135260000000001'), chave: fc.constantFrom('', CHAVE, '123') });
    fc.assert(
      fc.property(fc.constantFrom<RetornoKind>('authorize', 'consult'), cStat, fc.option(inner), (kind, outer, prot) => {
        const root = kind === 'authorize' ? 'retEnviNFe' : 'retConsSitNFe';
        const clean = (text: string) => text.replace(/[&<>]|[^ -~]/g, '');
        const protNFe =
          prot &&
          `<protNFe versao="4.00"><infProt><chNFe>${prot.chave}</chNFe><nProt>${prot.nProt}</nProt><cStat>${clean(prot.cStat)}</cStat></infProt></protNFe>`;
        const body = `<${root} xmlns="${NS}" versao="4.00"><cStat>${clean(outer)}</cStat><xMotivo>x</xMotivo>${protNFe ?? ''}</${root}>`;
        check(kind, body);
        const read = readRetorno(kind, body);
        if (read.kind !== 'document' || read.class !== 'authorized') return;
        assert.ok(prot && prot.nProt !== '' && prot.chave === CHAVE);
        assert.ok(['100', '120', '150'].includes(read.cStat));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the protocolo of an answer that leans on namespaces declared outside it', () => {
  const note = `<NFe xmlns="${NS}"><infNFe Id="NFe${CHAVE}" versao="4.00"></infNFe></NFe>`;

  it('is the bare slice when only the default namespace is inherited', () => {
    const read = readRetorno('authorize', BODY);
    assert.equal(read.kind === 'document' && read.protocolo?.xml, PROT);
  });

  it('gets the prefixes it uses, so that it means the same inside nfeProc', () => {
    const prefixed = BODY.replace(/<(\/?)(?=[a-zA-Z])/g, '<$1n:').replace('xmlns=', 'xmlns:unused="urn:y" xmlns:n=');
    const read = readRetorno('authorize', prefixed);
    const xml = read.kind === 'document' ? (read.protocolo?.xml ?? '') : '';
    assert.ok(xml.startsWith(`<n:protNFe xmlns:n="${NS}" versao="4.00">`), xml);
    assert.ok(!xml.includes('unused'));
    const proc = parseXml(buildProc(note, xml)).root;
    assert.deepEqual(
      proc.children.map((c) => [c.local, c.uri]),
      [
        ['NFe', NS],
        ['protNFe', NS],
      ],
    );
  });

  it('keeps a declaration of its own', () => {
    const own = PROT.replace('<protNFe', `<protNFe xmlns="${NS}"`);
    const read = readRetorno('authorize', BODY.replace(PROT, own));
    assert.equal(read.kind === 'document' && read.protocolo?.xml, own);
  });
});
