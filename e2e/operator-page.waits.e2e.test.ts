import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventually } from '@malote/testkit/eventually';
import { newCustomer } from './customer.ts';
import { startHub } from './hub.ts';
import { rabbitOf } from './rabbit.ts';

const KEY = 'chave-de-operador-do-teste';
const hub = await startHub({ env: { MALOTE_OPERATOR_KEY: KEY, MALOTE_BREAKER_FAILURES: '10' } });
after(() => hub.close());

interface Situacao {
  emOrdem: boolean;
  atencao: string[];
  processos: { servico: string; pid: number; estado: string; versao: string }[];
  circuitos: { autorizador: string; servico: string; estado: string }[];
  filas: { fila: string; esperando: number; consumidores: number }[];
  erros: { servico: string; mensagem: string }[];
  documentos: { emRecuperacao: { totalElementos: number; registros: { numero: number }[] } };
}

const situation = async () => {
  const answer = await fetch(`${hub.url()}/api/admin/situacao`, { headers: { 'x-operator-key': KEY } });
  assert.equal(answer.status, 200);
  return (await answer.json()) as Situacao;
};
const page = async () => (await fetch(`${hub.url()}/`, { headers: { 'x-operator-key': KEY } })).text();
/** Waits for the situation to be `right` and gives it. */
const until = (right: (now: Situacao) => boolean, timeoutMs = 15_000) =>
  eventually(
    async () => {
      const now = await situation();
      assert.ok(right(now), JSON.stringify({ ...now, filas: now.filas.filter(({ esperando }) => esperando > 0) }));
      return now;
    },
    { timeoutMs },
  );
const states = (now: Situacao) => now.processos.map(({ servico, estado }) => `${servico} ${estado}`).sort();

test('edge and workers are up, every queue is consumed, and nothing needs a person', async () => {
  await hub.start('contingency');
  const { processos, filas } = await until(({ emOrdem, processos }) => emOrdem && processos.length === 3);
  assert.deepEqual(
    processos.map(({ servico, pid, estado }) => [servico, pid, estado]),
    [
      ['contingency', hub.service('contingency').child.pid, 'pronto'],
      ['edge', hub.service('edge').child.pid, 'pronto'],
      ['emission', hub.service('emission').child.pid, 'pronto'],
    ],
  );
  const idle = filas.filter(({ fila, consumidores }) => fila.startsWith('emission.') && consumidores !== 1);
  assert.deepEqual(idle, []);
  assert.match(await page(), /Tudo em ordem/);
  assert.equal(await hub.stop('contingency'), 0);
  await until(({ atencao }) => atencao.join().startsWith('Nenhum processo de contingência no ar'));
});

test('an open circuit is shown with what waits for it, and dead messages with the error of who gave them up', async () => {
  const customer = await newCustomer(hub, { cnpj: '11222333000181' });
  await hub.simulator.fault({ fault: 'cstat-109' });
  for (let numero = 1; numero <= 12; numero++) await customer.emit({ numero });
  await rabbitOf(hub).publish({ exchange: 'commands', key: 'document.emit.nfe.SP.lote', body: '{"not":"ours"}' });
  const open = await until(({ circuitos, erros, documentos }) => {
    const is = (estado: string) => circuitos.some((each) => each.autorizador === 'SP' && each.estado === estado);
    return is('aberto') && erros.length > 0 && documentos.emRecuperacao.totalElementos >= 10;
  });
  assert.equal(open.emOrdem, false);
  assert.match(open.atencao.join('\n'), /^Circuito aberto: SP NFeAutorizacao4 \(homologação\)/m);
  assert.match(open.atencao.join('\n'), /^1 mensagem na fila dead/m);
  assert.deepEqual([open.erros[0]?.servico, open.erros[0]?.mensagem], ['emission', 'message dead']);
  const html = await page();
  for (const text of ['Circuito aberto: SP', '>aberto<', 'message dead', 'Documentos em recuperação', customer.cnpj])
    assert.ok(html.includes(text), text);
  assert.equal(html.includes(customer.session) || html.includes(customer.secret), false);
});

test('a worker that is killed is shown gone, one that is stopped is not there any more', async () => {
  await hub.start('emission-2');
  await until((now) => states(now).join() === 'edge pronto,emission pronto,emission pronto');
  const { pid } = hub.service('emission').child;
  await hub.kill('emission');
  const gone = await until(({ processos }) => processos.some(({ estado }) => estado === 'desaparecido'), 40_000);
  assert.equal(gone.processos.find(({ estado }) => estado === 'desaparecido')?.pid, pid);
  assert.match(gone.atencao.join('\n'), new RegExp(`emission \\(.*, pid ${pid}\\) desapareceu sem encerrar`));
  assert.match(await page(), /desapareceu/);

  assert.equal(await hub.stop('emission-2'), 0);
  const left = await until((now) => states(now).join() === 'edge pronto,emission desaparecido');
  assert.match(left.atencao.join('\n'), /^Nenhum processo de emissão no ar/m);
  await hub.start('emission');
  await until((now) => states(now).includes('emission pronto') && !now.atencao.join().includes('Nenhum processo de emissão'));
});
