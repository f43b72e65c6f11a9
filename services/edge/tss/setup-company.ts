import { type CertificadosDeps, checkCertificado, putCertificado } from '@malote/administration/certificados';
import { addEmpresa, type EmpresasDeps } from '@malote/administration/empresas';
import { readEmpresa } from '@malote/administration/read-empresa';
import { Refused } from '@malote/administration/refused';
import { chaveEntidade } from '@malote/fiscal/model/chave-entidade';
import { type Empresa, inscricoesOf } from '@malote/store/empresas';
import type { Entidades } from '@malote/store/entidades';
import { bodyOf, contaOf, type Exchange, quemOf } from '../exchange.ts';
import { type OpeningBudget, OpeningsSpent } from '../opening-budget.ts';
import { refuseByRate } from '../rate-limit.ts';
import { type AskWorkerDeps, askWorker } from './ask-worker.ts';
import { readSetup, readSetupQuery, type Setup } from './read-setup.ts';
import { readTssJson } from './tss-json.ts';

export interface SetupDeps extends AskWorkerDeps {
  entidades: Pick<Entidades, 'findByKey' | 'findById'>;
  administration: CertificadosDeps & EmpresasDeps;
  openings: OpeningBudget;
}

/** What the administration's fields are called by the service, in its order. */
const PARAMETERS = Object.entries({
  ...{ empresa: 'registrationNumber', ie: 'ie', outrasInscricoes: 'ie', uf: 'uf', razaoSocial: 'companyName', nomeFantasia: 'branchName' },
  ...{ municipio: 'countyCode', arquivo: 'digitalCertificate', senha: 'password' },
});

/** POST WSTSSSETUP: registers a company, its A1 and its entity; `idCompany` is the Entidade. The same again changes nothing but the certificate. */
export function createSetupCompany(deps: SetupDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const json = readTssJson(bodyOf(exchange).bytes);
    const read = json.ok ? readSetup(json.value) : json;
    if (!read.ok) return refuse(exchange, read.error);
    try {
      await register(deps, exchange, read.setup);
    } catch (error) {
      if (error instanceof OpeningsSpent) return refuseByRate(exchange.res, error.window);
      if (!(error instanceof Refused)) throw error;
      return refuse(exchange, firstOf(error));
    }
    const { documento, uf, ie, companyName, branchName } = read.setup;
    const cadastro = { documento, uf, ...(ie ? { ie } : {}), nome: branchName || companyName, seAusente: true };
    const pedido = await askWorker(deps, exchange, { kind: 'cadastro', cadastro });
    if (pedido.recusa) return refuse(exchange, pedido.recusa.message);
    if (pedido.state !== 'done' || pedido.entidadeId === undefined) {
      const returnMessage = 'Empresa e certificado gravados; a entidade ainda está em cadastro: consulte-a em instantes com GET.';
      return void exchange.res.status(202).json({ idCompany: '', returnMessage });
    }
    const entidade = await deps.entidades.findById({ conta: contaOf(exchange), id: pedido.entidadeId });
    exchange.res.json({ idCompany: entidade?.entidade ?? '', returnMessage: 'Empresa e certificado gravados.' });
  };
}

/** GET WSTSSSETUP: the Entidade of a company, of several the first. */
export function createShowSetup({ entidades }: Pick<SetupDeps, 'entidades'>): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const read = readSetupQuery(exchange.req.query as Record<string, unknown>);
    if (!read.ok) return refuse(exchange, read.error);
    const [entidade] = await entidades.findByKey({ conta: contaOf(exchange), ...read.setup });
    if (!entidade) return refuse(exchange, 'Entidade nao encontrada.');
    exchange.res.json({ idCompany: entidade.entidade, returnMessage: '' });
  };
}

/** Everything is checked before anything is written, the company before its certificate: the first offending parameter is the one that is told. */
async function register({ administration, openings }: SetupDeps, exchange: Exchange, setup: Setup): Promise<void> {
  const { documento, digitalCertificate: pfx, password: senha } = setup;
  const { store, clock, raizes } = administration;
  const [conta, quem] = [contaOf(exchange), quemOf(exchange)];
  const ambiente = exchange.query.ambiente as 'hom' | 'prod';
  const atual = await store.empresas.find({ conta, documento });
  const given = fieldsOf(setup, atual);
  readEmpresa(given, { documento, atual, replace: false });
  const sent = { empresa: documento, pfx, senha, ambiente };
  const conferido = await checkCertificado(sent, { now: clock.now(), raizes, metered: (work) => openings.run(conta, work) });
  const { registerEntity: _registerEntity, ...deps } = administration;
  await addEmpresa(deps, quem, { conta, documento }, given);
  await putCertificado({ ...administration, check: async () => conferido }, { ...sent, conta, quem });
}

/** A company has one establishment by itself; another IE or UF of the same CNPJ is added to it. */
function fieldsOf({ documento, uf, ie, companyName, branchName, countyCode }: Setup, atual: Empresa | undefined): Record<string, unknown> {
  const names = { razaoSocial: companyName, ...(branchName ? { nomeFantasia: branchName } : {}) };
  const chaveOf = (where: { uf: Setup['uf']; ie?: string | undefined }) => chaveEntidade({ documento, ...where });
  const chave = chaveOf({ uf, ie });
  if (!atual || chaveOf(atual) === chave) return { ...names, uf, ...(ie ? { ie } : {}), municipio: countyCode };
  if (inscricoesOf(atual).some((one) => chaveOf(one) === chave)) return names;
  return { ...names, outrasInscricoes: [...(atual.outrasInscricoes ?? []), { uf, ie: ie || 'ISENTO' }] };
}

/** The fault of the parameter that comes first. */
function firstOf({ message, faults }: Refused): string {
  const placed = faults.map((fault) => ({ fault, at: PARAMETERS.findIndex(([campo]) => fault.campo?.split('[')[0] === campo) }));
  const [first] = placed.filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at);
  return first ? `Parâmetro '${PARAMETERS[first.at]?.[1]}': ${first.fault.message}` : message;
}

function refuse({ res }: Exchange, errorMessage: string): void {
  res.status(400).json({ errorCode: 400, errorMessage });
}
