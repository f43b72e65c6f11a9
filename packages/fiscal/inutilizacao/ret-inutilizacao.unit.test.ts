import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { buildProcInut, readRetInut } from './ret-inutilizacao.ts';

const NS = 'http://www.portalfiscal.inf.br/nfe';
const ret = (cStat: string, more = '', xMotivo = 'Texto') =>
  `<retInutNFe xmlns="${NS}" versao="4.00"><infInut><tpAmb>2</tpAmb><verAplic>SIM</verAplic><cStat>${cStat}</cStat><xMotivo>${xMotivo}</xMotivo><cUF>35</cUF>${more}</infInut></retInutNFe>`;
const PROT = '<dhRecbto>2026-11-21T10:00:00-03:00</dhRecbto><nProt>135260000000055</nProt>';

describe('readRetInut', () => {
  it('reads the homologation with its bytes', () => {
    const body = ret('102', PROT);
    assert.deepEqual(readRetInut(`<?xml version="1.0"?>${body}`), {
      ...{ kind: 'said', class: 'inutilizado', cStat: '102', xMotivo: 'Texto' },
      ...{ nProt: '135260000000055', dhRegistro: '2026-11-21T10:00:00-03:00', xml: body },
    });
  });

  it('takes the old protocolo of a 563 from its field or from the text', () => {
    const protocoloOf = (body: string) => {
      const read = readRetInut(body);
      return read.kind === 'said' && read.class === 'duplicate' ? read.nProt : read;
    };
    assert.equal(protocoloOf(ret('563', PROT)), '135260000000055');
    assert.equal(protocoloOf(ret('563', '', 'Ja existe pedido [nProt:135260000000066]')), '135260000000066');
    assert.equal(protocoloOf(ret('563', '', 'Ja existe pedido nProt 13526000000006677')), '13526000000006677');
    assert.equal(protocoloOf(ret('563')), undefined);
    assert.equal(protocoloOf(ret('256', '', 'nProt:135260000000066')), undefined);
  });

  it('tells refusals from words about the service', () => {
    const kindOf = (cStat: string) => {
      const read = readRetInut(ret(cStat));
      return 'class' in read ? `${read.kind} ${read.class}` : read.kind;
    };
    assert.deepEqual(['241', '256', '201', '215', '108', '656', '999', '9999'].map(kindOf), [
      ...['said duplicate', 'said duplicate', 'said rejected', 'said schema', 'service unavailable', 'service throttled'],
      ...['said internal', 'said unknown'],
    ]);
  });

  it('believes nothing that proves nothing, and never throws', () => {
    for (const body of ['', '<html/>', '<a/>', ret('102'), ret('100'), ret('105'), ret('x'), `<retInutNFe xmlns="${NS}"/>`]) {
      assert.equal(readRetInut(body).kind, 'unreadable', body);
    }
    const whole = ret('102', PROT);
    fc.assert(fc.property(fc.nat(whole.length - 1), (cut) => readRetInut(whole.slice(0, cut)).kind === 'unreadable'));
  });
});

describe('buildProcInut', () => {
  it('keeps the bytes of both', () => {
    const inut = `<inutNFe xmlns="${NS}"><infInut Id="x">á</infInut></inutNFe>`;
    assert.ok(buildProcInut(`<?xml version="1.0"?>${inut}`, ret('102', PROT)).endsWith(`${inut}${ret('102', PROT)}</ProcInutNFe>`));
  });
});
