const FORM = /^(20\d\d)-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)([+-])(\d\d):(\d\d)$/;

/**
 * The instant of a date-time as the layout writes it: `2026-11-21T10:00:00-03:00`, always with its own offset (TDateTimeUTC of the XSD;
 * `Z` and fractions are refused there). Undefined for another form and for a day or hour that does not exist.
 */
export function parseDateTime(text: string): Date | undefined {
  const match = FORM.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // Date.UTC rolls 31/02 and 24:00 over: what comes back then differs from what was written.
  if (local.toISOString().slice(0, 19) !== text.slice(0, 19)) return undefined;
  const [sign, offsetHours, offsetMinutes] = [match[7], Number(match[8]), Number(match[9])];
  if (offsetHours > 12 || offsetMinutes > 59) return undefined;
  const offset = (offsetHours * 60 + offsetMinutes) * 60_000 * (sign === '-' ? -1 : 1);
  return new Date(local.getTime() - offset);
}

/**
 * An instant as the layout writes it, to the second, in the offset of a date-time of the layout. Throws RangeError when that is none.
 */
export function inOffsetOf(dateTime: string, instant: Date): string {
  const its = parseDateTime(dateTime);
  if (!its) throw new RangeError(`no date-time of the layout: ${dateTime}`);
  const offset = Date.parse(`${dateTime.slice(0, 19)}Z`) - its.getTime();
  return new Date(instant.getTime() + offset).toISOString().slice(0, 19) + dateTime.slice(19);
}
