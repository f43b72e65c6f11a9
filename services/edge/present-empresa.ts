import type { CscShown } from '@malote/administration/csc';
import { UFS } from '@malote/fiscal/model/uf';
import type { Empresa } from '@malote/store/empresas';

/** Where a company is found. */
export function empresaLocation({ _id }: Pick<Empresa, '_id'>): string {
  return `/api/empresas/${_id}`;
}

/** The company object of the contract. What of it may be given comes back under the same names, so that it can be changed and sent. */
export function presentEmpresa(empresa: Empresa): Record<string, unknown> {
  const { _id, razaoSocial, nomeFantasia, uf, ie, outrasInscricoes, municipio, crt, qrVersion, nfceUrls, danfe } = empresa;
  return {
    ...{ empresa: _id, razaoSocial, nomeFantasia: nomeFantasia ?? null, uf, ie: ie ?? null },
    outrasInscricoes: (outrasInscricoes ?? []).map((outra) => ({ uf: outra.uf, ie: outra.ie })),
    ...{ municipio: municipio ?? null, crt: crt ?? null },
    nfce: { qrVersion: qrVersion ?? null, urls: { hom: nfceUrls?.['2'] ?? null, prod: nfceUrls?.['1'] ?? null } },
    danfe: danfe ?? null,
    lacunas: { politica: empresa.lacunas ?? 'propor', justificativa: empresa.lacunasJustificativa ?? null },
    ...{ fusoHorario: UFS[uf].timezone, temLogo: empresa.logo !== undefined, temCertificado: empresa.certificado !== undefined },
    ...{ versao: empresa.version, criadaEm: empresa.createdAt.toISOString(), atualizadaEm: empresa.updatedAt.toISOString() },
  };
}

/** A CSC as it may be shown: never its code. */
export function presentCsc({ ambiente, id, emUso, createdAt }: CscShown): Record<string, unknown> {
  return { ambiente, id, emUso, criadoEm: createdAt.toISOString() };
}
