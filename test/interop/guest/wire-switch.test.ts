/**
 * Two Linux machines and a host of ours at one switch of a fabric that is up: what Linux sees of ARP, neighbour discovery, jumbo frames, VLANs with
 * and without tags, leases and advertised prefixes, and what it moves through the switch from machine to machine.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers, GUEST_PEERS } from '../peers.ts';
import { makeScratch } from '../scratch.ts';
import { startTarget, type TargetProcess } from '../target-process.ts';
import { type Guest, startGuest } from './guest.ts';
import { iperfDatagrams, iperfStream, macOf, ping, pingFrom, seenAt, startIperf, wireAt } from './wire.ts';

const HOST_MAC = '02:00:00:00:01:01';
const HOST_TRUNK_MAC = '02:00:00:00:01:02';
const RESERVED_MAC = '02:00:00:00:02:10';

const FABRIC = `version: 1
name: guests
switches:
  tor1:
    ports:
      1: { vlan: 10 }
      2: { trunk: [20, 30], native: none }
      # An access port, a trunk, and a port as ProCurve switches list them.
      3: { vlan: 10, attach: { qemu: ./access.sock } }
      4: { trunk: [10, 20], native: none, attach: { qemu: ./trunk.sock } }
      5: { tagged: [30], attach: { qemu: ./listed.sock } }
hosts:
  esx1:
    nics:
      nic0:
        mac: ${HOST_MAC}
        mtu: 9000
        addresses: [192.0.2.1/24, "2001:db8:10::1/64"]
        advertise: ["2001:db8:10::/64"]
        dhcpServer:
          first: 192.0.2.100
          last: 192.0.2.119
          lease: 10m
          router: 192.0.2.1
          reservations: { "${RESERVED_MAC}": 192.0.2.77 }
      nic1:
        mac: ${HOST_TRUNK_MAC}
        vlans:
          20: { addresses: [198.51.100.1/24] }
          30: { addresses: [203.0.113.1/24] }
links:
  - [esx1:nic0, tor1:1]
  - [esx1:nic1, tor1:2]
`;

const LEASED = '192.0.2.100';
const RESERVED = '192.0.2.77';
/** Fills an MTU of 9000: 20 bytes of IPv4 and 8 of ICMP; 40 of IPv6. */
const JUMBO_BYTES = { ipv4: 9000 - 28, ipv6: 9000 - 48 };

/** By Debian's script for it. In the background it goes on renewing, and its words are in /tmp/lease-DEVICE. */
const askForLease = (device: string): string => `
  ip link set ${device} up
  udhcpc -i ${device} -f -O mtu -t 20 -T 2 -A 2 -s /etc/udhcpc/default.script > /tmp/lease-${device} 2>&1 &
  echo $! > /tmp/udhcpc-${device}.pid
  tries=0
  until grep -q 'lease of' /tmp/lease-${device} || [ $tries -ge 300 ]; do tries=$((tries + 1)); sleep 0.1; done
  tries=0
  until ip -4 -o address show dev ${device} | grep -q inet || [ $tries -ge 50 ]; do tries=$((tries + 1)); sleep 0.1; done
  cat /tmp/lease-${device}`;

/** Its network is in three VLANs: 10 and 20 on the trunk, 30 where it is listed; 30 on the trunk is for nothing. */
const VLANS_OF_B = `
  modprobe 8021q
  ip link set eth0 mtu 9000 up
  ip link set eth1 up
  for vlan in 10 20 30; do ip link add link eth0 name eth0.$vlan type vlan id $vlan; done
  ip link add link eth1 name eth1.30 type vlan id 30
  ip link set eth0.10 address ${RESERVED_MAC}
  for device in eth0.20 eth0.30 eth1.30; do ip link set $device up; done
  ip address add 198.51.100.51/24 dev eth0.20`;

const ADDRESS_IN_30 = 'ip address add 203.0.113.51/24 dev eth1.30';

