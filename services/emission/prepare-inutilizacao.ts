import { equalRejectionsFault } from '@malote/fiscal/consumo/equal-rejections';
import { PERMANENT_MS } from '@malote/fiscal/emission/back-off';
import { mayBeThere, type SignedBefore } from '@malote/fiscal/emission/lifecycle-state';
import { prepareInutilizacao } from '@malote/fiscal/inutilizacao/prepare-inutilizacao';
import { readInutilizacao } from '@malote/fiscal/inutilizacao/read-inutilizacao';
import { checkInutilizacaoRules, type NumeroConhecido } from '@malote/fiscal/inutilizacao/rules';
import { autorizadorNormal } from '@malote/fiscal/model/autorizador';
import { decodeXml, parseXml } from '@malote/fiscal/xml/parse';
import { signXml } from '@malote/fiscal/xml/sign';
import type { Clock } from '@malote/runtime/clock';
import type { Validator } from '@malote/schemas/validator';
import type { SefazClient } from '@malote/sefaz/client';
import { isFailure } from '@malote/sefaz/failure';
import type { Store } from '@malote/store/connect';
import type { Documento } from '@malote/store/documento';
import type { Inutilizacao } from '@malote/store/inutilizacao';
import type { Credentials, SigningCredential } from './credentials.ts';
import { type PreparedRegistro, refusal } from './handle-registro.ts';
import { signingCredential } from './signing-credential.ts';

export interface PrepareInutilizacaoDeps {
  store: Store;
  credentials: Credentials;
  validator: Validator;
  clock: Clock;
  sefaz: SefazClient;
}

/**
 * Refuses what must not be made void, asks SEFAZ a last time for every number of the range that was ever sent, then completes, signs and
 * validates the request and stores the signed bytes. A question that stays without answer postpones it; nothing is made void on a guess.
 */
export async function prepareStoredInutilizacao(
  asked: Inutilizacao,
  deps: PrepareInutilizacaoDeps,
): Promise<PreparedRegistro<Inutilizacao>> {
  const { store, validator, clock } = deps;
  const now = clock.now();
  const looping = equalRejectionsFault(asked.rodadas, now, 'inutilizacao');
  if (looping) return { ok: false, fact: refusal('rejected', [looping]) };
  const entrada = await store.inutilizacoes.entradaOf(asked);
  if (!entrada) throw new Error(`inutilização ${asked._id} is ${asked.state} without its body`);
  const certificate = await signingCredential(asked, deps);
  if (!certificate.ok) return { ok: false, fact: refusal('rejected', [certificate.fault]) };
  const { empresa, credential } = certificate;

  const doc = parseXml(decodeXml(entrada));
  const read = readInutilizacao(doc, asked.layout);
  if (!read.ok) return { ok: false, fact: refusal('invalid', read.faults) };
  const { pedido } = read;
  const range = { ...asked, de: asked.numeroInicial, ate: asked.numeroFinal };
  const documentos = await store.documentos.inRange(range);
  const others = await store.inutilizacoes.overlapping(range);
  const inutilizadas = others.filter(({ _id, state }) => _id !== asked._id && state === 'registered');
  const stored = documentos.map(knownOf);
  const announced = (await store.numerosAnunciados(range)).filter((n) => stored.every(({ numero }) => numero !== n)).map(announcedOf);
  const facts = { pedido, numeros: [...stored, ...announced], inutilizadas };
  const known = checkInutilizacaoRules(facts);
  if (known.length > 0) return { ok: false, fact: refusal('rejected', known) };

  const naSefaz = await askSefaz(documentos, credential, deps);
  // Asked again later; a quarter of an hour keeps the questions under the limit per key.
  if (!naSefaz) return { ok: false, fact: { kind: 'resting', until: new Date(now.getTime() + PERMANENT_MS), aviso: SEM_CONSULTA } };
  const there = checkInutilizacaoRules({ ...facts, naSefaz });
  if (there.length > 0) return { ok: false, fact: refusal('rejected', there) };

  const prepared = prepareInutilizacao({ doc, layout: asked.layout });
  if (!prepared.ok) return { ok: false, fact: refusal('invalid', prepared.faults) };
  const { xml: signedXml, digest } = signXml(prepared.xml, { element: 'infInut' }, credential);
  const { familia, tpAmb: ambiente, modelo, uf, serie, emitente } = asked;
  const invalid = validator.validate(signedXml, { familia, root: 'inutNFe', versao: prepared.versao, ambiente, date: now });
  if (invalid.length > 0) return { ok: false, fact: refusal('invalid', invalid) };
  const aamm = `${asked.ano}${String(asked.createdAt.getUTCMonth() + 1).padStart(2, '0')}`;
  const conteudo = await store.conteudos.put(Buffer.from(signedXml), { emitente, aamm });
  const autorizador = autorizadorNormal(modelo, uf, { serie, semIe: !empresa.ie });
  return { ok: true, content: { autorizador, digest, conteudo, certificado: credential.id }, avisos: [], conteudo, credential, signedXml };
}

