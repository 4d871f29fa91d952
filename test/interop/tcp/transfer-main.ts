/**
 * The whole matrix of transfers between our TCP and Linux's: 64 MiB in both directions at once, over both families, for every kind of bad link; each
 * compared by hash and looked over by tshark. Takes root, tshark, and a quarter of an hour.
 *
 *     node scripts/run-typescript.mjs test/interop/tcp/transfer-main.ts [--mib 64] [--only 'text of the name']
 */
import type { LinkFaults } from '../../../src/runtime/link-faults.ts';
import type { LinkSettings } from '../../../src/runtime/link.ts';
import { makeScratch } from '../scratch.ts';
import { captureVerdict } from './capture-verdict.ts';
import { OUR_MAC, PORT, transfer } from './transfer.ts';

interface Kind {
  readonly name: string;
  readonly faults?: Partial<LinkFaults>;
  readonly link?: Partial<LinkSettings>;
}

const OVER_20_MILLIS: Partial<LinkSettings> = { delayNanos: 10_000_000 };

const KINDS: readonly Kind[] = [
  { name: 'nothing' },
  { name: '20 ms', link: OVER_20_MILLIS },
  { name: '10 % doubled', faults: { duplication: 0.1 } },
  { name: '10 % 1 ms late', faults: { reordering: 0.1, reorderingNanos: 1_000_000 } },
  { name: '0.1 % lost', faults: { loss: 0.001 } },
  { name: '1 % lost', faults: { loss: 0.01 } },
  {
    name: '0.5 % lost, 5 % late, 2 % doubled, 20 ms',
    faults: { loss: 0.005, reordering: 0.05, reorderingNanos: 1_000_000, duplication: 0.02 },
    link: OVER_20_MILLIS,
  },
  { name: '3 % lost', faults: { loss: 0.03 } },
  { name: '10 % lost', faults: { loss: 0.1 } },
];

const option = (args: readonly string[], name: string): string | undefined => {
  const at = args.indexOf(`--${name}`);
  return at === -1 ? undefined : args[at + 1];
};

const said = (intact: boolean): string => (intact ? 'identical' : 'DIFFERENT');

const row = (cells: readonly (string | number)[]): void => console.log(`| ${cells.join(' | ')} |`);

export async function main(args: readonly string[]): Promise<number> {
  const bytes = Number(option(args, 'mib') ?? 64) * 1024 * 1024;
  const only = option(args, 'only') ?? '';
  let failed = 0;
  row([
    'link',
    'IP',
    'to Linux',
    'from Linux',
    's',
    'lost of ours',
    'ours sent again',
    'lost of Linux’s',
    'Linux sent again',
    'frames',
    'bad of ours',
  ]);
  row(['---', '--:', '---', '---', '--:', '--:', '--:', '--:', '--:', '--:', '--:']);
  for (const { name, faults, link } of KINDS.filter((kind) => kind.name.includes(only)))
    for (const family of [4, 6] as const) {
      const scratch = makeScratch();
      try {
        const capture = scratch.path('link.pcapng');
        const dials = family === 4 ? 'ours' : 'linux';
        const result = await transfer({ family, bytes, dials, seed: 1, capture, ...(faults && { faults }), ...(link && { link }) });
        const verdict = await captureVerdict(capture, OUR_MAC, PORT);
        const bad = verdict.oursMalformed + verdict.oursBadChecksums;
        const isGood = result.toLinuxIntact && result.fromLinuxIntact && result.reason === undefined && bad === 0;
        if (!isGood) failed += 1;
        const { retransmittedSegments } = result.counters;
        const [ours, theirs] = result.links.map(({ lost, queueDrops }) => lost + queueDrops);
        const times = [result.seconds.toFixed(1), ours!, retransmittedSegments, theirs!, verdict.linuxRetransmissions];
        row([name, family, said(result.toLinuxIntact), said(result.fromLinuxIntact), ...times, verdict.frames, bad]);
      } catch (error) {
        failed += 1;
        row([name, family, `FAILED: ${(error as Error).message.split('\n')[0]}`]);
      } finally {
        scratch.remove();
      }
    }
  return failed === 0 ? 0 : 1;
}
