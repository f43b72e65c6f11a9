import { parseDateTime } from '../emission/date-time.ts';

const OFFSET = /[+-]\d\d:\d\d$/;

/**
 * When the evento happens, in the zone in which the emitter wrote the document's own dhEmi: now, but never before the authorisation, whose
 * clock may be ahead of ours (NT 2011.006, rejections 577 to 579).
 */
export function dhEventoText({ now, dhEmi, dhRecbto }: { now: Date; dhEmi: string; dhRecbto?: string | undefined }): string {
  const [offset = '-03:00'] = OFFSET.exec(dhEmi) ?? [];
  const authorized = dhRecbto === undefined ? undefined : parseDateTime(dhRecbto);
  const at = authorized && authorized > now ? authorized : now;
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number);
  const shift = (hours * 60 + minutes) * 60_000 * (offset.startsWith('-') ? -1 : 1);
  return `${new Date(at.getTime() + shift).toISOString().slice(0, 19)}${offset}`;
}
