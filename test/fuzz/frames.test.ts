/**
 * Any bytes on any port crash nothing and grow nothing: mutated frames of every kind against a switch and hosts, on ports of three kinds, while
 * two connections go on beside them. SAMEWIRE_FUZZ_FRAMES and SAMEWIRE_FUZZ_SEED override.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { FrameRun } from './frame-run.ts';

const FRAMES = Number(process.env['SAMEWIRE_FUZZ_FRAMES'] ?? 1_000_000);
const SEED = Number(process.env['SAMEWIRE_FUZZ_SEED'] ?? 20_261);
const GROWTH_BYTES_MAX = 8 * 1024 * 1024;

/** Counters that mutants must move. */
const REACHED = [
  'relayed',
  'lldpUnderstood',
  'lldpRefused',
  'packetsDelivered',
  'headersRefused',
  'reassembled',
  'fragmentsRefused',
  'icmpUnderstood',
  'icmpErrorsSent',
  'advertisements',
  'groupQueries',
  'datagrams',
  'leases',
  'dhcpRefused',
  'tcp.inSegments',
  'tcp.inErrors',
  'tcp.outOfWindow',
  'tcp.pawsDrops',
  'tcp.challengeAcks',
  'tcp.cookiesRefused',
  'tcp.icmpIgnored',
];

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

it(`${FRAMES} mutated frames, seed ${SEED}`, { timeout: 600_000 }, () => {
  const report = new FrameRun({ seed: SEED, frames: FRAMES, heapBytes }).run();
  const { problems, growthBytes } = report;
  const again = `SAMEWIRE_FUZZ_SEED=${SEED} SAMEWIRE_FUZZ_FRAMES=${FRAMES} npx vitest run test/fuzz/frames.test.ts`;
  expect(problems, again).toEqual([]);
  expect(growthBytes, again).toBeLessThan(GROWTH_BYTES_MAX);
  expect(report.keptApart).toBeLessThan(FRAMES / 20);
  // Mutants that nobody understands prove nothing: of everything, many got far in.
  const shallow = REACHED.filter((name) => !(report.depth[name]! >= FRAMES / 20_000));
  expect(shallow, JSON.stringify(report)).toEqual([]);
});
