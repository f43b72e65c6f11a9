import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import type { Suite } from './test-files.ts';

export interface SuiteResult {
  suite: Suite;
  files: number;
  passed: number;
  failed: number;
  skipped: number;
  ms: number;
  /** `file: name of the test` of each failure. */
  failures: string[];
  skips: string[];
}

export interface SuiteOptions {
  suite: Suite;
  /** Absolute paths. */
  files: string[];
  concurrency: number;
  /** Longest run of one file. */
  timeoutMs: number;
  namePattern?: string;
  signal: AbortSignal;
  root: string;
  print: (text: string) => void;
}

/** Runs the files, each in a process of its own, prints as it goes, and counts. */
export async function runSuite(options: SuiteOptions): Promise<SuiteResult> {
  const startedAt = performance.now();
  const result: SuiteResult = {
    suite: options.suite,
    files: options.files.length,
    passed: 0,
    failed: 0,
    skipped: 0,
    ms: 0,
    failures: [],
    skips: [],
  };
  const name = (data: { file?: string; name: string }): string => `${(data.file ?? '').replace(`${options.root}/`, '')}: ${data.name}`;
  const stream = run({
    files: options.files,
    concurrency: options.concurrency,
    timeout: options.timeoutMs,
    signal: options.signal,
    cwd: options.root,
    ...(options.namePattern === undefined ? {} : { testNamePatterns: [options.namePattern] }),
  });
  stream.on('test:pass', (data) => {
    if (data.skip !== undefined || data.todo !== undefined) {
      result.skipped++;
      result.skips.push(name(data));
    } else if (data.details.type !== 'suite') result.passed++;
  });
  stream.on('test:fail', (data) => {
    if (data.details.type === 'suite') return;
    result.failed++;
    result.failures.push(name(data));
  });
  const printed = stream.compose(spec);
  for await (const text of printed) options.print(text as string);
  result.ms = performance.now() - startedAt;
  return result;
}
