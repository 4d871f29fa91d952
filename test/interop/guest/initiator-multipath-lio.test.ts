/**
 * Our multipath (SPC-4 §5.16.2) over two portals of Linux's kernel target in a guest, each a target port group of its own: LIO flips their access states,
 * cables are cut, both at once under a load, and in the end LIO's file is what it should be.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectMultipath, type MultipathDevice, type MultipathOptions } from '../../../src/os/iscsi/index.ts';
import { randomBytes } from '../initiator-targets.ts';
import { describeWithPeers, GUEST_PEERS } from '../peers.ts';
import { freePorts } from '../tgtd-process.ts';
import { type CutProxy, startCutProxy } from './cut-proxy.ts';
import { type Guest, startGuest } from './guest.ts';
import { type Lio, startLio } from './lio.ts';

const DISK_MEBIBYTES = 8;
const DISK_BYTES = DISK_MEBIBYTES * 2 ** 20;
const SLOT_BYTES = 64 * 1024;
const SLOTS = DISK_BYTES / SLOT_BYTES;
/** The guest has no KVM: it is slow, and none of the limits is about speed. */
const SLOW_MS = 300_000;

const options: MultipathOptions = {
  initiatorName: 'iqn.2026-01.net.samewire:multipath',
  noPathSeconds: 120,
  limits: { backOffNanos: 20_000_000, backOffMaxNanos: 200_000_000 },
  multipathLimits: { backOffNanos: 20_000_000, backOffMaxNanos: 200_000_000 },
};

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await sleep(20);
};

describeWithPeers(GUEST_PEERS, "our multipath to Linux's kernel target", () => {
  let guest: Guest;
  let lio: Lio;
  let cables: readonly CutProxy[];
  let disk: MultipathDevice;
  const model = Buffer.alloc(DISK_BYTES);

  beforeAll(async () => {
    const ports = await freePorts(2);
    cables = [await startCutProxy(), await startCutProxy()];
    for (const [index, cable] of cables.entries()) cable.leadTo(`127.0.0.1:${ports[index]!}`);
    guest = await startGuest({ name: 'multipath-lio', memoryMiB: 320, forward: { 3260: ports[0]!, 3261: ports[1]! } });
    lio = await startLio(guest, {
      ports: [3260, 3261],
      luns: [{ kind: 'file', mebibytes: DISK_MEBIBYTES }],
      keys: { DefaultTime2Wait: '0' },
    });
    disk = await connectMultipath(
      cables.map(({ port }) => `iscsi://127.0.0.1:${port}/${lio.target}/0`),
      { ...options, openSeconds: 30 },
    );
  }, SLOW_MS);
  afterAll(async () => {
    await disk?.close();
    for (const cable of cables ?? []) cable.close();
    await guest?.stop();
  });

  const access = (): unknown => disk.paths().map((path) => [path.state, path.access, path.active]);

  async function load(rounds: number, seed: number): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      await Promise.all(
        Array.from({ length: SLOTS }, async (_, slot) => {
          const at = slot * SLOT_BYTES;
          if ((slot + round) % 3 === 0) {
            const found = await disk.read(at / 512, SLOT_BYTES / 512);
            expect(Buffer.compare(found, model.subarray(at, at + SLOT_BYTES)), `slot ${slot} in round ${round}`).toBe(0);
          } else {
            const data = randomBytes(SLOT_BYTES, seed + round * SLOTS + slot);
            await disk.write(at / 512, data);
            model.set(data, at);
          }
        }),
      );
    }
  }

  it('finds two port groups, both as good', () => {
    expect(access()).toEqual([
      ['up', 'active-optimized', true],
      ['up', 'active-optimized', true],
    ]);
    expect(disk.paths().map(({ group }) => group)).toEqual([1, 2]);
    expect(disk.identity.vendor).toBe('LIO-ORG');
  });

  it(
    'goes where LIO says, as soon as it says so',
    async () => {
      const attentions = disk.paths()[0]!.counters.attentions;
      await lio.setAccessState(0, 'active-nonoptimized');
      await load(1, 1000);
      // All of the load was on its way when the first of it was told.
      await until(() => disk.paths()[0]!.access === 'active-nonoptimized');
      expect(disk.paths()[0]!.counters.attentions).toBeGreaterThan(attentions);
      expect(access()).toEqual([
        ['up', 'active-nonoptimized', false],
        ['up', 'active-optimized', true],
      ]);
      await lio.setAccessState(0, 'active-optimized');
      await lio.setAccessState(1, 'standby');
      await load(1, 2000);
      await until(() => disk.paths()[0]!.access === 'active-optimized' && disk.paths()[1]!.access === 'standby');
      expect(access()).toEqual([
        ['up', 'active-optimized', true],
        ['up', 'standby', false],
      ]);
    },
    SLOW_MS,
  );

  it(
    'has LIO make a standby path active when the active one is gone',
    async () => {
      cables[0]!.cut();
      await load(1, 3000);
      expect(access()).toEqual([
        ['down', 'active-optimized', false],
        ['up', 'active-optimized', true],
      ]);
      await cables[0]!.mend();
      await until(() => disk.paths()[0]!.state === 'up');
    },
    SLOW_MS,
  );

  it(
    'loses no byte while states flip and cables are cut under a load',
    async () => {
      const state = { isOver: false, cuts: 0 };
      const storm = (async () => {
        for (; !state.isOver; state.cuts += 1) {
          const path = state.cuts % 2;
          await lio.setAccessState(path, state.cuts % 4 < 2 ? 'standby' : 'active-nonoptimized');
          await lio.setAccessState(1 - path, 'active-optimized');
          await sleep(100);
          cables[path]!.cut();
          await sleep(100);
          await cables[path]!.mend();
          await until(() => state.isOver || disk.paths()[path]!.state === 'up');
        }
      })();
      for (let round = 0; round < 6 || state.cuts < 6; round += 1) await load(1, 10_000 + round * SLOTS);
      state.isOver = true;
      await storm;
      await disk.flush();
      expect(Buffer.compare(await disk.read(0, DISK_BYTES / 512), model)).toBe(0);
      expect(await lio.sha256(0)).toBe(createHash('sha256').update(model).digest('hex'));
      for (const { counters } of disk.paths()) expect([counters.losses > 1, counters.commandsMoved > 0]).toEqual([true, true]);
    },
    SLOW_MS,
  );
});
