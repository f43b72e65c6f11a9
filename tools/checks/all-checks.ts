import { checkDependencies, checkImports } from './arrows.ts';
import { checkLength, checkNames, checkTestNames } from './file-rules.ts';
import { checkHosts, checkTlsSwitches } from './text-rules.ts';
import type { CheckResult } from './working-copy.ts';

/** What holds for the whole tree; biome (with the .grit rules beside this file) and the type check are run by themselves. */
export const CHECKS: readonly ((root: string) => CheckResult)[] = [
  checkDependencies,
  checkImports,
  checkLength,
  checkNames,
  checkTestNames,
  checkHosts,
  checkTlsSwitches,
];
