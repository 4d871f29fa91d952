/**
 * Storage over our own Ethernet, IP and TCP, with Linux at the other end: its initiator on an array of ours, by IPv4, IPv6 and a link that loses
 * frames; and the adapters of a host of ours, and our library, on its target.
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectIscsi, type IscsiOptions } from '../../../src/os/iscsi/index.ts';
import { rescan, targetsOf, targetWords, until } from '../host-process.ts';
import { randomBytes } from '../initiator-targets.ts';
import { describeWithPeers, GUEST_PEERS } from '../peers.ts';
import { makeScratch } from '../scratch.ts';
import { startTarget, type TargetProcess } from '../target-process.ts';
import { checkDisk, fillDisk } from './filesystem.ts';
import { type Guest, startGuest } from './guest.ts';
import { type Lio, startLio } from './lio.ts';
import { discover, diskOf, negotiated, startInitiator, whileLoggedIn } from './open-iscsi.ts';
import { ownMachine } from './own-machine.ts';
import { wireAt } from './wire.ts';

const DISKS = 'iqn.2026-01.net.samewire:disks';
const LIO = 'iqn.2026-01.net.samewire.guest:lio';
const GUEST = '192.0.2.50';
const LIO_MEBIBYTES = 16;

const FABRIC = `version: 1
name: guests
switches:
  tor1:
    ports:
      9: { attach: { qemu: ./guest.sock } }
      10: { attach: { qemu: ./own.sock } }
arrays:
  array1:
    nics:
      eth0: { mtu: 9000, addresses: [192.0.2.20/25, "2001:db8::20/64"] }
      eth1: { addresses: [192.0.2.148/25] }
    portals:
      - { listen: "192.0.2.20:3260", group: 1 }
      - { listen: "[2001:db8::20]:3260", group: 1 }
      - { listen: "192.0.2.148:3260", group: 2 }
    targets:
      ${DISKS}:
        luns:
          - { store: memory, size: 64MiB }
          - { store: memory, size: 64MiB, blockSize: 4096 }
          - { store: memory, size: 64MiB }
    state: state
hosts:
  esx1:
    nics:
      nic0: { mtu: 9000, addresses: [192.0.2.11/25] }
    iscsi:
      vmhba64:
        initiator: iqn.1998-01.com.vmware:esx1
        discovery: ["${GUEST}:3260"]
      vmhba65:
        initiator: iqn.1998-01.com.vmware:esx1-static
        targets: [{ name: "${LIO}", address: "${GUEST}:3260" }]
        settings: { headerDigest: [crc32c], dataDigest: [crc32c] }
    publish: "127.0.0.1:0 -> ${GUEST}:3260"
links:
  - [esx1:nic0, tor1:1]
  - [array1:eth0, tor1:2]
  - { ends: [array1:eth1, tor1:3], faults: { loss: 0.5%, reordering: 0.5% } }
`;

const WAYS = [
  { title: 'by IPv4 with jumbo frames', lun: 0, portal: '192.0.2.20:3260', digests: false, isLossy: false, mebibytes: 16 },
  { title: 'by IPv6 with digests', lun: 1, portal: '[2001:db8::20]:3260', digests: true, isLossy: false, mebibytes: 16 },
  { title: 'over a link that loses and reorders frames', lun: 2, portal: '192.0.2.148:3260', digests: false, isLossy: true, mebibytes: 8 },
];

const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

describeWithPeers(GUEST_PEERS, 'Linux at our switch, with disks', () => {
  const scratch = makeScratch();
  let file: string;
  let fabric: TargetProcess;
  let guest: Guest;
  let lio: Lio;

  beforeAll(async () => {
    file = scratch.write('guests.yaml', FABRIC);
    fabric = await startTarget(['up', file]);
    guest = await startGuest({ name: 'disks', memoryMiB: 320, wires: [wireAt(fabric, 'tor1:9')] });
    await guest.run(`
      ip link set eth0 mtu 9000 up
      for address in ${GUEST}/25 192.0.2.150/25; do ip address add $address dev eth0; done
      ip address add 2001:db8::50/64 dev eth0 nodad`);
    await startInitiator(guest);
  }, 300_000);
  afterAll(async () => {
    await guest?.stop();
    await fabric?.stop();
    scratch.remove();
  });

  it('has the portals of our array told by each of them', async () => {
    const portals = ['192.0.2.148:3260,2', '192.0.2.20:3260,1', '[2001:db8::20]:3260,1'].map((portal) => `${portal} ${DISKS}`);
    expect(await discover(guest, '192.0.2.20:3260')).toEqual(portals);
  });

  const retransmitted = async (): Promise<number> =>
    Number(await guest.run(`awk '$1 == "Tcp:" { count = $13 } END { print count }' /proc/net/snmp`));

  for (const { title, lun, portal, digests, isLossy, mebibytes } of WAYS) {
    it(`keeps a file system on our array over a new login: ${title}`, async () => {
      const before = await retransmitted();
      const options = { target: DISKS, portal, headerDigest: digests, dataDigest: digests };
      await whileLoggedIn(guest, options, async () => {
        expect(await guest.run('iscsiadm -m session')).toContain(`${portal},`);
        expect(await negotiated(guest)).toMatchObject({ DataDigest: digests ? 'CRC32C' : 'None', ImmediateData: 'Yes' });
        await guest.run(fillDisk(await diskOf(guest, DISKS, lun), `lun${lun}`, mebibytes), { timeoutMs: 110_000 });
      });
      await whileLoggedIn(guest, options, async () => {
        await guest.run(checkDisk(await diskOf(guest, DISKS, lun), `lun${lun}`), { timeoutMs: 110_000 });
      });
      if (isLossy) expect(await retransmitted()).toBeGreaterThan(before);
    });
  }

  it('has sessions from adapters of our host on its target, found by asking and named', async () => {
    lio = await startLio(guest, {
      target: LIO,
      luns: [{ kind: 'file', mebibytes: LIO_MEBIBYTES }],
      keys: { HeaderDigest: 'CRC32C,None', DataDigest: 'CRC32C,None' },
    });
    await rescan(file);
    const host = await until(file, (one) => targetsOf(one).filter(({ session }) => session.state === 'logged-in').length === 2);
    expect(targetsOf(host).map(targetWords)).toEqual(['lio dynamic logged-in none', 'lio static logged-in none']);
    expect(host.devices.map(({ paths }) => paths.map(({ state }) => state))).toEqual([['active', 'active']]);
  });

  const writeAndRead = async (host: string, seed: number, options: IscsiOptions): Promise<void> => {
    const data = randomBytes(LIO_MEBIBYTES * 2 ** 20, seed);
    await using disk = await connectIscsi(`iscsi://${host}/${LIO}/0`, options);
    await disk.write(0, data);
    await disk.flush();
    expect(await lio.sha256(0)).toBe(sha256(data));
    expect(sha256(await disk.read(0, data.length / 512))).toBe(sha256(data));
  };

  it('has on its target what came through the socket that our host publishes', async () => {
    await writeAndRead(fabric.ready.network!.published[0]!.listen, 4, { headerDigest: 'crc32c', dataDigest: 'crc32c' });
  });

  it('has on its target what our initiator wrote over our TCP, from a machine of another process at the switch', async () => {
    await using own = await ownMachine({
      socket: scratch.path('own.sock'),
      mac: 0x0200_0000_0a0a,
      mtuBytes: 9000,
      addresses: [
        ['192.0.2.30', 25],
        ['2001:db8::30', 64],
      ],
    });
    await guest.run(`mkdir '/sys/kernel/config/target/iscsi/${LIO}/tpgt_1/np/[2001:db8::50]:3260'`);
    for (const to of [GUEST, '2001:db8::50']) expect(await own.ping(to, 8000)).toMatchObject({ kind: 'reply', intact: true });
    await writeAndRead(GUEST, 5, { dial: own.dial });
    await writeAndRead('[2001:db8::50]', 6, { dial: own.dial, dataDigest: 'crc32c' });
  });

  it('leaves no complaint in the kernel log', async () => {
    const complaints = (await guest.run('dmesg'))
      .split('\n')
      .filter((line) => /I\/O error|detected conn error|Sense Key|timing out|digest/i.test(line));
    expect(complaints).toEqual([]);
  });

  it('leaves the fabric silent on standard error, and our host logs out of its target at the end', async () => {
    expect(fabric.errors()).toBe('');
    // Those of the tests before may take a moment to go.
    await expect.poll(() => lio.sessions()).toBe(2);
    expect(await fabric.stop()).toEqual({ code: 0, signal: null });
    await expect.poll(() => lio.sessions()).toBe(0);
  });
});
