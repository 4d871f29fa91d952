/**
 * QEMU as the initiator: an image of data, zeros and holes goes onto a logical unit with `qemu-img convert` and is the same
 * when `qemu-img compare` reads it back; plain, with CHAP, with header digests, with blocks of 512 and of 4096 bytes.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers } from './peers.ts';
import { type PeerRun, runPeer } from './run-peer.ts';
import { makeScratch, writeImage } from './scratch.ts';
import { logicalUnits, type Reachable, startTarget, type TargetProcess } from './target-process.ts';

const IMAGE_BYTES = 24 * 1024 * 1024;
/** Longer than any hash, as people's secrets are. */
const SECRET = 'not-a-secret-at-all-0123456789';
const USER = 'qemu';
const QEMU_LIMIT_MS = 120_000;

const FABRIC = `version: 1
name: qemu
arrays:
  array1:
    portals: ["127.0.0.1:0"]
    targets:
      iqn.2026-01.net.samewire:plain:
        luns:
          - { store: memory, size: 24MiB }
          - { store: memory, size: 24MiB, blockSize: 4096 }
          - { store: memory, size: 24MiB, provisioning: thin }
          - { store: file, path: disk.img, size: 24MiB, provisioning: thin, blockSize: 4096 }
      iqn.2026-01.net.samewire:chap:
        luns:
          - { store: memory, size: 24MiB }
          - { store: memory, size: 24MiB, blockSize: 4096 }
        access:
          - initiator: any
            chap: { user: ${USER}, secret: { env: QEMU_CHAP_SECRET } }
    state: state
`;

interface Way {
  readonly title: string;
  readonly target: 'plain' | 'chap';
  readonly lun: number;
  readonly digest?: 'crc32c' | 'none' | 'crc32c-none';
}

const WAYS: readonly Way[] = [
  { title: 'blocks of 512', target: 'plain', lun: 0 },
  { title: 'blocks of 4096', target: 'plain', lun: 1 },
  { title: 'thin', target: 'plain', lun: 2 },
  { title: 'a file, thin, blocks of 4096', target: 'plain', lun: 3 },
  { title: 'header digests', target: 'plain', lun: 0, digest: 'crc32c' },
  { title: 'CHAP', target: 'chap', lun: 0 },
  { title: 'CHAP and header digests', target: 'chap', lun: 0, digest: 'crc32c' },
  { title: 'CHAP, header digests, blocks of 4096', target: 'chap', lun: 1, digest: 'crc32c' },
];

const secretObject = (data: string): readonly string[] => ['--object', `secret,id=chap,data=${data}`];
const qemuImg = (args: readonly string[]): Promise<PeerRun> => runPeer('qemu-img', args, { timeoutMs: QEMU_LIMIT_MS });

describeWithPeers(['qemuImg', 'qemuIscsi'], 'qemu-img', () => {
  const scratch = makeScratch();
  const image = scratch.path('source.raw');
  let target: TargetProcess;
  let units: readonly Reachable[];

  beforeAll(async () => {
    writeImage(image, IMAGE_BYTES, 20260101);
    target = await startTarget(['up', scratch.write('qemu.yaml', FABRIC)], { env: { QEMU_CHAP_SECRET: SECRET } });
    units = logicalUnits(target.ready);
  });
  afterAll(async () => {
    await target?.stop();
    scratch.remove();
  });

  const options = (way: Way): string => {
    const unit = units.find((candidate) => candidate.target.endsWith(`:${way.target}`) && candidate.lun.lun === way.lun)!;
    const parts = ['driver=raw', 'file.driver=iscsi', 'file.transport=tcp', `file.portal=${unit.portals[0]!}`];
    parts.push(`file.target=${unit.target}`, `file.lun=${way.lun}`, 'file.initiator-name=iqn.2026-01.net.samewire:qemu');
    if (way.digest !== undefined) parts.push(`file.header-digest=${way.digest}`);
    if (way.target === 'chap') parts.push(`file.user=${USER}`, 'file.password-secret=chap');
    return parts.join(',');
  };

  for (const way of WAYS) {
    it(
      `copies an image there and reads the same back: ${way.title}`,
      async () => {
        const convert = ['convert', ...secretObject(SECRET), '-n', '-m', '8', '--image-opts', '--target-image-opts'];
        const copied = await qemuImg([...convert, `driver=raw,file.driver=file,file.filename=${image}`, options(way)]);
        expect(copied, copied.stderr).toMatchObject({ code: 0, stderr: '' });
        const source = `driver=raw,file.driver=file,file.filename=${image}`;
        const compared = await qemuImg(['compare', ...secretObject(SECRET), '--image-opts', source, options(way)]);
        expect(compared, compared.stderr).toMatchObject({ code: 0, stdout: 'Images are identical.\n' });
      },
      2 * QEMU_LIMIT_MS,
    );
  }

  it('sees a difference of one byte', async () => {
    // Or the comparisons above would prove nothing.
    const other = scratch.path('other.raw');
    writeImage(other, IMAGE_BYTES, 20260102);
    const compared = await qemuImg(['compare', '--image-opts', `driver=raw,file.driver=file,file.filename=${other}`, options(WAYS[0]!)]);
    expect(compared.code, compared.stdout).toBe(1);
  });

  it('is refused with a wrong secret, and says why', async () => {
    const refused = await qemuImg(['info', ...secretObject('wrong-wrong-wrong-wrong'), '--image-opts', options(WAYS[5]!)]);
    expect(refused.code, refused.stdout).toBe(1);
    expect(refused.stderr).toMatch(/Authentication failure|Failed to log|Login/i);
  });

  it('copies from one logical unit to another', async () => {
    const between = await qemuImg(['convert', '-n', '--image-opts', '--target-image-opts', options(WAYS[0]!), options(WAYS[2]!)]);
    expect(between, between.stderr).toMatchObject({ code: 0, stderr: '' });
    const compared = await qemuImg(['compare', '--image-opts', options(WAYS[0]!), options(WAYS[2]!)]);
    expect(compared).toMatchObject({ code: 0, stdout: 'Images are identical.\n' });
  });

  it('leaves the target running and silent on standard error', () => {
    expect(target.isRunning()).toBe(true);
    expect(target.errors()).toBe('');
  });
});
