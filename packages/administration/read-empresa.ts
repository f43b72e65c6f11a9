import { COMPANY_LOGO, LogoError, readLogo } from '@malote/danfe/logo';
import { LARGURAS } from '@malote/danfe/print-danfe';
import type { QrVersion } from '@malote/fiscal/emission/qr-code';
import { justificativaFault } from '@malote/fiscal/inutilizacao/politica';
import { canonicalIe } from '@malote/fiscal/model/chave-entidade';
import { isIe } from '@malote/fiscal/model/inscricao-estadual';
import { type MunicipioFault, municipioFault } from '@malote/fiscal/model/municipio';
import { type NfceUrls, nfceUrlsFault } from '@malote/fiscal/model/nfce-urls';
import { isUf, UFS, type Uf } from '@malote/fiscal/model/uf';
import type { Crt, DanfeOpcoes, Empresa, EmpresaChange, Inscricao } from '@malote/store/empresas';
import { type Given, inside, type Reading, readBoolean, readObject, readOneOf, readText, startReading } from './read-fields.ts';
import { refusedAll } from './refused.ts';

/** What of a company may be given, by the names of the HTTP API. */
export const EMPRESA_CAMPOS = [
  ...['razaoSocial', 'nomeFantasia', 'uf', 'ie', 'outrasInscricoes', 'municipio', 'crt'],
  ...['nfce', 'danfe', 'lacunas', 'logo'],
] as const;

/** What the hub shows beside them. Given back with the rest it means nothing, so that what was read can be changed and sent again. */
const EMPRESA_MOSTRADOS = ['empresa', 'fusoHorario', 'temLogo', 'temCertificado', 'versao', 'criadaEm', 'atualizadaEm'] as const;

const NOME_MAX = 150;
const INSCRICOES_MAX = 50;
const CRTS: readonly Crt[] = ['1', '2', '3', '4'];
const QR_VERSIONS: readonly QrVersion[] = ['2', '3'];

export interface EmpresaGiven {
  change: EmpresaChange;
  /** A picture to store, `null` to take it away; undefined: as it is. */
  logo: Buffer | null | undefined;
}

export interface ReadEmpresaContext {
  /** CNPJ or CPF. */
  documento: string;
  /** As it is stored, where it is. */
  atual?: Empresa | undefined;
  /** What is absent goes back to its default (but the picture, which stays); otherwise it stays as it is. */
  replace: boolean;
}

/** A company as somebody gave it. Throws Refused with every fault. */
export function readEmpresa(given: unknown, { documento, atual, replace }: ReadEmpresaContext): EmpresaGiven {
  const reading = startReading();
  const fields = readObject(reading, given, '', [...EMPRESA_CAMPOS, ...EMPRESA_MOSTRADOS]) ?? {};
  const needed = replace || !atual;
  const { nfce, lacunas } = fields;
  /** `null` clears; so does absence when a company is replaced. */
  const optional = <T>(name: string, read: (value: unknown) => T | null | undefined): T | null | undefined => {
    const value = fields[name];
    if (value === null || value === '' || (value === undefined && replace)) return null;
    return value === undefined ? undefined : read(value);
  };
  if (needed)
    for (const name of ['razaoSocial', 'uf']) if (fields[name] === undefined) reading.fault('campo-obrigatorio', name, 'é obrigatório');

  const change: EmpresaChange = {
    ...(fields.razaoSocial === undefined ? {} : { razaoSocial: readText(reading, fields.razaoSocial, 'razaoSocial', NOME_MAX) ?? '' }),
    ...(fields.uf === undefined ? {} : { uf: readUf(reading, fields.uf, 'uf') as Uf }),
    nomeFantasia: optional('nomeFantasia', (value) => readText(reading, value, 'nomeFantasia', NOME_MAX)),
    ie: optional('ie', (value) => readIe(reading, value, 'ie')),
    outrasInscricoes: optional('outrasInscricoes', (value) => readInscricoes(reading, value)),
    crt: optional('crt', (value) => readOneOf(reading, value, 'crt', CRTS)),
    municipio: optional('municipio', (value) =>
      typeof value === 'number' ? String(value) : (readText(reading, value, 'municipio', 20) ?? ''),
    ),
    danfe: optional('danfe', (value) => readDanfe(reading, value, replace ? undefined : atual?.danfe)),
    ...readNfce(reading, nfce, replace),
    ...readLacunas(reading, lacunas, { documento, replace }),
  };
  checkTogether(reading, change, atual);
  const logo =
    fields.logo === null || fields.logo === '' ? null : fields.logo === undefined ? undefined : readPicture(reading, fields.logo);
  if (reading.faults.length > 0) throw refusedAll(reading.faults);
  return { change, logo };
}

