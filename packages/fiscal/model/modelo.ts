/**
 * The document models as data: everything that differs between them and that code needs (roots, signed tag, services) is a column here,
 * so that a further model is a row. Layouts in force: NF-e/NFC-e 4.00, CT-e 4.00, MDF-e 3.00.
 */
export type Modelo = '55' | '65' | '57' | '67' | '58';
export type Familia = 'nfe' | 'cte' | 'mdfe';

/** A SOAP service and its operation, named as in the WSDL. */
export interface Operation {
  service: string;
  operation: string;
  /** Where the WSDL's namespace is not called like the service. */
  wsdl?: string;
}

export interface ModeloInfo {
  familia: Familia;
  /** what people call the document */
  sigla: string;
  /** official namespace of the document and of its service messages */
  namespace: string;
  /** namespace of the same layout as the Oobj hub takes it (`layout=oobj`), where there is one */
  namespaceOobj?: string;
  versao: string;
  /** roots a caller may send: the document itself first, then its lote */
  roots: readonly string[];
  /** the root among `roots` that wraps documents instead of being one */
  loteRoot?: string;
  /** element that carries the Id and is signed; the Signature is its next sibling */
  signedTag: 'infNFe' | 'infCte' | 'infMDFe';
  /** Id of the signed element = idPrefix + chave */
  idPrefix: string;
  /** tags in ide of the document's number and of the 8 digits that the chave calls cNF */
  numeroTag: 'nNF' | 'nCT' | 'nMDF';
  codigoTag: 'cNF' | 'cCT' | 'cMDF';
  /** element of the protocolo and of the document with its protocolo */
  protTag: string;
  procTag: string;
  /** tpEmis the model knows (1 is the normal one); MOC 7.0, NT 2026.002 */
  tpEmis: readonly string[];
  services: {
    authorize: Operation;
    consult: Operation;
    status: Operation;
    /** Events; one per call. */
    register?: Operation;
    /** Where the model has it (55, 65). */
    inutilizar?: Operation;
    /** Reception and status of the EPEC at a service of its own (65, SP only). */
    epec?: Operation;
    statusEpec?: Operation;
  };
}

const NFE = {
  familia: 'nfe',
  namespace: 'http://www.portalfiscal.inf.br/nfe',
  namespaceOobj: 'http://www.oobj.com.br/nfe',
  versao: '4.00',
  roots: ['NFe', 'enviNFe'],
  loteRoot: 'enviNFe',
  signedTag: 'infNFe',
  idPrefix: 'NFe',
  numeroTag: 'nNF',
  codigoTag: 'cNF',
  protTag: 'protNFe',
  procTag: 'nfeProc',
  services: {
    authorize: { service: 'NFeAutorizacao4', operation: 'nfeAutorizacaoLote' },
    consult: { service: 'NFeConsultaProtocolo4', operation: 'nfeConsultaNF' },
    status: { service: 'NFeStatusServico4', operation: 'nfeStatusServicoNF' },
    register: { service: 'NFeRecepcaoEvento4', operation: 'nfeRecepcaoEvento' },
    inutilizar: { service: 'NFeInutilizacao4', operation: 'nfeInutilizacaoNF' },
  },
} as const;

/** Still of the generation before 4.00 by their WSDLs; the messages are those of 4.00. */
const EPEC_NFCE = {
  epec: { service: 'RecepcaoEPEC', operation: 'nfeRecepcaoEvento', wsdl: 'RecepcaoEvento' },
  statusEpec: { service: 'EPECStatusServico', operation: 'nfeStatusServicoNF2', wsdl: 'NfeStatusServico2' },
} as const;

const CTE = {
  familia: 'cte',
  namespace: 'http://www.portalfiscal.inf.br/cte',
  versao: '4.00',
  signedTag: 'infCte',
  idPrefix: 'CTe',
  numeroTag: 'nCT',
  codigoTag: 'cCT',
  protTag: 'protCTe',
} as const;

const CTE_CONSULT = { service: 'CTeConsultaV4', operation: 'cteConsultaCT' } as const;
const CTE_STATUS = { service: 'CTeStatusServicoV4', operation: 'cteStatusServicoCT' } as const;

export const MODELOS: Readonly<Record<Modelo, ModeloInfo>> = {
  '55': { ...NFE, sigla: 'NF-e', tpEmis: ['1', '2', '3', '4', '5', '6', '7', '9'] },
  '65': { ...NFE, sigla: 'NFC-e', tpEmis: ['1', '4', '9'], services: { ...NFE.services, ...EPEC_NFCE } },
  '57': {
    ...CTE,
    sigla: 'CT-e',
    roots: ['CTe', 'enviCTe', 'CTeSimp'],
    loteRoot: 'enviCTe',
    procTag: 'cteProc',
    tpEmis: ['1', '3', '4', '5', '7', '8'],
    services: { authorize: { service: 'CTeRecepcaoSincV4', operation: 'cteRecepcao' }, consult: CTE_CONSULT, status: CTE_STATUS },
  },
  '67': {
    ...CTE,
    sigla: 'CT-e OS',
    roots: ['CTeOS'],
    procTag: 'cteOSProc',
    tpEmis: ['1', '3', '5', '7', '8'],
    services: { authorize: { service: 'CTeRecepcaoOSV4', operation: 'cteRecepcaoOS' }, consult: CTE_CONSULT, status: CTE_STATUS },
  },
  '58': {
    familia: 'mdfe',
    sigla: 'MDF-e',
    namespace: 'http://www.portalfiscal.inf.br/mdfe',
    versao: '3.00',
    roots: ['MDFe', 'enviMDFe'],
    loteRoot: 'enviMDFe',
    signedTag: 'infMDFe',
    idPrefix: 'MDFe',
    numeroTag: 'nMDF',
    codigoTag: 'cMDF',
    protTag: 'protMDFe',
    procTag: 'mdfeProc',
    tpEmis: ['1', '2'],
    services: {
      authorize: { service: 'MDFeRecepcaoSinc', operation: 'mdfeRecepcao' },
      consult: { service: 'MDFeConsulta', operation: 'mdfeConsultaMDF' },
      status: { service: 'MDFeStatusServico', operation: 'mdfeStatusServicoMDF' },
    },
  },
};

export const MODELO_CODES = Object.keys(MODELOS) as readonly Modelo[];

export function isModelo(text: string): text is Modelo {
  return Object.hasOwn(MODELOS, text);
}
