// Measures one printer: node printer.mjs <package> <input.json>.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [peer, inputFile] = process.argv.slice(2);
const { dir, rate, notes } = JSON.parse(readFileSync(inputFile, 'utf8'));
const { version } = JSON.parse(readFileSync(join(dir, 'node_modules', peer, 'package.json'), 'utf8'));
const { gerarPDF } = createRequire(join(dir, 'package.json'))(peer);

for (const method of ['log', 'info', 'warn', 'debug', 'error']) console[method] = () => {};

/** All bytes of the PDF; both libraries answer a document of pdfkit. */
async function print(xml) {
  const document = await gerarPDF(xml, { cancelada: false });
  let bytes = 0;
  for await (const chunk of document) bytes += chunk.length;
  return bytes;
}

const figures = [];
for (const { name, xml } of notes) {
  try {
    if ((await print(xml)) < 1_000) throw new Error('it did not print');
    const rates = [];
    for (let window = 0; window <= rate.windows; window++) {
      let calls = 0;
      let elapsed = 0;
      const started = performance.now();
      do {
        await print(xml);
        calls++;
        elapsed = performance.now() - started;
      } while (elapsed < rate.windowMs);
      if (window > 0) rates.push((calls * 1000) / elapsed);
    }
    figures.push({ peer: `${peer} ${version}`, name, perSecond: rates.sort((a, b) => a - b)[rates.length >> 1] });
  } catch (error) {
    figures.push({ peer: `${peer} ${version}`, name, error: String(error?.message ?? error).slice(0, 200) });
  }
}
process.stdout.write(`\n${JSON.stringify(figures)}\n`);
process.exit(0);