/** Broadcasts from a device, for an address that nobody has. */
const call = (guest: Guest, device: string, address: string): Promise<unknown> => guest.sh(`arping -c 3 -w 4 -I ${device} ${address}`);

/** What was seen of them. */
const askedFor = (lines: readonly string[], address: string): readonly string[] =>
  lines.filter((line) => line.includes(`who-has ${address} `) || line.includes(`who-has ${address}(`));

describeWithPeers(GUEST_PEERS, 'Linux at our switch', () => {
  const scratch = makeScratch();
  let file: string;
  let fabric: TargetProcess;
  /** At an access port of VLAN 10. */
  let a: Guest;
  /** At a trunk of VLANs 10 and 20, and at a port where VLAN 30 is tagged. */
  let b: Guest;
  const startB = (): Promise<Guest> => startGuest({ name: 'b', wires: [wireAt(fabric, 'tor1:4'), wireAt(fabric, 'tor1:5')] });

  beforeAll(async () => {
    file = scratch.write('guests.yaml', FABRIC);
    fabric = await startTarget(['up', file]);
    [a, b] = await Promise.all([startGuest({ name: 'a', wires: [wireAt(fabric, 'tor1:3')] }), startB()]);
    await b.run(VLANS_OF_B);
  }, 300_000);
  afterAll(async () => {
    await a?.stop();
    await b?.stop();
    await fabric?.stop();
    scratch.remove();
  });

  it('leases an address from our server, by what it declares', async () => {
    expect(await a.run(askForLease('eth0'))).toContain(`lease of ${LEASED} obtained from 192.0.2.1, lease time 600`);
    expect(await a.run('ip -4 -o address show dev eth0')).toContain(`inet ${LEASED}/24 brd 192.0.2.255`);
    expect(await a.run('ip route')).toContain('default via 192.0.2.1 dev eth0');
    expect(await a.run('cat /sys/class/net/eth0/mtu')).toBe('9000\n');
  });

  it('leases what is reserved for it, through a trunk with tags', async () => {
    expect(await b.run(askForLease('eth0.10'))).toContain(`lease of ${RESERVED} obtained from 192.0.2.1`);
    expect(await b.run('ip -4 -o address show dev eth0.10')).toContain(`inet ${RESERVED}/24`);
  });

  it('renews its lease, gives it back, and gets the same again', async () => {
    const renewed = await a.run(`
      kill -USR1 $(cat /tmp/udhcpc-eth0.pid)
      tries=0
      until [ $(grep -c 'lease of' /tmp/lease-eth0) -ge 2 ] || [ $tries -ge 300 ]; do tries=$((tries + 1)); sleep 0.1; done
      cat /tmp/lease-eth0`);
    // An answer that comes before udhcpc listens is lost on it, and it asks everybody.
    expect(renewed).toMatch(/sending renew to server 192\.0\.2\.1\n[^]*lease of 192\.0\.2\.100 obtained from 192\.0\.2\.1, lease time 600/);
    const released = await a.run(`
      kill -USR2 $(cat /tmp/udhcpc-eth0.pid)
      tries=0
      until ! ip -4 -o address show dev eth0 | grep -q inet || [ $tries -ge 100 ]; do tries=$((tries + 1)); sleep 0.1; done
      kill -TERM $(cat /tmp/udhcpc-eth0.pid)
      cat /tmp/lease-eth0; ip -4 -o address show dev eth0`);
    expect(released).toMatch(/unicasting a release of 192\.0\.2\.100 to 192\.0\.2\.1/);
    expect(released).not.toContain('inet ');
    expect(await a.run(askForLease('eth0'))).toContain(`lease of ${LEASED} obtained`);
  });

  it('finds us by ARP and gets its pings answered, large ones whole', async () => {
    expect(await ping(a, '192.0.2.1')).toEqual({ sent: 3, received: 3 });
    expect(await a.run('ip neigh show 192.0.2.1 dev eth0')).toContain(`lladdr ${HOST_MAC} `);
    expect(await ping(a, '192.0.2.1', { dataBytes: JUMBO_BYTES.ipv4 })).toEqual({ sent: 3, received: 3 });
    expect(await ping(a, RESERVED, { dataBytes: JUMBO_BYTES.ipv4 })).toEqual({ sent: 3, received: 3 });
    expect(await a.run(`ip neigh show ${RESERVED} dev eth0`)).toContain(`lladdr ${RESERVED_MAC}`);
    // Nothing was cut up, here or there.
    expect(await a.run(`awk '$1 == "Ip:" { print $(NF - 1), $(NF - 3), $NF }' /proc/net/snmp | tail -1`)).toBe('0 0 0\n');
    // What is larger than the MTU is, and is put together by us.
    expect(await ping(a, '192.0.2.1', { dataBytes: 20_000 })).toEqual({ sent: 3, received: 3 });
  });

  it('makes itself an address of the prefix that we advertise, and finds us by neighbour discovery', async () => {
    const shown = await a.run(`
      tries=0
      until ip -6 -o address show dev eth0 scope global | grep -v tentative | grep -q inet6 || [ $tries -ge 300 ]; do tries=$((tries + 1)); sleep 0.1; done
      ip -6 -o address show dev eth0 scope global`);
    expect(shown).toMatch(/inet6 2001:db8:10:0?:?[0-9a-f:]+\/64 scope global dynamic/);
    expect(await ping(a, '2001:db8:10::1')).toEqual({ sent: 3, received: 3 });
    expect(await a.run('ip -6 neigh show 2001:db8:10::1 dev eth0')).toContain(`lladdr ${HOST_MAC} `);
    expect(await ping(a, '2001:db8:10::1', { dataBytes: JUMBO_BYTES.ipv6 })).toEqual({ sent: 3, received: 3 });
    // From machine to machine, with a tag on one side.
    const ofB = await b.run(`ip -6 -o address show dev eth0.10 scope global`);
    expect(await ping(a, /inet6 ([0-9a-f:]+)\/64/.exec(ofB)![1]!)).toEqual({ sent: 3, received: 3 });
  });

  it('is pinged by our host, in each VLAN and family, and by large packets', async () => {
    await b.run(ADDRESS_IN_30);
    const ipv6 = /inet6 (2001:db8:10:[0-9a-f:]+)\/64/.exec(await a.run('ip -6 -o address show dev eth0 scope global'))![1]!;
    const pings = [
      pingFrom(file, 'esx1', LEASED, JUMBO_BYTES.ipv4),
      pingFrom(file, 'esx1', ipv6, JUMBO_BYTES.ipv6),
      ...[RESERVED, '198.51.100.51', '203.0.113.51'].map((address) => pingFrom(file, 'esx1', address)),
    ];
    expect(await Promise.all(pings)).toEqual(pings.map(() => ({ sent: 1, received: 1 })));
    // It knows us from our question.
    expect(await b.run('ip neigh show 203.0.113.1 dev eth1.30')).toContain(`lladdr ${HOST_TRUNK_MAC}`);
  });

  it('is in the VLANs of its port, and in no other', async () => {
    expect(await ping(b, '198.51.100.1')).toEqual({ sent: 3, received: 3 });
    expect(await ping(b, '203.0.113.1')).toEqual({ sent: 3, received: 3 });
    // The same VLAN, the same addresses, but by the trunk that does not carry it.
    await b.run('ip address flush dev eth1.30; ip address add 203.0.113.51/24 dev eth0.30');
    expect(await ping(b, '203.0.113.1', { waitSeconds: 1 })).toEqual({ sent: 3, received: 0 });
    await b.run(`ip address flush dev eth0.30; ${ADDRESS_IN_30}`);
  });

  it('sees the broadcasts of its VLANs, each with its tag, and of no other', async () => {
    let trunk: readonly string[] = [];
    let listed: readonly string[] = [];
    const access = await seenAt(a, 'eth0', async () => {
      trunk = await seenAt(b, 'eth0', async () => {
        listed = await seenAt(b, 'eth1', async () => {
          await Promise.all([
            call(a, 'eth0', '192.0.2.250'),
            call(b, 'eth0.10', '192.0.2.251'),
            call(b, 'eth0.20', '198.51.100.250'),
            call(b, 'eth0.30', '203.0.113.250'),
            call(b, 'eth1.30', '203.0.113.251'),
          ]);
        });
      });
    });
    // At the access port VLAN 10, without a tag.
    expect(askedFor(access, '192.0.2.251')).not.toEqual([]);
    expect(access.filter((line) => line.includes('802.1Q'))).toEqual([]);
    expect(access.filter((line) => /198\.51\.100|203\.0\.113/.test(line))).toEqual([]);
    // At the trunk VLAN 10 of others, with its tag. (Its own frames are seen there too.)
    expect(askedFor(trunk, '192.0.2.250')).not.toEqual([]);
    expect(askedFor(trunk, '192.0.2.250').filter((line) => !line.includes('vlan 10,'))).toEqual([]);
    expect(askedFor(trunk, '203.0.113.250')).not.toEqual([]);
    expect(askedFor(trunk, '203.0.113.251')).toEqual([]);
    // And where VLAN 30 is listed, nothing else, not even what came in with its tag where it must not.
    expect(askedFor(listed, '203.0.113.251')).not.toEqual([]);
    expect(listed.filter((line) => /192\.0\.2|198\.51\.100/.test(line))).toEqual([]);
    expect(askedFor(listed, '203.0.113.250')).toEqual([]);
  });

  it('moves streams and datagrams to and from another Linux', async () => {
    const bytes = 8 * 2 ** 20;
    await startIperf(b);
    const figures: Record<string, unknown> = {};
    for (const [way, options] of [
      ['a to b', ''],
      ['b to a', '--reverse'],
    ] as const) {
      const stream = await iperfStream(a, RESERVED, bytes, options);
      // The receiver stops counting when it is told that all was sent.
      expect(stream.sentBytes, way).toBeGreaterThanOrEqual(bytes);
      expect(stream.receivedBytes, way).toBeGreaterThan(bytes / 2);
      const datagrams = await iperfDatagrams(a, RESERVED, `--time 2 --bitrate 20M --length 8000 ${options}`);
      expect(datagrams.packets - datagrams.lost, way).toBeGreaterThan(0);
      figures[way] = { stream, datagrams };
    }
    if (process.env['SAMEWIRE_FIGURES'] === '1') process.stderr.write(`${JSON.stringify(figures, undefined, 1)}\n`);
  });

  it('gets its ports back after it was killed', async () => {
    const named = (name: string): number => fabric.events().filter((line) => line.includes(`"${name}"`)).length;
    const [attached, gone] = [named('port-machine-attached'), named('port-machine-gone')];
    await b.stop();
    await expect.poll(() => named('port-machine-gone'), { timeout: 10_000 }).toBe(gone + 2);
    expect(await ping(a, RESERVED, { waitSeconds: 1 })).toEqual({ sent: 3, received: 0 });
    b = await startB();
    expect(named('port-machine-attached')).toBe(attached + 2);
    await b.run(VLANS_OF_B);
    expect(await b.run(askForLease('eth0.10'))).toContain(`lease of ${RESERVED} obtained`);
    expect(await ping(a, RESERVED)).toEqual({ sent: 3, received: 3 });
    expect(await b.run('cat /sys/class/net/eth0/address')).toBe(`${macOf(wireAt(fabric, 'tor1:4'))}\n`);
  });

  it('leaves the fabric silent on standard error, and able to end with machines at its ports', async () => {
    expect(fabric.errors()).toBe('');
    expect(await fabric.stop()).toEqual({ code: 0, signal: null });
  });
});
