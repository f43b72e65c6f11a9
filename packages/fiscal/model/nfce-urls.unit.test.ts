import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nfceUrls, nfceUrlsFault } from './nfce-urls.ts';
import { UFS, type Uf } from './uf.ts';

const ALL = (Object.keys(UFS) as Uf[]).flatMap((uf) => (['1', '2'] as const).map((ambiente) => ({ uf, ambiente })));

test('every UF has both addresses in both ambientes, and the XSD takes each of them', () => {
  assert.equal(ALL.length, 54);
  for (const { uf, ambiente } of ALL) {
    for (const dia of ['2019-01-01', '2026-11-21'])
      assert.equal(nfceUrlsFault(nfceUrls(uf, ambiente, dia)), undefined, `${uf} ${ambiente}`);
  }
});

test('an address that moved counts from its day on', () => {
  const moved = [
    ['GO', '2025-06-16', 'http://nfe.sefaz.go.gov.br/', 'https://nfeweb.sefaz.go.gov.br/', '2025-06-15'],
    ['RJ', '2023-12-19', 'http://www4.fazenda.rj.gov.br/', 'https://consultadfe.fazenda.rj.gov.br/', '2023-12-18'],
    ['RN', '2026-05-25', 'http://nfce.set.rn.gov.br/', 'https://nfce.sefaz.rn.gov.br/', '2026-05-24'],
    ['MG', '2022-03-21', 'https://nfce.fazenda.mg.gov.br/', 'https://portalsped.fazenda.mg.gov.br/', '2022-03-20'],
  ] as const;
  for (const [uf, from, before, after, dayBefore] of moved) {
    assert.ok(nfceUrls(uf, '1', dayBefore).qrCode.startsWith(before), uf);
    assert.ok(nfceUrls(uf, '1', from).qrCode.startsWith(after), uf);
  }
});

test('typed addresses that SEFAZ or the XSD would refuse are told apart', () => {
  const good = { qrCode: 'https://nfce.sefaz.xx.gov.br/qrcode', urlChave: 'www.sefaz.xx.gov.br/nfce/consulta' };
  assert.equal(nfceUrlsFault(good), undefined);
  for (const qrCode of [
    'nfce.sefaz.xx.gov.br/qrcode',
    'ftp://x.gov.br/',
    `${good.qrCode}?p=`,
    'http://x y',
    'http://x/]]>',
    'Https://x/',
  ]) {
    assert.match(String(nfceUrlsFault({ ...good, qrCode })), /QR Code/, qrCode);
  }
  for (const urlChave of ['www.curta.gov.br', 'w'.repeat(86), 'www.sefaz.xx.gov.br/nfce consulta']) {
    assert.match(String(nfceUrlsFault({ ...good, urlChave })), /urlChave/, urlChave);
  }
});
