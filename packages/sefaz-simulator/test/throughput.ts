// How many notes per second one simulator process authorises, with and without its checks: node packages/sefaz-simulator/test/throughput.ts
import { Agent } from 'node:https';
import { availableParallelism, cpus } from 'node:os';
import { systemClock } from '@malote/runtime/clock';
import { enviNFe, signedNfe } from './signed-nfe.ts';
import { CNPJ, startStage } from './stage.ts';

const NOTES = 1_500;
const CONNECTIONS = 16;

process.stdout.write(`${cpus()[0]?.model}, ${availableParallelism()} CPUs, Node ${process.version}, client and simulator in one process\n`);
for (const fast of [false, true]) {
  const stage = await startStage({ fast });
  const notes = Array.from({ length: NOTES }, (_, i) => enviNFe(signedNfe({ cnpj: CNPJ, numero: i + 1, signer: stage.company }).xml));
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const sizes = notes.reduce((sum, note) => sum + note.length, 0);
  let next = 0;
  let authorised = 0;
  const started = systemClock.monotonic();
  const cpu = process.cpuUsage();
  const worker = async () => {
    for (let note = notes[next++]; note !== undefined; note = notes[next++]) {
      const reply = await stage.call('NFeAutorizacao4', note, { agent });
      if (reply.all('cStat')[1] === '100') authorised++;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  const seconds = (systemClock.monotonic() - started) / 1_000;
  const used = process.cpuUsage(cpu);
  const cpuSeconds = (used.user + used.system) / 1e6;
  if (authorised !== NOTES) throw new Error(`${authorised} of ${NOTES} authorised`);
  process.stdout.write(
    `${fast ? 'fast  ' : 'checks'} ${Math.round(NOTES / seconds)} notes/s (${((cpuSeconds / NOTES) * 1_000).toFixed(2)} ms CPU per note, mean ${Math.round(sizes / NOTES)} bytes)\n`,
  );
  agent.destroy();
  await stage.close();
}