/** What one field alone does not say: of the company as it will be. */
function checkTogether(reading: Reading, change: EmpresaChange, atual: Empresa | undefined): void {
  const uf = change.uf ?? atual?.uf;
  const municipio = change.municipio === undefined ? atual?.municipio : change.municipio;
  // Of a UF that is wrong itself only the form of the code can be said.
  const fault = municipio ? municipioFault(municipio, uf ?? 'SP') : undefined;
  if (municipio && fault && (uf || fault === 'forma'))
    reading.fault('municipio-invalido', 'municipio', MUNICIPIO[fault](municipio, uf ?? 'SP'));
  const ie = change.ie === undefined ? atual?.ie : change.ie;
  const outras: readonly (Inscricao | undefined)[] =
    (change.outrasInscricoes === undefined ? atual?.outrasInscricoes : change.outrasInscricoes) ?? [];
  const seen = new Set(uf ? [`${uf} ${canonicalIe(ie ?? undefined)}`] : []);
  for (const [index, outra] of outras.entries()) {
    if (!outra) continue;
    const name = `${outra.uf} ${outra.ie}`;
    if (seen.has(name))
      reading.fault('inscricao-repetida', `outrasInscricoes[${index}]`, `a inscrição ${outra.ie} de ${outra.uf} já foi informada`);
    seen.add(name);
  }
}

const MUNICIPIO: Record<MunicipioFault, (codigo: string, uf: Uf) => string> = {
  forma: () => 'é o código do IBGE com 7 dígitos (exemplo: 3550308)',
  uf: (codigo, uf) => `${codigo} não é de ${uf}: o código de um município de ${uf} começa com ${UFS[uf].cUF}`,
  digito: (codigo) => `${codigo} tem o dígito verificador errado; confira o código na tabela do IBGE`,
};

function readUf(reading: Reading, value: unknown, campo: string): Uf | undefined {
  const uf = typeof value === 'string' ? value.trim().toUpperCase() : '';
  return isUf(uf) ? uf : reading.fault('uf-invalida', campo, 'não é uma sigla de UF (exemplo: SP)');
}

function readIe(reading: Reading, value: unknown, campo: string): string | undefined {
  if (value === undefined) return reading.fault('campo-obrigatorio', campo, 'é obrigatória; informe ISENTO se não há');
  if (typeof value !== 'string') return reading.fault('campo-tipo', campo, 'deve ser um texto (os zeros à esquerda fazem parte dela)');
  const ie = canonicalIe(value);
  return isIe(ie) ? ie : reading.fault('ie-invalida', campo, 'são de 2 a 14 dígitos, com ou sem máscara, ou ISENTO');
}

function readInscricoes(reading: Reading, value: unknown): Inscricao[] | null | undefined {
  if (!Array.isArray(value)) return reading.fault('campo-tipo', 'outrasInscricoes', 'deve ser uma lista de {uf, ie}');
  if (value.length > INSCRICOES_MAX)
    return reading.fault('campo-tamanho', 'outrasInscricoes', `tem ${value.length} inscrições; são no máximo ${INSCRICOES_MAX}`);
  if (value.length === 0) return null;
  // One with a fault, of which nothing is stored, leaves a hole: the others keep their places.
  return value.map((row: unknown, index) => {
    const campo = `outrasInscricoes[${index}]`;
    const given = readObject(reading, row, campo, ['uf', 'ie']);
    if (!given) return undefined;
    const uf = readUf(reading, given.uf, inside(campo, 'uf'));
    const ie = readIe(reading, given.ie, inside(campo, 'ie'));
    return uf && ie ? { uf, ie } : undefined;
  }) as Inscricao[];
}

/** `kept`: what holds where a field is absent; `null` takes one away. */
function readDanfe(reading: Reading, value: unknown, kept: DanfeOpcoes = {}): DanfeOpcoes | null | undefined {
  const names = ['orientacao', 'larguraCupom', 'semCanhoto', 'semItens', 'vias'] as const;
  const given = readObject(reading, value, 'danfe', names);
  if (!given) return undefined;
  const of = <T>(name: (typeof names)[number], read: (value: unknown, campo: string) => T | undefined) => {
    const { [name]: said = kept[name] ?? null } = given;
    const one = said === null ? undefined : read(said, inside('danfe', name));
    return one === undefined ? {} : { [name]: one };
  };
  const numberOf = (values: readonly number[]) => (one: unknown, campo: string) => {
    const text = readOneOf(reading, one, campo, values.map(String));
    return text === undefined ? undefined : Number(text);
  };
  const flag = (one: unknown, campo: string) => readBoolean(reading, one, campo);
  const opcoes = {
    ...of('orientacao', (one, campo) => readOneOf(reading, one, campo, ['retrato', 'paisagem'])),
    ...of('larguraCupom', numberOf(LARGURAS)),
    ...{ ...of('semCanhoto', flag), ...of('semItens', flag), ...of('vias', numberOf([1, 2])) },
  } as DanfeOpcoes;
  return Object.keys(opcoes).length === 0 ? null : opcoes;
}

