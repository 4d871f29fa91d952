/** Wireshark's dissector as the judge of our bytes: whole sessions of libiscsi and QEMU, in which it may find nothing malformed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers } from './peers.ts';
import { recordTo } from './recording-proxy.ts';
import { type PeerRun, runPeer } from './run-peer.ts';
import { makeScratch, writeImage } from './scratch.ts';
import { iscsiUrl, logicalUnits, type Reachable, startTarget, type TargetProcess } from './target-process.ts';

const SECRET = 'not-a-secret-at-all-0123456789';
const FABRIC = `version: 1
name: tshark
arrays:
  array1:
    portals: ["127.0.0.1:0"]
    targets:
      iqn.2026-01.net.samewire:plain:
        luns: [{ store: memory, size: 4MiB, provisioning: thin }]
      iqn.2026-01.net.samewire:chap:
        luns: [{ store: memory, size: 4MiB, blockSize: 4096 }]
        access:
          - initiator: any
            chap: { user: qemu, secret: { env: TSHARK_CHAP_SECRET } }
    state: state
`;

/** RFC 7143 §11.2.1.2: what such sessions are made of, by opcode. */
const OPCODES_EXPECTED = [0x01, 0x03, 0x04, 0x06, 0x21, 0x23, 0x24, 0x25, 0x26];

const tool = async (name: string, args: readonly string[]): Promise<void> => {
  const run = await runPeer(name, args, { timeoutMs: 60_000 });
  expect(run, `${name} ${args.join(' ')}: ${run.stderr}`).toMatchObject({ code: 0, timedOut: false });
};

/** The first Data-In with status and less than 200 bytes: a page of INQUIRY. */
function findSmallDataIn(bytes: Buffer): number {
  for (let at = 24; at + 16 < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 8);
    const pdu = at + 16 + 54;
    if (length > 54 + 48 && bytes[pdu] === 0x25 && bytes[pdu + 5] === 0 && bytes[pdu + 6] === 0 && bytes[pdu + 7]! > 8) return pdu;
    at += 16 + length;
  }
  throw new Error('no Data-In in the capture');
}

describeWithPeers(['tshark', 'iscsiLs', 'iscsiInq', 'qemuImg', 'qemuIscsi'], 'tshark', () => {
  const scratch = makeScratch();
  const capture = scratch.path('session.pcap');
  let target: TargetProcess;
  let units: readonly Reachable[];

  const tshark = (...args: string[]): Promise<PeerRun> => runPeer('tshark', ['-r', capture, ...args], { timeoutMs: 120_000 });

  beforeAll(async () => {
    target = await startTarget(['up', scratch.write('tshark.yaml', FABRIC)], { env: { TSHARK_CHAP_SECRET: SECRET } });
    units = logicalUnits(target.ready);
    const image = scratch.path('image.raw');
    writeImage(image, 4 * 1024 * 1024, 7);
    const proxy = await recordTo(capture, units[0]!.portals[0]!);
    const [plain, chap] = units as [Reachable, Reachable];
    const at = (unit: Reachable, ...more: string[]): string =>
      [
        'driver=raw',
        'file.driver=iscsi',
        'file.transport=tcp',
        `file.portal=${proxy.address}`,
        `file.target=${unit.target}`,
        'file.lun=0',
        ...more,
      ].join();
    const source = `driver=raw,file.driver=file,file.filename=${image}`;
    const login = ['--object', `secret,id=chap,data=${SECRET}`];
    await tool('iscsi-ls', [`iscsi://${proxy.address}`]);
    for (const page of ['0', '128', '131', '176', '177', '178']) {
      await tool('iscsi-inq', ['-e', '1', '-c', page, iscsiUrl(proxy.address, plain.target, 0)]);
    }
    for (const options of [at(plain), at(plain, 'file.header-digest=crc32c'), at(chap, 'file.user=qemu', 'file.password-secret=chap')]) {
      await tool('qemu-img', ['convert', ...login, '-n', '--image-opts', '--target-image-opts', source, options]);
      await tool('qemu-img', ['compare', ...login, '--image-opts', source, options]);
    }
    await proxy.close();
  }, 180_000);
  afterAll(async () => {
    await target?.stop();
    scratch.remove();
  });

  it('sees every kind of PDU that such sessions are made of', async () => {
    const run = await tshark('-Y', 'iscsi', '-T', 'fields', '-e', 'iscsi.opcode');
    const seen = new Set(
      run.stdout
        .split(/[\s,]+/)
        .filter(Boolean)
        .map(Number),
    );
    for (const opcode of OPCODES_EXPECTED) expect(seen, `opcode ${opcode.toString(16)}`).toContain(opcode);
  }, 120_000);

  it('sees the digests and the authentication that were asked for', async () => {
    const run = await tshark('-Y', 'iscsi.opcode == 0x23', '-V');
    expect(run.stdout).toMatch(/KeyValue: HeaderDigest=CRC32C/);
    expect(run.stdout).toMatch(/KeyValue: CHAP_A=5/);
    expect(run.stdout).toMatch(/KeyValue: AuthMethod=CHAP/);
  }, 120_000);

  it('finds nothing malformed and no errors', async () => {
    const run = await tshark('-Y', '_ws.malformed || _ws.expert.severity == error', '-T', 'fields', '-e', 'frame.number');
    const wrong: string[] = [];
    for (const frame of run.stdout.split('\n').filter(Boolean)) {
      const detail = (await tshark('-Y', `frame.number == ${frame}`, '-V')).stdout;
      if (!(await isCutShort(detail))) wrong.push(detail.slice(detail.indexOf('iSCSI (')));
    }
    expect(wrong).toEqual([]);
  }, 180_000);

  /** The initiator may ask for less of a page than there is: the dissector then misses the rest, which is not the target's fault. */
  async function isCutShort(detail: string): Promise<boolean> {
    const request = /\[Request in: (\d+)\]/.exec(detail)?.[1];
    const sent = /DataSegmentLength: (\d+)/.exec(detail)?.[1];
    if (request === undefined || sent === undefined || !detail.includes('[Malformed Packet: SCSI]')) return false;
    const asked = /Allocation Length: (\d+)/.exec((await tshark('-Y', `frame.number == ${request}`, '-V')).stdout)?.[1];
    return asked !== undefined && asked === sent;
  }

  it('says so of bytes that are malformed', async () => {
    // Or a dissector that looks at nothing would please us. The same capture with a Data-In's length raised past its PDU.
    const bytes = readFileSync(capture);
    const found = findSmallDataIn(bytes);
    bytes[found + 7] = 5; // DataSegmentLength: an INQUIRY page cut to five bytes
    writeFileSync(scratch.path('broken.pcap'), bytes);
    const run = await runPeer('tshark', ['-r', scratch.path('broken.pcap'), '-Y', '_ws.malformed'], { timeoutMs: 120_000 });
    expect(run.stdout).not.toBe('');
  }, 120_000);
});
