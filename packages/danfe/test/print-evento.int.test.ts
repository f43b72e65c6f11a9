import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { COND_USO, cancelamentoOf, sampleEvento } from '@malote/testkit/sample-evento';
import { sampleProc } from '@malote/testkit/sample-proc';
import { printEvento } from '../evento/print-evento.ts';
import type { Drawn } from '../pdf/pages.ts';
import { drawnFaults } from './drawn-faults.ts';

const dir = mkdtempSync(join(tmpdir(), 'evento-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const run = (program: string, ...args: string[]): string => execFileSync(program, args, { cwd: dir, encoding: 'utf8' });
const squeezed = (text: string): string => text.replace(/\s+/g, '');
const note = sampleProc();
const CORRECTION = 'Onde se lê peso bruto 112,250 kg leia-se 120,000 kg; '.repeat(18).trim();
const cce = (tpAmb: string): string =>
  sampleEvento({
    tpEvento: '110110',
    chave: note.chave,
    nSeqEvento: '3',
    tpAmb,
    det: `<descEvento>Carta de Correcao</descEvento><xCorrecao>${CORRECTION}</xCorrecao><xCondUso>${COND_USO}</xCondUso>`,
  });

const CASES: { name: string; xml: string; nota?: string; texts: string[] }[] = [
  {
    name: 'carta de correção with its note',
    xml: cce('1'),
    nota: note.xml,
    texts: [
      'CARTA DE CORREÇÃO ELETRÔNICA',
      CORRECTION,
      COND_USO,
      'Comercial Exemplo Ltda',
      'Destinatário Exemplo S/A',
      '135260000099999',
      '21/11/2026 15:00:03',
    ],
  },
  {
    name: 'carta de correção without its note, homologação',
    xml: cce('2'),
    texts: ['SEM VALOR FISCAL', CORRECTION, '10.900.001/0001-46', '000.004.711'],
  },
  {
    name: 'cancelamento',
    xml: cancelamentoOf(note.chave),
    nota: note.xml,
    texts: [
      'CANCELAMENTO DE NF-e',
      'Pedido desfeito pelo comprador antes da saída',
      '135260000012345',
      '135 - Evento registrado e vinculado a NF-e',
    ],
  },
  {
    name: 'an event that has no form of its own',
    xml: sampleEvento({
      tpEvento: '110140',
      chave: note.chave,
      det: '<descEvento>EPEC</descEvento><dest><UF>SP</UF><vNF>21.00</vNF></dest>',
    }),
    texts: ['EPEC', 'dest/vNF', '21.00'],
  },
];

for (const [index, { name, xml, nota, texts }] of CASES.entries()) {
  test(`${name}: the sheet says all, and its bar code is the key`, () => {
    const drawn: Drawn[] = [];
    const pdf = printEvento(xml, { nota, drawn });
    assert.ok(Buffer.from(printEvento(xml, { nota })).equals(pdf));
    writeFileSync(join(dir, `${index}.pdf`), pdf);
    const text = squeezed(run('pdftotext', '-raw', '-enc', 'UTF-8', `${index}.pdf`, '-'));
    for (const wanted of texts) assert.ok(text.includes(squeezed(wanted)), wanted);
    assert.deepEqual(drawnFaults(drawn, { width: 210, height: 297, margin: 2 }), []);
    run('pdftoppm', '-png', '-gray', '-r', '300', '-f', '1', '-l', '1', '-singlefile', `${index}.pdf`, String(index));
    assert.equal(run('zbarimg', '--nodbus', '--quiet', '--raw', `${index}.png`).trim(), note.chave);
  });
}

test('an event of another note than the one given is refused', () => {
  assert.throws(() => printEvento(cce('1'), { nota: sampleProc({ numero: 5 }).xml }), /Dê a nota do evento/);
});
