/** Overlays, beyond the example of each rule: tunnel ends at virtual switches, IPv6, replication of single networks, routes. */
import { describe, expect, it } from 'vitest';
import { checkText } from '../../check-fabric.ts';
import { fabricExample } from '../../example.ts';
import { MULTICAST, overlayExample, UNICAST } from './examples.ts';

const found = (text: string): string[] => checkText(text, 'x.yaml').problems.map(({ rule, message }) => `${rule} ${message}`);
const ids = (text: string): string[] => checkText(text, 'x.yaml').problems.map(({ rule }) => rule);
const vxlan = (text: string): string[] => found(overlayExample({ vxlan: text }));

describe('identifiers', () => {
  it('are of a pool where there are any, from its first to its last', () => {
    expect(vxlan(UNICAST.replace('5000-5999', '5001-5001'))).toEqual([]);
    expect(vxlan(UNICAST.replace('5000-5999', '5002-5999'))).toEqual([
      'SW-1099 `red` has the identifier 5001, and the pools are 5002-5999.',
    ]);
    expect(vxlan(UNICAST.replace('segments: [5000-5999]', 'port: 8472'))).toEqual([]);
  });

  it('below 5000 are told of once', () => {
    expect(vxlan(UNICAST.replace('[5000-5999]', '[100-200, 5000-5999]').replace('5001', '150'))).toEqual([
      'SW-1109 This pool begins at 100: controllers such as NSX begin at 5000.',
    ]);
    expect(vxlan(UNICAST.replace('segments: [5000-5999]', 'port: 4789').replace('5001', '4999'))).toEqual([
      'SW-1109 `red` has the identifier 4999: controllers such as NSX begin at 5000.',
    ]);
  });
});

describe('names', () => {
  it('are those of hosts, zones and networks', () => {
    expect(vxlan(UNICAST.replace('[host1, host2]', '[host1, host2, hots3]'))).toEqual(['SW-1101 There is no host `hots3`.']);
    expect(vxlan(UNICAST.replace('red', 'blue'))).toEqual([
      'SW-1101 There is no logical network `red`.',
      'SW-1101 There is no logical network `red`.',
    ]);
    expect(found(fabricExample('hosts: { a: { vms: { v: { nics: { e: { network: red } } } } } }'))).toEqual([
      'SW-1101 There is no logical network `red`.',
    ]);
  });

  it('of tunnel ends are interfaces with addresses, in a VLAN or at a virtual switch too', () => {
    const vteps2 = (name: string): string[] => found(overlayExample({ vteps2: `vteps: [${name}]` }));
    expect(vteps2('p2')).toEqual(['SW-1102 `host2` has no interface `p2`.']);
    expect(found(overlayExample({ vtep2: 'dhcp: true' }))).toEqual([]);
    expect(found(overlayExample({ vtep2: 'dhcp: false' }))).toEqual(['SW-1102 `host2:p1` is a tunnel end, and has no address.']);
    const tagged = overlayExample({
      vtep2: 'vlans: { 10: { addresses: [192.0.2.12/24] } }',
      vteps2: 'vteps: [p1.10]',
      port2: 'tagged: [10]',
    });
    expect(found(tagged)).toEqual([]);
  });
});

describe('replication', () => {
  const POOL = 'groups: [239.1.0.0-239.1.0.255]\n  ';
  it('of a network may differ from its zone', () => {
    expect(vxlan(UNICAST.replace('zone: zone1 }', 'zone: zone1, replication: hybrid }'))).toEqual([
      'SW-1104 `red` is replicated by hybrid, and has no multicast group, nor are there any to choose from.',
    ]);
    expect(vxlan(MULTICAST.replace(', group: 239.1.0.1', ', replication: unicast'))).toEqual([]);
  });

  it('takes groups of the ranges, to the last', () => {
    const group = (address: string): string[] => vxlan(POOL + MULTICAST.replace('239.1.0.1', address));
    expect(vxlan(POOL + MULTICAST.replace(', group: 239.1.0.1', ''))).toEqual([]);
    expect(group('239.1.0.255')).toEqual([]);
    expect(group('239.1.1.0')).toEqual(['SW-1104 `239.1.1.0` is in none of the ranges of `groups`.']);
    expect(group('192.0.2.1')).toEqual(['SW-1104 `192.0.2.1` is no multicast address.']);
    expect(group('ff05::1')).toEqual(['SW-1104 `ff05::1` is in none of the ranges of `groups`.']);
    expect(vxlan(`groups: [239.1.0.0-240.0.0.1]\n  ${MULTICAST}`)).toEqual(['SW-1104 `240.0.0.1` is no multicast address.']);
  });

  it('needs somebody who asks, unless nobody knows who does', () => {
    const vlan = (keys: string): string[] => found(overlayExample({ vxlan: MULTICAST, vlan: keys }));
    expect(vlan('igmpSnooping: true')).toEqual([]);
    expect(vlan('name: overlay')).toEqual([]);
    expect(vlan('igmpSnooping: true, igmpQuerier: false')).toEqual([
      'SW-1106 No switch asks for memberships (IGMP querier) in VLAN 10, where tunnel ends of `zone1` are, and the zone uses multicast.',
    ]);
    expect(found(overlayExample({ vlan: 'igmpSnooping: false' }))).toEqual([]);
  });
});

