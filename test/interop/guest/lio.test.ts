/** Linux's kernel target in a guest, as initiators on this machine meet it: libiscsi's tools and QEMU through forwarded ports. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers, GUEST_PEERS } from '../peers.ts';
import { type PeerRun, runPeer } from '../run-peer.ts';
import { makeScratch, writeImage } from '../scratch.ts';
import { iscsiUrl } from '../target-process.ts';
import { freePorts } from '../tgtd-process.ts';
import { type Guest, startGuest } from './guest.ts';
import { type Lio, startLio } from './lio.ts';

const MEBIBYTE = 2 ** 20;
const DISK_MEBIBYTES = 16;
const CHAP = { user: 'host', secret: 'the-host-is-who-it-says' };
const QEMU_LIMIT_MS = 120_000;

const tool = (name: string, ...args: string[]): Promise<PeerRun> => runPeer(name, args, { timeoutMs: 20_000 });

describeWithPeers([...GUEST_PEERS, 'iscsiLs', 'iscsiInq', 'qemuImg', 'qemuIscsi'], "Linux's kernel target in a guest", () => {
  const scratch = makeScratch();
  const image = scratch.path('source.raw');
  let guest: Guest;
  let plain: Lio;
  let guarded: Lio;
  /** The plain target's two ways in, and the guarded one's. */
  let portals: readonly string[];

  beforeAll(async () => {
    const ports = await freePorts(3);
    portals = ports.map((port) => `127.0.0.1:${port}`);
    writeImage(image, DISK_MEBIBYTES * MEBIBYTE, 20260301);
    guest = await startGuest({ name: 'lio', memoryMiB: 320, forward: { 3260: ports[0]!, 3261: ports[1]!, 3262: ports[2]! } });
    plain = await startLio(guest, {
      ports: [3260, 3261],
      luns: [
        { kind: 'memory', mebibytes: DISK_MEBIBYTES },
        { kind: 'file', mebibytes: DISK_MEBIBYTES, isThin: true },
        { kind: 'file', mebibytes: DISK_MEBIBYTES, blockSize: 4096 },
      ],
    });
    guarded = await startLio(guest, {
      target: 'iqn.2026-01.net.samewire.guest:guarded',
      ports: [3262],
      luns: [{ kind: 'file', mebibytes: DISK_MEBIBYTES }],
      chap: CHAP,
      keys: { HeaderDigest: 'CRC32C' },
    });
  }, 300_000);
  afterAll(async () => {
    await guest?.stop();
    scratch.remove();
  });

  const disk = (portal: number, target: string, lun: number, more: readonly string[] = []): string =>
    ['driver=raw', 'file.driver=iscsi', 'file.transport=tcp', `file.portal=${portals[portal]!}`, `file.target=${target}`, `file.lun=${lun}`]
      .concat(more)
      .join(',');
  /** Copies the image to a disk with QEMU, and reads it back. */
  const copyAndCompare = async (destination: string): Promise<void> => {
    const secret = ['--object', `secret,id=chap,data=${CHAP.secret}`];
    const source = `driver=raw,file.driver=file,file.filename=${image}`;
    for (const command of [
      ['convert', ...secret, '-n', '--image-opts', '--target-image-opts'],
      ['compare', ...secret, '--image-opts'],
    ]) {
      const run = await runPeer('qemu-img', [...command, source, destination], { timeoutMs: QEMU_LIMIT_MS });
      expect(run, run.stderr).toMatchObject({ code: 0 });
    }
  };
  const imageSha256 = (): string => createHash('sha256').update(readFileSync(image)).digest('hex');

  it('is found, with its disks', async () => {
    const list = await tool('iscsi-ls', `iscsi://${portals[0]!}`);
    expect(list.stdout).toContain(plain.target);
    for (const lun of [0, 1, 2]) {
      const inquiry = await tool('iscsi-inq', iscsiUrl(portals[1]!, plain.target, lun));
      expect(inquiry, inquiry.stderr).toMatchObject({ code: 0 });
      expect(inquiry.stdout).toMatch(/Vendor:LIO-ORG/);
    }
  });

  for (const [lun, title] of [
    [0, 'in memory'],
    [1, 'a thin file'],
    [2, 'a file, blocks of 4096'],
  ] as const) {
    it(`keeps what was copied to it: ${title}`, async () => {
      await copyAndCompare(disk(0, plain.target, lun));
      if (lun > 0) expect(await plain.sha256(lun)).toBe(imageSha256());
    }, 300_000);
  }

  it('gives space back', async () => {
    expect(await plain.allocatedBytes(1)).toBeGreaterThan(0);
    const discard = ['-f', 'raw', '-d', 'unmap', '-c', `discard 0 ${DISK_MEBIBYTES}M`, iscsiUrl(portals[0]!, plain.target, 1)];
    const run = await runPeer('qemu-io', discard, { timeoutMs: QEMU_LIMIT_MS });
    expect(run, run.stdout + run.stderr).toMatchObject({ code: 0 });
    expect(await plain.allocatedBytes(1)).toBe(0);
  });

  it('asks for CHAP and header digests', async () => {
    const refused = await tool('iscsi-inq', iscsiUrl(portals[2]!, guarded.target, 0));
    expect(refused.stdout + refused.stderr).toMatch(/Authentication failure/);
    const options = [`file.user=${CHAP.user}`, 'file.password-secret=chap', 'file.header-digest=crc32c'];
    await copyAndCompare(disk(2, guarded.target, 0, options));
    expect(await guarded.sha256(0)).toBe(imageSha256());
  }, 300_000);

  it('has access states of its own for each portal', async () => {
    await plain.setAccessState(1, 'standby');
    const refused = await runPeer('qemu-img', ['info', '--image-opts', disk(1, plain.target, 0)], { timeoutMs: QEMU_LIMIT_MS });
    expect(refused.stderr).toMatch(/NOT READY.*0x040b/);
    const other = await runPeer('qemu-img', ['info', '--image-opts', disk(0, plain.target, 0)], { timeoutMs: QEMU_LIMIT_MS });
    expect(other, other.stderr).toMatchObject({ code: 0 });
    await plain.setAccessState(1, 'active-optimized');
  });

  it('goes away and comes back', async () => {
    await plain.disable();
    expect((await tool('iscsi-inq', iscsiUrl(portals[0]!, plain.target, 0))).stderr).toMatch(/Service unavailable/);
    await plain.enable();
    expect(await tool('iscsi-inq', iscsiUrl(portals[0]!, plain.target, 0))).toMatchObject({ code: 0 });
  });
});
