import type { RefusedFault } from './refused.ts';

export type Given = Readonly<Record<string, unknown>>;

/** What is found wrong while an object is read, field by field; a place is the name as the request has it: `nfce.urls.hom.qrCode`. */
export interface Reading {
  readonly faults: RefusedFault[];
  /** Adds a fault; undefined, so that a reader can return it. */
  fault(codigo: string, campo: string, rule: string): undefined;
}

export function startReading(): Reading {
  const faults: RefusedFault[] = [];
  return {
    faults,
    fault(codigo, campo, rule) {
      faults.push({ codigo, campo, message: `Campo ${campo}: ${rule}.` });
      return undefined;
    },
  };
}

/** The fields of an object; anything else is a fault, and so is each name that is not one of `known`. */
export function readObject(reading: Reading, value: unknown, campo: string, known: readonly string[]): Given | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    reading.faults.push({
      codigo: 'campo-tipo',
      campo,
      message: `${campo === '' ? 'O corpo' : `Campo ${campo}:`} deve ser um objeto JSON.`,
    });
    return undefined;
  }
  for (const name of Object.keys(value))
    if (!known.includes(name)) reading.fault('campo-desconhecido', inside(campo, name), `não existe; os campos são ${known.join(', ')}`);
  return value as Given;
}

/** A text without control characters; blanks around it do not count. */
export function readText(reading: Reading, value: unknown, campo: string, max: number): string | undefined {
  if (typeof value !== 'string') return reading.fault('campo-tipo', campo, 'deve ser um texto');
  const text = value.trim();
  if (text === '') return reading.fault('campo-obrigatorio', campo, 'não pode ser vazio');
  if (text.length > max) return reading.fault('campo-tamanho', campo, `tem ${text.length} caracteres; são no máximo ${max}`);
  if (/\p{Cc}/u.test(text)) return reading.fault('campo-caractere', campo, 'contém um caractere de controle; retire-o');
  return text;
}

/** One of a few values, each as the text or the number of it. */
export function readOneOf<T extends string>(reading: Reading, value: unknown, campo: string, values: readonly T[]): T | undefined {
  const found = typeof value === 'string' || typeof value === 'number' ? values.find((one) => one === String(value)) : undefined;
  return found ?? reading.fault('campo-valor', campo, `use ${listOf(values)}`);
}

export function readBoolean(reading: Reading, value: unknown, campo: string): boolean | undefined {
  return typeof value === 'boolean' ? value : reading.fault('campo-tipo', campo, 'deve ser true ou false');
}

export function inside(campo: string, name: string): string {
  return campo === '' ? name : `${campo}.${name}`;
}

const listOf = (values: readonly string[]) => new Intl.ListFormat('pt-BR', { type: 'disjunction' }).format(values);
