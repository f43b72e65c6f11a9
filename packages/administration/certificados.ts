import type { Clock } from '@malote/runtime/clock';
import { type ChainVerdict, judgeChain } from '@malote/sefaz/chain';
import { type A1, PfxError, type PfxErrorCode } from '@malote/sefaz/pfx';
import { type Metered, readPfxAside } from '@malote/sefaz/pfx-aside';
import type { Quem } from '@malote/store/auditoria';
import type { CertificadoInfo, CertificadoMaterial, TesteCertificado } from '@malote/store/certificados';
import type { Store } from '@malote/store/connect';
import type { Raizes } from './raizes.ts';
import { Refused } from './refused.ts';

/** A PFX with its chain is some 10 kB. */
export const MAX_PFX_BYTES = 100_000;
const MAX_SENHA = 256;

/** Base of a CNPJ: the certificate may be of any branch of the same company (rejection 213). */
const CNPJ_BASE = 8;
const DAY_MS = 86_400_000;

export interface CertificadoEnviado {
  /** CNPJ or CPF of the company it is for. */
  empresa: string;
  pfx: Uint8Array;
  senha: string;
  /** `hom`: one that ICP-Brasil does not vouch for is taken, and is then good for homologação only. Default `prod`. */
  ambiente?: 'hom' | 'prod' | undefined;
}

export interface ConferirFacts {
  now: Date;
  raizes: Raizes;
  /** Around the opening of the file, where what it costs is counted. */
  metered?: Metered;
}

export interface CertificadosDeps {
  store: Pick<Store, 'certificados' | 'empresas' | 'auditoria'>;
  clock: Pick<Clock, 'now'>;
  raizes: Raizes;
  /** In place of checkCertificado, where what opening a file costs is counted, or the file was checked already. */
  check?: typeof checkCertificado;
}

/** A certificate that may be installed: its parts, and what its owner should read. */
export interface CertificadoConferido {
  info: CertificadoInfo;
  material: CertificadoMaterial;
  avisos: AvisoCertificado[];
}

export interface AvisoCertificado {
  codigo: string;
  mensagem: string;
}

/** What everybody may be shown of a certificate. */
export interface CertificadoMostrado {
  empresa: string;
  titular: string;
  documento: string;
  emissor: string;
  /** From the nearest up; empty when the file had none. */
  emissores: string[];
  numeroSerie: string;
  impressaoSha1: string | null;
  impressaoSha256: string;
  chaveBits: number | null;
  validoDe: string;
  validoAte: string;
  diasRestantes: number;
  situacao: 'valido' | 'vencido' | 'ainda-nao-valido';
  cadeia: ChainVerdict;
  ambientes: ('prod' | 'hom')[];
  avisos: AvisoCertificado[];
  /** null: it was only checked. */
  instaladoEm: string | null;
}

/** With what was before it, and what the authorisers said of it. */
export interface CertificadoDescrito extends CertificadoMostrado {
  anteriores: { titular: string; numeroSerie: string; impressaoSha256: string; validoAte: string; instaladoEm: string }[];
  testes: TesteMostrado[];
}

export interface TesteMostrado {
  autorizador: string;
  ambiente: 'hom' | 'prod';
  resultado: TesteCertificado['resultado'] | 'nao-testado';
  codigoStatus: string | null;
  motivo: string | null;
  em: string | null;
  duracaoMs: number | null;
  proximoEm: string | null;
}

/** Reads a PFX, aside, and says everything that is in the way of using it for the company. @throws Refused */
export async function checkCertificado(
  { empresa, pfx, senha, ambiente = 'prod' }: CertificadoEnviado,
  facts: ConferirFacts,
): Promise<CertificadoConferido> {
  if (pfx.length > MAX_PFX_BYTES) {
    throw new Refused(
      'pfx-grande-demais',
      `O arquivo do certificado tem ${pfx.length} bytes; o limite é ${MAX_PFX_BYTES}. Envie só o .pfx ou .p12.`,
      'arquivo',
    );
  }
  if (senha.length > MAX_SENHA) throw new Refused('senha-incorreta', `A senha tem mais de ${MAX_SENHA} caracteres.`, 'senha');
  const a1 = await read(pfx, senha, facts.metered);
  checkHolder(a1, empresa);
  checkUse(a1, facts.now);
  const cadeia = judgeChain(a1, facts.raizes);
  if (cadeia === 'outra' && ambiente === 'prod') throw new Refused('certificado-fora-da-icp-brasil', foraDaIcpBrasil(a1), 'arquivo');
  const { keyPem, certPem, chainPem, subject, issuer, serial, documento, notBefore, notAfter, thumbprint, thumbprintSha1, keyBits } = a1;
  const info: CertificadoInfo = {
    ...{ subject, issuer, serial, documento, notBefore, notAfter, thumbprint, thumbprintSha1, keyBits, cadeia },
    emissores: a1.issuers,
    ...(cadeia === 'outra' ? { ambiente: 'hom' } : {}),
  };
  return { info, material: { keyPem, certPem, chainPem }, avisos: avisosOf(info, facts.now) };
}

