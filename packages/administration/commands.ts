import type { Command } from './command.ts';
import { accountCreate, accountDisable, accountEnable, accountEndSessions, accountList, accountRotateSecret } from './commands/account.ts';
import { auditList, auditVerify } from './commands/audit.ts';
import { certificateCheck, certificatePut, certificateShow } from './commands/certificate.ts';
import { companyAdd, companyList } from './commands/company.ts';
import { companySet } from './commands/company-set.ts';
import { configPrint } from './commands/config.ts';
import { credentialCreate, credentialDisable, credentialList } from './commands/credential.ts';
import { cscList, cscPut, cscRemove } from './commands/csc.ts';
import { deadList, deadReplay, deadShow } from './commands/dead.ts';
import { documentRecovering } from './commands/document.ts';
import { entityAdd, entityList } from './commands/entity.ts';
import { keysRotate } from './commands/keys.ts';
import { migrate } from './commands/migrate.ts';
import { schemasAdd, schemasList } from './commands/schemas.ts';
import { sefazStatus } from './commands/sefaz.ts';
import { topologyPrint } from './commands/topology.ts';

/** Everything an operator may ask for, by command line and by HTTP alike, in alphabetical order. */
export const COMMANDS: readonly Command[] = [
  accountCreate,
  accountDisable,
  accountEnable,
  accountEndSessions,
  accountList,
  accountRotateSecret,
  auditList,
  auditVerify,
  certificateCheck,
  certificatePut,
  certificateShow,
  companyAdd,
  companyList,
  companySet,
  configPrint,
  credentialCreate,
  credentialDisable,
  credentialList,
  cscList,
  cscPut,
  cscRemove,
  deadList,
  deadReplay,
  deadShow,
  documentRecovering,
  entityAdd,
  entityList,
  keysRotate,
  migrate,
  schemasAdd,
  schemasList,
  sefazStatus,
  topologyPrint,
];
