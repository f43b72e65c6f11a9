import type { CorrecaoFaultCode } from '../fault-codes-correcao.ts';

/**
 * What a correction of a contingência note that was rejected on transmission may and may not change (MOC 7.0 Anexo III 2.3.2;
 * Ajuste SINIEF 07/05 cl. 11 for the NF-e, Ajuste SINIEF 19/16 cl. 11 for the NFC-e): neither what decides the tax (base, rate, price,
 * quantity, value), nor who remetente and destinatário are, nor the dates, nor any part of the chave.
 *
 * Paths are below infNFe, without indexes; attributes as `@name`. The group that the CST chooses is written `*`
 * (`det/imposto/ICMS/*` stands for ICMS00, ICMSSN102 …), its name is the field `#grupo`.
 */
export interface Protegido {
  code: CorrecaoFaultCode;
  /** why it stays, ends the sentence of the fault */
  regra: string;
  campos: readonly string[];
  /** where the layout has too many to list: against the last name of the path */
  nomes?: RegExp;
}

export const PROTEGIDOS: readonly Protegido[] = [
  {
    code: 'COR-001',
    regra: 'identifica a nota já entregue ao destinatário, e a chave de acesso tem de ser a mesma',
    campos: [
      ...['@Id', '@versao', 'ide/cUF', 'ide/cNF', 'ide/mod', 'ide/serie', 'ide/nNF', 'ide/dhEmi', 'ide/tpEmis', 'ide/cDV', 'ide/tpAmb'],
      ...['ide/dhCont', 'det/@nItem', 'emit/CNPJ', 'emit/CPF'],
    ],
  },
  {
    code: 'COR-002',
    regra: 'a correção não muda remetente nem destinatário',
    campos: [
      ...['ide/tpNF', 'emit/IE', 'emit/IEST', 'emit/enderEmit/UF'],
      ...['dest/CNPJ', 'dest/CPF', 'dest/idEstrangeiro', 'dest/IE', 'dest/enderDest/UF'],
      ...['retirada/CNPJ', 'retirada/CPF', 'retirada/IE', 'retirada/UF', 'entrega/CNPJ', 'entrega/CPF', 'entrega/IE', 'entrega/UF'],
    ],
  },
  {
    code: 'COR-003',
    regra: 'a correção não muda bases, alíquotas, quantidades, unidades, valores nem tributos',
    campos: ['det/prod/uCom', 'det/prod/uTrib', 'det/prod/indTot', 'det/imposto/IS/uTrib'],
    // vBC, pICMS, qCom, adRemICMS: value, rate, quantity and ad rem rate of leiauteNFe.
    nomes: /^(?:v|p|q|adRem)(?:[A-Z]|$)/,
  },
  {
    code: 'COR-004',
    regra: 'a correção não muda datas',
    campos: ['det/imposto/IBSCBS/gAjusteCompet/competApur', 'det/imposto/IBSCBS/gCredPresIBSZFM/competApur'],
    // dhSaiEnt, dVenc, dVal.
    nomes: /^dh?[A-Z]/,
  },
];

/**
 * What identifies the destinatário when nothing else does: without CNPJ, CPF and a filled idEstrangeiro, the name is who it is.
 */
export const NOME_DO_DESTINATARIO = 'dest/xNome';
export const DOCUMENTOS_DO_DESTINATARIO: readonly string[] = ['dest/CNPJ', 'dest/CPF', 'dest/idEstrangeiro'];

/** Left out of a correction these are taken from the note as issued: the hub writes them when an ERP does not. */
export const COMPLETADOS: ReadonlySet<string> = new Set([
  ...['@Id', '@versao', 'ide/cNF', 'ide/tpEmis', 'ide/cDV', 'ide/verProc', 'ide/dhCont', 'ide/xJust'],
  ...['infRespTec/CNPJ', 'infRespTec/xContato', 'infRespTec/email', 'infRespTec/fone', 'infRespTec/idCSRT', 'infRespTec/hashCSRT'],
]);

/** Fields that may change. `semImpressao`: models whose DANFE does not print them; optional habits of printing count as printed. */
export interface Permitido {
  semImpressao: readonly ('55' | '65')[];
  campos: readonly string[];
}

const ENDERECO = ['xLgr', 'nro', 'xCpl', 'xBairro', 'xMun', 'CEP', 'xPais', 'fone'];
const ENDERECO_CODIGOS = ['cMun', 'cPais'];

