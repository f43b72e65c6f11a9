import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Drawn } from '../pdf/pages.ts';
import { drawnFaults } from './drawn-faults.ts';
import { expectedTexts } from './expected-texts.ts';
import { PRINTED_SAMPLES, printSample } from './printed-samples.ts';

const dir = mkdtempSync(join(tmpdir(), 'danfe-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { cwd: dir, encoding: 'utf8', maxBuffer: 64_000_000 });
const squeezed = (text: string): string => text.replace(/\s+/g, '');

for (const [index, printed] of PRINTED_SAMPLES.entries()) {
  test(`${printed.name}: every value is on the paper, nothing stands on another thing, codes are read back`, () => {
    const drawn: Drawn[] = [];
    const { sample, pdf } = printSample(printed, drawn);
    assert.deepEqual(Buffer.from(printSample(printed, undefined).pdf).equals(pdf), true, 'the same document gives the same bytes');
    const file = `${index}.pdf`;
    writeFileSync(join(dir, file), pdf);

    const info = run('pdfinfo', file);
    const pages = Number(/^Pages:\s+(\d+)/m.exec(info)?.[1]);
    const [width, height] = (/^Page size:\s+([\d.]+) x ([\d.]+)/m.exec(info) ?? [])
      .slice(1)
      .map((points) => (Number(points) * 25.4) / 72) as [number, number];
    if (printed.pages !== undefined) assert.equal(pages, printed.pages);
    assert.match(info, new RegExp(`Keywords:\\s+${sample.chave}`));
    assert.match(info, /Title:\s+DANFE NFC?-e/);

    // In the order of drawing, so that lines of a cell follow one another; breaks of lines and pages do not count.
    const text = squeezed(run('pdftotext', '-raw', '-enc', 'UTF-8', file, '-'));
    const words = run('pdftotext', '-raw', '-enc', 'UTF-8', file, '-');
    for (const { path, text: wanted } of expectedTexts(sample.xml, printed.form)) {
      // A text that goes on over sheets has a header in its midst.
      const found = text.includes(squeezed(wanted)) || (wanted.length > 500 && wanted.split(' ').every((word) => words.includes(word)));
      assert.ok(found, `${path}: ${wanted}`);
    }
    for (const wanted of printed.texts ?? []) assert.ok(text.includes(squeezed(wanted)), wanted);
    for (const unwanted of printed.absent ?? []) assert.ok(!text.includes(squeezed(unwanted)), `not on the paper: ${unwanted}`);
    if (printed.form === 'a4')
      for (let page = 1; page <= pages; page++) assert.ok(text.includes(`FOLHA${page}/${pages}`), `FOLHA ${page}/${pages}`);

    assert.deepEqual(drawnFaults(drawn, { width, height: printed.form === 'a4' ? height : Number.POSITIVE_INFINITY, margin: 2 }), []);

    if (printed.codes === undefined) return;
    run('pdftoppm', '-png', '-gray', '-r', '300', '-f', '1', '-l', '1', '-singlefile', file, String(index));
    const decoded = run('zbarimg', '--nodbus', '--quiet', '--raw', `${index}.png`).trim().split('\n');
    for (const code of printed.codes(sample)) assert.ok(decoded.includes(code), `${code} is not among ${decoded.join(', ')}`);
  });
}
