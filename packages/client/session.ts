import { type CallOptions, send } from './call.ts';

export interface SessionOptions extends CallOptions {
  url: string;
  token: string;
  secret: string;
}

/** The session token of an account, asked for when it is first needed. */
export interface SessionHolder {
  token(signal?: AbortSignal): Promise<string>;
  /** The hub does not know that token any more; another one, meanwhile opened, stays. */
  forget(token: string): void;
  /** The token, if there is one. */
  present(): string | undefined;
}

/** Calls that need a session at the same moment share one sign-in. */
export function holdSession(options: SessionOptions): SessionHolder {
  let opening: Promise<string> | undefined;
  let opened: string | undefined;

  async function open(): Promise<string> {
    const authorization = `Basic ${base64(`${options.token}:${options.secret}`)}`;
    const headers = { authorization, accept: 'application/json' };
    const { text } = await send({ method: 'POST', url: `${options.url}/session`, headers }, options);
    opened = (JSON.parse(text) as { 'x-auth-token': string })['x-auth-token'];
    return opened;
  }

  return {
    async token(signal) {
      if (opened !== undefined) return opened;
      // Without anybody's signal: whoever gives up must not end it for the others.
      opening ??= open().finally(() => {
        opening = undefined;
      });
      return signal ? Promise.race([opening, rejectedBy(signal)]) : opening;
    },
    forget(token) {
      if (opened === token) opened = undefined;
    },
    present: () => opened,
  };
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** UTF-8 (RFC 7617), and without Buffer: browsers have none. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
