/** What is left out of a line because it says nothing to a person, or stands elsewhere in it. */
const HIDDEN = new Set(['level', 'time', 'pid', 'hostname', 'service', 'msg', 'trace', 'route', 'ip', 'conta', 'credencial']);
const IMPORTANT = new Set(['warn', 'error', 'fatal']);

export interface LogLine {
  text: string;
  important: boolean;
}

/** One JSON log line of a service as a line for people: time, service, level, message, fields. Other text comes through as it is. */
export function prettyLog(service: string, line: string): LogLine {
  const entry = parse(line);
  const name = service.padEnd(10);
  if (entry === undefined) return { text: `${name} ${line}`, important: true };
  const level = String(entry.level ?? 'info');
  const important = IMPORTANT.has(level);
  const fields = Object.entries(entry)
    .filter(([key]) => !HIDDEN.has(key))
    .map(([key, value]) => `${key}=${short(value)}`);
  const time = typeof entry.time === 'number' ? new Date(entry.time).toISOString() : String(entry.time ?? '');
  const parts = [time.slice(11, 19), name, (important ? level.toUpperCase() : level).padEnd(5), String(entry.msg ?? ''), ...fields];
  return { text: parts.join(' ').trimEnd(), important };
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function short(value: unknown): string {
  if (value !== null && typeof value === 'object' && 'message' in value) return JSON.stringify(value.message);
  const text = typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
