import type { Group } from '../group.ts';
import { accept } from './accept.ts';
import { contingencia } from './contingencia.ts';
import { danfe } from './danfe.ts';
import { entities } from './entities.ts';
import { growth } from './growth.ts';
import { memory } from './memory.ts';
import { overhead } from './overhead.ts';
import { pipeline } from './pipeline.ts';
import { read } from './read.ts';
import { sign } from './sign.ts';
import { sustained } from './sustained.ts';
import { xsd } from './xsd.ts';

/** What can be asked for with `--only`, in the order of a run. */
export const GROUPS = {
  sign,
  xsd,
  pipeline,
  danfe,
  accept,
  entities,
  read,
  overhead,
  sustained,
  contingencia,
  growth,
  memory,
} satisfies Record<string, Group>;

export type GroupName = keyof typeof GROUPS;

/** Without `--only`: what takes minutes, not a quarter of an hour. */
export const USUAL: readonly GroupName[] = ['sign', 'xsd', 'pipeline', 'danfe', 'accept', 'entities', 'read', 'overhead', 'sustained'];

export function isGroupName(name: string): name is GroupName {
  return Object.hasOwn(GROUPS, name);
}
