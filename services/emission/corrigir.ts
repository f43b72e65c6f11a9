import { equalRejectionsFault } from '@malote/fiscal/consumo/equal-rejections';
import { checkCorrecao } from '@malote/fiscal/contingencia/correcao';
import { decodeXml, parseXml, textAt, type XmlDocument } from '@malote/fiscal/xml/parse';
import type { Documento } from '@malote/store/documento';
import { signedBytes } from './call-sefaz.ts';
import type { Plan } from './plan-document.ts';
import { complete, type PrepareDeps, type Prepared, refused } from './prepare-document.ts';

/**
 * Signs the correction of a note that was handed over in contingência and refused on transmission: everything that made its key and its paper
 * (número, cNF, tpEmis, dhEmi, dhCont, xJust) as issued, compared once more with the bytes signed last, since only they are sure. A correction
 * that may not be, or is not valid, leaves the note as it was, still to be corrected. MOC 7.0 Anexo III 2.3.2.
 */
export async function prepareCorrecao(documento: Documento, deps: PrepareDeps): Promise<Prepared> {
  const { chave, modelo, contingencia, rodadas, _id } = documento;
  if (!chave || !contingencia || (modelo !== '55' && modelo !== '65')) throw new Error(`documento ${_id} cannot be corrected`);
  const looping = equalRejectionsFault(rodadas, deps.clock.now());
  if (looping) return refused('rejected', looping);
  const entrada = await deps.store.documentos.entradaOf(documento);
  if (!entrada) throw new Error(`documento ${_id} is ${documento.state} without its body`);
  const doc = parseXml(decodeXml(entrada));
  const emitida = parseXml(await signedBytes(documento, deps));
  const checked = checkCorrecao({ emitida, corrigida: doc, modelo });
  if (!checked.ok) return refused('invalid', ...checked.faults);

  const plan = asIssued(documento, emitida);
  const prepared = await complete(documento, { doc, plan: async () => plan }, deps);
  if (!prepared.ok) return prepared;
  const { content } = prepared;
  if (content.chave !== chave) throw new Error(`the correction of ${_id} has another chave: ${content.chave}`);
  const danfeAlterado = contingencia.danfeAlterado === true || checked.danfeAlterado;
  return { ...prepared, as: 'corrected', content: { ...content, contingencia: { ...contingencia, danfeAlterado } } };
}

function asIssued({ _id, tpEmis, autorizador, contingencia }: Documento, { root }: XmlDocument): Plan {
  const [dhCont, xJust] = ['dhCont', 'xJust'].map((field) => textAt(root, `infNFe/ide/${field}`)?.trim());
  if (!tpEmis || !autorizador || !contingencia || !dhCont || !xJust) throw new Error(`documento ${_id} was not issued in contingência`);
  const { modo, desde } = contingencia;
  return { emite: true, tpEmis, autorizador, em: { modo, tpEmis, dhCont, xJust, desde } };
}
