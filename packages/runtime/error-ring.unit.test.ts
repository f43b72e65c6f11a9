import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createErrorRing } from './error-ring.ts';
import { createLogger, type Logger } from './logger.ts';

function ringOf(write: (log: Logger) => void, size?: number) {
  const errors = createErrorRing(size);
  write(createLogger({ service: 'edge', level: 'debug', destination: { write() {} }, errors }));
  return errors.lines();
}

test('the last error and fatal lines are kept, newest first, and no line below', () => {
  const lines = ringOf((log) => {
    log.info('info');
    log.warn('warn');
    for (const n of [1, 2, 3]) log.error({ trace: 't1', doc: 'd1' }, `error ${n}`);
    log.fatal({ err: new Error('boom') }, 'end');
  }, 3);
  assert.deepEqual(
    lines.map(({ level, msg }) => [level, msg]),
    [
      ['fatal', 'end'],
      ['error', 'error 3'],
      ['error', 'error 2'],
    ],
  );
  assert.equal(lines[0]?.reason, 'boom');
  assert.deepEqual([lines[1]?.trace, lines[1]?.doc], ['t1', 'd1']);
  assert.match(String(lines[0]?.time), /^\d{4}-\d\d-\d\dT.*Z$/);
});

test('lines of child loggers are kept too, redacted as in the log', () => {
  const [line] = ringOf((log) =>
    log.child({ doc: 'd1' }).error({ err: new Error('no answer of amqp://u:hunter2@h') }, 'lost redis://:hunter2@h'),
  );
  assert.equal(JSON.stringify(line).includes('hunter2'), false);
  assert.deepEqual([line?.msg, line?.reason, line?.doc], ['lost redis://***@h', 'no answer of amqp://***@h', 'd1']);
});

test('a long text is cut', () => {
  const [line] = ringOf((log) => log.error({ reason: 'x'.repeat(10_000) }, 'y'.repeat(10_000)));
  assert.ok(JSON.stringify(line).length < 1_200);
});

test('what is not a finished line is passed over', () => {
  const errors = createErrorRing();
  errors.take('{"level":"error","msg":');
  errors.take('');
  assert.deepEqual(errors.lines(), []);
});