/** What a certificate that passes checkCertificado is, without installing it. @throws Refused */
export async function simularCertificado(given: CertificadoEnviado, facts: ConferirFacts): Promise<CertificadoMostrado> {
  const { info } = await checkCertificado(given, facts);
  return mostrar(given.empresa, info, facts.now, null);
}

/**
 * Checks a certificate and puts it to use for the company's next documents; those under way end with the one they were signed with.
 * @throws Refused, also `empresa-desconhecida`
 */
export async function putCertificado(
  { store, clock, raizes, check = checkCertificado }: CertificadosDeps,
  { conta, quem, ...given }: CertificadoEnviado & { conta: string; quem: Quem },
): Promise<CertificadoMostrado> {
  const { empresa } = given;
  const where = { conta, documento: empresa };
  if (!(await store.empresas.find(where))) throw unknownEmpresa(conta, empresa);
  const fato = { conta, quem, acao: 'certificado.instalar', empresa };
  let conferido: CertificadoConferido;
  try {
    conferido = await check(given, { now: clock.now(), raizes });
  } catch (error) {
    if (error instanceof Refused) await store.auditoria.append({ ...fato, resultado: 'recusado', detalhe: error.codigo });
    throw error;
  }
  const { info, material } = conferido;
  const id = await store.certificados.put({ conta, empresa }, info, material);
  if (!(await store.empresas.useCertificado(where, id))) throw unknownEmpresa(conta, empresa);
  const detalhe = `válido até ${info.notAfter.toISOString()}, cadeia ${info.cadeia}`;
  await store.auditoria.append({ ...fato, alvo: info.thumbprint, resultado: 'ok', detalhe });
  return mostrar(empresa, info, clock.now(), clock.now());
}

/** The certificate in use, what was before it and what was tested. @throws Refused `empresa-desconhecida`, `certificado-ausente` */
export async function describeCertificado(
  { store, clock }: Omit<CertificadosDeps, 'raizes'>,
  { conta, empresa }: { conta: string; empresa: string },
): Promise<CertificadoDescrito> {
  const found = await store.empresas.find({ conta, documento: empresa });
  if (!found) throw unknownEmpresa(conta, empresa);
  const all = await store.certificados.history({ conta, empresa });
  const present = all.find(({ _id }) => _id === found.certificado);
  if (!present) {
    throw new Refused(
      'certificado-ausente',
      `A empresa ${empresa} não tem certificado A1 neste hub; instale um (PUT /api/empresas/${empresa}/certificado).`,
    );
  }
  const now = clock.now();
  const installed = (row: (typeof all)[number]) => row.instaladoEm ?? row.createdAt;
  return {
    ...mostrar(empresa, present, now, installed(present)),
    anteriores: all
      .filter((row) => row !== present)
      .map((row) => ({
        titular: row.subject,
        numeroSerie: row.serial,
        impressaoSha256: row.thumbprint,
        validoAte: row.notAfter.toISOString(),
        instaladoEm: installed(row).toISOString(),
      })),
    testes: Object.values(present.testes ?? {}).map(mostrarTeste),
  };
}

/** Whole days until the end, negative after it. */
export function diasRestantes(notAfter: Date, now: Date): number {
  return Math.floor((notAfter.getTime() - now.getTime()) / DAY_MS);
}

const DO_ARQUIVO: ReadonlySet<PfxErrorCode> = new Set(['sem-chave', 'sem-certificado']);

async function read(pfx: Uint8Array, senha: string, metered: Metered | undefined): Promise<A1> {
  try {
    return await readPfxAside(pfx, senha, metered);
  } catch (error) {
    if (!(error instanceof PfxError)) throw error;
    const { codigo, message } = error;
    const text = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
    const remedy = DO_ARQUIVO.has(codigo) ? ' Exporte o A1 de novo, com a chave privada e todos os certificados do caminho.' : '';
    throw new Refused(codigo, `${text}${remedy}`, codigo === 'senha-incorreta' ? 'senha' : 'arquivo');
  }
}

function checkHolder({ documento }: A1, empresa: string): void {
  const same =
    empresa.length === 14 && documento.length === 14
      ? documento.slice(0, CNPJ_BASE) === empresa.slice(0, CNPJ_BASE)
      : documento === empresa;
  if (same) return;
  const rule = empresa.length === 14 ? 'as 8 primeiras posições do CNPJ devem ser as mesmas' : 'o CPF deve ser o mesmo';
  throw new Refused(
    'certificado-de-outra-empresa',
    `O certificado é de ${documento}, não da empresa ${empresa}: ${rule} (rejeição 213).`,
    'arquivo',
  );
}

