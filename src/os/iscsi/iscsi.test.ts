import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import type { FabricEvent } from '../../base/event.ts';
import { type ServedTarget, serve, type ServeOptions } from '../serve.ts';
import { type BlockDevice, connectIscsi, discover, IscsiError, type IscsiOptions, type IscsiSession, openIscsiSession } from './index.ts';

const MIB = 1024 * 1024;
const cleanUps: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function served(options: Partial<ServeOptions> = {}): Promise<ServedTarget> {
  const target = await serve({
    luns: [
      { memory: 16 * MIB, thin: true },
      { memory: 8 * MIB, blockSize: 4096 },
    ],
    ...options,
  });
  cleanUps.push(() => target.stop());
  return target;
}

async function connected(target: ServedTarget, options: IscsiOptions = {}, lun = 0): Promise<BlockDevice> {
  const disk = await connectIscsi(target.url(lun), options);
  cleanUps.push(() => disk.close());
  return disk;
}

/** Passes bytes on to a target, until it cuts what it has. */
class CutProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  port = 0;
  connections = 0;

  constructor(target: number) {
    this.#server = createServer((socket) => {
      this.connections += 1;
      const onward = connect(target, '127.0.0.1');
      for (const one of [socket, onward]) {
        this.#sockets.add(one);
        one.on('error', () => {});
        one.on('close', () => {
          this.#sockets.delete(one);
          socket.destroy();
          onward.destroy();
        });
      }
      socket.pipe(onward).pipe(socket);
    });
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.port = (this.#server.address() as { port: number }).port;
    cleanUps.push(() => {
      this.cut();
      this.#server.close();
    });
    return this;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}

const portOf = (target: ServedTarget): number => Number(target.portal.split(':').at(-1));
const throughProxy = (target: ServedTarget, proxy: CutProxy): string => target.url(0).replace(`:${portOf(target)}`, `:${proxy.port}`);

describe('a block device', () => {
  it('reads and writes, in blocks of either size', async () => {
    const target = await served();
    for (const lun of [0, 1]) {
      const disk = await connected(target, {}, lun);
      const data = randomBytes(disk.blockBytes * 100);
      await disk.write(10, data);
      await disk.write(5, [data.subarray(0, 100), data.subarray(100, disk.blockBytes)], { fua: true });
      await disk.flush();
      expect(Buffer.compare(await disk.read(11, 99), data.subarray(disk.blockBytes))).toBe(0);
      expect(Buffer.compare(await disk.read(5, 1, { fua: true }), data.subarray(0, disk.blockBytes))).toBe(0);
      expect((await disk.read(0, 0)).length).toBe(0);
      await disk.write(0, new Uint8Array(0));
    }
  });

  it('gives blocks back, many ranges at once', async () => {
    const disk = await connected(await served());
    expect([disk.thin, disk.provisioning.readsZeros]).toEqual([true, true]);
    await disk.write(0, randomBytes(8 * MIB));
    await disk.unmap([
      { lba: 0, blocks: 1024 },
      { lba: 4096, blocks: 256 },
    ]);
    await disk.unmap(Array.from({ length: 600 }, (_, index) => ({ lba: 8192 + index * 2, blocks: 1 })));
    expect((await disk.read(0, 1024)).every((byte) => byte === 0)).toBe(true);
    expect((await disk.read(4096, 256)).every((byte) => byte === 0)).toBe(true);
    expect((await disk.read(8192 + 1198, 1)).every((byte) => byte === 0)).toBe(true);
    expect((await disk.read(1024, 8)).some((byte) => byte !== 0)).toBe(true);
  });

  it('writes the same, and zeros without data', async () => {
    const disk = await connected(await served());
    await disk.write(0, randomBytes(MIB));
    await disk.writeSame(8, 16);
    await disk.writeSame(100, 2, Buffer.alloc(512, 7), { unmap: false });
    expect((await disk.read(8, 16)).every((byte) => byte === 0)).toBe(true);
    expect((await disk.read(100, 2)).every((byte) => byte === 7)).toBe(true);
  });

  it('compares and writes, and says where it differs', async () => {
    const disk = await connected(await served());
    const fresh = randomBytes(512);
    const wrong = Buffer.alloc(512);
    wrong[77] = 1;
    expect(await disk.compareAndWrite(4, wrong, fresh)).toEqual({ written: false, differsAt: 77 });
    expect(await disk.compareAndWrite(4, Buffer.alloc(512), fresh)).toEqual({ written: true });
    await expect(disk.compareAndWrite(4, wrong, Buffer.alloc(1024))).rejects.toMatchObject({ reason: 'usage' });
  });

  it('takes no nonsense', async () => {
    const disk = await connected(await served());
    const nonsense = [
      disk.read(-1, 1),
      disk.read(0.5, 1),
      disk.read(disk.blocks - 1, 2),
      disk.read(0, 1, { into: new Uint8Array(511) }),
      disk.write(0, new Uint8Array(513)),
      disk.write(disk.blocks, new Uint8Array(512)),
      disk.unmap({ lba: disk.blocks, blocks: 1 }),
      disk.writeSame(0, 1, new Uint8Array(1)),
    ];
    for (const one of nonsense) await expect(one).rejects.toMatchObject({ name: 'IscsiError', reason: 'usage' });
  });

  it('has a session that can be pinged', async () => {
    const session = await openIscsiSession((await served()).url(0));
    const data = randomBytes(1000);
    expect(Buffer.compare(await session.ping(data), data)).toBe(0);
    await session.close();
    await expect(session.ping(data)).rejects.toMatchObject({ reason: 'connection-lost' });
  });

  it('is part of a session of several units, with states that can be watched', async () => {
    const target = await served();
    const session: IscsiSession = await openIscsiSession(target.url(0));
    const states: string[] = [];
    const stop = session.onState((state) => states.push(state));
    expect(await session.luns()).toEqual([0, 1]);
    const disks = await Promise.all([session.device(0), session.device(1)]);
    expect(disks.map((disk) => disk.bytes)).toEqual([16 * MIB, 8 * MIB]);
    expect(session.status).toMatchObject({ state: 'logged-in', portal: target.portal, authentication: 'none' });
    await session.reset(1);
    await session.close();
    expect(states).toEqual(['closing', 'closed']);
    stop();
    await expect(disks[0]!.read(0, 1)).rejects.toMatchObject({ reason: 'closed' });
    await session.close();
  });

  it('is told that there is no such unit', async () => {
    await expect(connectIscsi((await served()).url(7))).rejects.toMatchObject({
      reason: 'usage',
      message: 'There is no LUN 7 at this target.',
    });
  });
});

