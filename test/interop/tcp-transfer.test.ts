/** Our TCP and Linux's send to each other over a link of ours; the whole matrix: test/interop/tcp/transfer-main.ts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithNamespaces } from './namespaces.ts';
import { describeWithPeers } from './peers.ts';
import { makeScratch, type Scratch } from './scratch.ts';
import { captureVerdict } from './tcp/capture-verdict.ts';
import { OUR_MAC, PORT, transfer, type TransferPlan } from './tcp/transfer.ts';

const MIB = 1024 * 1024;
/** A few seconds each, on a machine that does nothing else. */
const LIMIT = { timeout: 180_000 };

let scratch: Scratch;
beforeAll(() => void (scratch = makeScratch()));
afterAll(() => scratch.remove());

/** Both directions at once arrive as they were sent, in order to the end, and tshark finds nothing wrong with a frame of ours. */
async function goesThrough(plan: Omit<TransferPlan, 'capture'>): Promise<void> {
  const capture = scratch.path(`${plan.family}-${plan.seed}.pcapng`);
  const result = await transfer({ ...plan, capture });
  expect(result).toMatchObject({ toLinuxIntact: true, fromLinuxIntact: true, reason: undefined });
  const verdict = await captureVerdict(capture, OUR_MAC, PORT);
  expect(verdict).toMatchObject({ oursMalformed: 0, oursBadChecksums: 0 });
  // Both directions are in it: a payload of 1448 bytes at most.
  expect(verdict.frames).toBeGreaterThan((2 * plan.bytes) / 1448);
  const { retransmittedSegments } = result.counters;
  if (plan.faults !== undefined) return expect(retransmittedSegments).toBeGreaterThan(0);
  expect(result.links).toMatchObject([{ queueDrops: 0 }, { queueDrops: 0 }]);
  expect({ ...verdict, retransmittedSegments }).toMatchObject({ oursRetransmissions: 0, retransmittedSegments: 0 });
}

describeWithNamespaces('our TCP and Linux’s, over our link', () => {
  describeWithPeers(['tshark'], 'watched by tshark', () => {
    describe.each([4, 6] as const)('IPv%d', (family) => {
      const [one, other] = family === 4 ? (['ours', 'linux'] as const) : (['linux', 'ours'] as const);

      it('64 MiB in both directions: identical, and nothing is sent again where nothing was lost', LIMIT, async () => {
        await goesThrough({ family, bytes: 64 * MIB, dials: one, seed: 1 });
      });

      it('1 % lost, and as much doubled, over 20 ms', LIMIT, async () => {
        const link = { delayNanos: 10_000_000 };
        await goesThrough({ family, bytes: 2 * MIB, dials: other, seed: 2, link, faults: { loss: 0.01, duplication: 0.01 } });
      });

      it('10 % held up so that others pass', LIMIT, async () => {
        await goesThrough({
          family,
          bytes: 4 * MIB,
          dials: one,
          seed: 3,
          faults: { loss: 0.001, reordering: 0.1, reorderingNanos: 1_000_000 },
        });
      });

      it('10 % lost', LIMIT, async () => {
        await goesThrough({ family, bytes: 512 * 1024, dials: other, seed: 4, faults: { loss: 0.1 } });
      });
    });
  });
});
