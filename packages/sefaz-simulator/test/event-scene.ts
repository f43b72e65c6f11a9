import assert from 'node:assert/strict';
import { cancelamento, type EventOptions, envEvento, signedEvento } from './signed-evento.ts';
import type { NfceOptions } from './signed-nfce.ts';
import { signedNfce } from './signed-nfce.ts';
import { consSitNFe, enviNFe, type SignedOptions, signedNfe } from './signed-nfe.ts';
import { type CallOptions, CNPJ, type Reply, type Stage } from './stage.ts';

export interface Authorised {
  chave: string;
  nProt: string;
  xml: string;
  /** CNPJ or CPF of the recipient. */
  dest: string;
}

/** What tests of events do over and over, on one stage. */
export function eventScene(stage: () => Stage) {
  let next = 1;
  const scene = {
    nextNumber: () => next++,
    async authorised(options: Partial<SignedOptions> = {}, at: CallOptions = {}): Promise<Authorised> {
      const note = signedNfe({ cnpj: CNPJ, numero: next++, signer: stage().company, ...options });
      return scene.authorise(note, at);
    },
    async authorisedNfce(options: Partial<NfceOptions> = {}): Promise<Authorised> {
      const note = signedNfce({ cnpj: CNPJ, numero: next++, signer: stage().company, ...options });
      return scene.authorise(note, { modelo: '65' });
    },
    async authorise({ xml, chave }: { xml: string; chave: string }, at: CallOptions): Promise<Authorised> {
      const reply = await stage().call('NFeAutorizacao4', enviNFe(xml), at);
      assert.deepEqual(reply.all('cStat'), ['104', '100'], reply.body);
      const dest = /<dest><C(?:NPJ|PF)>(\w+)/.exec(xml)?.[1] ?? '';
      return { chave, nProt: reply.all('nProt')[0] ?? '', xml, dest };
    },
    event: (chave: string, tpEvento: string, options: Partial<EventOptions> = {}) =>
      signedEvento({ signer: stage().company, chave, autor: CNPJ, tpEvento, ...options }),
    cancel: ({ chave, nProt }: { chave: string; nProt: string }, options: Partial<EventOptions> = {}) =>
      scene.event(chave, '110111', { det: cancelamento(nProt), ...options }),
    send: (evento: string, at: CallOptions = {}): Promise<Reply> => stage().call('NFeRecepcaoEvento4', envEvento(evento), at),
    /** Sends to AN an event that carries its cOrgao. */
    toAn: (chave: string, tpEvento: string, options: Partial<EventOptions> = {}) =>
      scene.send(scene.event(chave, tpEvento, { cOrgao: '91', ...options }), { autorizador: 'AN' }),
    /** The same for SVRS. */
    toSvrs: (chave: string, tpEvento: string, options: Partial<EventOptions> = {}) =>
      scene.send(scene.event(chave, tpEvento, { cOrgao: '92', ...options }), { autorizador: 'SVRS' }),
    consult: (chave: string, at: CallOptions = {}): Promise<Reply> => stage().call('NFeConsultaProtocolo4', consSitNFe(chave), at),
    async eventCode(reply: Promise<Reply>): Promise<string> {
      const [lote, code = ''] = (await reply).all('cStat');
      assert.equal(lote, '128', (await reply).body);
      return code;
    },
  };
  return scene;
}
