import { Problem } from './problems.ts';

/** Deeper than any request of the contract; a bound for whatever walks the value. */
const MAX_DEPTH = 32;

/** The value of a JSON body. @throws Problem when it is none, is not UTF-8, or is nested too deep */
export function readJson(body: Uint8Array): unknown {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new Problem('json-malformado', 'O corpo não é um JSON válido em UTF-8.', { cause });
  }
  if (depthOf(value) > MAX_DEPTH) throw new Problem('json-malformado', `O JSON tem mais de ${MAX_DEPTH} níveis aninhados.`);
  return value;
}

/** Level by level: a value of the parser may be nested deeper than a recursion could follow. */
function depthOf(value: unknown): number {
  let level = [value];
  for (let depth = 0; ; depth += 1) {
    level = level.flatMap((node) => (typeof node === 'object' && node !== null ? Object.values(node) : []));
    if (level.length === 0 || depth > MAX_DEPTH) return depth;
  }
}
