/** Services end before the servers they use, those before the guard of their processes, all of one rank at the same time. */
const RANKS = ['service', 'server', 'guard', 'directory'] as const;
export type Rank = (typeof RANKS)[number];

/** Undoes the steps of the start, once, whatever the reason. */
export interface Shutdown {
  signal: AbortSignal;
  defer(rank: Rank, name: string, undo: () => Promise<void>): void;
  /** Resolves when all is undone. */
  begin(reason: string): Promise<void>;
  /** Resolves when begin() is called. */
  begun: Promise<string>;
}

/** npm, the terminal and the bootstrap all pass Ctrl-C on: signals this close together are one. */
const SAME_SIGNAL_MS = 1500;

export function createShutdown(log: (line: string) => void): Shutdown {
  const controller = new AbortController();
  let undos: { rank: Rank; name: string; undo: () => Promise<void> }[] = [];
  let ending: Promise<void> | undefined;
  let announce: (reason: string) => void = () => {};
  const begun = new Promise<string>((resolve) => {
    announce = resolve;
  });

  const undoAll = async (): Promise<void> => {
    for (const rank of RANKS) {
      const now = undos.filter((step) => step.rank === rank);
      undos = undos.filter((step) => step.rank !== rank);
      await Promise.all(now.map(({ name, undo }) => undo().catch((error: unknown) => log(`${name}: ${String(error)}`))));
    }
  };
  return {
    signal: controller.signal,
    begun,
    defer(rank, name, undo) {
      undos.push({ rank, name, undo });
      // Came up while everything else was being ended: it has to go too.
      if (ending !== undefined) ending = ending.then(undoAll);
    },
    begin(reason) {
      if (ending === undefined) {
        controller.abort(new Error(reason));
        announce(reason);
        ending = undoAll();
      }
      return ending;
    },
  };
}

/** Ends on SIGINT, SIGTERM, SIGHUP and the death of the bootstrap; a second, later signal exits at once (the guard kills the rest). */
export function endOnSignals(shutdown: Shutdown, log: (line: string) => void): void {
  let firstAt: number | undefined;
  const onSignal = (reason: string): void => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      log(`${reason}: stopping`);
      void shutdown.begin(reason);
    } else if (performance.now() - firstAt > SAME_SIGNAL_MS) {
      log(`${reason} again: killing what is left`);
      process.exit(130);
    }
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => onSignal(name));
  if (process.channel !== undefined) {
    process.on('disconnect', () => onSignal('the starting process is gone'));
    process.channel?.unref();
  }
}
