import type { Idempotencia, IdempotencyClaim } from '@malote/store/idempotencia';
import { Problem } from './problems.ts';

/** Visible ASCII; both the quoted form of the IETF draft and a bare UUID are. */
export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,128}$/;

/** The `Idempotency-Key` of a request; undefined when it has none. @throws Problem when it is not of the syntax */
export function idempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined || IDEMPOTENCY_KEY.test(header)) return header;
  throw new Problem(
    'chave-de-idempotencia-invalida',
    'O cabeçalho Idempotency-Key deve vir uma vez só, com 1 a 128 caracteres ASCII visíveis, sem espaços.',
  );
}

export interface Claimed {
  /** The key stood for this content already: the request is a repetition. */
  repeated: boolean;
  /** Frees the key, unless an earlier request holds it: a refused request must not use it up. Never throws. */
  release(): Promise<void>;
}

/** Ties the key to the content before anything else is written. @throws Problem when it stands for something else */
export async function claimKey(keys: Idempotencia, claim: IdempotencyClaim): Promise<Claimed> {
  const outcome = await keys.claim(claim);
  if (outcome === 'other') {
    throw new Problem(
      'chave-de-idempotencia-reutilizada',
      'Esta Idempotency-Key já foi usada com outro conteúdo ou outro documento. Use uma chave nova para cada documento; repita a mesma só com o mesmo conteúdo.',
    );
  }
  return {
    repeated: outcome === 'same',
    release: async () => {
      if (outcome === 'new') await keys.release(claim).catch(() => {});
    },
  };
}
