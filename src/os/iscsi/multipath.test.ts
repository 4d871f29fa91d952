import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { FabricEvent } from '../../base/event.ts';
import { serve, type ServedTarget, type ServeOptions } from '../serve.ts';
import { connectMultipath, type MultipathDevice, type MultipathOptions } from './index.ts';

const MIB = 1024 * 1024;
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const initiatorName = 'iqn.2026-01.net.example:host';
const fast: MultipathOptions = {
  initiatorName,
  limits: { backOffNanos: 1_000_000, backOffMaxNanos: 20_000_000 },
  multipathLimits: { transitionPollNanos: 1_000_000, backOffNanos: 1_000_000, backOffMaxNanos: 20_000_000 },
};

async function served(options: Partial<ServeOptions> = {}): Promise<ServedTarget> {
  const target = await serve({ luns: [{ memory: 8 * MIB }, { memory: MIB }], portals: [{}, {}], ...options });
  cleanUps.push(() => target.stop());
  return target;
}

async function connected(urls: readonly string[], options: MultipathOptions = {}): Promise<MultipathDevice> {
  const disk = await connectMultipath(urls, { ...fast, ...options });
  cleanUps.push(() => disk.close());
  return disk;
}

const statesOf = (disk: MultipathDevice): unknown => disk.paths().map(({ state, access, active }) => [state, access, active]);

/** Resolves once the paths are as wanted; a test that waits for what never comes times out. */
const until = (disk: MultipathDevice, holds: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const off = disk.onChange(look);
    function look(): void {
      if (!holds()) return;
      off();
      resolve();
    }
    queueMicrotask(look);
  });

describe('a block device over two paths', () => {
  it('is like any other, and its commands go both ways', async () => {
    const target = await served();
    const disk = await connected(target.urls());
    expect([disk.bytes, disk.identity.vendor, disk.lun]).toEqual([8 * MIB, 'SAMEWIRE', 0]);
    const data = randomBytes(3 * MIB);
    await disk.write(16, data);
    await disk.flush();
    expect(Buffer.compare(await disk.read(16, data.length / 512), data)).toBe(0);
    await expect(disk.compareAndWrite(0, new Uint8Array(512), data.subarray(0, 512))).resolves.toEqual({ written: true });
    await Promise.all(Array.from({ length: 20 }, (_, index) => disk.read(index, 1)));
    expect(statesOf(disk)).toEqual([
      ['up', 'active-optimized', true],
      ['up', 'active-optimized', true],
    ]);
    for (const { counters } of disk.paths()) expect(counters.commands).toBeGreaterThan(10);
    expect(disk.paths().map(({ name, group, priority }) => [name, group, priority])).toEqual(
      target.urls().map((url, index) => [url, index + 1, index]),
    );
    expect(target.sessions().length).toBe(2);
    await disk.close();
    expect(target.sessions().length).toBe(0);
    await expect(disk.read(0, 1)).rejects.toMatchObject({ reason: 'closed' });
  });

  it('goes where access is best, and follows it', async () => {
    const target = await served({ portals: [{ access: 'standby' }, { access: 'active-nonoptimized' }, { preferred: true }] });
    const events: FabricEvent[] = [];
    const disk = await connected(target.urls(), { events: (event) => void events.push(event) });
    expect(disk.paths().map(({ access, preferred, active }) => [access, preferred, active])).toEqual([
      ['standby', false, false],
      ['active-nonoptimized', false, false],
      ['active-optimized', true, true],
    ]);
    const data = randomBytes(4096);
    target.setAccess(2, 'standby');
    await disk.write(0, data);
    target.setAccess(0, 'active-optimized', { transitionNanos: 50_000_000 });
    target.setAccess(1, 'unavailable');
    // Nothing but the transition is left to wait for.
    expect(Buffer.compare(await disk.read(0, 8), data)).toBe(0);
    expect(disk.paths().map(({ access, active }) => [access, active])).toEqual([
      ['active-optimized', true],
      ['unavailable', false],
      ['standby', false],
    ]);
    expect(events.map(({ name }) => name)).toContain('multipath-access-changed');
  });

  it('makes a standby path active where nothing else is left', async () => {
    const target = await served({ portals: [{ access: 'standby' }] });
    const disk = await connected(target.urls());
    expect(disk.paths().map(({ access }) => access)).toEqual(['active-optimized']);
    expect((await disk.read(0, 1)).length).toBe(512);
  });

  it('loses nothing to access that keeps changing', async () => {
    const target = await served();
    const disk = await connected(target.urls());
    const model = Buffer.alloc(2 * MIB);
    const state = { isOver: false };
    const flips = (async () => {
      for (let round = 0; !state.isOver; round += 1) {
        target.setAccess(round % 2, round % 3 === 0 ? 'standby' : 'active-nonoptimized');
        target.setAccess((round + 1) % 2, 'active-optimized', round % 4 === 0 ? { transitionNanos: 2_000_000 } : {});
        await sleep(2);
      }
    })();
    for (let round = 0; round < 8; round += 1) {
      await Promise.all(
        Array.from({ length: 64 }, async (_, index) => {
          const data = randomBytes(8192);
          const at = ((index * 7 + round) % 64) * 8192;
          data.copy(model, at);
          await disk.write(at / 512, data);
        }),
      );
    }
    state.isOver = true;
    await flips;
    expect(Buffer.compare(await disk.read(0, model.length / 512), model)).toBe(0);
  });
});

