import { buildProcEvento } from '@malote/fiscal/evento/ret-evento';
import type { RegistroRetorno } from '@malote/fiscal/registro/registro-state';
import type { SefazClient } from '@malote/sefaz/client';
import { OutcomeUnknown } from '@malote/sefaz/failure';

/** An authoriser in memory: what it was sent, and what it holds. */
export interface FakeSefaz {
  client: SefazClient;
  /** Every call, in order: `register <digest>`, `consult`, `inutilizar <digest>`. */
  calls: string[];
  /** Registrations by identity. */
  held: Map<string, { signedXml: string; nProt: string }>;
  /** The answer to so many next calls is lost after they were processed. */
  loseAnswers(n: number): void;
  /** From now on every registration is answered so, and nothing is registered; undefined ends it. */
  refuseWith(retorno: RegistroRetorno | undefined): void;
}

const NS = 'http://www.portalfiscal.inf.br/nfe';

export function fakeSefaz(): FakeSefaz {
  const calls: string[] = [];
  const held: FakeSefaz['held'] = new Map();
  let lost = 0;
  let refusal: RegistroRetorno | undefined;

  function register(what: string, id: string, signedXml: string, ok: string, duplicate: string): RegistroRetorno {
    calls.push(`${what} ${/<DigestValue>(.*?)<\/DigestValue>/.exec(signedXml)?.[1]}`);
    if (refusal) return refusal;
    const known = held.get(id);
    const entry = known ?? { signedXml, nProt: String(135_260_000_000_100 + held.size) };
    held.set(id, entry);
    if (lost > 0) {
      lost--;
      throw new OutcomeUnknown('sem-resposta');
    }
    const [cStat, klass] = known
      ? [duplicate, 'duplicate' as const]
      : [ok, what === 'register' ? ('registered' as const) : ('inutilizado' as const)];
    return { kind: 'said', class: klass, cStat, xMotivo: cStat, nProt: entry.nProt, dhRegistro: 'x', xml: retEvento(entry.nProt) };
  }
  const answer = <R>(retorno: R) => ({ retorno, body: '', httpStatus: 200, durationMs: 1 });
  const client = {
    registerEvento: async ({ who, signedXml }: { who: { chave: string; tpEvento: string; nSeqEvento: number }; signedXml: string }) =>
      answer(register('register', `${who.chave}.${who.tpEvento}.${who.nSeqEvento}`, signedXml, '135', '573')),
    inutilizar: async ({ signedXml }: { signedXml: string }) =>
      answer(register('inutilizar', /Id="(ID\d+)"/.exec(signedXml)?.[1] ?? '', signedXml, '102', '563')),
    consult: async ({ chave }: { chave: string }) => {
      calls.push('consult');
      const mine = [...held]
        .filter(([id]) => id.startsWith(chave))
        .map(([, entry]) => buildProcEvento(entry.signedXml, retEvento(entry.nProt)));
      return answer({
        kind: 'document',
        class: 'authorized',
        cStat: '100',
        xMotivo: 'x',
        service: { cStat: '100', xMotivo: 'x' },
        eventos: mine,
      });
    },
  };
  const loseAnswers = (n: number) => {
    lost = n;
  };
  const refuseWith = (retorno: RegistroRetorno | undefined) => {
    refusal = retorno;
  };
  return { client: client as unknown as SefazClient, calls, held, loseAnswers, refuseWith };
}

function retEvento(nProt: string): string {
  const inf = `<infEvento><cStat>135</cStat><xMotivo>Evento registrado</xMotivo><dhRegEvento>x</dhRegEvento><nProt>${nProt}</nProt></infEvento>`;
  return `<retEvento xmlns="${NS}" versao="1.00">${inf}</retEvento>`;
}