function checkUse({ signs, notBefore, notAfter }: A1, now: Date): void {
  if (!signs) {
    const text =
      'O certificado não é de assinatura: o uso da chave (keyUsage) não tem assinatura digital, ou ele é de uma autoridade certificadora.';
    throw new Refused('certificado-sem-assinatura', `${text} Use o e-CNPJ ou e-CPF A1 da empresa.`, 'arquivo');
  }
  if (notAfter < now) {
    throw new Refused(
      'certificado-vencido',
      `O certificado venceu em ${notAfter.toISOString()}. Emita outro na autoridade certificadora.`,
      'arquivo',
    );
  }
  if (notBefore > now) {
    const text = `O certificado só vale a partir de ${notBefore.toISOString()}.`;
    throw new Refused(
      'certificado-ainda-nao-valido',
      `${text} Instale-o a partir desse momento; confira também o relógio do servidor.`,
      'arquivo',
    );
  }
}

function foraDaIcpBrasil({ issuer }: A1): string {
  return (
    `O certificado foi emitido por "${issuer}", que não chega a nenhuma raiz da ICP-Brasil configurada neste hub (MALOTE_SEFAZ_CA_FILE). ` +
    'A SEFAZ o recusaria. Se ele é da ICP-Brasil, exporte o PFX com a cadeia completa; para testar em homologação, envie com ambiente=hom.'
  );
}

const EXPIRES_SOON_DAYS = 30;

function avisosOf({ cadeia, ambiente, notAfter }: CertificadoInfo, now: Date): AvisoCertificado[] {
  const avisos: AvisoCertificado[] = [];
  if (ambiente === 'hom') {
    avisos.push({
      codigo: 'certificado-so-homologacao',
      mensagem: 'A cadeia do certificado não é da ICP-Brasil: ele só assina em homologação; em produção toda emissão é recusada.',
    });
  } else if (cadeia === 'nao-verificada') {
    avisos.push({
      codigo: 'cadeia-nao-verificada',
      mensagem:
        'A cadeia do certificado não pôde ser conferida: o hub não tem as raízes da ICP-Brasil (MALOTE_SEFAZ_CA_FILE) ou o PFX veio sem os certificados intermediários.',
    });
  }
  const days = diasRestantes(notAfter, now);
  if (days <= EXPIRES_SOON_DAYS) {
    const mensagem =
      days < 0
        ? `O certificado venceu em ${notAfter.toISOString()}.`
        : `O certificado vence em ${notAfter.toISOString()} (dias restantes: ${days}).`;
    avisos.push({
      codigo: days < 0 ? 'certificado-vencido' : 'certificado-a-vencer',
      mensagem: `${mensagem} Instale o próximo antes disso.`,
    });
  }
  return avisos;
}

function mostrar(empresa: string, info: CertificadoInfo, now: Date, installedAt: Date | null): CertificadoMostrado {
  const { notBefore, notAfter, cadeia = 'nao-verificada', ambiente } = info;
  return {
    empresa,
    titular: info.subject,
    documento: info.documento,
    emissor: info.issuer,
    emissores: info.emissores ?? [],
    numeroSerie: info.serial,
    impressaoSha1: info.thumbprintSha1 ?? null,
    impressaoSha256: info.thumbprint,
    chaveBits: info.keyBits ?? null,
    validoDe: notBefore.toISOString(),
    validoAte: notAfter.toISOString(),
    diasRestantes: diasRestantes(notAfter, now),
    situacao: notAfter < now ? 'vencido' : notBefore > now ? 'ainda-nao-valido' : 'valido',
    cadeia,
    ambientes: ambiente === 'hom' ? ['hom'] : ['prod', 'hom'],
    avisos: avisosOf(info, now),
    instaladoEm: installedAt?.toISOString() ?? null,
  };
}

function mostrarTeste({ autorizador, tpAmb, em, resultado, cStat, motivo, duracaoMs, proximoEm }: TesteCertificado): TesteMostrado {
  return {
    ...{ autorizador, ambiente: tpAmb === '1' ? 'prod' : 'hom', resultado, motivo },
    codigoStatus: cStat ?? null,
    em: em.toISOString(),
    duracaoMs: duracaoMs ?? null,
    proximoEm: proximoEm?.toISOString() ?? null,
  };
}

function unknownEmpresa(conta: string, empresa: string): Refused {
  return new Refused('empresa-desconhecida', `A conta ${conta} não tem a empresa ${empresa}.`, 'empresa');
}
