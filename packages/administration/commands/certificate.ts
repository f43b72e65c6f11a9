import { readPfx } from '@malote/sefaz/pfx';
import { command } from '../command.ts';
import { Refused } from '../refused.ts';
import { EMPRESA, empresaOf } from './owner.ts';

const PFX = {
  file: { description: 'arquivo .pfx ou .p12 do certificado A1', required: true, file: 'bytes', example: 'certificado.pfx' },
  'senha-file': {
    description: 'arquivo que contém a senha (a senha nunca vai na linha de comando)',
    required: true,
    file: 'text',
    example: 'senha.txt',
  },
} as const;
/** Base of a CNPJ: the certificate may be of any branch of the same company (rejection 213). */
const CNPJ_BASE = 8;

export const certificatePut = command({
  name: 'certificate put',
  summary: 'Instala o certificado A1 de uma empresa; a chave é guardada cifrada e não sai mais.',
  options: { ...EMPRESA, ...PFX },
  reads: false,
  async run(deps, { conta, empresa, file: pfx, 'senha-file': senha }) {
    const { key: _key, keyPem, certPem, certDer: _certDer, chainPem, tipo: _tipo, ...info } = readPfx(pfx, senha.replace(/\r?\n$/, ''));
    if (!belongsTo(info.documento, empresa)) {
      const why = `o certificado é de ${info.documento}, não da empresa ${empresa} (a base do CNPJ deve ser a mesma)`;
      throw new Refused('certificado-de-outro', why, 'file');
    }
    const store = await deps.store({ secrets: true });
    await empresaOf(store, { conta, empresa });
    const certificado = await store.certificados.put({ conta, empresa }, info, { keyPem, certPem, chainPem });
    await store.empresas.useCertificado({ conta, documento: empresa }, certificado);
    return { certificado, ...info };
  },
});

function belongsTo(documento: string, empresa: string): boolean {
  if (empresa.length === 14 && documento.length === 14) return documento.slice(0, CNPJ_BASE) === empresa.slice(0, CNPJ_BASE);
  return documento === empresa;
}
