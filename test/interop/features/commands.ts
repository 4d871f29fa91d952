/** Features of SCSI (SBC-4, SPC-5): space, comparison, groups of ports, reservations. Each against what is known to be there before. */
import assert from 'node:assert/strict';
import { putBe16, putBe64 } from '../../../src/base/bytes.ts';
import { type BlockDevice, IscsiError } from '../../../src/os/iscsi/index.ts';
import * as cdbs from '../../../src/wire/scsi/cdb.ts';
import { decodePortGroups } from '../../../src/wire/scsi/port-groups-data.ts';
import { STATUS_RESERVATION_CONFLICT } from '../../../src/wire/scsi/status.ts';
import { randomBytes } from '../initiator-targets.ts';
import { type Feature, type FeatureBench, type FeatureTarget, holds, NotSupported, sameBytes, supported } from './feature.ts';

/** A stretch of blocks that was written, changed by a command and by the same in an array. */
async function changed(
  disk: BlockDevice,
  target: FeatureTarget,
  lba: number,
  blocks: number,
  change: (model: Buffer) => Promise<void>,
): Promise<void> {
  const model = Buffer.from(randomBytes(blocks * disk.blockBytes, lba));
  await disk.write(lba, model);
  await change(model);
  await disk.flush();
  await holds(disk, target.units[0]!, lba, model, 'what was changed, and what lies around it');
}

// SPC-5 §6.16, §6.17: service actions and the one type that is used here.
const READ_KEYS = 0x00;
const READ_RESERVATION = 0x01;
const REGISTER = 0x00;
const RESERVE = 0x01;
const RELEASE = 0x02;
const PREEMPT = 0x04;
const WRITE_EXCLUSIVE = 0x01;

async function reserveIn(disk: BlockDevice, action: number): Promise<Uint8Array> {
  const cdb = new Uint8Array(10);
  cdb.set([cdbs.PERSISTENT_RESERVE_IN, action]);
  putBe16(cdb, 7, 512);
  return (await disk.command(cdb, { dataInBytes: 512, attentionRetries: 8 })).data;
}

async function reserveOut(disk: BlockDevice, action: number, key: number, serviceKey: number): Promise<void> {
  const cdb = new Uint8Array(10);
  cdb.set([cdbs.PERSISTENT_RESERVE_OUT, action, action === REGISTER ? 0 : WRITE_EXCLUSIVE]);
  cdb[8] = 24;
  const list = new Uint8Array(24);
  putBe64(list, 0, key);
  putBe64(list, 8, serviceKey);
  await disk.command(cdb, { dataOut: list, attentionRetries: 8 });
}

const FIRST = { initiatorName: 'iqn.2026-01.net.samewire:first' };
const SECOND = { initiatorName: 'iqn.2026-01.net.samewire:second' };
const CONFLICT = { status: STATUS_RESERVATION_CONFLICT };
const FIRST_KEY = 0x1111;
const SECOND_KEY = 0x2222;

/** Two initiators at a target of their own, and what both know to be there. The first one has reserved the unit. */
async function reserved(bench: FeatureBench): Promise<{ first: BlockDevice; second: BlockDevice; target: FeatureTarget }> {
  const target = await bench.start({ apart: 'reservations' });
  const first = await bench.disk(target, FIRST);
  const second = await bench.disk(target, SECOND);
  const content = randomBytes(4096, 31);
  await first.write(0, content);
  await supported(reserveOut(first, REGISTER, 0, FIRST_KEY));
  await reserveOut(first, RESERVE, FIRST_KEY, 0);
  await assert.rejects(second.write(0, randomBytes(4096, 32)), CONFLICT);
  assert(sameBytes(await second.read(0, 8), content), 'what was there stays there, and can be read');
  return { first, second, target };
}

/** READ KEYS, ascending. */
async function keysOf(disk: BlockDevice): Promise<number[]> {
  const data = Buffer.from(await reserveIn(disk, READ_KEYS));
  const keys = Array.from({ length: data.readUInt32BE(4) / 8 }, (_, index) => Number(data.readBigUInt64BE(8 + 8 * index)));
  return keys.toSorted((a, b) => a - b);
}

async function reservations(bench: FeatureBench): Promise<void> {
  const { first, second, target } = await reserved(bench);
  assert.deepEqual(await keysOf(second), [FIRST_KEY]);
  const holder = Buffer.from(await reserveIn(second, READ_RESERVATION));
  assert.deepEqual([holder.readUInt32BE(4), holder.readBigUInt64BE(8), holder[21]! & 0x0f], [16, BigInt(FIRST_KEY), WRITE_EXCLUSIVE]);
  await reserveOut(first, RELEASE, FIRST_KEY, 0);
  const fresh = randomBytes(4096, 33);
  await second.write(0, fresh);
  await second.flush();
  await holds(first, target.units[0]!, 0, fresh, 'after the release');
  await reserveOut(first, REGISTER, FIRST_KEY, 0);
  assert.deepEqual(await keysOf(second), []);
}

