/** Prints what is going on and how long each step took; steps may run side by side. */
export interface Steps {
  say(line: string): void;
  run<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Since the start. */
  elapsed(): string;
}

const NAME_WIDTH = 44;

export function createSteps(write: (text: string) => void): Steps {
  const begun = performance.now();
  return {
    say: (line) => write(`        ${line}\n`),
    elapsed: () => seconds(performance.now() - begun),
    async run(name, work) {
      const startedAt = performance.now();
      write(`  …     ${name}\n`);
      const waiting = setInterval(() => write(`  …     ${name} (${seconds(performance.now() - startedAt)})\n`), 15_000);
      try {
        const result = await work();
        write(`  done  ${name.padEnd(NAME_WIDTH)} ${seconds(performance.now() - startedAt)}\n`);
        return result;
      } catch (error) {
        write(`  FAIL  ${name.padEnd(NAME_WIDTH)} ${seconds(performance.now() - startedAt)}\n`);
        throw error;
      } finally {
        clearInterval(waiting);
      }
    },
  };
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
