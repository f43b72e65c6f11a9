import {
  type CertificadoEnviado,
  type CertificadosDeps,
  describeCertificado,
  putCertificado,
  simularCertificado,
} from '../certificados.ts';
import { type CommandDeps, command } from '../command.ts';
import { OptionFault } from '../option.ts';
import { readRaizes } from '../raizes.ts';
import { EMPRESA } from './owner.ts';

const PFX = {
  file: { description: 'arquivo .pfx ou .p12 do certificado A1', required: true, file: 'bytes', example: 'certificado.pfx' },
  'senha-file': {
    description: 'arquivo que contém a senha (a senha nunca vai na linha de comando)',
    required: true,
    file: 'text',
    example: 'senha.txt',
  },
  ambiente: {
    description: 'hom: aceita um certificado de teste, que não é da ICP-Brasil e só assina em homologação (padrão prod)',
    example: 'hom|prod',
  },
} as const;

export const certificateCheck = command({
  name: 'certificate check',
  summary: 'Confere um certificado A1 para uma empresa, sem instalar nada: titular, validade, uso, cadeia.',
  options: { empresa: EMPRESA.empresa, ...PFX },
  // What it is given has no place in a query.
  reads: false,
  async run(deps, given) {
    return simularCertificado(enviado(given), { now: deps.clock().now(), raizes: raizesOf(deps) });
  },
});

export const certificatePut = command({
  name: 'certificate put',
  summary: 'Instala o certificado A1 de uma empresa; a chave é guardada cifrada e não sai mais.',
  options: { ...EMPRESA, ...PFX },
  reads: false,
  async run(deps, { conta, ...given }) {
    const sent = enviado(given);
    const certificados: CertificadosDeps = { store: await deps.store({ secrets: true }), clock: deps.clock(), raizes: raizesOf(deps) };
    return putCertificado(certificados, { conta, quem: deps.quem, ...sent });
  },
});

export const certificateShow = command({
  name: 'certificate show',
  summary: 'Mostra o certificado em uso de uma empresa, os anteriores e o que os autorizadores disseram dele.',
  options: EMPRESA,
  reads: true,
  async run(deps, where) {
    return describeCertificado({ store: await deps.store(), clock: deps.clock() }, where);
  },
  text: (shown) => JSON.stringify(shown, undefined, 2),
});

function raizesOf({ config }: CommandDeps) {
  return readRaizes(config(['sefazCaFile']).sefazCaFile);
}

interface Sent {
  empresa: string;
  file: Buffer;
  'senha-file': string;
  ambiente?: string;
}

function enviado({ empresa, file: pfx, 'senha-file': senha, ambiente }: Sent): CertificadoEnviado {
  if (ambiente !== undefined && ambiente !== 'hom' && ambiente !== 'prod')
    throw new OptionFault(`--ambiente ${ambiente}: use hom ou prod`, 'ambiente');
  return { empresa, pfx, senha: senha.replace(/\r?\n$/, ''), ambiente };
}
