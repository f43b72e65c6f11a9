/** What a rule decides; `detail` stands in place of the brackets of the official text. */
export interface Verdict {
  cStat: string;
  detail?: string;
}
