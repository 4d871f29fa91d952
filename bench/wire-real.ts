/**
 * Ports to the world against the system's own (takes root, and openvswitch-switch from Debian). Frames a second between two veth pairs: our bridge by
 * AF_PACKET against Open vSwitch in user space. TCP through a TAP: ours at one end, Linux's at the other, against Linux's own over its loopback.
 * `npm run bench:wire-real -- [options]`:
 *
 *   --rounds N       how often each is measured (5)
 *   --seconds N      how long each measurement takes (1)
 *   --dist DIR       where our built files are (dist)
 *   --markdown FILE  also writes the tables into a page of docs/
 *   --only PART      switch, or tcp
 */
import { cpus, loadavg, release } from 'node:os';
import { benchNamespace } from './bench-namespace.ts';
import { writeSection } from './page-section.ts';
import { markdownTable, plainTable, tableOf } from './switch-rounds.ts';
import { compareSwitches } from './wire-real-switch.ts';
import { measureTcp } from './wire-real-tcp.ts';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

export async function main(args: readonly string[]): Promise<number> {
  const value = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const settings = { rounds: Number(value('--rounds') ?? 5), seconds: Number(value('--seconds') ?? 1) };
  const dist = value('--dist') ?? 'dist';
  const only = value('--only');
  const load = loadavg()[0]!.toFixed(1);
  const parts: string[] = [];
  const say = (title: string, table: readonly (readonly string[])[]): void => {
    print(`${title}\n${plainTable(table)}\n`);
    parts.push(`${title}:\n\n${markdownTable(table)}`);
  };
  if (only !== 'tcp') {
    const network = benchNamespace('real');
    try {
      say('Between two veth pairs', tableOf(await compareSwitches(network, dist, settings)));
    } finally {
      network.remove();
    }
  }
  if (only !== 'switch') say('One TCP connection', await measureTcp(dist, settings.rounds, settings.seconds));
  const about = `${cpus().length} x ${cpus()[0]?.model ?? '?'}, Linux ${release()}, Node ${process.version}, load before ${load}; ${settings.rounds} rounds of ${settings.seconds} s, medians`;
  print(about);
  const page = value('--markdown');
  if (page !== undefined) writeSection(page, 'wire-real', [`- ${about}`, ...parts].join('\n\n'));
  return 0;
}
