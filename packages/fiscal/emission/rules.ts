import { isCnpj, isCpf } from '../chave/check-digits.ts';
import type { Fault } from '../fault.ts';
import { autorizadorContingencia, svcOfTpEmis } from '../model/autorizador.ts';
import { MODELOS } from '../model/modelo.ts';
import { at, textAt, type XmlDocument, type XmlElement } from '../xml/parse.ts';
import { parseDateTime } from './date-time.ts';
import { type EmissionFaultCode, emissionFault } from './fault-codes.ts';
import { type DocumentIdentity, locateDocument } from './identity.ts';
import { carriesQrCode } from './qr-code.ts';

/** What is compared with the document: `documento` is the CNPJ or CPF in the certificate (OID 2.16.76.1.3.3 or .1). */
export interface CertificateFacts {
  documento: string;
  notBefore: Date;
  notAfter: Date;
}

export interface RuleFacts {
  doc: XmlDocument;
  identity: DocumentIdentity;
  /** Without one, what depends on it is left out. */
  certificado?: CertificateFacts;
  now: Date;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** rule B09: the authoriser's clock may be ahead of ours by so much, and no document may be dated later */
const FUTURE_TOLERANCE = 5 * MINUTE;
const MAX_AGE_DAYS = 30;

const HOMOLOGACAO_DEST = 'NF-E EMITIDA EM AMBIENTE DE HOMOLOGACAO - SEM VALOR FISCAL';
const HOMOLOGACAO_ITEM = 'NOTA FISCAL EMITIDA EM AMBIENTE DE HOMOLOGACAO - SEM VALOR FISCAL';

/**
 * The pre-send rules for NF-e and NFC-e that are cheap and certain: whatever fails here SEFAZ would reject, and each rejection counts against the company
 * (consumo indevido). Values are checked, never invented or changed. `[]` when nothing is wrong; every broken rule is one fault.
 * The 5 minutes of an NFC-e (704) are not among them: they are a deadline of the transmission (see lifecycle).
 */
export function checkRules(facts: RuleFacts): Fault[] {
  const located = locateDocument(facts.doc, 'oobj');
  if (Array.isArray(located)) return located;
  const { inf, info } = located;
  if (info.familia !== 'nfe') return [];
  const faults: Fault[] = [];
  const fault = (code: EmissionFaultCode, path: string, message: string) => {
    faults.push(emissionFault(code, `${inf.local}/${path}`, message));
  };
  checkCertificate(facts, fault);
  checkDates(facts, fault);
  checkParties(facts, inf, fault);
  checkSerie(facts.identity, inf, fault);
  checkTpEmis(facts.identity, fault);
  checkContingencia(facts, inf, fault);
  if (carriesQrCode(facts.identity)) checkConsumerSale(inf, fault);
  if (facts.identity.tpAmb === '2') checkHomologacao(facts.identity, inf, fault);
  return faults;
}

type Report = (code: EmissionFaultCode, path: string, message: string) => void;

function checkCertificate({ identity, certificado, now }: RuleFacts, fault: Report): void {
  if (!certificado) return;
  const { emitente, tipoEmitente } = identity;
  const { documento, notBefore, notAfter } = certificado;
  const path = `emit/${tipoEmitente}`;
  if (tipoEmitente === 'CNPJ' && emitente.slice(0, 8) !== documento.slice(0, 8)) {
    fault(
      'EMI-050',
      path,
      `O emitente ${emitente} não tem a mesma base de CNPJ do certificado (${documento}). Use o certificado da empresa.`,
    );
  } else if (tipoEmitente === 'CNPJ' && documento.length !== 14) {
    fault('EMI-050', path, `O emitente ${emitente} é CNPJ e o certificado é de CPF (${documento}). Use o e-CNPJ da empresa.`);
  }
  if (tipoEmitente === 'CPF' && emitente !== documento) {
    fault('EMI-051', path, `O CPF do emitente ${emitente} não é o do certificado (${documento}). Use o certificado do próprio emitente.`);
  }
  if (now < notBefore) fault('EMI-052', path, `O certificado só vale a partir de ${notBefore.toISOString()}.`);
  if (now > notAfter)
    fault('EMI-053', path, `O certificado venceu em ${notAfter.toISOString()}. Instale um certificado válido e envie de novo.`);
}

function checkDates({ identity, now }: RuleFacts, fault: Report): void {
  const emitido = parseDateTime(identity.dhEmi);
  if (!emitido) return;
  const age = now.getTime() - emitido.getTime();
  if (-age > FUTURE_TOLERANCE) {
    fault('EMI-055', 'ide/dhEmi', `dhEmi ${identity.dhEmi} está mais de 5 minutos no futuro. Confira o relógio e o fuso do emissor.`);
  }
  // Contingency notes (4, 5, 9) are transmitted late by nature and have limits of their own.
  const normalOrSvc = ['1', '6', '7'].includes(identity.tpEmis);
  if (identity.modelo === '55' && normalOrSvc && age > MAX_AGE_DAYS * DAY) {
    fault('EMI-054', 'ide/dhEmi', `dhEmi ${identity.dhEmi} tem mais de ${MAX_AGE_DAYS} dias. Emita o documento de novo com a data atual.`);
  }
}

function checkParties({ identity }: RuleFacts, inf: XmlElement, fault: Report): void {
  const { emitente, tipoEmitente, modelo, uf, semIe } = identity;
  if (tipoEmitente === 'CNPJ' && !isCnpj(emitente)) {
    fault('EMI-056', 'emit/CNPJ', `O CNPJ do emitente ${emitente} tem dígito verificador errado.`);
  }
  if (tipoEmitente === 'CPF' && !isCpf(emitente)) {
    fault('EMI-057', 'emit/CPF', `O CPF do emitente ${emitente} tem dígito verificador errado.`);
  }
  const cnpj = textAt(inf, 'dest/CNPJ');
  if (cnpj && !isCnpj(cnpj)) {
    fault('EMI-058', 'dest/CNPJ', `O CNPJ do destinatário ${cnpj.slice(0, 20)} é inválido: confira os dígitos, sem máscara.`);
  }
  const cpf = textAt(inf, 'dest/CPF');
  if (cpf && !isCpf(cpf))
    fault('EMI-059', 'dest/CPF', `O CPF do destinatário ${cpf.slice(0, 20)} é inválido: confira os dígitos, sem máscara.`);
  const sigla = textAt(inf, 'emit/enderEmit/UF');
  if (sigla && sigla !== uf) {
    fault(
      'EMI-060',
      'emit/enderEmit/UF',
      `O endereço do emitente é em ${sigla.slice(0, 2)}, mas cUF ${identity.cUF} é ${uf}. Faça os dois iguais.`,
    );
  }
  if (!semIe) return;
  if (modelo === '65') {
    fault(
      'EMI-072',
      'emit/IE',
      'Falta a IE do emitente: NFC-e não pode ser emitida por contribuinte exclusivo do IBS/CBS. Informe emit/IE.',
    );
  } else if (tipoEmitente === 'CPF') {
    fault(
      'EMI-073',
      'emit/IE',
      'Emitente com CPF precisa de emit/IE: sem IE (contribuinte exclusivo do IBS/CBS) o emitente tem de ser CNPJ.',
    );
  }
}

/** 0–889 with a CNPJ, 920–969 with a CPF. 890–919 are issued by SEFAZ (procEmi 1, 2); 970–999 are reserved. */
function checkSerie({ serie, tipoEmitente }: DocumentIdentity, inf: XmlElement, fault: Report): void {
  if (textAt(inf, 'ide/procEmi') !== '0') return;
  if (tipoEmitente === 'CPF' && (serie < 920 || serie > 969)) {
    fault('EMI-062', 'ide/serie', `Emitente com CPF usa série de 920 a 969; o documento diz ${serie}.`);
  }
  if (tipoEmitente === 'CNPJ' && serie > 889) {
    fault('EMI-061', 'ide/serie', `Emitente com CNPJ usa série de 0 a 889; o documento diz ${serie}.`);
  }
}

function checkTpEmis(identity: DocumentIdentity, fault: Report): void {
  const { modelo, tpEmis, tpImp, uf } = identity;
  const { sigla } = MODELOS[modelo];
  const path = 'ide/tpEmis';
  const svc = svcOfTpEmis(modelo, tpEmis);
  if (modelo === '65' && svc) {
    fault('EMI-066', path, 'A SVC não autoriza NFC-e. Use tpEmis 1, ou 9 (off-line).');
  } else if (modelo === '65' && tpEmis === '4' && uf !== 'SP') {
    fault('EMI-065', path, `NFC-e com EPEC (tpEmis 4) só existe em SP; a UF é ${uf}. Use tpEmis 1, ou 9 (off-line).`);
  } else if (!MODELOS[modelo].tpEmis.includes(tpEmis)) {
    fault('EMI-063', path, `tpEmis ${tpEmis} não existe para ${sigla}. Use um destes: ${MODELOS[modelo].tpEmis.join(', ')}.`);
  } else if (modelo === '55' && tpEmis === '9' && tpImp !== '6') {
    fault(
      'EMI-064',
      path,
      'NF-e off-line (tpEmis 9) só com tpImp 6 (DANFE Simplificado Tipo 2). Use tpEmis 1 ou uma contingência da NF-e.',
    );
  } else if (svc && svc !== autorizadorContingencia(modelo, uf, identity)) {
    const own = autorizadorContingencia(modelo, uf, identity);
    const use = own ? `A SVC de ${uf} é a ${own}` : 'Este emitente não tem SVC';
    fault('EMI-067', path, `tpEmis ${tpEmis} é da ${svc}, que não atende este emitente. ${use}.`);
  }
}

function checkContingencia({ identity, now }: RuleFacts, inf: XmlElement, fault: Report): void {
  const dhCont = textAt(inf, 'ide/dhCont');
  const xJust = textAt(inf, 'ide/xJust');
  if (identity.tpEmis === '1') {
    const tag = xJust !== undefined ? 'xJust' : 'dhCont';
    if (xJust !== undefined || dhCont !== undefined) {
      fault('EMI-068', `ide/${tag}`, 'dhCont e xJust não são informados em emissão normal (tpEmis 1). Retire-os ou corrija tpEmis.');
    }
    return;
  }
  if (!dhCont || !xJust) {
    const tag = dhCont ? 'xJust' : 'dhCont';
    fault('EMI-069', `ide/${tag}`, `Falta ${tag}: com tpEmis ${identity.tpEmis} informe dhCont e xJust (entrada em contingência).`);
  }
  const entrada = parseDateTime(dhCont ?? '');
  if (!entrada) return;
  const emitido = parseDateTime(identity.dhEmi);
  if (entrada.getTime() - now.getTime() > FUTURE_TOLERANCE) {
    fault('EMI-070', 'ide/dhCont', `dhCont ${dhCont} está no futuro. Confira o relógio e o fuso do emissor.`);
  } else if (emitido && entrada > emitido) {
    fault('EMI-071', 'ide/dhCont', `dhCont ${dhCont} é posterior a dhEmi ${identity.dhEmi}: a contingência começa antes da emissão.`);
  }
}

/** What an NFC-e, and an NF-e with tpImp 6, always is: a sale inside the UF to who consumes (NT 2026.002 made the rules common to both). */
const CONSUMER_SALE = [
  ['EMI-077', 'tpNF', 'uma saída'],
  ['EMI-078', 'idDest', 'uma operação interna'],
  ['EMI-079', 'finNFe', 'uma nota normal'],
  ['EMI-080', 'indFinal', 'uma venda a consumidor final'],
] as const;

function checkConsumerSale(inf: XmlElement, fault: Report): void {
  for (const [code, tag, what] of CONSUMER_SALE) {
    const value = textAt(inf, `ide/${tag}`);
    // A missing field is the schema's to tell.
    if (value !== undefined && value !== '1') {
      const message = `NFC-e e NF-e com tpImp 6 são sempre ${what}: ${tag} tem de ser 1; o documento diz "${value.slice(0, 10)}".`;
      fault(code, `ide/${tag}`, message);
    }
  }
}

/** The fixed sentences of homologação are the ERP's to write: a note that lacks them may be one meant for production. */
function checkHomologacao({ modelo }: DocumentIdentity, inf: XmlElement, fault: Report): void {
  const xNome = textAt(inf, 'dest/xNome');
  if (modelo === '55' && xNome !== undefined && xNome !== HOMOLOGACAO_DEST) {
    fault('EMI-074', 'dest/xNome', `Em homologação dest/xNome tem de ser "${HOMOLOGACAO_DEST}".`);
  }
  const xProd = at(inf, 'det/prod') && textAt(inf, 'det/prod/xProd');
  if (modelo === '65' && xProd !== undefined && xProd !== HOMOLOGACAO_ITEM) {
    fault('EMI-075', 'det[1]/prod/xProd', `Em homologação a descrição do primeiro item tem de ser "${HOMOLOGACAO_ITEM}".`);
  }
}
