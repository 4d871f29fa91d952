/** Loads on our own target: how many commands, of which kind, and where. */
import { afterEach, describe, expect, it } from 'vitest';
import { seededRng } from '../../base/rng.ts';
import { be32 } from '../../base/bytes.ts';
import * as cdbs from '../../wire/scsi/cdb.ts';
import { type BlockDevice, connectIscsi } from '../iscsi/index.ts';
import { serve } from '../serve.ts';
import { type LoadOptions, startLoad } from './load.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function disk(): Promise<{ opened: BlockDevice; device: BlockDevice; seen: (readonly [code: number, block: number])[] }> {
  const target = await serve({ luns: [{ memory: '4MiB' }] });
  cleanUps.push(() => target.stop());
  const opened = await connectIscsi(target.url(0));
  cleanUps.push(() => opened.close());
  const seen: (readonly [number, number])[] = [];
  const runner: BlockDevice['runner'] = {
    submit(request, signal, done) {
      seen.push([request.cdb[0]!, be32(request.cdb, 2)]);
      opened.runner.submit(request, signal, done);
    },
    close: () => opened.close(),
  };
  const device = new Proxy(opened, {
    get: (target, key) => (key === 'runner' ? runner : (Reflect.get(target, key, target) as unknown)),
  });
  return { opened, device, seen };
}

const options = (given: Partial<LoadOptions>): LoadOptions => ({
  depth: 8,
  blocks: 8,
  readPercent: 100,
  order: 'random',
  startBlock: 0,
  regionBlocks: 8192,
  rng: seededRng(1),
  commands: 500,
  now: () => performance.now() * 1e6,
  ...given,
});

describe('a load', () => {
  it('does as many commands as it was told to, and stays in its region', async () => {
    const { device, seen } = await disk();
    const load = startLoad(device, options({ startBlock: 1000, regionBlocks: 100, depth: 13 }));
    await load.ended;
    expect([load.read.commands, load.read.latency.count, load.write.commands]).toEqual([500, 500, 0]);
    // Whole commands only: twelve places of eight blocks in a hundred.
    expect(new Set(seen.map(([, block]) => block))).toEqual(new Set(Array.from({ length: 12 }, (_, index) => 1000 + 8 * index)));
    expect(new Set(seen.map(([code]) => code))).toEqual(new Set([cdbs.READ_10]));
  });

  it('goes through its region in order, again and again', async () => {
    const { device, seen } = await disk();
    await startLoad(device, options({ order: 'sequential', regionBlocks: 64, commands: 20 })).ended;
    expect(seen.map(([, block]) => block)).toEqual(Array.from({ length: 20 }, (_, index) => (index % 8) * 8));
  });

  it('is the same for the same seed, with as many reads as it should have', async () => {
    const runs = [];
    for (const seed of [7, 7, 8]) {
      const { device, seen } = await disk();
      await startLoad(device, options({ rng: seededRng(seed), readPercent: 70, depth: 1, commands: 1000 })).ended;
      runs.push(seen);
    }
    expect(runs[0]).toEqual(runs[1]);
    expect(runs[0]).not.toEqual(runs[2]);
    const reads = runs[0]!.filter(([code]) => code === cdbs.READ_10).length;
    expect(reads).toBeGreaterThan(640);
    expect(reads).toBeLessThan(760);
  });

  it('writes only where it was told to', async () => {
    const { opened, device, seen } = await disk();
    const before = await opened.read(0, 2048);
    const load = startLoad(device, options({ readPercent: 0, startBlock: 2048, regionBlocks: 2048 }));
    await load.ended;
    expect([load.read.commands, load.write.commands]).toEqual([0, 500]);
    expect(new Set(seen.map(([code]) => code))).toEqual(new Set([cdbs.WRITE_10]));
    expect(Buffer.compare(await opened.read(0, 2048), before)).toBe(0);
    expect((await opened.read(2048, 2048)).some((byte) => byte !== 0)).toBe(true);
  });

  it('forgets its warm-up, and counts what comes then', async () => {
    const { device } = await disk();
    const load = startLoad(device, options({ commands: undefined }));
    while (load.read.commands < 100) await new Promise((resolve) => setImmediate(resolve));
    load.measure(300);
    await load.ended;
    expect(load.read.commands).toBe(300);
  });

  it('ends when it is stopped, and when a command fails', async () => {
    const { device } = await disk();
    const load = startLoad(device, options({ commands: undefined }));
    load.stop();
    await load.ended;
    expect(load.read.commands).toBe(8);
    // Behind the end of the unit.
    await expect(startLoad(device, options({ startBlock: 8192 })).ended).rejects.toMatchObject({ reason: 'status' });
  });
});