const SEM_CONSULTA = {
  codigo: 'consulta-previa-sem-resposta',
  mensagem:
    'A SEFAZ não respondeu à consulta de um número da faixa que já foi transmitido. Nada é inutilizado sem essa resposta: o hub consulta de novo sozinho.',
};

/** Every round of the number, the present one last. */
const roundsOf = (documento: Documento): SignedBefore[] => [...documento.rodadas, documento];

function knownOf(documento: Documento): NumeroConhecido {
  const chaves = roundsOf(documento).flatMap(({ chave }) => chave ?? []);
  return {
    numero: documento.numero,
    state: documento.state,
    tpEmis: [...new Set(chaves.map((chave) => chave.charAt(34)))],
    transmitido: roundsOf(documento).some((round) => mayBeThere({ attempts: [...round.attempts] })),
    ...(documento.chave ? { chave: documento.chave } : {}),
  };
}

/** Given to a substitute, which may be on its way to the customer before it is stored. */
const announcedOf = (numero: number): NumeroConhecido => ({ numero, state: 'issued', tpEmis: ['9'], transmitido: false });

/** What of the range SEFAZ knows under any key that was ever sent for it; undefined when a question was not answered. */
async function askSefaz(
  documentos: Documento[],
  credential: SigningCredential,
  { sefaz, store }: PrepareInutilizacaoDeps,
): Promise<number[] | undefined> {
  const found: number[] = [];
  for (const documento of documentos) {
    const sent = roundsOf(documento).filter((round) => mayBeThere({ attempts: [...round.attempts] }));
    for (const chave of new Set(sent.flatMap((round) => round.chave ?? []))) {
      const autorizador = autorizadorOf(documento, chave);
      const { modelo, tpAmb: ambiente, emitente: cnpj, numero, uf } = documento;
      let answer: Awaited<ReturnType<SefazClient['consult']>>;
      try {
        answer = await sefaz.consult({ modelo, autorizador, ambiente, credential, chave, about: { uf } });
      } catch (error) {
        if (isFailure(error)) return undefined;
        throw error;
      } finally {
        await store.consumo.count({ cnpj, autorizador, kind: 'consulta' });
      }
      const { retorno } = answer;
      if (retorno.kind !== 'document') return undefined;
      if (THERE.has(retorno.class)) found.push(numero);
      else if (retorno.class !== 'not-found') return undefined;
    }
  }
  return [...new Set(found)];
}

/** The number is taken, by this key or another (561, 562, 613). */
const THERE: ReadonlySet<string> = new Set(['authorized', 'cancelled', 'denied', 'duplicate']);

/** Who was sent this key. */
function autorizadorOf(documento: Documento, chave: string) {
  const calls = roundsOf(documento)
    .filter((round) => round.chave === chave)
    .flatMap((round) => round.attempts);
  return calls.findLast(({ kind }) => kind === 'authorize')?.autorizador ?? documento.autorizador ?? documento.autorizadorNormal;
}
