/** Refusal of an XML that cannot be printed, in words for who sent it. */
export class NotPrintable extends Error {}