describe('opening', () => {
  it('refuses paths to different units, and says which', async () => {
    const target = await served();
    const wrong = connectMultipath([target.url(0), target.urls(1)[1]!], fast);
    await expect(wrong).rejects.toMatchObject({ name: 'IscsiError', reason: 'path-mismatch' });
    await expect(wrong).rejects.toThrow(/is no path to the same unit: it leads to naa\.6.*, and the other paths to naa\.6.*\.$/);
    expect(target.sessions().length).toBe(0);
  });

  it('takes one path that works, and the others when they come', async () => {
    const target = await served();
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as { port: number };
    await new Promise<void>((resolve) => closed.close(() => resolve()));
    const disk = await connected([`iscsi://127.0.0.1:${port}/${target.target}/0`, target.url()]);
    expect(disk.paths().map(({ state }) => state)).toEqual(['down', 'up']);
    expect(disk.paths()[0]!.reason).toContain('ECONNREFUSED');
    expect((await disk.read(0, 1)).length).toBe(512);
  });

  it('fails where no path works, and says why of each', async () => {
    const target = await served();
    const urls = [`iscsi://${target.portals[0]}/iqn.2026-01.net.example:none/0`, target.url(9)];
    const failed = connectMultipath(urls, fast);
    await expect(failed).rejects.toMatchObject({ reason: 'no-path' });
    await expect(failed).rejects.toThrow('there is no such logical unit');
  });

  it('can be called off', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    cleanUps.push(async () => void silent.close());
    const { port } = silent.address() as { port: number };
    const stop = new AbortController();
    const attempt = connectMultipath([`iscsi://127.0.0.1:${port}/iqn.2026-01.net.example:none/0`], { ...fast, signal: stop.signal });
    setTimeout(() => stop.abort(new Error('enough')), 20);
    await expect(attempt).rejects.toThrow('enough');
  });

  it.each([
    [[], {}, 'needs at least one URL'],
    [['iscsi://127.0.0.1:1/iqn.2026-01.net.example:none'], {}, 'names no target and LUN'],
    [['iscsi://127.0.0.1:1/iqn.2026-01.net.example:none/0', 'iscsi://127.0.0.1:1/iqn.2026-01.net.example:none/0'], {}, 'there twice'],
    [['iscsi://127.0.0.1:1/iqn.2026-01.net.example:none/0'], { noPathSeconds: -1 }, 'no number of seconds'],
    [['iscsi://127.0.0.1:1/iqn.2026-01.net.example:none/0'], { checkSeconds: 0 }, 'once a millisecond'],
  ])('refuses %j with %j', async (urls, options, message) => {
    await expect(connectMultipath(urls, { ...fast, ...options })).rejects.toThrow(message);
    await expect(connectMultipath(urls, { ...fast, ...options })).rejects.toMatchObject({ reason: 'usage' });
  });
});

describe('where no path is left', () => {
  it('commands fail after the time they were given, and by their signals before that', async () => {
    const target = await served();
    const disk = await connected(target.urls(), { noPathSeconds: 0.2 });
    await target.stop();
    await until(disk, () => disk.paths().every(({ state }) => state === 'down'));
    const stop = new AbortController();
    const two = [disk.read(0, 1, { signal: stop.signal }), disk.read(8, 1, { signal: stop.signal })];
    stop.abort(new Error('not waiting'));
    for (const one of two) await expect(one).rejects.toThrow('not waiting');
    await expect(disk.read(0, 1)).rejects.toMatchObject({ reason: 'no-path' });
  });

  it('commands wait until one is back', async () => {
    const first = await served();
    const disk = await connected(first.urls(), { noPathSeconds: Number.POSITIVE_INFINITY });
    const data = randomBytes(4096);
    await first.stop();
    await until(disk, () => disk.paths().every(({ state }) => state === 'down'));
    const waiting = disk.write(0, data);
    await served({ portals: first.portals.map((listen) => ({ listen })) });
    await waiting;
    expect(Buffer.compare(await disk.read(0, 8), data)).toBe(0);
  });
});