async function preemption(bench: FeatureBench): Promise<void> {
  const { first, second, target } = await reserved(bench);
  await reserveOut(second, REGISTER, 0, SECOND_KEY);
  await reserveOut(second, PREEMPT, SECOND_KEY, FIRST_KEY);
  const keys = await keysOf(second);
  if (keys.includes(FIRST_KEY) && !keys.includes(SECOND_KEY))
    throw new NotSupported('PREEMPT takes away the registration of who preempts, and leaves the other');
  assert.deepEqual(keys, [SECOND_KEY]);
  await assert.rejects(first.write(0, randomBytes(4096, 34)), CONFLICT);
  const fresh = randomBytes(4096, 35);
  await second.write(0, fresh);
  await second.flush();
  await holds(first, target.units[0]!, 0, fresh, 'after the preemption');
  await reserveOut(second, RELEASE, SECOND_KEY, 0);
  await reserveOut(second, REGISTER, SECOND_KEY, 0);
}

export const commandFeatures: readonly Feature[] = [
  {
    id: 'unmap',
    title: 'UNMAP, of several ranges',
    run: async (bench) => {
      const target = await bench.start({ thin: true });
      const disk = await bench.disk(target);
      if (!disk.thin) {
        const command = disk.unmap({ lba: 0, blocks: 8 }).then(
          () => 'and UNMAP does nothing that could be seen',
          (error: Error) => error.message,
        );
        throw new NotSupported(`READ CAPACITY(16) has LBPME 0; ${await command}`);
      }
      const granularity = Math.max(1, disk.limits.unmapGranularityBlocks);
      await changed(disk, target, granularity * 8, granularity * 64, async (model) => {
        const ranges = [8, 24].map((at) => ({ lba: granularity * (8 + at), blocks: granularity * 8 }));
        await supported(disk.unmap(ranges));
        for (const { lba, blocks } of ranges) {
          const now = await disk.read(lba, blocks);
          const at = (lba - granularity * 8) * disk.blockBytes;
          if (disk.provisioning.readsZeros)
            assert(
              now.every((byte) => byte === 0),
              'unmapped blocks read as zeros',
            );
          // Without that promise a block may also read as it was.
          for (let block = 0; block < now.length; block += disk.blockBytes) {
            const one = now.subarray(block, block + disk.blockBytes);
            const before = model.subarray(at + block, at + block + disk.blockBytes);
            assert(one.every((byte) => byte === 0) || sameBytes(one, before), 'an unmapped block is zeros, or what it was');
          }
          model.set(now, at);
        }
      });
    },
  },
  {
    id: 'write-same',
    title: 'WRITE SAME(16)',
    run: async (bench) => {
      const target = await bench.start();
      const disk = await bench.disk(target);
      await changed(disk, target, 3000, 256, async (model) => {
        const block = randomBytes(disk.blockBytes, 5);
        await supported(disk.writeSame(3010, 100, block));
        for (let index = 0; index < 100; index += 1) model.set(block, (10 + index) * disk.blockBytes);
      });
    },
  },
  {
    id: 'write-same-unmap',
    title: 'WRITE SAME(16) with UNMAP',
    run: async (bench) => {
      const target = await bench.start({ thin: true });
      const disk = await bench.disk(target);
      await changed(disk, target, 8192, 256, async (model) => {
        await supported(disk.writeSame(8192 + 64, 128, undefined, { unmap: true }));
        model.fill(0, 64 * disk.blockBytes, 192 * disk.blockBytes);
      });
    },
  },
  {
    id: 'compare-and-write',
    title: 'COMPARE AND WRITE: written, and a miscompare with its offset',
    run: async (bench) => {
      const target = await bench.start();
      const disk = await bench.disk(target);
      await changed(disk, target, 5000, 8, async (model) => {
        const old = Buffer.from(model.subarray(disk.blockBytes, 2 * disk.blockBytes));
        const fresh = randomBytes(disk.blockBytes, 77);
        const wrong = Buffer.from(old);
        wrong[77]! ^= 0xff;
        const missed = await supported(disk.compareAndWrite(5001, wrong, fresh));
        assert.equal(missed.written, false);
        if (missed.differsAt === 0) bench.note = 'the sense data has 0 for the offset of a miscompare, wherever it is';
        else assert.equal(missed.differsAt, 77);
        assert(sameBytes(await disk.read(5001, 1), old), 'nothing was written');
        assert.deepEqual(await disk.compareAndWrite(5001, old, fresh), { written: true });
        model.set(fresh, disk.blockBytes);
      });
    },
  },
  {
    id: 'sense',
    title: 'a refusal in words: reading past the end',
    run: async (bench) => {
      const disk = await bench.disk(await bench.start());
      const beyond = disk.command(cdbs.read(disk.blocks, 1), { dataInBytes: 512, attentionRetries: 8 });
      const error = await beyond.then(
        () => assert.fail('a block past the end was read'),
        (reason: unknown) => reason,
      );
      assert(error instanceof IscsiError);
      if (error.status === 2 && error.sense === undefined) throw new NotSupported(`no sense data: ${error.message}`);
      assert.deepEqual([error.status, error.sense?.key, error.sense?.code], [2, 'ILLEGAL REQUEST', 0x2100]);
    },
  },
  {
    id: 'port-groups',
    title: 'REPORT TARGET PORT GROUPS',
    run: async (bench) => {
      const disk = await bench.disk(await bench.start());
      const { data } = await supported(disk.command(cdbs.reportTargetPortGroups(1024), { dataInBytes: 1024, attentionRetries: 8 }));
      const groups = decodePortGroups(data);
      assert(groups.length > 0 && groups.every(({ ports }) => ports.length > 0));
    },
  },
  { id: 'reservations', title: 'persistent reservations of two initiators: register, reserve, release', run: reservations },
  { id: 'preemption', title: 'persistent reservations: preempt', run: preemption },
];
