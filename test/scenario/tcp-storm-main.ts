/** The storm from the command line: `npm run storm:tcp -- --seed 7`; `--seeds 10000` runs so many of them from there on; `--trace` shows every frame. */
import { tcpStorm, tcpStormCommand } from './tcp-storm.ts';

const numberOf = (args: readonly string[], name: string, otherwise: number): number => {
  const at = args.indexOf(`--${name}`);
  const value = at === -1 ? otherwise : Number(args[at + 1]);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} needs a number`);
  return value;
};

export function main(args: readonly string[]): number {
  const first = numberOf(args, 'seed', 1);
  const seeds = numberOf(args, 'seeds', 1);
  const sums = { bytes: 0, retransmitted: 0, ended: 0, broken: 0, undetected: 0, virtualSeconds: 0 };
  let failed = 0;
  const begun = performance.now();
  for (let seed = first; seed < first + seeds; seed += 1) {
    const report = tcpStorm(seed, args.includes('--trace') ? (lines) => lines.forEach((line) => console.log(line)) : undefined);
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += report[name];
    if (report.violations.length === 0) continue;
    failed += 1;
    console.log(`${tcpStormCommand(seed)}: FAILED`);
    for (const violation of report.violations) console.log(`  ${violation}`);
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`${seeds} storms from seed ${first} on: ${failed} failed`);
  console.log(
    `  ${sums.ended} ends, ${sums.broken} of them broken by the link; ${sums.bytes} bytes arrived, ${sums.undetected} times with damage no checksum shows`,
  );
  console.log(`  ${sums.retransmitted} segments sent again; ${sums.virtualSeconds.toFixed(0)} s of virtual time in ${seconds} s`);
  return failed === 0 ? 0 : 1;
}
