/** A JSON object, or why there is none: Portuguese, for the `error` of the answer. */
export type TssJson = { ok: true; value: Record<string, unknown> } | { ok: false; error: string };

const FORMS = 'envie o JSON em base64 no campo JSON de um formulário, o base64 sozinho ou o JSON como está';
/** Deeper than any request of these services; a bound for the parser's stack. */
const MAX_DEPTH = 16;

/**
 * The request in a body, whatever its Content-Type says: form field `JSON=<base64>`, base64 alone or plain JSON. Clients of old announce
 * each of them as any of the others, and write base64 into a form without escaping it: its `+` then reads as a blank.
 */
export function readTssJson(body: Uint8Array): TssJson {
  const text = utf8Of(body);
  if (text === undefined) return refused('O corpo não está em UTF-8; gere o JSON em UTF-8 antes de o codificar em base64.');
  const sent = text.trim();
  if (sent === '') return refused(`O corpo da requisição está vazio; ${FORMS}.`);
  if (/^[[{"]/.test(sent)) return parsed(sent, 'O corpo');
  const fields = sent.split('&').flatMap((part) => /^\s*json\s*=(.*)$/is.exec(part)?.[1] ?? []);
  if (fields.length > 1) return refused(`O campo JSON do formulário veio ${fields.length} vezes; envie-o uma vez só.`);
  const [field] = fields;
  if (field !== undefined) return fromField(field);
  if (/^[\w.%-]{1,24}=[^=]/.test(sent)) return refused(`O formulário não tem o campo JSON; ${FORMS}.`);
  return fromBase64(sent, 'O corpo');
}

function fromField(raw: string): TssJson {
  const where = 'O campo JSON do formulário';
  let value: string;
  try {
    value = decodeURIComponent(raw.replaceAll('+', ' ')).trim();
  } catch {
    return refused(`${where} tem um código % inválido; codifique-o como application/x-www-form-urlencoded.`);
  }
  if (value === '') return refused(`${where} está vazio; ${FORMS}.`);
  return /^[[{"]/.test(value) ? parsed(value, where) : fromBase64(value.replaceAll(' ', '+'), where);
}

function fromBase64(text: string, where: string): TssJson {
  const packed = text.replace(/[\r\n\t ]+/g, '');
  const odd = /[^A-Za-z0-9+/_=-]/.exec(packed);
  if (odd) return refused(`${where} não é JSON nem base64: tem o caractere ${JSON.stringify(odd[0])} na posição ${odd.index + 1}.`);
  const digits = packed.replace(/=+$/, '');
  if (digits.includes('=')) return refused(`${where} não é base64: há "=" no meio dele.`);
  if (digits.length % 4 === 1) return refused(`${where} é um base64 incompleto: ${digits.length} caracteres.`);
  const decoded = utf8Of(Buffer.from(digits, 'base64'));
  if (decoded === undefined) return refused(`${where} traz, em base64, um conteúdo que não está em UTF-8.`);
  return parsed(decoded, 'O conteúdo do base64');
}

function parsed(text: string, where: string): TssJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused(`${where} não é um JSON válido.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refused(`${where} deve ser um objeto JSON ({…}), e é ${kindOf(value)}.`);
  }
  if (deeper(value, MAX_DEPTH)) return refused(`O JSON tem mais de ${MAX_DEPTH} níveis aninhados.`);
  return { ok: true, value: value as Record<string, unknown> };
}

/** What a JSON value is, in words. */
export function kindOf(value: unknown): string {
  if (value === null) return 'nulo';
  if (Array.isArray(value)) return 'uma lista';
  return { string: 'um texto', number: 'um número', boolean: 'um valor lógico', object: 'um objeto' }[typeof value as string] ?? 'nada';
}

/** Level by level: a value of the parser may be nested deeper than a recursion could follow. */
function deeper(value: unknown, levels: number): boolean {
  let level = [value];
  for (let depth = 0; depth <= levels; depth += 1) {
    level = level.flatMap((node) => (typeof node === 'object' && node !== null ? Object.values(node) : []));
    if (level.length === 0) return false;
  }
  return true;
}

function utf8Of(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const refused = (error: string): TssJson => ({ ok: false, error });
