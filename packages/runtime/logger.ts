import { type Bindings, type ChildLoggerOptions, type DestinationStream, type Logger, pino } from 'pino';
import type { ErrorRing } from './error-ring.ts';
import { maskText, redact } from './redact.ts';

export type { Logger } from 'pino';

export interface LoggerOptions {
  /** Name of the process in every line: `edge`, `emission`… */
  service: string;
  level: string;
  /** Where lines go; standard output when absent. */
  destination?: DestinationStream;
  /** Gets every finished line and keeps the errors. */
  errors?: ErrorRing;
}

/**
 * JSON lines with `level` (word), `time` (ISO 8601), `service`, `pid`. Whatever is logged passes redact.ts: object fields and
 * child bindings by name and shape at any depth, and the finished line by shape once more, so message texts are covered too.
 */
export function createLogger(options: LoggerOptions): Logger {
  const root = pino(
    {
      level: options.level,
      base: { service: options.service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      // pino's own `err` serializer would copy the properties of an error after the redaction.
      serializers: { err: (value: unknown) => value },
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redact(fields) as Record<string, unknown>,
      },
      hooks: {
        streamWrite(line) {
          const masked = maskText(line);
          options.errors?.take(masked);
          return masked;
        },
      },
    },
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  );
  // pino drops the bindings formatter for children, so they are cleaned here; children inherit this method from the root.
  const child = root.child;
  root.child = function redacted<L extends string = never>(this: Logger, bindings: Bindings, childOptions?: ChildLoggerOptions<L>) {
    return child.call<Logger, [Bindings, ChildLoggerOptions<L> | undefined], Logger<L>>(this, redact(bindings) as Bindings, childOptions);
  };
  return root;
}
