import { setTimeout as pause } from 'node:timers/promises';
import type { Devstack } from '@malote/devstack/devstack';
import type { Server } from '@malote/devstack/server';
import type { Hub, ServiceName } from '../hub.ts';
import { killServer } from '../kill-server.ts';
import type { Random } from './random.ts';

/** Something that can be ended and started again. */
interface Victim {
  name: string;
  kill(): Promise<void>;
  /** In good order. */
  stop(): Promise<unknown>;
  start(): Promise<void>;
}

export interface Saboteur {
  /** How often each victim was ended. */
  ended: Record<string, number>;
  /** Ends nothing more, and sees to it that all are up. */
  stop(): Promise<void>;
}

export interface SaboteurOptions {
  hub: Hub;
  stack: Devstack;
  /** Names of those that are to suffer; all when absent. */
  only?: readonly string[] | undefined;
  random: Random;
  log: (line: string) => void;
  /** Awaited after each start of the simulator, which then knows no scripted fault any more. */
  simulatorStarted(): Promise<void>;
}

const PAUSE_MS = { min: 500, max: 3_000 };
const MAX_AWAY_MS = 2_500;
const KILLED_RATHER_THAN_STOPPED = 0.8;

/** Ends and starts again one process or server after the other, as the seed says, until it is stopped. Turns so that each has its share. */
export function startSaboteur({ hub, stack, only, random, log, simulatorStarted }: SaboteurOptions): Saboteur {
  const all = [
    ...(['edge', 'emission', 'emission-2', 'simulator'] as const).map((name) => processVictim(hub, name)),
    ...(['mongo', 'rabbitmq', 'redis'] as const).map((name) => serverVictim(stack[name])),
  ];
  const victims = only ? all.filter(({ name }) => only.includes(name)) : all;
  if (victims.length === 0) throw new Error(`victims are ${all.map(({ name }) => name).join(', ')}`);
  const ended: Record<string, number> = Object.fromEntries(victims.map(({ name }) => [name, 0]));
  let round: Victim[] = [];
  let stopping = false;
  const leaving = new AbortController();

  async function work(): Promise<void> {
    while (!stopping) {
      await pause(random.integer(PAUSE_MS.min, PAUSE_MS.max), undefined, { signal: leaving.signal }).catch(() => {});
      if (stopping) return;
      if (round.length === 0) round = [...victims];
      const [victim] = round.splice(random.integer(0, round.length - 1), 1) as [Victim];
      const isKilled = random.next() < KILLED_RATHER_THAN_STOPPED;
      log(`${victim.name} ${isKilled ? 'killed' : 'stopped'}`);
      await (isKilled ? victim.kill() : victim.stop());
      ended[victim.name] = (ended[victim.name] ?? 0) + 1;
      await pause(random.integer(0, MAX_AWAY_MS));
      await victim.start();
      if (victim.name === 'simulator') await simulatorStarted();
    }
  }

  let failure: Error | undefined;
  const working = work().catch((error: Error) => {
    failure = error;
  });
  return {
    ended,
    async stop() {
      stopping = true;
      leaving.abort();
      await working;
      if (failure) throw failure;
    },
  };
}

function processVictim(hub: Hub, name: ServiceName): Victim {
  return { name, kill: () => hub.kill(name), stop: () => hub.stop(name), start: () => hub.start(name) };
}

function serverVictim(server: Server): Victim {
  return {
    name: server.name,
    kill: () => killServer(server),
    stop: () => server.stop(),
    start: () => server.start(),
  };
}
