/** One thing that is wrong with a request. */
export interface RefusedFault {
  /** Permanent, kebab-case. */
  codigo: string;
  /** Portuguese: the field, the rule and what to do. */
  message: string;
  /** What the request called the part that is wrong, where it is one part. */
  campo?: string | undefined;
  /** Where the rule comes from. */
  norma?: string;
}

/** Why something was not done: whoever asked shows `message`, Portuguese, which names the field, the rule and what to do. */
export class Refused extends Error {
  /** Permanent, kebab-case. */
  readonly codigo: string;
  /** What the request called the part that is wrong, where it is one part. */
  readonly campo: string | undefined;
  /** All that is wrong, this first. */
  readonly faults: readonly RefusedFault[];
  constructor(codigo: string, message: string, campo?: string, faults: readonly RefusedFault[] = [{ codigo, message, campo }]) {
    super(message);
    this.name = 'Refused';
    this.codigo = codigo;
    this.campo = campo;
    this.faults = faults;
  }
}

/** Several things wrong at once; `message` says them all. There must be one at least. */
export function refusedAll(faults: readonly RefusedFault[]): Refused {
  const [first] = faults;
  if (!first) throw new RangeError('a refusal without a fault');
  return new Refused(first.codigo, faults.map(({ message }) => message).join(' '), first.campo, faults);
}
