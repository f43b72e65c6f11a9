import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { prepare } from '@malote/fiscal/emission/prepare';
import { signXml } from '@malote/fiscal/xml/sign';
import { systemClock } from '@malote/runtime/clock';
import { type CompanyPfx, createCa, issueCompanyPfx } from '@malote/testkit/certificates';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { sampleNfe } from '@malote/testkit/sample-nfe';

export const ITEMS = [1, 60] as const;
export const SENHA = 'bench';
const CNPJ = sampleCnpj(1);
const CNF = '47110815';

export interface SigningKit {
  key: KeyObject;
  certDer: Buffer;
  documento: string;
  pfx: CompanyPfx;
}

/** A company's A1 for the groups that need no server. */
export function signingKit(): SigningKit {
  const pfx = issueCompanyPfx(createCa(), { cnpj: CNPJ, razaoSocial: 'COMERCIAL EXEMPLO LTDA', senha: SENHA, algorithm: '3des' });
  return { key: createPrivateKey(pfx.keyPem), certDer: new X509Certificate(pfx.certPem).raw, documento: CNPJ, pfx };
}

/** A note as an ERP sends it. */
export function unsignedNote(itens: number): string {
  return sampleNfe({ cnpj: CNPJ, ie: '110042490114', numero: 7, dhEmi: systemClock.now(), itens });
}

/** The same, complete and ready to be signed. */
export function preparedNote(itens: number): string {
  const prepared = prepare({ text: unsignedNote(itens), layout: 'sefaz', tpEmis: '1', cNF: CNF });
  if (!prepared.ok) throw new Error(JSON.stringify(prepared.faults));
  return prepared.xml;
}

export function signedNote(itens: number, kit: SigningKit): string {
  return signXml(preparedNote(itens), { element: 'infNFe' }, kit).xml;
}
