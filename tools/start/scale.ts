/** How many processes of each service; the edge has a port of its own and there is one of it. */
export interface Scale {
  emission: number;
}

const MAX = 16;

/** Reads `--scale emission=3` (as docker compose has it). Throws an Error whose message is for the person. */
export function readScale(values: readonly string[] = []): Scale {
  const scale: Scale = { emission: 1 };
  for (const value of values) {
    const count = Number(/^emission=(\d{1,2})$/.exec(value)?.[1]);
    if (!(count >= 1 && count <= MAX)) throw new Error(`--scale ${value}: only emission=1 to emission=${MAX}`);
    scale.emission = count;
  }
  return scale;
}

/** `emission`, `emission-2`, `emission-3` …: names of the processes and of their log files. */
export function processNames(service: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => (n === 0 ? service : `${service}-${n + 1}`));
}
