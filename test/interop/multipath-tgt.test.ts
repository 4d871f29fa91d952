/**
 * Our multipath (SAM-5 §4.7) over two portals of Linux's tgtd, a cable before each: they are cut and mended in turns under a load of writes, reads and
 * writes that must not be sent twice, and in the end the target's image is what it should be, byte by byte.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { FabricEvent } from '../../src/base/event.ts';
import { connectMultipath, IscsiError, type MultipathOptions } from '../../src/os/iscsi/index.ts';
import { write } from '../../src/wire/scsi/cdb.ts';
import { randomBytes } from './initiator-targets.ts';
import { startCutProxy } from './guest/cut-proxy.ts';
import { describeWithPeers } from './peers.ts';
import { makeScratch } from './scratch.ts';
import { startTgtd } from './tgtd-process.ts';

const UNIT_BYTES = 16 * 1024 * 1024;
const SLOT_BYTES = 64 * 1024;
const SLOTS = 96;
const ROUNDS = 24;
const TARGET = 'iqn.2026-01.net.samewire:theirs';
const LUN = 1;

const fast: MultipathOptions = {
  initiatorName: 'iqn.2026-01.net.samewire:multipath',
  limits: { backOffNanos: 5_000_000, backOffMaxNanos: 50_000_000 },
  multipathLimits: { backOffNanos: 5_000_000, backOffMaxNanos: 50_000_000 },
};

describeWithPeers(['tgtd'], 'multipath to tgtd by two portals', () => {
  it.each(['round-robin', 'least-queue-depth', 'failover'] as const)(
    'loses no byte while cables are cut under a load: %s',
    async (policy) => {
      const scratch = makeScratch();
      const path = scratch.path('unit.img');
      writeFileSync(path, randomBytes(UNIT_BYTES));
      const model = readFileSync(path);
      const tgtd = await startTgtd({ target: TARGET, luns: [{ path }], portals: 2, parameters: { DefaultTime2Wait: '0' } });
      const cables = await Promise.all([startCutProxy(), startCutProxy()]);
      for (const [index, cable] of cables.entries()) cable.leadTo(tgtd.portals[index]!);
      const events: FabricEvent[] = [];
      const options = { ...fast, policy, events: (event: FabricEvent) => void events.push(event) };
      const urls = cables.map(({ port }) => `iscsi://127.0.0.1:${port}/${TARGET}/${LUN}`);
      try {
        await using disk = await connectMultipath(urls, options);
        // tgtd has no asymmetric access: both paths are as good.
        expect(disk.paths().map(({ state, access }) => [state, access])).toEqual([
          ['up', undefined],
          ['up', undefined],
        ]);
        const state = { isOver: false, cuts: 0 };
        const storm = (async () => {
          for (; !state.isOver; state.cuts += 1) {
            const { cuts } = state;
            const cable = cables[cuts % 2]!;
            const before = cable.sentBytes();
            await sleep(15);
            cable.cut();
            await sleep(10);
            // Both are gone for a moment, now and then.
            const other = cables[(cuts + 1) % 2]!;
            if (cuts % 4 === 3) {
              other.cut();
              await sleep(5);
              await other.mend();
            }
            await cable.mend();
            // The next cut comes when this path works again, so that there is something to cut.
            while (!state.isOver && cable.sentBytes() === before) await sleep(1);
            while (!state.isOver && disk.paths()[cuts % 2]!.state !== 'up') await sleep(1);
          }
        })();
        let unknown = 0;
        for (let round = 0; round < ROUNDS || (state.cuts < 12 && round < 20 * ROUNDS); round += 1) {
          await Promise.all(
            Array.from({ length: SLOTS }, async (_, slot) => {
              const at = slot * SLOT_BYTES;
              const lba = at / 512;
              if ((slot + round) % 3 === 0) {
                const read = await disk.read(lba, SLOT_BYTES / 512);
                expect(Buffer.compare(read, model.subarray(at, at + SLOT_BYTES)), `slot ${slot} in round ${round}`).toBe(0);
              } else if ((slot + round) % 7 === 0) {
                const data = randomBytes(512, round * SLOTS + slot);
                const before = model.subarray(at, at + 512);
                try {
                  // As a command would be that must not be sent twice; tgtd knows no COMPARE AND WRITE.
                  await disk.command(write(lba, 1), { dataOut: data, replay: false, attentionRetries: 8 });
                  model.set(data, at);
                } catch (error) {
                  // It was under way when its cable was cut, and whether it was carried out the disk alone can tell.
                  if (!(error instanceof IscsiError) || error.reason !== 'connection-lost') throw error;
                  unknown += 1;
                  const found = await disk.read(lba, 1);
                  expect([before, data].some((one) => Buffer.compare(found, one) === 0)).toBe(true);
                  model.set(found, at);
                }
              } else {
                const data = randomBytes(SLOT_BYTES, round * SLOTS + slot);
                await disk.write(lba, data);
                model.set(data, at);
              }
            }),
          );
        }
        state.isOver = true;
        await storm;
        await disk.flush();
        expect(Buffer.compare(await disk.read(0, UNIT_BYTES / 512), model)).toBe(0);
        const counters = disk.paths().map((one) => one.counters);
        // It was no calm sea: both paths were lost, and commands with them. (Of the second path by failover little may be under way when it goes.)
        for (const { losses } of counters) expect(losses).toBeGreaterThan(2);
        expect(counters.reduce((moved, { commandsMoved }) => moved + commandsMoved, 0)).toBeGreaterThan(0);
        expect(events.filter(({ name }) => name === 'multipath-command-unknown').length).toBe(unknown);
        console.log(
          `${policy}: ${state.cuts} cuts, ${counters.map((one) => `${one.commands} commands, ${one.commandsMoved} moved`).join('; ')}, ${unknown} unknown`,
        );
      } finally {
        for (const cable of cables) cable.close();
        await tgtd.stop();
      }
      expect(Buffer.compare(readFileSync(path), model)).toBe(0);
      scratch.remove();
    },
    120_000,
  );
});