const esx = (mtu: string, port: string): string[] =>
  ids(
    fabricExample(`hosts:
  esx1:
    os: esxi
    nics: { p1: {}, p2: {} }
    virtualSwitches: { dvs: { kind: distributed, uplinks: [p1, p2] } }
    virtualNics: { vmk3: { portGroup: Tunnels, mtu: 1600, services: [vtep], addresses: [192.0.2.11/24] } }
    vteps: [vmk3]
    vms: { vm1: { nics: { eth0: { network: red } } } }
distributedSwitches: { dvs: { uplinks: 2${mtu}, portGroups: { Tunnels: { vlan: 10 } } } }
switches:
  tor1: { ports: { 1: { tagged: [10]${port} }, 48: { tagged: [10] } } }
  tor2: { ports: { 1: { tagged: [10] }, 48: { tagged: [10] } } }
links: [[esx1:p1, tor1:1], [esx1:p2, tor2:1], [tor1:48, tor2:48]]
vxlan:
  zones: { zone1: { hosts: [esx1] } }
  networks: { red: { segment: 5001, zone: zone1 } }`),
  );

describe('tunnel ends', () => {
  it('reach one another by routes, each way', () => {
    const text = overlayExample({ vtep2: 'addresses: [198.51.100.12/24]', port2: 'vlan: 20' });
    expect(found(text)).toEqual([
      'SW-1107 `host1:p1` has no way to `198.51.100.12`, the tunnel end of `host2` in the same zone.',
      'SW-1107 `host2:p1` has no way to `192.0.2.11`, the tunnel end of `host1` in the same zone.',
    ]);
  });

  it('of one network are in one VLAN', () =>
    expect(found(overlayExample({ port2: 'vlan: 20' }))).toEqual([
      'SW-1107 `host2:p1` is in VLAN 20, and `host1:p1`, a tunnel end of the same zone and network, in VLAN 10.',
    ]));

  it('have room for what guests send: 50 bytes, or 70 over IPv6', () => {
    const six = (mtu: number): string[] =>
      ids(overlayExample({ guest: `, mtu: ${mtu}`, vtep1: 'addresses: ["2001:db8::11/64"]', vtep2: 'addresses: ["2001:db8::12/64"]' }));
    expect(six(1530)).toEqual([]);
    expect(six(1531)).toEqual(['SW-1108', 'SW-1108']);
    // Usual guests, and nobody thought of the tunnel.
    const usual = overlayExample({}).replaceAll('mtu: 1600, ', '');
    expect(found(usual)).toEqual([
      'SW-1108 `host1:vm1/eth0` sends packets of up to 1500 bytes, which are 1550 in a tunnel, and the tunnel end `host1:p1` has an MTU of 1500.',
      'SW-1108 `host1:vm1/eth0` sends packets of up to 1500 bytes, which are 1550 in a tunnel, and the tunnel end `host2:p1` has an MTU of 1500.',
    ]);
    expect(ids(usual.replaceAll(/ {4}vms: .*\n/g, ''))).toEqual([]);
  });

  it('at a virtual switch need as much of it, and of the way', () => {
    expect(esx(', mtu: 1600', '')).toEqual([]);
    expect(esx('', '')).toEqual(['SW-1078']);
    expect(esx(', mtu: 1600', ', mtu: 1550')).toEqual(['SW-1075']);
  });
});
