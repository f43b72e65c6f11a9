import { parseXml, XmlError } from '@malote/fiscal/xml/parse';
import { sampleNfe } from '@malote/testkit/sample-nfe';

/**
 * What it costs to refuse hostile XML, beside reading an ordinary note of one item in the same run. A body is at most 500,000 bytes, so
 * these are the largest that can arrive.
 */
const LIMIT = 500_000;
const WINDOW_MS = 1_000;

const laughs = `<!DOCTYPE x [<!ENTITY a "ha">${Array.from({ length: 20 }, (_, i) => `<!ENTITY b${i} "${`&b${i - 1};`.repeat(10)}">`).join('')}]><NFe>&b19;</NFe>`;
const INPUTS: Record<string, string> = {
  'note of 1 item (read)': sampleNfe({ cnpj: '11222333000181', numero: 1, dhEmi: '2026-11-21T10:00:00-03:00' }),
  'external entity (XXE)': '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><NFe>&e;</NFe>',
  'billion laughs': laughs,
  'quadratic blow-up': `<!DOCTYPE x [<!ENTITY a "${'a'.repeat(200_000)}">]><NFe>${'&a;'.repeat(60_000)}</NFe>`,
  'depth 100,000': `${'<a>'.repeat(100_000)}`,
  'width 100,000 elements': `<a>${'<b/>'.repeat(100_000)}</a>`,
  '40,000 attributes': `<a ${Array.from({ length: 40_000 }, (_, i) => `a${i}=""`).join(' ')}/>`,
  'one tag of 499,000 bytes': `<${'a'.repeat(499_000)}`,
};

function once(text: string): string {
  try {
    parseXml(text, { maxBytes: LIMIT });
    return 'read';
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    return error.codigo;
  }
}

function measure(text: string): { perCall: number; result: string } {
  const result = once(text);
  let calls = 0;
  const started = performance.now();
  do {
    once(text);
    calls++;
  } while (performance.now() - started < WINDOW_MS);
  return { perCall: (performance.now() - started) / calls, result };
}

const rows = Object.entries(INPUTS).map(([name, text]) => ({ name, bytes: Buffer.byteLength(text), ...measure(text) }));
const [note] = rows;
process.stdout.write(`${'input'.padEnd(28)}${'bytes'.padStart(9)}  ${'answer'.padEnd(18)}${'ms'.padStart(9)}  × a note\n`);
for (const { name, bytes, result, perCall } of rows) {
  const ratio = perCall / (note?.perCall ?? perCall);
  process.stdout.write(
    `${name.padEnd(28)}${String(bytes).padStart(9)}  ${result.padEnd(18)}${perCall.toFixed(3).padStart(9)}  ${ratio.toFixed(2)}\n`,
  );
}
