/** What the simulator logged of one call. */
export interface SimulatorCall {
  /** Order of arrival. */
  n: number;
  /** Arrival by the simulator's clock, ISO 8601 UTC. */
  at: string;
  service?: string;
  autorizador: string;
  modelo?: string;
  /** IBGE code of the state: of the key, or the one whose status is asked. */
  cUF?: string;
  tpEmis?: string;
  chave?: string;
  cnpj?: string;
  serie?: number;
  numero?: number;
  cStat?: string;
  fault?: string;
}

/** One authorisation that SEFAZ holds. */
export interface Authorization {
  autorizador: string;
  chave: string;
  digVal: string;
  nProt: string;
}

/** What SEFAZ holds under one number, over all authorisers. */
export interface AuthorizedNumber {
  number: { cUF: string; emitente: string; modelo: string; serie: number; numero: number };
  authorizations: Authorization[];
}

export interface SimulatorApi {
  /** `more`: what the kind of fault takes (`cStat`, `xMotivo` of an answer, `delayMs` …). */
  fault(fault: { fault: string; match?: Record<string, unknown>; times?: number; [more: string]: unknown }): Promise<void>;
  clearFaults(): Promise<void>;
  /**
   * Takes an authoriser down, every service of it: `hang` never answers, `refuse` cuts every connection that carries a call to it,
   * `108` says so. `cUF` (not with `refuse`) takes the calls about one state of a shared authoriser. Gives what brings it back.
   */
  down(where: { autorizador: string; modelo?: string; cUF?: string }, how?: 'hang' | 'refuse' | '108'): Promise<() => Promise<void>>;
  /** Switches an SVC for a state (`afterS` seconds from now); without a state, for all. */
  svc(svc: { uf?: string; autorizador?: string; state: 'active' | 'ending' | 'off'; minutes?: number; afterS?: number }): Promise<void>;
  /** Status calls in the order of their arrival, with their times. */
  statusCalls(where?: Record<string, string | number>): Promise<SimulatorCall[]>;
  /** A note that another system had authorised; the parts of its key. Gives the key. */
  foreignDocument(parts: Record<string, unknown>): Promise<string>;
  calls(where: Record<string, string | number>): Promise<SimulatorCall[]>;
  authorizations(where?: Record<string, string | number>): Promise<AuthorizedNumber[]>;
  /** Tells the simulator a CSC of a company, so that it checks the hash of QR codes of version 2. */
  csc(csc: { cnpj: string; uf: string; ambiente: '1' | '2'; id: string; csc: string }): Promise<void>;
  /** A UF's deadline of an event, from the authorisation on. */
  deadline(deadline: { uf: string; modelo: string; minutes: number; late: 'refuse' | 'accept' }): Promise<void>;
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
  const query = (where: Record<string, string | number>) =>
    new URLSearchParams(Object.fromEntries(Object.entries(where).map(([key, value]) => [key, String(value)])));
  const DOWN = { hang: 'hang', refuse: 'reset-before-read', 108: 'cstat-108' };
  return {
    async down(match, how = 'hang') {
      const { id } = (await call('POST', '/faults', { fault: DOWN[how], match })) as { id: string };
      return async () => void (await call('DELETE', `/faults/${id}`));
    },
    svc: async (svc) => void (await call('POST', '/svc', svc)),
    async statusCalls(where = {}) {
      const calls: SimulatorCall[] = await call('GET', `/calls?${query({ ...where, service: 'NFeStatusServico4' })}`);
      return calls.sort((a, b) => a.n - b.n);
    },
    fault: async (fault) => void (await call('POST', '/faults', fault)),
    clearFaults: async () => void (await call('DELETE', '/faults')),
    foreignDocument: async (parts) => ((await call('POST', '/documents', parts)) as { chave: string }).chave,
    calls: (where) => call('GET', `/calls?${query(where)}`),
    authorizations: async (where = {}) =>
      ((await call('GET', `/authorizations?${query(where)}`)) as { numbers: AuthorizedNumber[] }).numbers,
    deadline: async (deadline) => void (await call('POST', '/deadlines', deadline)),
    csc: async (csc) => void (await call('POST', '/csc', csc)),
    doubled: async () => ((await call('GET', '/authorizations')) as { doubled: number }).doubled,
  };
}
