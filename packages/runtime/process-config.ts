import { type Config, ConfigError, type ConfigKey, loadConfig, redactedConfig } from './config.ts';

/**
 * The configuration of a process as its first act. What is wrong is written to stderr, all of it at once, and ends the process with code 2;
 * `--print-config` prints what would be used, secrets masked, and ends it with code 0.
 */
export function processConfig<const K extends ConfigKey>(
  keys: readonly K[],
  args: readonly string[] = process.argv.slice(2),
): Pick<Config, K> {
  let config: Pick<Config, K>;
  try {
    config = loadConfig(keys);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
  if (args.includes('--print-config')) {
    process.stdout.write(`${JSON.stringify(redactedConfig(config), undefined, 2)}\n`);
    process.exit(0);
  }
  return config;
}
