import { decodeXml, parseXml, type XmlDocument, XmlError } from '@malote/fiscal/xml/parse';
import { isProblemCode, Problem, type ProblemCode } from './problems.ts';

/** Said of a posted XML that cannot be read, before anything is stored. */
export const XML_PROBLEMS = [
  ...['xml-malformado', 'xml-codificacao', 'xml-dtd', 'xml-entidade', 'xml-instrucao', 'xml-caractere', 'xml-namespace', 'xml-versao'],
  ...['xml-profundidade', 'xml-elementos', 'xml-atributos', 'xml-tamanho', 'xml-recusado'],
] as ProblemCode[];

/** The XML of a body. @throws Problem with line and column when it is none, or may not be one */
export function readXml(body: Buffer, maxBytes: number): XmlDocument {
  try {
    return parseXml(decodeXml(body, { maxBytes }), { maxBytes });
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    const codigo = isProblemCode(error.codigo) ? error.codigo : 'xml-recusado';
    throw new Problem(codigo, error.message, { line: error.line, column: error.column });
  }
}

/** The XML that was made of a JSON body, and its bytes. @throws Problem when a text of the body has characters that no XML may have */
export function readMadeXml(xml: string, maxBytes: number, codigo: ProblemCode): { doc: XmlDocument; entrada: Buffer } {
  const entrada = Buffer.from(xml, 'utf8');
  try {
    return { doc: parseXml(decodeXml(entrada, { maxBytes }), { maxBytes }), entrada };
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    throw new Problem(codigo, `Um campo do JSON não pode ser escrito em XML: ${error.message}`);
  }
}
