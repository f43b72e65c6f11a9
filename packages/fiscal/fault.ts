/**
 * One thing wrong with a document, as data: never thrown. Produced by the XSD check and by the rules applied before sending.
 * `code` is permanent (a retired one is never used again), `path` points into the XML (`infNFe/det[2]/prod/NCM`),
 * `message` is Portuguese and says what to do, `norm` names the rule it comes from (NT, MOC section).
 */
export interface Fault {
  code: string;
  path: string;
  message: string;
  norm?: string;
}
