// Measures one peer: node peer.mjs <package> <input.json>. Plain JavaScript, because it may have to run on an older Node.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [name, inputFile] = process.argv.slice(2);
const input = JSON.parse(readFileSync(inputFile, 'utf8'));

const load = (path) => import(pathToFileURL(join(input.dir, 'node_modules', path)).href);

const MAKERS = {
  async 'nfewizard-io'() {
    const { XmlBuilder, NFE_SchemaValidate } = await load('@nfewizard/shared/dist/index.mjs');
    const builder = new XmlBuilder({ getCert: () => input.certPem, getCertKey: () => input.keyPem });
    return {
      sign: (xml) => builder.assinarXML(xml, 'infNFe'),
      validate: (xml) => NFE_SchemaValidate(xml, 'NFeAutorizacao', { validator: 'validateSchemaJsBased' }),
    };
  },
  async 'node-sped-nfe'() {
    const { Tools } = await load('node-sped-nfe/dist/index.js');
    const tools = new Tools(
      { mod: '55', UF: 'SP', tpAmb: 2, versao: '4.00', timeout: 30, xmllint: 'xmllint' },
      { pfx: input.pfx, senha: input.senha },
    );
    return {
      sign: (xml) => tools.xmlSign(xml, { tag: 'infNFe' }),
      validate: (xml) => tools.validarNFe(xml),
    };
  },
};

async function rateOf(work, { windows, windowMs }) {
  const rates = [];
  for (let window = 0; window <= windows; window++) {
    let calls = 0;
    const started = performance.now();
    let elapsed = 0;
    do {
      await work();
      calls++;
      elapsed = performance.now() - started;
    } while (elapsed < windowMs);
    if (window > 0) rates.push((calls * 1000) / elapsed);
  }
  return rates.sort((a, b) => a - b)[rates.length >> 1];
}

const quiet = () => {};
for (const method of ['log', 'info', 'warn', 'debug', 'error']) console[method] = quiet;

const peer = await MAKERS[name]();
const figures = [];
for (const { items, prepared, signed } of input.notes) {
  for (const [task, xml] of [
    ['sign', prepared],
    ['validate', signed],
  ]) {
    try {
      const result = await peer[task](xml);
      if (task === 'sign' && !/<(\w+:)?SignatureValue>/.test(String(result))) throw new Error('it did not sign');
      figures.push({ peer: name, task, items, perSecond: await rateOf(() => peer[task](xml), input.rate) });
    } catch (error) {
      figures.push({ peer: name, task, items, error: String(error?.message ?? error).slice(0, 200) });
    }
  }
}
const { version } = JSON.parse(readFileSync(join(input.dir, 'node_modules', name, 'package.json'), 'utf8'));
process.stdout.write(`\n${JSON.stringify({ version, node: process.version, figures })}\n`);
process.exit(0);
