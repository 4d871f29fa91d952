/**
 * Our initiator (RFC 7143) against targets as they run: Linux's tgtd, and our own as a process. What was written is looked for in the target's image,
 * what is read is compared with it: plain, with CHAP one way and both, with digests, in every size of transfer, and with the ways of moving
 * data that a target can insist on.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FabricEvent } from '../../src/base/event.ts';
import { type BlockDevice, connectIscsi, discover, type IscsiOptions, openIscsiSession } from '../../src/os/iscsi/index.ts';
import * as cdbs from '../../src/wire/scsi/cdb.ts';
import {
  randomBytes,
  SECRET,
  startOwnTarget,
  startTgtdTarget,
  TARGET_SECRET,
  TARGET_USER,
  type TestTarget,
  type TestTargetOptions,
  UNIT_BYTES,
  USER,
} from './initiator-targets.ts';
import { describeWithPeers } from './peers.ts';

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
const urlOf = (target: TestTarget, user = ''): string => `iscsi://${user}${target.portal}/${target.name}/${target.lun}`;

/** Bytes of one transfer: below, at and above every border between immediate, unsolicited and solicited data. */
const SIZES = [512, 1024, 4096, 7680, 8192, 8704, 65_536, 66_048, 131_072, 262_144, 262_656, 1_048_576, 1_049_088, 12_582_912];

async function everySize(disk: BlockDevice, target: TestTarget): Promise<void> {
  let lba = 8;
  for (const size of SIZES) {
    const bytes = Math.ceil(size / disk.blockBytes) * disk.blockBytes;
    const blocks = bytes / disk.blockBytes;
    const data = randomBytes(bytes, size);
    await disk.write(lba, data);
    const into = Buffer.alloc(bytes);
    expect(await disk.read(lba, blocks, { into }), `${size}`).toBe(into);
    expect(same(into, data), `${size} read back`).toBe(true);
    expect(same(await disk.read(lba, blocks), data), `${size} read back into a buffer of its own`).toBe(true);
    await disk.flush();
    expect(same(target.image(lba * disk.blockBytes, bytes), data), `${size} in the image`).toBe(true);
    lba += blocks + 1;
  }
}

/** Many commands at once, in any order, against an array. */
async function manyAtOnce(disk: BlockDevice): Promise<void> {
  const blocks = 4096;
  const start = disk.blocks - blocks;
  const model = Buffer.from(await disk.read(start, blocks));
  const work: Promise<unknown>[] = [];
  for (let index = 0; index < 1000; index += 1) {
    const at = ((index * 37) % (blocks / 4)) * 4;
    if (index < blocks / 4) {
      const data = randomBytes(4 * disk.blockBytes, 1000 + index);
      model.set(data, at * disk.blockBytes);
      work.push(disk.write(start + at, data));
    }
  }
  await Promise.all(work);
  const reads = Array.from({ length: blocks / 8 }, async (_, index) => {
    const got = await disk.read(start + index * 8, 8);
    expect(same(got, model.subarray(index * 8 * disk.blockBytes, (index + 1) * 8 * disk.blockBytes))).toBe(true);
  });
  await Promise.all(reads);
}

