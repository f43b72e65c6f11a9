import type { QrVersion } from '@malote/fiscal/emission/qr-code';
import { type NfceUrls, nfceUrlsFault } from '@malote/fiscal/model/nfce-urls';
import type { Command } from './commands.ts';
import { tpAmbOf } from './csc.ts';
import { readOptions, UsageError } from './usage.ts';
import { show, withStore } from './with-store.ts';

const options = {
  conta: { description: 'id da conta', required: true },
  empresa: { description: 'CNPJ ou CPF da empresa', required: true },
  'qr-version': { description: 'versão do QR Code da NFC-e; auto: 2 se houver CSC, senão 3', example: '2|3|auto' },
  ambiente: { description: 'ambiente de --urls', example: 'hom|prod' },
  urls: { description: 'endereços no lugar dos da UF, separados por vírgula; padrao volta aos da UF', example: 'qrCode,urlChave|padrao' },
};

export const companySet: Command = {
  name: 'company set',
  summary: 'Muda as opções da NFC-e de uma empresa: versão do QR Code e endereços de consulta.',
  options,
  async run(args) {
    const { conta = '', empresa: documento = '', 'qr-version': version, ambiente, urls: text, json } = readOptions(options, args);
    if (version === undefined && text === undefined) throw new UsageError('informe --qr-version ou --urls');
    const urls = text === undefined ? undefined : { tpAmb: tpAmbOf(ambiente), urls: urlsOf(text) };
    const change = { ...(version === undefined ? {} : { qrVersion: versionOf(version) }), ...(urls ? { urls } : {}) };
    return withStore(async (store) => {
      const empresa = await store.empresas.setNfce({ conta, documento }, change);
      if (!empresa) throw new Error(`a conta ${conta} não tem a empresa ${documento}`);
      const { qrVersion = 'auto', nfceUrls, version: revision } = empresa;
      const shown = (of: NfceUrls | undefined) => of && `${of.qrCode},${of.urlChave}`;
      return show(
        { empresa: documento, qrVersion, urlsHom: shown(nfceUrls?.['2']), urlsProd: shown(nfceUrls?.['1']), version: revision },
        json,
      );
    });
  },
};

function versionOf(text: string): QrVersion | null {
  if (text === 'auto') return null;
  if (text === '2' || text === '3') return text;
  throw new UsageError(`--qr-version ${text}: use 2, 3 ou auto`);
}

function urlsOf(text: string): NfceUrls | null {
  if (text === 'padrao') return null;
  const [qrCode = '', urlChave = '', ...rest] = text.split(',').map((part) => part.trim());
  const urls = { qrCode, urlChave };
  const fault = rest.length > 0 ? 'são dois endereços separados por uma vírgula' : nfceUrlsFault(urls);
  if (fault) throw new UsageError(`--urls: ${fault}`);
  return urls;
}
