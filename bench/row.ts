/** What a figure is to reach: the least (`atLeast`) or the most (`atMost`) that is good. */
export type Target = { atLeast: number } | { atMost: number };

/** One figure. */
export interface Row {
  group: string;
  name: string;
  value: number;
  unit: string;
  target?: Target;
  /** The best peer's figure for the same work in the same run. */
  peer?: { name: string; value: number };
  /** What the machine can do at most, measured in the same run. */
  limit?: { name: string; value: number };
  note?: string;
}

export type Verdict = 'ok' | 'short' | '';

/** `short` when the target is missed or the figure could not be taken. */
export function verdictOf({ value, target }: Row): Verdict {
  if (!target) return '';
  return 'atLeast' in target ? (value >= target.atLeast ? 'ok' : 'short') : value <= target.atMost ? 'ok' : 'short';
}

/** The rows as one aligned table. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.group,
    row.name,
    figure(row.value),
    row.unit,
    targetText(row.target),
    verdictOf(row),
    row.peer ? `${ratio(row.value, row.peer.value)} ${row.peer.name}` : '',
    row.limit ? `${ratio(row.value, row.limit.value)} ${row.limit.name}` : '',
    row.note ?? '',
  ]);
  return aligned([['group', 'figure', 'value', 'unit', 'target', '', 'to best peer', 'to limit', 'note'], ...cells]);
}

function targetText(target: Target | undefined): string {
  if (!target) return '';
  return 'atLeast' in target ? `≥ ${figure(target.atLeast)}` : `≤ ${figure(target.atMost)}`;
}

function ratio(value: number, of: number): string {
  return `${(value / of).toFixed(value / of >= 10 ? 0 : 2)} ×`;
}

/** Three significant digits, whole from 100 on. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : size >= 1 ? value.toFixed(2) : value.toFixed(3);
}

const NUMERIC = 2;

function aligned(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  const pad = (text: string, column: number) => {
    const fill = ' '.repeat((widths[column] ?? 0) - [...text].length);
    return column === NUMERIC ? fill + text : text + fill;
  };
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}
