/** One answer as it came. */
export interface Answered {
  method: string;
  path: string;
  status: number;
  /** Headers and body. */
  said: Buffer;
  /** The session token that it opened or renewed. */
  session?: string;
}

/** Keeps what `fetch` of this process is answered by the hub, whoever asks, until told to stop. */
export function recordAnswers(url: () => string): { answers: Answered[]; stop(): void } {
  const answers: Answered[] = [];
  const plain = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const answer = await plain(input, init);
    // The simulator's own administration says what it was told.
    if (!request.url.startsWith(url())) return answer;
    const body = Buffer.from(await answer.clone().arrayBuffer());
    const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    const session = answer.headers.get('x-auth-token');
    const { pathname } = new URL(request.url);
    const said = Buffer.concat([Buffer.from(`${headers}\n\n`), body]);
    answers.push({ method: request.method, path: pathname, status: answer.status, said, ...(session ? { session } : {}) });
    return answer;
  };
  return {
    answers,
    stop() {
      globalThis.fetch = plain;
    },
  };
}
