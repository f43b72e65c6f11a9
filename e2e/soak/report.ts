import { isClean, type SoakResult } from './run-soak.ts';

const SHOWN = 20;

/** The report as text, the verdict last. */
export function reportText(result: SoakResult): string {
  const { options, books, seconds, ended, refusals, faultTable: table } = result;
  const rate = (books.accepted / Math.max(1, seconds.posting)).toFixed(1);
  const counts = (of: Record<string, number>) =>
    Object.entries(of)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none';
  const columns = ['fault', 'notes', 'taken', 'authorised', 'refused', 'other', 'authorise calls', 'consults'];
  const cells = table.map((row) => [
    row.kind,
    row.notes,
    row.taken,
    row.authorized,
    row.refused,
    row.other,
    row.authorizeCalls,
    row.consultCalls,
  ]);
  return [
    `Soak: ${options.notes} notes, ${(options.faults * 100).toFixed(0)} % faults, seed ${options.seed}${options.fast ? ', fast simulator' : ''}${options.without ? `, WITHOUT ${options.without}` : ''}`,
    `  posting ${seconds.posting.toFixed(0)} s (${rate} notes/s), until all were final ${seconds.settling.toFixed(0)} s`,
    `  ended and started again: ${counts(ended)}`,
    `  posts that had to be repeated: ${counts(refusals)}`,
    `  most consults of one key in an hour: ${result.mostConsultsInAnHour} (SEFAZ allows 10)`,
    '',
    ...aligned([columns, ...cells]),
    '',
    `  accepted   ${books.accepted}`,
    `  authorised ${books.authorized}`,
    `  refused    ${books.refused}`,
    ...listed('unfinished', books.unfinished),
    ...listed('lost', books.lost),
    ...listed('doubled', books.doubled),
    ...listed('not accepted', result.notAccepted),
    ...listed('refused without reason', result.refusedWithoutReason),
    isClean(result) ? 'OK: nothing lost, nothing doubled, every note final.' : `FAILED (run it again with --seed ${options.seed}).`,
  ].join('\n');
}

function listed(name: string, what: readonly string[]): string[] {
  const more = what.length > SHOWN ? [`    … and ${what.length - SHOWN} more`] : [];
  return [`  ${name.padEnd(10)} ${what.length}`, ...what.slice(0, SHOWN).map((line) => `    ${line}`), ...more];
}

function aligned(rows: (string | number)[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  return rows.map(
    (row) =>
      `  ${row.map((cell, column) => (column === 0 ? String(cell).padEnd(widths[0] ?? 0) : String(cell).padStart(widths[column] ?? 0))).join('  ')}`,
  );
}
