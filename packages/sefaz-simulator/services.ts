export type ServiceKind = 'authorize' | 'consult' | 'status' | 'event' | 'inutilize';

/** One web service of generation 4.00: the names that its WSDL fixes. */
export interface Service {
  name: string;
  kind: ServiceKind;
  operation: string;
  /** Target namespace of the WSDL: the one of nfeDadosMsg and nfeResultMsg, and the base of the SOAP action. */
  wsdl: string;
  /** Root element of the request, in the namespace of the NF-e. */
  root: string;
  /** Layout of the request, the root's `versao`. */
  versao: string;
  /** Offered by this authoriser for this model alone. */
  only?: { autorizador: string; modelo: string };
}

export const NFE_NAMESPACE = 'http://www.portalfiscal.inf.br/nfe';

const service = (kind: ServiceKind, name: string, operation: string, root: string, versao = '4.00'): [string, Service] => [
  name,
  { name, kind, operation, wsdl: `${NFE_NAMESPACE}/wsdl/${name}`, root, versao },
];

/** The EPEC of the NFC-e, in SP only; its WSDLs are of the generation before 4.00. */
const epecNfce = (kind: ServiceKind, name: string, operation: string, wsdl: string, root: string, versao: string): [string, Service] => [
  name,
  { name, kind, operation, wsdl: `${NFE_NAMESPACE}/wsdl/${wsdl}`, root, versao, only: { autorizador: 'SP', modelo: '65' } },
];

const SERVICES = new Map<string, Service>([
  service('authorize', 'NFeAutorizacao4', 'nfeAutorizacaoLote', 'enviNFe'),
  service('consult', 'NFeConsultaProtocolo4', 'nfeConsultaNF', 'consSitNFe'),
  service('status', 'NFeStatusServico4', 'nfeStatusServicoNF', 'consStatServ'),
  service('event', 'NFeRecepcaoEvento4', 'nfeRecepcaoEvento', 'envEvento', '1.00'),
  service('inutilize', 'NFeInutilizacao4', 'nfeInutilizacaoNF', 'inutNFe'),
  epecNfce('event', 'RecepcaoEPEC', 'nfeRecepcaoEvento', 'RecepcaoEvento', 'envEvento', '1.00'),
  epecNfce('status', 'EPECStatusServico', 'nfeStatusServicoNF2', 'NfeStatusServico2', 'consStatServ', '4.00'),
]);

export const SERVICE_NAMES: readonly string[] = [...SERVICES.keys()];

export function findService(name: string): Service | undefined {
  return SERVICES.get(name);
}
