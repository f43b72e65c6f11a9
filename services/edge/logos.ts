import { COMPANY_LOGO, type Logo, readLogo } from '@malote/danfe/logo';
import { asError } from '@malote/runtime/errors';
import type { Logger } from '@malote/runtime/logger';

/** What is remembered: at most 64 of 200 kB, and their opacity. */
const REMEMBERED = 64;

export interface LogosDeps {
  readConteudo(ref: string): Promise<Buffer | undefined>;
  log: Logger;
}

/** The picture of a company's documents, by the id that the company has of it; read once. */
export type Logos = (id: string | undefined) => Promise<Logo | undefined>;

/** A picture that is not there or cannot be read any more is left out and said in the log: a note must not go unprinted for it. */
export function createLogos({ readConteudo, log }: LogosDeps): Logos {
  const known = new Map<string, Logo>();
  return async (id) => {
    if (id === undefined) return undefined;
    const held = known.get(id);
    if (held) return held;
    const bytes = await readConteudo(id);
    try {
      if (!bytes) throw new Error('the content is missing');
      const logo = readLogo(bytes, COMPANY_LOGO);
      const [oldest] = known.keys();
      if (known.size >= REMEMBERED && oldest !== undefined) known.delete(oldest);
      known.set(id, logo);
      return logo;
    } catch (error) {
      log.error({ err: asError(error), logo: id }, 'logo left out');
      return undefined;
    }
  };
}
