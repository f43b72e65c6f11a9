/** What stands for no inscrição estadual. */
export const ISENTO = 'ISENTO';

/** An inscrição estadual as it is compared and stored: upper case, without the mask; ISENTO for none. Leading zeros belong to it. */
export function ieCanonica(ie: string | null | undefined): string {
  return (ie ?? '').toUpperCase().replace(/[\s./-]/g, '') || ISENTO;
}

/** True for what the layouts take as inscrição estadual of who issues (TIe of the XSD: 2 to 14 digits, or ISENTO). `ie` is canonical. */
export function isIe(ie: string): boolean {
  return ie === ISENTO || /^[0-9]{2,14}$/.test(ie);
}
