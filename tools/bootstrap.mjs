#!/usr/bin/env node
// Makes a fresh clone able to run, then runs the command of this repository that was asked for. Plain JavaScript without
// dependencies, for Node 18 and later: everything after it runs on Node 24.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMMANDS = {
  start: ['tools/start.ts'],
  test: ['tools/test.ts'],
  'test:unit': ['tools/test.ts', '--only', 'unit'],
  soak: ['e2e/soak/main.ts'],
  bench: ['bench/main.ts'],
  simulator: ['services/cli/main.ts', 'simulator'],
  ci: ['tools/ci.ts'],
};
const PNPM = 'pnpm@12';
const NEEDED_NODE = 24;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stampFile = join(root, 'node_modules', '.malote-installed');
const lockFile = join(root, '.malote', 'install.lock');

class Stop extends Error {}

function say(line) {
  process.stdout.write(`[setup] ${line}\n`);
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

/** Changes when the dependencies change, or when the tree is used on another kind of machine. */
function wantedStamp() {
  const hash = createHash('sha256');
  for (const name of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']) hash.update(readFileSync(join(root, name)));
  return `${hash.digest('hex')} ${process.platform}-${process.arch}`;
}

function installed() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wantedStamp();
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Two commands started at once in a fresh clone must not install into the same node_modules at the same time. */
async function withInstallLock(work) {
  mkdirSync(dirname(lockFile), { recursive: true });
  let said = false;
  for (;;) {
    try {
      const file = openSync(lockFile, 'wx');
      writeSync(file, String(process.pid));
      closeSync(file);
      // Whoever took over a dead owner's lock at the same moment has removed ours: then it is theirs.
      await pause(50);
      if (readFileSync(lockFile, 'utf8') === String(process.pid)) break;
    } catch (error) {
      if (error.code !== 'EEXIST' && error.code !== 'ENOENT') throw error;
      const owner = existsSync(lockFile) ? Number(readFileSync(lockFile, 'utf8')) : 0;
      if (owner > 0 && !isAlive(owner)) rmSync(lockFile, { force: true });
      else {
        if (!said) say(`another command (process ${owner}) is installing the dependencies; waiting for it`);
        said = true;
        await pause(250);
      }
    }
  }
  const release = () => rmSync(lockFile, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    release();
    process.removeListener('exit', release);
  }
}

function runQuietly(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, CI: 'true' } });
    let output = '';
    const started = performance.now();
    const interrupt = (signal) => {
      child.kill(signal);
      process.exit(130);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt);
    const progress = setInterval(() => say(`  … still installing (${seconds(started)})`), 15_000);
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output = (output + chunk).slice(-20_000)));
    const finish = (result) => {
      clearInterval(progress);
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeListener(signal, interrupt);
      resolve(result);
    };
    child.once('error', (error) => finish({ code: -1, output: String(error), missing: error.code === 'ENOENT' }));
    child.once('close', (code) => finish({ code, output, missing: false }));
  });
}

async function install() {
  const started = performance.now();
  say(`installing dependencies (npx ${PNPM} install --frozen-lockfile)`);
  const { code, output, missing } = await runQuietly('npx', ['--yes', '--prefer-offline', PNPM, 'install', '--frozen-lockfile']);
  if (missing) {
    throw new Stop(
      'npx was not found: it comes with npm. Install npm (Debian, Ubuntu: sudo apt-get install npm) and run the command again.',
    );
  }
  if (code !== 0) {
    process.stdout.write(`${output.trimEnd()}\n`);
    if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|META_FETCH_FAIL|ERR_SOCKET_TIMEOUT/.test(output)) {
      throw new Stop(
        'The npm registry could not be reached. Check the network, or the proxy and registry settings of npm (npm config list).',
      );
    }
    throw new Stop(`The dependencies could not be installed (npx ${PNPM} ended with ${code}); its output is above.`);
  }
  writeFileSync(stampFile, wantedStamp());
  say(`dependencies installed (${seconds(started)})`);
}

/** The running Node when it is new enough, else the one that came with the dependencies. */
function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_NODE) return process.execPath;
  const bundled = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (!existsSync(bundled)) {
    throw new Stop(
      `Node ${NEEDED_NODE} is needed; this is ${process.version}, and no Node is bundled for ${process.platform}-${process.arch}. ` +
        `Install Node ${NEEDED_NODE} and run the command again.`,
    );
  }
  const version = execFileSync(bundled, ['--version'], { encoding: 'utf8' }).trim();
  say(`running on the bundled Node ${version} (yours is ${process.version})`);
  return bundled;
}

function runOn(node, args) {
  const started = performance.now();
  // The fourth channel closes when this process dies, however it dies: the command then ends too.
  const child = spawn(node, args, { cwd: root, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  child.on('error', (error) => {
    process.stderr.write(`${node}: ${error.message}\n`);
    process.exit(1);
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  if (process.env.npm_lifecycle_event !== undefined) endWithParent(child);
  child.once('exit', (code, signal) => {
    if (signal !== null) process.stderr.write(`ended by ${signal} after ${seconds(started)}\n`);
    process.exit(signal === null ? code : 1);
  });
}

/** npm passes SIGINT and SIGTERM on, but not its own sudden death; between it and us there may be a shell. */
function endWithParent(child) {
  const parent = process.ppid;
  const npm = parentOf(parent);
  const watch = setInterval(() => {
    if (process.ppid === parent && parentOf(parent) === npm) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, 1000);
  watch.unref();
}

/** Linux only; elsewhere always undefined. */
function parentOf(pid) {
  try {
    return /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

async function main() {
  const [command, ...rest] = process.argv.slice(2);
  const script = Object.hasOwn(COMMANDS, command ?? '') ? COMMANDS[command] : undefined;
  if (script === undefined) throw new Stop(`usage: node tools/bootstrap.mjs ${Object.keys(COMMANDS).join('|')} [arguments]`);
  if (!installed()) await withInstallLock(async () => (installed() ? undefined : install()));
  runOn(findNode(), [...script, ...rest]);
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Stop ? `\n${error.message}` : error.stack}\n`);
  process.exit(1);
});
