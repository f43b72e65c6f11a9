import { dead, done, type Handler } from '@malote/broker/consumer';
import { codigoUf } from '@malote/fiscal/model/uf';
import type { Envelope } from '@malote/messages/envelope';
import type { Clock } from '@malote/runtime/clock';
import type { SefazClient } from '@malote/sefaz/client';
import { isFailure } from '@malote/sefaz/failure';
import type { TesteCertificado } from '@malote/store/certificados';
import type { Store } from '@malote/store/connect';
import { STATUS_EVERY_MS } from '@malote/store/consumo';
import { validityFault } from './certificate-validity.ts';
import type { Credentials, SigningCredential } from './credentials.ts';

export interface TestCertificateDeps {
  store: Store;
  credentials: Credentials;
  sefaz: SefazClient;
  clock: Clock;
  /** Tells callers who wait for this id to look at it now; neither waits nor throws. */
  nudge: (id: string) => void;
}

/** What a test brings: all but where and for which command it was made. */
type Brought = Pick<TesteCertificado, 'resultado' | 'motivo' | 'cStat' | 'duracaoMs' | 'proximoEm'>;

/**
 * Handles `certificate.test`: one status call with a company's certificate, in the turn that SEFAZ allows to all processes together, and keeps
 * what it brought. Out of turn nothing is called and the moment of the next turn is kept. A repeat finds no turn and changes no result.
 */
export function certificateTestHandler(deps: TestCertificateDeps): Handler {
  const { store, credentials, clock, nudge } = deps;
  return async (received, { log }) => {
    const { id: pedido, payload } = received as Envelope<'certificate.test'>;
    const { documentId: certificado, conta, empresa: documento, alvo, ambiente: tpAmb } = payload;
    const owner = { conta, empresa: documento };
    const empresa = await store.empresas.find({ conta, documento });
    const inUse = empresa?.certificado === certificado;
    const credential = empresa && (await (inUse ? credentials.of(empresa) : credentials.byId(owner, certificado)));
    if (!empresa || !credential) return dead(`certificate ${certificado} does not exist`);
    const row = (await store.certificados.history(owner)).find(({ _id }) => _id === certificado);
    if (row?.testesFeitos?.includes(pedido)) return done;
    const earlier = row?.testes?.[`${alvo}_${tpAmb}`];
    const brought = unusable(credential, tpAmb, clock.now()) ?? (await inTurn(payload, { credential, cUF: codigoUf(empresa.uf) }, deps));
    // What was known is worth more than that it is too early to ask again.
    const teste: TesteCertificado =
      brought.resultado === 'aguardando' && earlier
        ? { ...earlier, ...(brought.proximoEm ? { proximoEm: brought.proximoEm } : {}) }
        : { autorizador: alvo, tpAmb, em: clock.now(), ...brought };
    await store.certificados.registrarTeste(owner, certificado, teste, pedido);
    log.info(
      { autorizador: alvo, tpAmb, resultado: brought.resultado, cStat: brought.cStat, motivo: brought.motivo },
      'certificate tested',
    );
    nudge(certificado);
    return done;
  };
}

/** Why nothing need be asked. */
function unusable(credential: SigningCredential, tpAmb: '1' | '2', now: Date): Brought | undefined {
  const outOfDate = validityFault(credential, now);
  if (outOfDate) return { resultado: 'recusado', motivo: 'O certificado está fora da validade; nenhuma chamada foi feita.' };
  if (credential.ambiente !== 'hom' || tpAmb === '2') return undefined;
  return { resultado: 'recusado', motivo: 'O certificado foi instalado só para homologação; nenhuma chamada foi feita.' };
}

async function inTurn(
  { empresa: cnpj, alvo: autorizador, modelo, ambiente }: Envelope<'certificate.test'>['payload'],
  { credential, cUF }: { credential: SigningCredential; cUF: string },
  { store, sefaz, clock }: TestCertificateDeps,
): Promise<Brought> {
  const waiting = (motivo: string, proximoEm: Date): Brought => ({ resultado: 'aguardando', motivo, proximoEm });
  const resting = await store.consumo.restingUntil({ cnpj, autorizador });
  if (resting) return waiting('A SEFAZ acusou consumo indevido (656) desta empresa: nada é chamado até lá.', resting);
  const turn = await store.consumo.takeStatusTurn({ autorizador, tpAmb: ambiente });
  if (turn !== true) return waiting('Este autorizador foi consultado há menos de três minutos; a SEFAZ pede esse intervalo.', turn);
  const proximoEm = new Date(clock.now().getTime() + STATUS_EVERY_MS);
  try {
    const { retorno, durationMs } = await sefaz.status({ modelo, autorizador, ambiente, cUF, credential });
    if (retorno.kind === 'unreadable')
      return { resultado: 'sem-resposta', motivo: 'A resposta não pôde ser lida.', duracaoMs: durationMs, proximoEm };
    // Whoever answers at all, though the service be paused, has taken the certificate.
    const resultado = retorno.class === 'certificate' ? 'recusado' : 'aceito';
    return { resultado, cStat: retorno.cStat, motivo: retorno.xMotivo, duracaoMs: durationMs, proximoEm };
  } catch (error) {
    if (!isFailure(error)) throw error;
    const text = `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`;
    return { resultado: BLAMES_CERTIFICATE.has(error.reason) ? 'recusado' : 'sem-resposta', motivo: text, proximoEm };
  }
}

const BLAMES_CERTIFICATE: ReadonlySet<string> = new Set([
  'certificado-recusado',
  'certificado-invalido',
  'http-403',
  'http-495',
  'http-496',
]);
