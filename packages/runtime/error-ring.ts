/** One line of level error or fatal, cut to what a person needs to go on looking. */
export interface ErrorLine {
  time: string;
  level: 'error' | 'fatal';
  msg: string;
  /** What was thrown, or the reason the line gives. */
  reason?: string;
  trace?: string;
  doc?: string;
}

/** The last error lines of this process. */
export interface ErrorRing {
  /** A finished JSON line, redacted already; anything below error is passed over unread. */
  take(line: string): void;
  /** Newest first. */
  lines(): ErrorLine[];
}

const SIZE = 20;
const TEXT = 500;
/** How the logger begins such a line: `level` is its first field. */
const IS_ERROR = /^\{"level":"(?:error|fatal)"/;

/** Bounded in number and in length: an error that repeats all night takes no more room than one. */
export function createErrorRing(size = SIZE): ErrorRing {
  const kept: ErrorLine[] = [];
  return {
    take(line) {
      if (!IS_ERROR.test(line)) return;
      const read = readLine(line);
      if (!read) return;
      kept.unshift(read);
      if (kept.length > size) kept.pop();
    },
    lines: () => [...kept],
  };
}

function readLine(line: string): ErrorLine | undefined {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { time, level, msg, err, reason, alarm, failing, codigo, trace, doc } = fields;
  const why = [textOf(alarm), textOf(codigo), textOf(reason), textOf((err as { message?: unknown } | undefined)?.message), textOf(failing)]
    .filter((part) => part !== undefined)
    .join(': ');
  return {
    time: String(time),
    level: level as ErrorLine['level'],
    msg: cut(String(msg ?? '')),
    ...(why === '' ? {} : { reason: cut(why) }),
    ...(typeof trace === 'string' ? { trace: cut(trace) } : {}),
    ...(typeof doc === 'string' ? { doc: cut(doc) } : {}),
  };
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function cut(text: string): string {
  return text.length > TEXT ? `${text.slice(0, TEXT)}…` : text;
}
