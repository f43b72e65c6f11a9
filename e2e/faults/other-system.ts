import { createPrivateKey, X509Certificate } from 'node:crypto';
import { parseXml, textAt } from '@malote/fiscal/xml/parse';
import { signXml } from '@malote/fiscal/xml/sign';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { createMetrics } from '@malote/runtime/metrics';
import { createSefazClient } from '@malote/sefaz/client';
import { loadEndpoints } from '@malote/sefaz/endpoints';
import type { Documento } from '@malote/store/documento';
import { eventually } from '@malote/testkit/eventually';
import type { Customer } from '../customer.ts';
import type { Hub } from '../hub.ts';

/** The document of a note once it is signed and its transmission has begun. */
export async function signedDocument(hub: Hub, { cnpj }: Customer, numero: number): Promise<Documento> {
  const where = { emitente: cnpj, numero, conteudo: { $exists: true } };
  return (await eventually(() => hub.raw.collection('documentos').findOne(where))) as unknown as Documento;
}

/** What another program of the same company may do: authorises other content under the key that the hub has signed. */
export async function authorizeOtherContent(hub: Hub, { conta, cnpj }: Customer, documento: Documento): Promise<void> {
  const empresa = await hub.store.empresas.find({ conta, documento: cnpj });
  const certificado = await hub.store.certificados.open({ conta, empresa: cnpj }, String(empresa?.certificado));
  const ours = (await hub.store.conteudos.get(String(documento.conteudo)))?.toString('utf8');
  if (!certificado || !ours) throw new Error('the company has no certificate, or the note is not signed');
  const { keyPem, certPem, chainPem, thumbprint } = certificado;
  const other = ours.replace(/<Signature[\s\S]*<\/Signature>/, '').replace(/<infCpl>[^<]*/, '<infCpl>Outro conteudo');
  const certDer = new X509Certificate(certPem).raw;
  const signed = signXml(other, { element: 'infNFe' }, { key: createPrivateKey(keyPem), certDer });

  const sefaz = createSefazClient({
    endpoints: loadEndpoints({ overrideUrl: String(hub.env.MALOTE_SEFAZ_URL_OVERRIDE) }),
    ca: [hub.ca.certPem],
    timeoutMs: 10_000,
    connectTimeoutMs: 5_000,
    rate: 0,
    breaker: { failures: 10, windowMs: 60_000, resetMs: 30_000 },
    log: createLogger({ service: 'e2e', level: 'silent' }),
    clock: systemClock,
    metrics: createMetrics('e2e'),
  });
  try {
    const { modelo, tpAmb: ambiente, autorizadorNormal: autorizador } = documento;
    const credential = { keyPem, certPem, chainPem, thumbprint };
    const { body } = await sefaz.authorize({ modelo, autorizador, ambiente, credential, signedXml: signed.xml, idLote: '1' });
    const cStat = textAt(parseXml(body).root, 'protNFe/infProt/cStat');
    if (cStat !== '100') throw new Error(`the other content was answered ${cStat}: ${body}`);
  } finally {
    await sefaz.close();
  }
}