describe('streams', () => {
  it('carry a device from end to end', async () => {
    const disk = await connected(await served());
    const data = randomBytes(disk.bytes);
    await pipeline(Readable.from([data.subarray(0, 1000), data.subarray(1000, 5 * MIB), data.subarray(5 * MIB)]), disk.createWriteStream());
    const got: Buffer[] = [];
    for await (const chunk of disk.createReadStream({ pieceBytes: 100_000, depth: 3 })) got.push(chunk as Buffer);
    expect(Buffer.compare(Buffer.concat(got), data)).toBe(0);
  });

  it("say what can't be written", async () => {
    const disk = await connected(await served());
    const part = pipeline(Readable.from([Buffer.alloc(700)]), disk.createWriteStream());
    await expect(part).rejects.toMatchObject({ reason: 'usage', message: expect.stringContaining('188 bytes of a block') });
    const much = pipeline(Readable.from([Buffer.alloc(MIB)]), disk.createWriteStream({ start: disk.bytes - 512 }));
    await expect(much).rejects.toMatchObject({ reason: 'usage' });
    expect(() => disk.createReadStream({ start: 1 })).toThrow(IscsiError);
  });

  it('end early without a trace', async () => {
    const disk = await connected(await served());
    for await (const chunk of disk.createReadStream()) {
      expect((chunk as Buffer).length).toBe(262144);
      break;
    }
    expect((await disk.read(0, 1)).length).toBe(512);
  });
});

