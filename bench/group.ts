import type { Peers } from './peers/measure-peers.ts';
import type { RateOptions } from './rate.ts';
import type { Row } from './row.ts';
import type { Stage, StageOptions } from './stage.ts';

export interface Sizes {
  /** Seconds of a measured load. */
  seconds: number;
  /** Documents stored before the growth is measured. */
  documents: number;
  /** Companies stored before the growth is measured. */
  companies: number;
  /** Notes of the memory group. */
  notes: number;
}

/** What a group measures with. */
export interface GroupContext {
  sizes: Sizes;
  rate: RateOptions;
  /** The simulator checks neither schema nor signature. */
  fast: boolean;
  /** Folder of the run, removed at its end. */
  dir: string;
  schemasDir: string;
  log(line: string): void;
  /** A hub of its own on the run's servers; the caller closes it. */
  stage(options?: StageOptions): Promise<Stage>;
  /** Figures of the peers, measured once in this run. */
  peers(): Promise<Peers>;
  /** False where no library of others is to be installed. */
  withPeers: boolean;
  /** RSA-2048 signatures per second and core, measured once in this run; undefined without openssl. */
  rsaLimit(): number | undefined;
}

export type Group = (context: GroupContext) => Promise<Row[]>;