function readNfce(reading: Reading, value: unknown, replace: boolean): Pick<EmpresaChange, 'qrVersion' | 'nfceUrls'> {
  if (value === undefined && !replace) return {};
  const given = value === undefined || value === null ? {} : readObject(reading, value, 'nfce', ['qrVersion', 'urls']);
  if (!given) return {};
  const reset = replace || value === null;
  const { qrVersion, urls } = given;
  const version = qrVersion === null || (qrVersion === undefined && reset) ? null : qrVersion;
  const places = urls === undefined || urls === null ? {} : readObject(reading, urls, 'nfce.urls', ['hom', 'prod']);
  const of = (ambiente: 'hom' | 'prod') => {
    const one = places?.[ambiente];
    if (one === null || (one === undefined && (reset || urls === null))) return null;
    return one === undefined ? undefined : readUrls(reading, one, `nfce.urls.${ambiente}`);
  };
  const [hom, prod] = [of('hom'), of('prod')];
  return {
    ...(version === undefined ? {} : { qrVersion: version === null ? null : readOneOf(reading, version, 'nfce.qrVersion', QR_VERSIONS) }),
    nfceUrls: { ...(hom === undefined ? {} : { '2': hom }), ...(prod === undefined ? {} : { '1': prod }) },
  };
}

function readUrls(reading: Reading, value: unknown, campo: string): NfceUrls | undefined {
  const given = readObject(reading, value, campo, ['qrCode', 'urlChave']);
  if (!given) return undefined;
  const { qrCode, urlChave } = given as { qrCode: unknown; urlChave: unknown };
  if (typeof qrCode !== 'string' || typeof urlChave !== 'string')
    return reading.fault('campo-obrigatorio', campo, 'informe os dois textos, qrCode e urlChave');
  const fault = nfceUrlsFault({ qrCode, urlChave });
  return fault ? reading.fault('urls-invalidas', campo, fault) : { qrCode, urlChave };
}

function readLacunas(
  reading: Reading,
  value: unknown,
  { documento, replace }: { documento: string; replace: boolean },
): Pick<EmpresaChange, 'lacunas' | 'lacunasJustificativa'> {
  if (value === null || (value === undefined && replace)) return { lacunas: null, lacunasJustificativa: null };
  const given: Given | undefined = value === undefined ? {} : readObject(reading, value, 'lacunas', ['politica', 'justificativa']);
  const { politica: wanted = replace ? null : undefined, justificativa: said = replace ? null : undefined } = given ?? {};
  const politica =
    wanted === null || wanted === undefined ? wanted : readOneOf(reading, wanted, 'lacunas.politica', ['propor', 'inutilizar']);
  if (politica === 'inutilizar' && documento.length === 11)
    reading.fault('campo-valor', 'lacunas.politica', 'o leiaute nacional só aceita inutilização de emitente com CNPJ, não com CPF');
  const justificativa = said === null || said === undefined ? said : readText(reading, said, 'lacunas.justificativa', 1_000);
  const fault = justificativa ? justificativaFault(justificativa) : undefined;
  if (fault) reading.fault('justificativa-invalida', 'lacunas.justificativa', fault);
  // What is the default is not stored: sent as it was shown, it is no change.
  return { lacunas: politica === 'propor' ? null : politica, lacunasJustificativa: justificativa };
}

/** A PNG or JPEG in base64, as it is or as a data URL. */
function readPicture(reading: Reading, value: unknown): Buffer | undefined {
  if (typeof value !== 'string') return reading.fault('campo-tipo', 'logo', 'deve ser a imagem PNG ou JPEG em base64');
  const text = value.replace(/^data:image\/(?:png|jpeg);base64,/, '').replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return reading.fault('logo-invalido', 'logo', 'não é base64');
  const bytes = Buffer.from(text, 'base64');
  try {
    readLogo(bytes, COMPANY_LOGO);
    return bytes;
  } catch (error) {
    if (!(error instanceof LogoError)) throw error;
    return reading.fault('logo-invalido', 'logo', error.message.replace(/\.$/, ''));
  }
}