export const PERMITIDOS: readonly Permitido[] = [
  {
    semImpressao: [],
    campos: [
      ...['ide/xJust', 'emit/xNome', 'emit/xFant', 'emit/IM', 'dest/xNome', 'dest/IM'],
      ...under('emit/enderEmit', ENDERECO),
      ...under('dest/enderDest', ENDERECO),
      ...under('retirada', ['xNome', ...ENDERECO, 'email']),
      ...under('entrega', ['xNome', ...ENDERECO, 'email']),
      ...under('det/prod', [
        'cProd',
        'xProd',
        'xPed',
        'nItemPed',
        'nFCI',
        'rastro/nLote',
        'rastro/cAgreg',
        'comb/descANP',
        'comb/cProdANP',
      ]),
      ...under('det/prod', ['med/cProdANVISA', 'med/xMotivoIsencao', 'infProdEmb/xEmb']),
      ...['det/infAdProd', 'infAdic/infAdFisco', 'infAdic/infCpl', 'infAdic/obsCont/@xCampo', 'infAdic/obsCont/xTexto'],
      ...under('det/obsItem', ['obsCont/@xCampo', 'obsCont/xTexto', 'obsFisco/@xCampo', 'obsFisco/xTexto']),
      ...['infAdic/obsFisco/@xCampo', 'infAdic/obsFisco/xTexto', 'pag/detPag/tPag', 'pag/detPag/xPag', 'pag/detPag/indPag'],
      ...['pag/detPag/card/cAut', 'pag/detPag/card/CNPJ', 'compra/xNEmp', 'compra/xPed', 'compra/xCont'],
    ],
  },
  {
    semImpressao: ['65'],
    campos: [
      ...['ide/natOp', 'emit/CRT', 'det/prod/NCM', 'det/prod/CFOP'],
      ...under('det/imposto/ICMS', ['#grupo', '*/orig', '*/CST', '*/CSOSN']),
      ...under('det/imposto/IBSCBS', ['CST', 'cClassTrib', 'gIBSCBS/gTribRegular/CSTReg', 'gIBSCBS/gTribRegular/cClassTribReg']),
      ...under('det/imposto/IS', ['CSTIS', 'cClassTribIS']),
      ...under('transp/transporta', ['CNPJ', 'CPF', 'xNome', 'IE', 'xEnder', 'xMun', 'UF']),
      ...under('transp/veicTransp', ['placa', 'UF', 'RNTC']),
      ...under('transp/reboque', ['placa', 'UF', 'RNTC']),
      ...under('transp/vol', ['esp', 'marca', 'nVol', 'pesoL', 'pesoB', 'lacres/nLacre']),
      ...['cobr/fat/nFat', 'cobr/dup/nDup', 'exporta/UFSaidaPais', 'exporta/xLocExporta', 'exporta/xLocDespacho'],
    ],
  },
  {
    semImpressao: ['55', '65'],
    campos: [
      ...under('ide', ['idDest', 'cMunFG', 'cMunFGIBS', 'indFinal', 'indPres', 'indIntermed', 'cIndOp', 'procEmi', 'verProc']),
      ...under('ide/NFref', ['refNFe', 'refNFeSig', 'refCTe']),
      ...['emit/CNAE', 'emit/ISUFEmit', 'dest/indIEDest', 'dest/ISUF', 'dest/email', 'autXML/CNPJ', 'autXML/CPF'],
      ...under('emit/enderEmit', ENDERECO_CODIGOS),
      ...under('dest/enderDest', ENDERECO_CODIGOS),
      ...under('retirada', ENDERECO_CODIGOS),
      ...under('entrega', ENDERECO_CODIGOS),
      ...under('det/prod', ['cEAN', 'cBarra', 'cEANTrib', 'cBarraTrib', 'NVE', 'CEST', 'indEscala', 'CNPJFab', 'cBenef', 'EXTIPI']),
      ...under('det/imposto/ICMS/*', ['modBC', 'modBCST', 'motDesICMS', 'motDesICMSST', 'cBenefRBC']),
      ...under('det/imposto/IPI', ['#grupo', '*/CST', 'CNPJProd', 'cSelo', 'cEnq']),
      ...under('det/imposto/PIS', ['#grupo', '*/CST']),
      ...under('det/imposto/COFINS', ['#grupo', '*/CST']),
      ...under('det/imposto/ISSQN', ['cListServ', 'cServico', 'nProcesso']),
      ...under('pag/detPag', ['card/tpIntegra', 'card/tBand', 'card/idTermPag']),
      ...['infIntermed/CNPJ', 'infIntermed/idCadIntTran', 'infAdic/procRef/nProc', 'infAdic/procRef/indProc', 'infAdic/procRef/tpAto'],
      ...under('infRespTec', ['CNPJ', 'xContato', 'email', 'fone', 'idCSRT', 'hashCSRT']),
    ],
  },
];

/** Groups whose one child is named after the CST: its name is left out when two notes are compared. */
export const GRUPOS_DO_CST: ReadonlyMap<string, RegExp> = new Map([
  ['det/imposto/ICMS', /^ICMS/],
  ['det/imposto/IPI', /^IPI(?:Trib|NT)$/],
  ['det/imposto/PIS', /^PIS/],
  ['det/imposto/COFINS', /^COFINS/],
]);

function under(parent: string, names: readonly string[]): string[] {
  return names.map((name) => `${parent}/${name}`);
}
