import type { Redis } from './connect.ts';

/** What real traffic showed of one service of an authoriser, over all processes of the hub. */
export interface ServicoSefaz {
  autorizador: string;
  modelo: string;
  servico: string;
  ambiente: 'prod' | 'hom';
  /** Of the last minutes: `operando` it answers, `instavel` some calls fail, `sem-resposta` all do or its circuit is open. */
  estado: 'operando' | 'instavel' | 'sem-resposta';
  /** Of the slowest process. */
  circuito: 'closed' | 'half-open' | 'open';
  /** Calls answered and failed within the window. */
  respostas: number;
  falhas: number;
  /** Of the answered calls, in ms, rounded up to a step of the observation. */
  p50Ms?: number;
  p95Ms?: number;
  /** Kept for longer than the window. */
  ultimaFalha?: { motivo: string; em: string };
}

export interface QuadroSefaz {
  /** When it was made, ISO. */
  em: string;
  /** What it looks back on, in ms. */
  janelaMs: number;
  /** By autorizador, modelo, servico and ambiente. */
  servicos: ServicoSefaz[];
}

/** Whoever reads a board that nobody has written for so long reads none. */
const TTL_MS = 60_000;

const keyOf = (prefix: string) => `${prefix}sefaz:situacao`;

/** Two processes may both believe that they are the one that sees all: who saw the latest second wins. */
const WRITE = `local known = redis.call('HGET', KEYS[1], 'visto')
if known and tonumber(known) > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'visto', ARGV[1], 'quadro', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`;

/**
 * Writes the status board; `vistoEm` is the last second its writer saw of SEFAZ, in ms. Never throws.
 * @returns false when Redis is away or another process has seen more
 */
export function situacaoSefazWriter({ redis, prefix }: { redis: Redis; prefix: string }) {
  return {
    async write(quadro: QuadroSefaz, vistoEm: number): Promise<boolean> {
      if (redis.status !== 'ready') return false;
      return (await redis.eval(WRITE, 1, keyOf(prefix), vistoEm, JSON.stringify(quadro), TTL_MS).catch(() => 0)) === 1;
    },
  };
}

/** Reads it; undefined when nobody keeps it. Rejects when Redis does. */
export function situacaoSefazReader({ redis, prefix }: { redis: Redis; prefix: string }) {
  return {
    async read(): Promise<QuadroSefaz | undefined> {
      const json = await redis.hget(keyOf(prefix), 'quadro');
      return json === null ? undefined : (JSON.parse(json) as QuadroSefaz);
    },
  };
}
