/**
 * Our target under Linux: the kernel's initiator (open-iscsi) finds it, logs in with every digest and every CHAP algorithm, makes file
 * systems on logical units of each kind, and finds everything again after a new login.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers, GUEST_PEERS } from '../peers.ts';
import { makeScratch } from '../scratch.ts';
import { startTarget, type TargetProcess } from '../target-process.ts';
import { freePort } from '../tgtd-process.ts';
import { checkDisk, fillDisk, trimDisk } from './filesystem.ts';
import { type Guest, HOST_ADDRESS, startGuest } from './guest.ts';
import { discover, diskOf, type LoginOptions, login, negotiated, startInitiator, whileLoggedIn } from './open-iscsi.ts';

const DISKS = 'iqn.2026-01.net.samewire:disks';
const ONE_WAY = 'iqn.2026-01.net.samewire:one-way';
const MUTUAL = 'iqn.2026-01.net.samewire:mutual';
const INITIATOR_ACCOUNT = { user: 'guest', secret: 'the-guest-is-who-it-says' };
const TARGET_ACCOUNT = { user: 'array', secret: 'the-array-is-who-it-says' };

const fabric = (port: number): string => `version: 1
name: linux
arrays:
  array1:
    portals: [{ listen: "127.0.0.1:${port}", announce: "${HOST_ADDRESS}:${port}" }]
    targets:
      ${DISKS}:
        luns:
          0: { store: memory, size: 64MiB }
          1: { store: memory, size: 64MiB, blockSize: 4096, provisioning: thin }
          2: { store: file, path: thin.img, size: 64MiB, provisioning: thin }
          3: { store: file, path: thick.img, size: 64MiB, blockSize: 4096 }
      ${ONE_WAY}:
        luns: [{ store: memory, size: 16MiB }]
        access:
          - { initiator: any, chap: { user: ${INITIATOR_ACCOUNT.user}, secret: { env: GUEST_SECRET } } }
      ${MUTUAL}:
        luns: [{ store: memory, size: 16MiB }]
        access:
          - initiator: any
            chap:
              user: ${INITIATOR_ACCOUNT.user}
              secret: { env: GUEST_SECRET }
              mutual: { user: ${TARGET_ACCOUNT.user}, secret: { env: ARRAY_SECRET } }
    state: state
`;

const MEBIBYTE = 2 ** 20;
const allocatedBytes = (path: string): number => statSync(path).blocks * 512;

const KINDS = [
  { lun: 0, title: 'memory, 512', blockSize: 512, isThin: false, headerDigest: false, dataDigest: false },
  { lun: 1, title: 'memory, thin, 4096, header digests', blockSize: 4096, isThin: true, headerDigest: true, dataDigest: false },
  { lun: 2, title: 'file, thin, 512, data digests', blockSize: 512, isThin: true, headerDigest: false, dataDigest: true },
  { lun: 3, title: 'file, 4096, both digests', blockSize: 4096, isThin: false, headerDigest: true, dataDigest: true },
] as const;

describeWithPeers(GUEST_PEERS, "Linux's open-iscsi", () => {
  const scratch = makeScratch();
  let guest: Guest;
  let target: TargetProcess;
  let portal: string;

  beforeAll(async () => {
    const port = await freePort();
    portal = `${HOST_ADDRESS}:${port}`;
    const env = { GUEST_SECRET: INITIATOR_ACCOUNT.secret, ARRAY_SECRET: TARGET_ACCOUNT.secret };
    target = await startTarget(['up', scratch.write('linux.yaml', fabric(port))], { env });
    guest = await startGuest({ name: 'linux' });
    await startInitiator(guest);
  }, 300_000);
  afterAll(async () => {
    await guest?.stop();
    await target?.stop();
    scratch.remove();
  });

  it('finds the targets, at the address that they announce', async () => {
    expect(await discover(guest, portal)).toEqual([DISKS, MUTUAL, ONE_WAY].map((name) => `${portal},1 ${name}`));
  });

  for (const { lun, title, blockSize, isThin, headerDigest, dataDigest } of KINDS) {
    it(`keeps a file system over a new login: ${title}`, async () => {
      const options: LoginOptions = { target: DISKS, portal, headerDigest, dataDigest };
      await whileLoggedIn(guest, options, async () => {
        expect(await negotiated(guest)).toMatchObject({
          HeaderDigest: headerDigest ? 'CRC32C' : 'None',
          DataDigest: dataDigest ? 'CRC32C' : 'None',
          ImmediateData: 'Yes',
          InitialR2T: 'No',
        });
        const disk = await diskOf(guest, DISKS, lun);
        const limits = await guest.run(`cd /sys/block/${disk.slice('/dev/'.length)}/queue; cat logical_block_size discard_max_bytes`);
        const [shownBlockSize, discardBytesMax] = limits.trim().split('\n').map(Number);
        expect(shownBlockSize).toBe(blockSize);
        expect(discardBytesMax! > 0).toBe(isThin);
        await guest.run(fillDisk(disk, `lun${lun}`, 24));
      });
      await whileLoggedIn(guest, options, async () => {
        await guest.run(checkDisk(await diskOf(guest, DISKS, lun), `lun${lun}`));
      });
    });
  }

  it('has in its file what the guest reads from the disk', async () => {
    const read = (disk: string): Promise<string> =>
      guest.run(`
        dd if=/dev/urandom of=${disk} bs=1M count=4 seek=7 oflag=direct 2>/dev/null
        dd if=${disk} bs=1M iflag=direct 2>/dev/null | sha256sum`);
    await whileLoggedIn(guest, { target: DISKS, portal }, async () => {
      for (const [lun, file] of [
        [2, 'thin.img'],
        [3, 'thick.img'],
      ] as const) {
        const seen = (await read(await diskOf(guest, DISKS, lun))).split(' ')[0];
        expect(seen, file).toBe(
          createHash('sha256')
            .update(readFileSync(scratch.path(file)))
            .digest('hex'),
        );
      }
    });
  });

  it('gives space back when the guest trims', async () => {
    await whileLoggedIn(guest, { target: DISKS, portal }, async () => {
      const file = await diskOf(guest, DISKS, 2);
      await guest.run(fillDisk(file, 'trimmed', 24));
      const before = allocatedBytes(scratch.path('thin.img'));
      expect(before).toBeGreaterThan(24 * MEBIBYTE);
      expect(await guest.run(trimDisk(file))).toMatch(/trimmed/);
      expect(allocatedBytes(scratch.path('thin.img'))).toBeLessThan(before - 20 * MEBIBYTE);
      // A disk in memory can be asked: after a discard of all of it there is one extent, without anything.
      const memory = await diskOf(guest, DISKS, 1);
      await guest.run(`dd if=/dev/urandom of=${memory} bs=1M count=1 seek=10 oflag=direct`);
      const extents = async (): Promise<string[]> =>
        (await guest.run(`sg_get_lba_status --brief --lba=0 --maxlen=512 ${memory}`)).match(/^0x.*$/gm)!;
      expect((await extents()).length).toBeGreaterThan(1);
      await guest.run(`blkdiscard -f ${memory}`);
      expect(await extents()).toEqual(['0x0000000000000000  0x4000  1  0']);
    });
  });

  it('answers what Linux uses of block commands', async () => {
    await whileLoggedIn(guest, { target: DISKS, portal }, async () => {
      const disk = await diskOf(guest, DISKS, 0);
      await guest.run(`
        dd if=/dev/urandom of=/tmp/old bs=512 count=1 2>/dev/null; dd if=/dev/urandom of=/tmp/new bs=512 count=1 2>/dev/null
        dd if=/tmp/old of=${disk} bs=512 seek=100 oflag=direct 2>/dev/null
        cat /tmp/old /tmp/new > /tmp/pair
        sg_compare_and_write --in=/tmp/pair --lba=100 --num=1 --xferlen=1024 ${disk}
        dd if=${disk} bs=512 skip=100 count=1 iflag=direct 2>/dev/null | cmp - /tmp/new
        if sg_compare_and_write --in=/tmp/pair --lba=100 --num=1 --xferlen=1024 ${disk}; then exit 1; fi
        blkdiscard -f --zeroout --offset 51200 --length 512 ${disk}
        dd if=${disk} bs=512 skip=100 count=1 iflag=direct 2>/dev/null | cmp -n 512 - /dev/zero`);
      expect(await guest.run(`sg_inq ${disk}`)).toMatch(/Vendor identification: SAMEWIRE/);
      expect(await guest.run(`sg_readcap --long ${disk}`)).toMatch(/Number of logical blocks=131072/);
    });
  });

  for (const algorithm of ['MD5', 'SHA1', 'SHA256', 'SHA3-256']) {
    it(`logs in with CHAP by ${algorithm}, one way and mutual`, async () => {
      const chap = { portal, chap: INITIATOR_ACCOUNT, chapAlgorithms: algorithm };
      for (const options of [
        { target: ONE_WAY, ...chap },
        { target: MUTUAL, ...chap, mutualChap: TARGET_ACCOUNT },
      ]) {
        await whileLoggedIn(guest, options, async () => {
          const disk = await diskOf(guest, options.target, 0);
          await guest.run(`dd if=${disk} of=/dev/null bs=1M count=1 iflag=direct`);
        });
      }
    });
  }

  it('leaves no complaint in the kernel log', async () => {
    const complaints = (await guest.run('dmesg'))
      .split('\n')
      .filter((line) => /I\/O error|detected conn error|Sense Key|timing out|digest/i.test(line));
    expect(complaints).toEqual([]);
  });

  it('refuses a wrong secret, and is refused where its own is wrong', async () => {
    const wrong = { user: INITIATOR_ACCOUNT.user, secret: 'some-other-secret' };
    await expect(login(guest, { target: ONE_WAY, portal, chap: wrong })).rejects.toThrow(/authorization failure/i);
    await expect(login(guest, { target: ONE_WAY, portal })).rejects.toThrow(/authorization failure/i);
    const other = { user: TARGET_ACCOUNT.user, secret: 'not-what-it-says' };
    const mutual = { target: MUTUAL, portal, chap: INITIATOR_ACCOUNT, mutualChap: other };
    await expect(login(guest, mutual)).rejects.toThrow(/non-retryable iSCSI login failure/i);
  });

  it('leaves the target running and silent on standard error', () => {
    expect(target.isRunning()).toBe(true);
    expect(target.errors()).toBe('');
  });
});
