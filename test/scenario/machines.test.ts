/** Machines of a fabric file in virtual time: VLANs, leases, addresses made of prefixes, routes, and what must not get through. */
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../src/base/clock.ts';
import { describePing } from '../../src/inet/ping.ts';
import { address, formatIp } from '../../src/wire/ip/address.ts';
import { type VirtualFabric, virtualFabric } from './virtual-fabric.ts';

const FABRIC = `version: 1
name: machines
switches:
  tor1:
    forwarding: cut-through
    ports:
      1: { trunk: all }
      2: { trunk: [1, 10] }
      3: { untagged: 10, tagged: 20 }
      4: { vlan: 20 }
      48: { trunk: all }
  tor2:
    ports:
      1: { vlan: 10 }
      48: { trunk: all }
hosts:
  a:
    nics:
      nic0:
        addresses: [192.0.2.1/24]
        vlans:
          10:
            addresses: [198.51.100.1/24, "2001:db8:10::1/64"]
            dhcpServer: { first: 198.51.100.100, last: 198.51.100.101, router: 198.51.100.1, reservations: { "02:00:00:00:00:0c": 198.51.100.33 } }
            advertise: ["2001:db8:10::/64"]
          20: { addresses: [203.0.113.1/24] }
  b:
    nics: { nic0: { addresses: [192.0.2.2/24], vlans: { 10: { dhcp: true, autoconfigure: true } } } }
  c:
    nics: { nic0: { mac: "02:00:00:00:00:0c", dhcp: true, vlans: { 20: { addresses: [203.0.113.3/24] } } } }
  d:
    nics: { nic0: { addresses: [203.0.113.4/24] } }
  e:
    nics: { nic0: { mtu: 1400, dhcp: true, autoconfigure: true } }
links:
  - [a:nic0, tor1:1]
  - [b:nic0, tor1:2]
  - [c:nic0, tor1:3]
  - [d:nic0, tor1:4]
  - [e:nic0, tor2:1]
  - { ends: [tor1:48, tor2:48], delay: 100us }
`;

function broughtUp(): VirtualFabric {
  const fabric = virtualFabric(FABRIC, 1);
  fabric.run(20 * SECOND);
  return fabric;
}

const addressesOf = (fabric: VirtualFabric, name: string): string[] =>
  fabric
    .machine(name)
    .host.interfaces.flatMap((one) => one.addresses.map((own) => `${one.name} ${formatIp(own.address)}/${own.bits}`))
    .sort();

function ping(fabric: VirtualFabric, from: string, to: string, dataBytes = 56): string {
  let said = 'nothing';
  fabric.machine(from).pinger.ping(address(to), { dataBytes }, (result) => (said = describePing(result)));
  fabric.run(5 * SECOND);
  return said;
}

describe('machines of a fabric', () => {
  it('take leases and make themselves addresses, in the VLANs that they are in', () => {
    const fabric = broughtUp();
    expect(addressesOf(fabric, 'b')).toEqual([
      'nic0 192.0.2.2/24',
      'nic0.10 198.51.100.100/24',
      expect.stringMatching(/^nic0\.10 2001:db8:10:0:.*\/64$/),
      expect.stringMatching(/^nic0\.10 fe80::/),
    ]);
    expect(addressesOf(fabric, 'c')).toEqual(['nic0 198.51.100.33/24', 'nic0.20 203.0.113.3/24']);
    expect(addressesOf(fabric, 'e')).toEqual([
      'nic0 198.51.100.101/24',
      expect.stringMatching(/^nic0 2001:db8:10:0:/),
      expect.stringMatching(/^nic0 fe80::/),
    ]);
    expect(
      fabric
        .machine('b')
        .host.routes.list()
        .map(({ bits, via }) => (bits === 0 && via !== undefined ? formatIp(via) : undefined)),
    ).toContain('198.51.100.1');
    expect(fabric.log.filter((line) => line.includes('from the DHCP server 198.51.100.1'))).toHaveLength(3);
  });

  it('reach each other within a VLAN, tagged or not, in one piece and in many', () => {
    const fabric = broughtUp();
    for (const [from, to] of [
      ['a', '192.0.2.2'],
      ['a', '198.51.100.33'],
      ['c', '198.51.100.101'],
      ['d', '203.0.113.1'],
      ['d', '203.0.113.3'],
      ['b', '2001:db8:10::1'],
    ] as const) {
      expect(ping(fabric, from, to), `${from} to ${to}`).toMatch(/^from .* hop limit 64/);
      expect(ping(fabric, from, to, 5000), `${from} to ${to}`).toMatch(/^from .* hop limit 64/);
    }
    const made = addressesOf(fabric, 'e')[1]!.split(' ')[1]!.replace('/64', '');
    expect(ping(fabric, 'a', made)).toMatch(/^from 2001:db8:10:0:/);
  });

  it('do not reach what is in another VLAN', () => {
    const fabric = broughtUp();
    // b asks its router, which has an address there and forwards nothing.
    expect(ping(fabric, 'b', '203.0.113.1')).toMatch(/^from 203/);
    expect(ping(fabric, 'b', '203.0.113.3')).toBe('no answer');
    // What the switch itself says is heard, and ignored.
    const { counters } = fabric.machine('d').nics[0]!.interfaces[0]!;
    const seen = counters.framesIn - counters.ignored;
    expect(ping(fabric, 'a', '192.0.2.99')).not.toMatch(/^from 192/);
    expect(counters.framesIn - counters.ignored).toBe(seen);
  });

  it('keep the network of an address of their own when a lease ends', () => {
    const both = 'e:\n    nics: { nic0: { mtu: 1400, dhcp: true, addresses: [192.0.2.5/24] } }';
    const fabric = virtualFabric(FABRIC.replace(/e:\n {4}nics: .*/, both), 1);
    fabric.run(20 * SECOND);
    const routes = (): string[] =>
      fabric
        .machine('e')
        .host.routes.list()
        .map((route) => `${formatIp(route.prefix)}/${route.bits}`);
    expect(routes().sort()).toEqual(['0.0.0.0/0', '192.0.2.0/24', '198.51.100.0/24']);
    for (const client of fabric.machine('e').dhcpClients.values()) client.stop();
    expect([routes(), addressesOf(fabric, 'e')]).toEqual([['192.0.2.0/24'], ['nic0 192.0.2.5/24']]);
  });

  it('give leases back when they stop, and ask again when a cable comes back', () => {
    const fabric = broughtUp();
    fabric.link('e:nic0').link.setUp(false);
    fabric.run(SECOND);
    fabric.link('e:nic0').link.setUp(true);
    fabric.run(20 * SECOND);
    expect(ping(fabric, 'e', '198.51.100.1')).toMatch(/^from 198/);
    const server = [...fabric.machine('a').dhcpServers.values()][0]!;
    expect(server.leases().map((lease) => lease.address)).toContain('198.51.100.101');
    fabric.machine('e').stop();
    fabric.run(SECOND);
    expect(server.leases().map((lease) => lease.address)).not.toContain('198.51.100.101');
    expect(addressesOf(fabric, 'e')).not.toContain('nic0 198.51.100.101/24');
  });
});