describe('a session', () => {
  it('survives cuts in the middle of writes: every one is done, with the right data', async () => {
    const target = await served();
    const proxy = await new CutProxy(portOf(target)).listen();
    const events: FabricEvent[] = [];
    const limits = { backOffNanos: 1_000_000, replays: 100 };
    const disk = await connectIscsi(throughProxy(target, proxy), { limits, events: (event) => void events.push(event) });
    cleanUps.push(() => disk.close());
    const data = randomBytes(8 * MIB);
    let cuts = 0;
    const work = Array.from({ length: 512 }, async (_, index) => {
      const at = index * 16_384;
      await disk.write(at / 512, data.subarray(at, at + 16_384));
      if (index % 100 === 50) {
        cuts += 1;
        proxy.cut();
      }
    });
    await Promise.all(work);
    const check = await connected(target);
    expect(Buffer.compare(await check.read(0, 16_384), data)).toBe(0);
    expect(cuts).toBe(5);
    expect(proxy.connections).toBeGreaterThan(1);
    expect(events.some(({ id }) => id === 2120)).toBe(true);
    expect(events.some(({ id }) => id === 2134)).toBe(true);
  });

  it('survives the restart of its target, which asks it to log out', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'samewire-'));
    cleanUps.push(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'disk.img');
    writeFileSync(file, Buffer.alloc(MIB));
    const luns = [{ file }];
    const first = await serve({ luns });
    const disk = await connectIscsi(first.url(), { limits: { backOffNanos: 1_000_000, backOffMaxNanos: 50_000_000 } });
    cleanUps.push(() => disk.close());
    const data = randomBytes(4096);
    await disk.write(0, data);
    await first.stop();
    const waiting = disk.read(0, 8);
    await sleep(20);
    await served({ luns, portal: first.portal });
    expect(Buffer.compare(await waiting, data)).toBe(0);
  });

  it('is given up in time, and every command says so', async () => {
    const target = await serve({ luns: [{ memory: MIB }] });
    const disk = await connectIscsi(target.url(), { recoverySeconds: 0.05, limits: { backOffNanos: 1_000_000 } });
    await target.stop();
    await expect(disk.read(0, 1)).rejects.toMatchObject({ reason: 'recovery-failed' });
    await disk.close();
  });

  it('holds many commands back, and refuses more in the end', async () => {
    const disk = await connected(await served(), { limits: { commandsInFlight: 4, commandsQueued: 10 } });
    const results = await Promise.allSettled(Array.from({ length: 30 }, (_, index) => disk.read(index, 1)));
    expect(results.map(({ status }) => status)).toEqual([...Array<string>(14).fill('fulfilled'), ...Array<string>(16).fill('rejected')]);
    expect(results.at(-1)).toMatchObject({ reason: { reason: 'queue-full' } });
  });
});

describe('what is wrong with a call', () => {
  const HOLE = 'iscsi://127.0.0.1:1/iqn.2026-01.net.example:none/0';
  const environment = {};

  it.each([
    ['http://x', {}, 'This is no iSCSI URL: it does not begin with iscsi://.'],
    ['iscsi://127.0.0.1', {}, 'The URL names no target and LUN'],
    [HOLE.replace('127', 'alice@127'), { environment }, 'There is no CHAP secret for alice'],
    [HOLE.replace('127', 'alice%short@127'), { environment }, 'A CHAP secret has 5 bytes; it needs 12 to 255.'],
    [HOLE, { chap: { user: 'a', secret: { env: 'NOT_THERE' } }, environment }, 'The environment variable NOT_THERE'],
    [HOLE, { chap: { user: 'a', secret: { file: '/nonexistent/secret' } } }, 'The file /nonexistent/secret'],
    [HOLE, { chap: { secret: 'long enough, surely' }, environment }, 'CHAP needs a user'],
    [
      HOLE,
      { chap: { user: 'a', secret: 'the same secret', mutual: { secret: 'the same secret' } } },
      'The two CHAP secrets are the same: each direction needs its own.',
    ],
    [`${HOLE}?header_digest=md5`, {}, "The URL's header_digest is none of"],
  ] as const)('%s', async (url, options, message) => {
    await expect(connectIscsi(url, options)).rejects.toThrow(message);
  });

  it('nobody listens', async () => {
    await expect(connectIscsi(HOLE)).rejects.toMatchObject({ reason: 'connect-failed', message: expect.stringContaining('ECONNREFUSED') });
    await expect(discover('127.0.0.1:1')).rejects.toMatchObject({ reason: 'connect-failed' });
    await expect(discover('no portal at all')).rejects.toMatchObject({ reason: 'usage' });
  });

  it('nobody answers, and the caller has enough', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => void silent.close());
    const { port } = silent.address() as { port: number };
    const url = HOLE.replace(':1/', `:${port}/`);
    const stop = new AbortController();
    const attempts = [connectIscsi(url, { signal: stop.signal }), discover(`127.0.0.1:${port}`, { signal: stop.signal })];
    setTimeout(() => stop.abort(new Error('enough')), 20);
    for (const attempt of attempts) await expect(attempt).rejects.toThrow('enough');
    const late = connectIscsi(url, { loginTimeoutMilliseconds: 30 });
    await expect(late).rejects.toMatchObject({ reason: 'request-timed-out', dump: '03h Login Request' });
    await expect(connectIscsi(url, { signal: stop.signal })).rejects.toThrow('enough');
  });
});
