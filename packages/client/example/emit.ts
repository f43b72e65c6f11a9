// node packages/client/example/emit.ts URL TOKEN SECRET EMPRESA NOTA.xml
// Emits one NF-e in homologação and shows what became of it, as an ERP would.
import { readFileSync } from 'node:fs';
import { createClient, MaloteProblem, MaloteUnavailable } from '../client.ts';

const [url = '', token = '', secret = '', empresa = '', file = ''] = process.argv.slice(2);
const client = createClient({ url, token, secret });
const docs = { empresa, ambiente: 'hom', modelo: '55' } as const;

try {
  let documento = await client.emit({ ...docs, xml: readFileSync(file), wait: 10 });
  const { ano, serie, numero } = documento;
  for (let looks = 0; looks < 60 && ['Em processamento', 'Em recuperação'].includes(documento.status); looks += 1) {
    // The hub goes on by itself, whoever looks; an ERP would look again when it has to know.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    documento = await client.documento({ ...docs, ano, serie, numero });
  }
  console.log(documento.status, documento.chaveAcesso, documento.codigoStatus, documento.motivo);
  for (const { code, message } of documento.faults) console.log(`  ${code}: ${message}`);
  const { tentativas } = await client.tentativas({ ...docs, ano, serie, numero });
  for (const { tipo, autorizador, codigoStatus, duracaoMs } of tentativas)
    console.log(`  ${tipo} ${autorizador} ${codigoStatus} ${duracaoMs} ms`);
} catch (error) {
  // Post the same content again later: it is never doubled.
  if (error instanceof MaloteUnavailable) console.error(error.message, error.retryAfterMs ?? '');
  // Something has to be corrected first.
  else if (error instanceof MaloteProblem) console.error(error.codigo, error.detail, error.faults);
  else throw error;
  process.exitCode = 1;
} finally {
  await client.signOut().catch(() => {});
}
