import { COMPANY_LOGO, LogoError, readLogo } from '@malote/danfe/logo';
import type { QrVersion } from '@malote/fiscal/emission/qr-code';
import { JUSTIFICATIVA_PADRAO, justificativaFault } from '@malote/fiscal/inutilizacao/politica';
import { type NfceUrls, nfceUrlsFault } from '@malote/fiscal/model/nfce-urls';
import { command } from '../command.ts';
import { changeEmpresa } from '../empresas.ts';
import { OptionFault, type Options } from '../option.ts';
import { Refused } from '../refused.ts';
import { registerEntityBy } from '../register-entity.ts';
import { CADASTRO, cadastroOf, DANFE, danfeOf, refusedByOptions, shownDanfe, shownInscricoes } from './company-fields.ts';
import { EMPRESA, tpAmbOf, unknownEmpresa } from './owner.ts';

const CHANGES = {
  ...CADASTRO,
  'qr-version': { description: 'versão do QR Code da NFC-e; auto: 2 se houver CSC, senão 3', example: '2|3|auto' },
  ambiente: { description: 'ambiente de --urls', example: 'hom|prod' },
  urls: { description: 'endereços no lugar dos da UF, separados por vírgula; padrao volta aos da UF', example: 'qrCode,urlChave|padrao' },
  logo: {
    description: `logotipo dos PDFs: PNG ou JPEG de até ${COMPANY_LOGO.maxBytes / 1000} kB e ${COMPANY_LOGO.maxSide} pontos de lado`,
    example: 'logo.png',
    file: 'bytes',
  },
  'no-logo': { description: 'retira o logotipo', flag: true },
  lacunas: {
    description: 'números não usados do mês anterior: só propor (padrão), ou inutilizar do dia 1º ao 10',
    example: 'inutilizar|propor',
  },
  'lacunas-justificativa': {
    description: 'o que a SEFAZ lê de cada faixa inutilizada assim, de 15 a 255 caracteres; padrao volta ao texto padrão',
    example: 'texto|padrao',
  },
  ...DANFE,
} as const satisfies Options;

const CHANGED = new Intl.ListFormat('pt-BR', { type: 'disjunction' }).format(
  Object.keys(CHANGES).flatMap((name) => (name === 'ambiente' ? [] : [`--${name}`])),
);
const SET = { ...EMPRESA, ...CHANGES } as const;

export const companySet = command({
  name: 'company set',
  summary:
    'Muda o cadastro e as opções de uma empresa: outras inscrições, versão do QR Code e endereços de consulta da NFC-e, logotipo e opções dos PDFs, lacunas de numeração.',
  options: SET,
  reads: false,
  async run(deps, { conta, empresa: documento, 'qr-version': version, ambiente, urls: text, ...given }) {
    const logo = logoOf(given);
    const gaps = lacunasOf(given, documento);
    const danfe = danfeOf(given);
    if ([version, text, ...Object.values(given)].every((value) => value === undefined)) throw new OptionFault(`informe ${CHANGED}`);
    const tpAmb = text === undefined ? undefined : tpAmbOf(ambiente);
    const nfce = {
      ...(version === undefined ? {} : { qrVersion: versionOf(version) }),
      ...(text === undefined ? {} : { urls: { [tpAmb === '1' ? 'prod' : 'hom']: urlsOf(text) } }),
    };
    const change = {
      ...cadastroOf(given),
      danfe,
      ...(Object.keys(nfce).length > 0 ? { nfce } : {}),
      ...(logo === undefined ? {} : { logo: logo === null ? null : logo.toString('base64') }),
      ...(gaps ? { lacunas: gaps } : {}),
    };
    const store = await deps.store();
    if (!(await store.empresas.find({ conta, documento }))) throw unknownEmpresa({ conta, empresa: documento });
    const registerEntity = registerEntityBy({ store, traceparent: deps.traceparent });
    const changing = changeEmpresa({ store, registerEntity }, deps.quem, { conta, documento }, change);
    const empresa = await refusedByOptions(SET, given, changing);
    const { nomeFantasia, crt, municipio, qrVersion = 'auto', nfceUrls, lacunas = 'propor' } = empresa;
    const lacunasJustificativa = lacunas === 'inutilizar' ? (empresa.lacunasJustificativa ?? JUSTIFICATIVA_PADRAO) : undefined;
    const shown = (of: NfceUrls | undefined) => of && `${of.qrCode},${of.urlChave}`;
    const [urlsHom, urlsProd] = [shown(nfceUrls?.['2']), shown(nfceUrls?.['1'])];
    return {
      ...{ empresa: documento, nomeFantasia, crt, municipio, inscricoes: shownInscricoes(empresa.outrasInscricoes) },
      ...{ qrVersion, urlsHom, urlsProd, logo: empresa.logo ? 'sim' : 'não', lacunas, lacunasJustificativa },
      ...shownDanfe(empresa.danfe),
      version: empresa.version,
    };
  },
});

function lacunasOf(given: { lacunas?: string; 'lacunas-justificativa'?: string }, documento: string) {
  const { lacunas: politica, 'lacunas-justificativa': justificativa } = given;
  if (politica === undefined && justificativa === undefined) return undefined;
  if (politica !== undefined && politica !== 'propor' && politica !== 'inutilizar')
    throw new OptionFault(`--lacunas ${politica}: use inutilizar ou propor`, 'lacunas');
  if (politica === 'inutilizar' && documento.length === 11)
    throw new OptionFault('--lacunas inutilizar: o leiaute nacional só aceita inutilização de emitente com CNPJ, não com CPF', 'lacunas');
  const fault = justificativa === undefined || justificativa === 'padrao' ? undefined : justificativaFault(justificativa);
  if (fault) throw new OptionFault(`--lacunas-justificativa ${fault}`, 'lacunas-justificativa');
  return {
    ...(politica ? { politica } : {}),
    ...(justificativa ? { justificativa: justificativa === 'padrao' ? null : justificativa } : {}),
  };
}

/** The picture of --logo, `null` for --no-logo, undefined for neither. */
function logoOf({ logo, 'no-logo': none }: { logo?: Buffer; 'no-logo'?: true }): Buffer | null | undefined {
  if (logo !== undefined && none) throw new OptionFault('--logo e --no-logo não combinam: use um dos dois', 'logo');
  if (logo === undefined) return none ? null : undefined;
  try {
    readLogo(logo, COMPANY_LOGO);
  } catch (error) {
    if (error instanceof LogoError) throw new Refused('logotipo-invalido', `--logo: ${error.message}`, 'logo');
    throw error;
  }
  return logo;
}

function versionOf(text: string): QrVersion | null {
  if (text === 'auto') return null;
  if (text === '2' || text === '3') return text;
  throw new OptionFault(`--qr-version ${text}: use 2, 3 ou auto`, 'qr-version');
}

function urlsOf(text: string): NfceUrls | null {
  if (text === 'padrao') return null;
  const [qrCode = '', urlChave = '', ...rest] = text.split(',').map((part) => part.trim());
  const urls = { qrCode, urlChave };
  const fault = rest.length > 0 ? 'são dois endereços separados por uma vírgula' : nfceUrlsFault(urls);
  if (fault) throw new OptionFault(`--urls: ${fault}`, 'urls');
  return urls;
}
