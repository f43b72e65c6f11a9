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
}

export const NFE_NAMESPACE = 'http://www.portalfiscal.inf.br/nfe';

const service = (kind: ServiceKind, name: string, operation: string, root: string, versao = '4.00'): [string, Service] => [
  name,
  { name, kind, operation, wsdl: `${NFE_NAMESPACE}/wsdl/${name}`, root, versao },
];

const SERVICES = new Map<string, Service>([
  service('authorize', 'NFeAutorizacao4', 'nfeAutorizacaoLote', 'enviNFe'),
  service('consult', 'NFeConsultaProtocolo4', 'nfeConsultaNF', 'consSitNFe'),
  service('status', 'NFeStatusServico4', 'nfeStatusServicoNF', 'consStatServ'),
  service('event', 'NFeRecepcaoEvento4', 'nfeRecepcaoEvento', 'envEvento', '1.00'),
  service('inutilize', 'NFeInutilizacao4', 'nfeInutilizacaoNF', 'inutNFe'),
]);

export const SERVICE_NAMES: readonly string[] = [...SERVICES.keys()];

export function findService(name: string): Service | undefined {
  return SERVICES.get(name);
}
