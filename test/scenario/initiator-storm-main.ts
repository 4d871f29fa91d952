/** The storm from the command line: `npm run storm -- --level 2 --connections 4 --seed 7 --commands 100000`; `--seeds 10` runs ten of them. */
import { commandLine, Storm, type StormPlan } from './initiator-storm.ts';

const numberOf = (args: readonly string[], name: string, otherwise: number): number => {
  const at = args.indexOf(`--${name}`);
  const value = at === -1 ? otherwise : Number(args[at + 1]);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} needs a number`);
  return value;
};

export function main(args: readonly string[]): number {
  const level = numberOf(args, 'level', 2) as StormPlan['level'];
  if (level > 2) throw new Error('--level is 0, 1 or 2');
  const connections = numberOf(args, 'connections', 1);
  const commands = numberOf(args, 'commands', 100_000);
  const first = numberOf(args, 'seed', 1);
  let code = 0;
  for (let seed = first; seed < first + numberOf(args, 'seeds', 1); seed += 1) {
    const plan = { level, connections, seed, commands };
    const begun = performance.now();
    const storm = new Storm(plan);
    const report = storm.run();
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    const { violations, recovery, faults, failed, succeeded, sessions, dialed, virtualSeconds } = report;
    console.log(`${commandLine(plan)}: ${succeeded} of ${commands} succeeded, ${violations.length === 0 ? 'nothing is wrong' : 'FAILED'}`);
    console.log(`  failed with a reason: ${JSON.stringify(failed)}`);
    console.log(`  faults: ${JSON.stringify(faults)}`);
    console.log(`  recovery: ${JSON.stringify(recovery)}`);
    console.log(`  ${sessions} sessions, ${dialed} connections dialled, ${virtualSeconds.toFixed(1)} s of virtual time in ${seconds} s`);
    for (const violation of violations) console.log(`  ${violation}`);
    if (violations.length === 0) continue;
    code = 1;
    if (args.includes('--events')) {
      for (const event of storm.events.slice(-60)) console.log(`  ${event.severity} ${event.source} ${event.name}: ${event.message}`);
    }
  }
  return code;
}
