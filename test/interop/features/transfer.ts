/** Features of moving data: every size, and every way that two sides can agree on. */
import assert from 'node:assert/strict';
import type { BlockDevice, IscsiOptions } from '../../../src/os/iscsi/index.ts';
import { randomBytes } from '../initiator-targets.ts';
import { type Feature, type FeatureBench, type FeatureTarget, holds, NotSupported, sameBytes } from './feature.ts';

/** Below, at and above every border between immediate, unsolicited and solicited data. */
const SIZES = [512, 1024, 4096, 7680, 8192, 8704, 65_536, 66_048, 131_072, 262_144, 262_656, 1_048_576, 1_049_088, 12_582_912];

async function everySize(disk: BlockDevice, target: FeatureTarget, sizes = SIZES): Promise<void> {
  let lba = 8;
  for (const size of sizes) {
    const bytes = Math.ceil(size / disk.blockBytes) * disk.blockBytes;
    const content = randomBytes(bytes, size);
    await disk.write(lba, content);
    await disk.flush();
    await holds(disk, target.units[0]!, lba, content, `${bytes} bytes`);
    lba += bytes / disk.blockBytes + 1;
  }
}

/** Many writes and reads at once, in any order, against an array. */
async function manyAtOnce(disk: BlockDevice, commands = 512): Promise<void> {
  const blocks = commands * 4;
  const start = disk.blocks - blocks;
  const model = Buffer.from(await disk.read(start, blocks));
  const piece = 4 * disk.blockBytes;
  const writes = Array.from({ length: commands }, (_, index) => {
    const place = (index * 37) % commands;
    const content = randomBytes(piece, 1000 + index);
    model.set(content, place * piece);
    return disk.write(start + place * 4, content);
  });
  await Promise.all(writes);
  const reads = Array.from({ length: commands / 2 }, async (_, index) => {
    const got = await disk.read(start + index * 8, 8);
    assert(sameBytes(got, model.subarray(index * 2 * piece, (index + 1) * 2 * piece)), `the ${index}th read`);
  });
  await Promise.all(reads);
}

type Agreed = ReturnType<FeatureBench['agreed']>;

/** Moves data with limits of ours and keys of the target's, if the two agree on what `wanted` asks for; it gives what stands against it. */
async function movedWith(
  bench: FeatureBench,
  keys: Readonly<Record<string, string>> | undefined,
  limits: NonNullable<IscsiOptions['limits']>,
  wanted: (agreed: Agreed) => string | undefined,
): Promise<void> {
  const target = await bench.start(keys === undefined ? {} : { keys });
  const session = await bench.session(target, { limits });
  const against = wanted(bench.agreed(session));
  if (against !== undefined) throw new NotSupported(`the login's answer: ${against}`);
  const disk = await session.device(target.units[0]!.lun);
  await everySize(disk, target, [512, 8704, 66_048, 262_656, 1_049_088]);
  await manyAtOnce(disk, 128);
}

export const transferFeatures: readonly Feature[] = [
  {
    id: 'sizes',
    title: 'reads, writes and flushes of every size up to 12 MiB',
    run: async (bench) => {
      const target = await bench.start();
      await everySize(await bench.disk(target), target);
    },
  },
  {
    id: 'blocks-4096',
    title: 'blocks of 4096 bytes',
    run: async (bench) => {
      const target = await bench.start({ blockBytes: 4096 });
      const disk = await bench.disk(target);
      assert.equal(disk.blockBytes, 4096);
      await everySize(disk, target, [4096, 69_632, 1_052_672]);
    },
  },
  {
    id: 'many',
    title: 'hundreds of commands at once',
    run: async (bench) => manyAtOnce(await bench.disk(await bench.start())),
  },
  {
    id: 'all-solicited',
    title: 'InitialR2T=Yes, ImmediateData=No: all data asked for, in bursts',
    run: (bench) =>
      movedWith(bench, undefined, { initialR2T: true, immediateData: false, maxBurstBytes: 65_536 }, (agreed) =>
        agreed.initialR2T && !agreed.immediateData ? undefined : 'ImmediateData=Yes',
      ),
  },
  {
    id: 'immediate-only',
    title: 'InitialR2T=Yes, ImmediateData=Yes',
    run: (bench) =>
      movedWith(bench, undefined, { initialR2T: true, immediateData: true }, (agreed) =>
        agreed.immediateData ? undefined : 'ImmediateData=No',
      ),
  },
  {
    id: 'unsolicited',
    title: 'InitialR2T=No, ImmediateData=No: unsolicited Data-Out',
    run: (bench) =>
      movedWith(bench, { InitialR2T: 'No' }, { initialR2T: false, immediateData: false }, (agreed) =>
        agreed.initialR2T ? 'InitialR2T=Yes' : agreed.immediateData ? 'ImmediateData=Yes' : undefined,
      ),
  },
  {
    id: 'immediate-and-unsolicited',
    title: 'InitialR2T=No, ImmediateData=Yes: immediate, unsolicited and solicited data of one command',
    run: (bench) =>
      movedWith(bench, { InitialR2T: 'No' }, { maxReceiveDataSegmentBytes: 8192, firstBurstBytes: 65_536 }, (agreed) =>
        agreed.initialR2T ? 'InitialR2T=Yes' : agreed.immediateData ? undefined : 'ImmediateData=No',
      ),
  },
  {
    id: 'outstanding-r2t',
    title: 'MaxOutstandingR2T above 1',
    run: (bench) =>
      movedWith(
        bench,
        { MaxOutstandingR2T: '8' },
        { initialR2T: true, immediateData: false, maxOutstandingR2T: 8, maxBurstBytes: 16_384, firstBurstBytes: 16_384 },
        (agreed) => (agreed.maxOutstandingR2T > 1 ? undefined : 'MaxOutstandingR2T=1'),
      ),
  },
  {
    id: 'small-segments',
    title: 'data segments of 512 bytes to us, and bursts of 4096',
    run: (bench) =>
      movedWith(bench, undefined, { maxReceiveDataSegmentBytes: 512, firstBurstBytes: 512, maxBurstBytes: 4096 }, (agreed) =>
        agreed.maxBurstBytes === 4096 ? undefined : `MaxBurstLength=${agreed.maxBurstBytes}`,
      ),
  },
];
