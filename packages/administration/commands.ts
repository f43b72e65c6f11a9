import type { Command } from './command.ts';
import { accountCreate } from './commands/account.ts';
import { certificatePut } from './commands/certificate.ts';
import { companyAdd } from './commands/company.ts';
import { companySet } from './commands/company-set.ts';
import { configPrint } from './commands/config.ts';
import { cscList, cscPut, cscRemove } from './commands/csc.ts';
import { deadList, deadReplay, deadShow } from './commands/dead.ts';
import { documentRecovering } from './commands/document.ts';
import { migrate } from './commands/migrate.ts';
import { sefazStatus } from './commands/sefaz.ts';
import { topologyPrint } from './commands/topology.ts';

/** Everything an operator may ask for, by command line and by HTTP alike, in alphabetical order. */
export const COMMANDS: readonly Command[] = [
  accountCreate,
  certificatePut,
  companyAdd,
  companySet,
  configPrint,
  cscList,
  cscPut,
  cscRemove,
  deadList,
  deadReplay,
  deadShow,
  documentRecovering,
  migrate,
  sefazStatus,
  topologyPrint,
];
