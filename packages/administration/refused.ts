/** Why something was not done: whoever asked shows `message`, Portuguese, which names the field, the rule and what to do. */
export class Refused extends Error {
  /** Permanent, kebab-case. */
  readonly codigo: string;
  /** What the request called the part that is wrong, where it is one part. */
  readonly campo: string | undefined;
  constructor(codigo: string, message: string, campo?: string) {
    super(message);
    this.name = 'Refused';
    this.codigo = codigo;
    this.campo = campo;
  }
}