function suite(title: string, start: (options?: TestTargetOptions) => Promise<TestTarget>): void {
  const opened: BlockDevice[] = [];
  const targets: TestTarget[] = [];
  const open = async (target: TestTarget, options: IscsiOptions = {}, user = ''): Promise<BlockDevice> => {
    const disk = await connectIscsi(urlOf(target, user), options);
    opened.push(disk);
    return disk;
  };
  const started = async (options?: TestTargetOptions): Promise<TestTarget> => {
    const target = await start(options);
    targets.push(target);
    return target;
  };
  afterAll(async () => {
    for (const disk of opened) await disk.close();
    for (const target of targets) await target.stop();
  });

  describe(`${title}, plain`, () => {
    let target: TestTarget;
    beforeAll(async () => {
      target = await started();
    });

    it('is discovered', async () => {
      const [host, port] = target.portal.split(':');
      const found = await discover(target.portal);
      expect(found.map(({ name }) => name)).toEqual([target.name]);
      expect(found[0]!.portals).toContainEqual({ host, port: Number(port), groupTag: 1 });
      expect(await discover(`iscsi://${target.portal}`, { target: target.name })).toEqual(found);
    });

    it('says what it is', async () => {
      const disk = await open(target);
      expect(disk.bytes).toBe(UNIT_BYTES);
      expect(disk.blockBytes).toBe(512);
      expect(disk.identity.name).toMatch(/^naa\.[0-9a-f]{16,32}$/);
      expect(disk.identity.vendor).not.toBe('');
      const session = await openIscsiSession(urlOf(target));
      expect(await session.luns()).toContain(target.lun);
      await session.close();
      expect(session.status.state).toBe('closed');
    });

    it('takes and gives every size of transfer', async () => everySize(await open(target), target));

    it('takes and gives many at once', async () => manyAtOnce(await open(target)));

    it('refuses in words', async () => {
      const disk = await open(target);
      const beyond = cdbs.read(disk.blocks, 1);
      await expect(disk.command(beyond, { dataInBytes: 512 })).rejects.toMatchObject({
        reason: 'status',
        status: 2,
        sense: { key: 'ILLEGAL REQUEST', code: 0x2100 },
        message: expect.stringContaining('logical block address out of range'),
      });
      await expect(disk.read(disk.blocks, 1)).rejects.toMatchObject({ reason: 'usage' });
    });

    it('compares and writes', async () => {
      const disk = await open(target);
      const old = await disk.read(3, 1);
      // tgtd has the command only where it is asked to have it.
      if (title === 'tgtd') return expect(disk.compareAndWrite(3, old, old)).rejects.toMatchObject({ sense: { code: 0x2000 } });
      const fresh = randomBytes(512, 77);
      expect(await disk.compareAndWrite(3, fresh, old)).toMatchObject({ written: false });
      expect(same(await disk.read(3, 1), old)).toBe(true);
      expect(await disk.compareAndWrite(3, old, fresh)).toEqual({ written: true });
      expect(same(await disk.read(3, 1), fresh)).toBe(true);
      return undefined;
    });

    it('writes the same', async () => {
      const disk = await open(target);
      const block = randomBytes(512, 5);
      await disk.writeSame(2000, 100, block);
      const got = await disk.read(1999, 102);
      expect(same(got.subarray(512, 512 * 101), Buffer.concat(Array.from({ length: 100 }, () => block)))).toBe(true);
    });

    it('streams both ways', async () => {
      const disk = await open(target);
      const data = Buffer.from(randomBytes(5 * 1024 * 1024 + 512, 9));
      const pieces = Array.from({ length: Math.ceil(data.length / 100_000) }, (_, index) =>
        data.subarray(index * 100_000, (index + 1) * 100_000),
      );
      await pipeline(Readable.from(pieces), disk.createWriteStream({ start: 1024 * 1024 }));
      const got: Buffer[] = [];
      for await (const chunk of disk.createReadStream({ start: 1024 * 1024, end: 1024 * 1024 + data.length })) got.push(chunk as Buffer);
      expect(same(Buffer.concat(got), data)).toBe(true);
      expect(same(target.image(1024 * 1024, data.length), data)).toBe(true);
    });

    it('aborts when it is told to, and goes on', async () => {
      const disk = await open(target);
      const stop = new AbortController();
      const reads = Array.from({ length: 200 }, (_, index) => disk.read(index * 8, 8, { signal: stop.signal }));
      stop.abort(new Error('enough'));
      const results = await Promise.allSettled(reads);
      for (const result of results) if (result.status === 'rejected') expect((result.reason as Error).message).toBe('enough');
      expect(results.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
      expect((await disk.read(0, 1)).length).toBe(512);
    });
  });

  describe(`${title}, with digests`, () => {
    it.each([
      ['crc32c', 'none'],
      ['none', 'crc32c'],
      ['crc32c', 'crc32c'],
    ] as const)('header %s, data %s', async (headerDigest, dataDigest) => {
      const target = await started();
      const disk = await open(target, { headerDigest, dataDigest });
      const session = await openIscsiSession(urlOf(target), { headerDigest, dataDigest });
      expect([session.status.headerDigest, session.status.dataDigest]).toEqual([headerDigest === 'crc32c', dataDigest === 'crc32c']);
      await session.close();
      await everySize(disk, target);
      await manyAtOnce(disk);
    });
  });

  describe(`${title}, with CHAP`, () => {
    it('lets in who knows the secret, and nobody else', async () => {
      const target = await started({ way: 'chap' });
      const events: FabricEvent[] = [];
      const disk = await open(target, { chap: { secret: SECRET } }, `${USER}@`);
      await manyAtOnce(disk);
      await expect(connectIscsi(urlOf(target), { environment: {} })).rejects.toMatchObject({
        reason: 'login-refused',
        loginStatus: 0x0201,
      });
      const wrong = connectIscsi(urlOf(target), {
        chap: { user: USER, secret: 'not the secret at all' },
        events: (event) => void events.push(event),
      });
      await expect(wrong).rejects.toMatchObject({ reason: 'login-refused' });
      expect(events.map(({ name, data }) => [name, data['number']])).toEqual([['initiator-login-refused', 10]]);
      // tgtd knows MD5 alone.
      const environment = { LIBISCSI_CHAP_USERNAME: USER, LIBISCSI_CHAP_PASSWORD: SECRET };
      await open(target, { environment });
      await open(target, { chap: { user: USER, secret: SECRET, algorithms: ['MD5'] } });
    });

    it('proves itself where that is asked', async () => {
      const target = await started({ way: 'mutual' });
      const mutual = { user: TARGET_USER, secret: TARGET_SECRET };
      const disk = await open(target, { chap: { user: USER, secret: SECRET, mutual } });
      await manyAtOnce(disk);
      const wrong = { user: TARGET_USER, secret: 'what the target does not know' };
      await expect(connectIscsi(urlOf(target), { chap: { user: USER, secret: SECRET, mutual: wrong } })).rejects.toMatchObject({
        reason: 'chap-response',
      });
      const other = { user: 'somebody else', secret: TARGET_SECRET };
      await expect(connectIscsi(urlOf(target), { chap: { user: USER, secret: SECRET, mutual: other } })).rejects.toMatchObject({
        reason: 'chap-response',
      });
    });
  });

  describe(`${title}, however data is moved`, () => {
    it('with blocks of 4096', async () => {
      const target = await started({ blockBytes: 4096 });
      await everySize(await open(target), target);
    });

    it.each([
      { title: 'everything asked for', limits: { initialR2T: true, immediateData: false } },
      { title: 'nothing unasked but immediate data', limits: { initialR2T: true, immediateData: true } },
      { title: 'small bursts', limits: { firstBurstBytes: 512, maxBurstBytes: 4096, maxReceiveDataSegmentBytes: 1024 } },
      { title: 'small segments', limits: { maxReceiveDataSegmentBytes: 512 } },
      { title: 'one request at a time', limits: { maxOutstandingR2T: 1, maxBurstBytes: 8192, firstBurstBytes: 8192 } },
    ])('$title', async ({ limits }) => {
      const target = await started();
      const disk = await open(target, { limits });
      await everySize(disk, target);
      const both = await open(target, { limits, headerDigest: 'crc32c', dataDigest: 'crc32c' });
      await manyAtOnce(both);
    });
  });
}

describeWithPeers(['tgtd'], 'our initiator against tgtd', () => suite('tgtd', startTgtdTarget));
describe('our initiator against our target', () => suite('ours', startOwnTarget));
