/** What the simulator logged of one call. */
export interface SimulatorCall {
  service: string;
  autorizador: string;
  chave?: string;
  cStat?: string;
  fault?: string;
}

export interface SimulatorApi {
  /** `more`: what the kind of fault takes (`cStat`, `xMotivo` of an answer, `delayMs` …). */
  fault(fault: { fault: string; match?: Record<string, unknown>; times?: number; [more: string]: unknown }): Promise<void>;
  clearFaults(): Promise<void>;
  calls(where: Record<string, string | number>): Promise<SimulatorCall[]>;
  /** Tells the simulator a CSC of a company, so that it checks the hash of QR codes of version 2 (a simulator without such checks takes none). */
  csc(csc: { cnpj: string; uf: string; ambiente: '1' | '2'; id: string; csc: string }): Promise<void>;
  /** Numbers that hold more than one authorisation, over all authorisers. */
  doubled(): Promise<number>;
}

/** The admin interface of a running simulator. */
export function simulatorApi(admin: string): SimulatorApi {
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${admin}${path}`, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
    if (!answer.ok) throw new Error(`simulator ${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (answer.status === 204 ? undefined : await answer.json()) as never;
  };
  return {
    fault: async (fault) => void (await call('POST', '/faults', fault)),
    clearFaults: async () => void (await call('DELETE', '/faults')),
    calls: (where) =>
      call('GET', `/calls?${new URLSearchParams(Object.fromEntries(Object.entries(where).map(([k, v]) => [k, String(v)])))}`),
    csc: async (csc) => {
      await call('POST', '/csc', csc).catch((error: Error) => {
        if (!error.message.includes(': 404')) throw error;
      });
    },
    doubled: async () => ((await call('GET', '/authorizations')) as { doubled: number }).doubled,
  };
}
