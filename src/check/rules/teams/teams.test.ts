/** Teams and aggregations, beyond the example of each rule: pairs of switches, port groups of their own, what is not said. */
import { describe, expect, it } from 'vitest';
import { checkText } from '../../check-fabric.ts';
import { fabricExample } from '../../example.ts';

const problemsOf = (keys: string) => checkText(fabricExample(keys), 'x.yaml').problems;
const found = (keys: string): string[] => problemsOf(keys).map(({ rule, message }) => `${rule} ${message}`);
const ids = (keys: string): string[] => problemsOf(keys).map(({ rule }) => rule);

const host = (keys: string, os = 'linux'): string => `hosts:
  h:
    os: ${os}
    nics: { p1: {}, p2: {} }
    ${keys}
`;
const team = (keys: string): string => `teams: { bond0: { nics: [p1, p2], ${keys}addresses: [192.0.2.11/24] } }`;
const vSwitch = (keys: string, groups = ''): string =>
  `virtualSwitches: { vSwitch0: { uplinks: [p1, p2], ${keys}portGroups: { ${groups} } } }`;
const one = (tor: string): string => `switches: { tor1: { ${tor} } }\nlinks: [[h:p1, tor1:1], [h:p2, tor1:2]]\n`;
const two = (tor1: string, tor2: string): string =>
  `switches: { tor1: { ${tor1} }, tor2: { ${tor2} } }\nlinks: [[h:p1, tor1:1], [h:p2, tor2:1], [tor1:48, tor2:48]]\n`;
const lag = (keys: string, ports = '1, 2'): string => `aggregations: { T: { ports: [${ports}], ${keys} } }`;

const kinds = (second: string): string[] =>
  ids(
    `hosts: { h: { nics: { p1: { rdma: { kind: roce-v2 } }, p2: { ${second} } }, teams: { b: { nics: [p1, p2], mode: active-backup } } } }`,
  ).filter((id) => id === 'SW-1082');

const models = (embedded: boolean): string[] =>
  ids(
    `hosts: { h: { os: windows, nics: { p1: {}, p2: {} }, adapters: { a: { model: chelsio-t520-cr, ports: [p1] }, b: { model: chelsio-t6225-cr, ports: [p2] } }, virtualSwitches: { v: { kind: hyper-v, embeddedTeaming: ${embedded}, uplinks: [p1${embedded ? ', p2' : ''}] } } } }`,
  );

const sizes = (os: string): string[] =>
  found(`hosts: { h: { os: ${os}, nics: { p1: { mtu: 9000 }, p2: {} }, teams: { b: { nics: [p1, p2], mode: active-backup } } } }`);

describe('ports of a team', () => {
  it('are those of the machine, once', () => {
    expect(found(host('teams: { b: { nics: [p1, p1], mode: active-backup } }'))).toEqual(['SW-1081 `h:p1` is a port of `b` already.']);
    expect(found(host('teams: { b: { nics: [p1, p2], active: [p3], standby: [p2, p2] } }'))).toEqual([
      'SW-1080 `p3` is no port of team `b`.',
      'SW-1080 `p2` is in the order of team `b` twice.',
    ]);
    expect(
      found(
        host(
          'teams: { b: { nics: [p1, p2] } }, virtualSwitches: { v: { kind: bridge, uplinks: [b] } }'.replace(', virtual', '\n    virtual'),
        ),
      ),
    ).toEqual([]);
  });

  it('have no VLANs of their own', () => {
    const text = host(team('mode: active-backup, ')).replace('p1: {}', 'p1: { vlans: { 20: {} } }');
    expect(found(text)).toEqual(['SW-1081 `h:p1` has VLAN 20 of its own, and it is a port of `bond0`.']);
    const bridge = `hosts: { h: { os: linux, nics: { p1: { vlans: { 20: {} } } }, virtualSwitches: { br0: { kind: bridge, uplinks: [p1] } } } }`;
    expect(found(bridge)).toEqual([]);
  });

  it('may be shared by virtual switches where they are partitioned', () => {
    const both = host('virtualSwitches: { a: { uplinks: [p1] }, b: { uplinks: [p1] } }');
    expect(ids(both)).toEqual(['SW-1081']);
    expect(ids(both.replace('p1: {}', 'p1: { partitions: [{ min: 50 }, { min: 50 }] }'))).not.toContain('SW-1081');
  });

  it('are alike: RDMA kinds where both say one, models where SET needs it', () => {
    expect(kinds('rdma: { kind: iwarp }')).toEqual(['SW-1082']);
    expect(kinds('rdma: { kind: roce-v2 }')).toEqual([]);
    expect(kinds('')).toEqual([]);
    expect(sizes('windows')).toEqual(['SW-1082 `p2` has an MTU of 1500 and `p1` has an MTU of 9000, and both are ports of `h:b`.']);
    expect(sizes('linux')).toEqual([]);
    expect(models(true)).toEqual(['SW-1082']);
    expect(models(false)).toEqual([]);
  });
});

const tor = (ports: string, more = ''): string[] =>
  found(`switches: { tor1: { ports: { ${ports} }, aggregations: { A: { ports: [1, 2], mode: static }${more} } } }`);

describe('an aggregation', () => {
  it('is at one switch, or at two that are peers', () => {
    const lacp = host(team('mode: lacp, '));
    const half = lag('peerGroup: 5', '1');
    expect(ids(lacp + two(`peer: tor2, ${half}`, `peer: tor1, ${half}`))).toEqual([]);
    // Of a host of Linux one of two aggregations is in use at a time.
    expect(ids(lacp + two(lag('mode: lacp', '1'), lag('mode: lacp', '1')))).toEqual([]);
    expect(found(host(team('mode: static, ')) + two(lag('mode: static', '1'), lag('mode: static', '1')))).toEqual([
      'SW-1083 `h:bond0` is in mode `static`, which needs one aggregation at the switch, and its ports lead to 2: `tor1:T`, `tor2:T`.',
    ]);
    expect(found(lacp + one(''))).toEqual([
      'SW-1083 `h:bond0` is in mode `lacp`, which needs one aggregation at the switch, and `tor1:1` and `tor1:2` are in none.',
    ]);
  });

  it('is not asked for where a mode is not said, or where one port is left', () => {
    expect(ids(host(team('')) + one(lag('mode: static')))).toEqual([]);
    expect(ids(host(team('')) + one(''))).toEqual([]);
    expect(ids(host(team('mode: static, unused: [p2], ')) + one(''))).toEqual([]);
  });

  it('does not go with the mode that a standard switch has when nothing is said', () => {
    expect(found(host(vSwitch(''), 'esxi') + one(lag('mode: static')))).toEqual([
      'SW-1084 `h:vSwitch0` keeps each guest at one uplink, as nothing else is said, and `tor1:1` is part of the aggregation `T`.',
    ]);
    expect(ids(host(vSwitch('kind: bridge, '), 'linux') + one(lag('mode: static')))).toEqual([]);
  });

  it('over two switches is one, too', () => {
    const half = lag('peerGroup: 5', '1');
    expect(found(host(team('mode: active-backup, ')) + two(`peer: tor2, ${half}`, `peer: tor1, ${half}`))).toEqual([
      'SW-1084 `h:bond0` is in mode `active-backup`, and `tor1:1` is part of the aggregation `T`.',
    ]);
    // Two aggregations of one port each are none.
    expect(ids(host(team('mode: active-backup, ')) + two(lag('mode: static', '1'), lag('mode: static', '1')))).toEqual([]);
  });

  it('does not go with a port group that does it another way', () => {
    const group = 'Guests: { vlan: 10, teaming: { mode: port-id } }';
    expect(found(host(vSwitch('teaming: { mode: ip-hash }, ', group), 'esxi') + one(lag('mode: static, tagged: [10]')))).toEqual([
      'SW-1084 `h:Guests` is in mode `port-id`, and `tor1:1` is part of the aggregation `T`.',
    ]);
  });

  it('is nothing for ports that work each for itself', () => {
    const text = `hosts: { h: { nics: { p1: { addresses: [192.0.2.1/24] }, p2: { addresses: [198.51.100.1/24] } } } }\n${one(lag('mode: static'))}`;
    expect(found(text)).toEqual(['SW-1084 `h:p1` works for itself, and `tor1:1` is part of the aggregation `T`.']);
  });

  it('speaks LACP at both ends, and one begins', () => {
    expect(found(host(team('mode: lacp, ')) + one(lag('mode: static')))).toEqual([
      'SW-1085 `h:bond0` speaks LACP, and `tor1:T` is static.',
    ]);
    expect(ids(host(team('mode: lacp, lacpActive: false, ')) + one(lag('active: true')))).toEqual([]);
    expect(found(host(team('mode: lacp, lacpActive: false, ')) + one(lag('active: false')))).toEqual([
      'SW-1085 `h:bond0` and `tor1:T` only answer: neither of the two begins to speak LACP.',
    ]);
    const trunk = (keys: string): string[] =>
      found(
        `switches: { a: { ${lag('mode: lacp, active: false', '47, 48')} }, b: { ${lag(keys, '47, 48')} } }\nlinks: [[a:47, b:47], [a:48, b:48]]`,
      );
    expect(trunk('mode: lacp')).toEqual([]);
    expect(trunk('active: false')).toEqual(['SW-1085 `a:T` and `b:T` only answer: neither of the two begins to speak LACP.']);
    expect(trunk('mode: static')).toEqual(['SW-1085 `a:T` is in mode `lacp`, and `b:T`, at the other end, in mode `static`.']);
  });

  it('leads to one other end', () => {
    const spread = `hosts: { a: { nics: { p1: {} } }, b: { nics: { p1: {} } } }\nswitches: { tor1: { ${lag('mode: static')} } }\nlinks: [[a:p1, tor1:1], [b:p1, tor1:2]]`;
    expect(found(spread)).toEqual(['SW-1090 `tor1:T` leads to `a:p1` and to `b:p1`, which are not one.']);
    const pair = (peers: string): string =>
      `switches: { core: { ${lag('mode: lacp', '1, 2')} }, a: { peer: b, ${lag(`peerGroup: 1`, '48')} }, b: { ${peers}${lag('peerGroup: 1', '48')} } }\nlinks: [[core:1, a:48], [core:2, b:48]]`;
    expect(ids(pair('peer: a, '))).toEqual([]);
    expect(ids(pair(''))).toContain('SW-1091');
  });

  it('has ports that are alike and in no other', () => {
    expect(tor('1: { mtu: 9000 }, 2: { mtu: 1500 }')).toEqual([
      'SW-1089 `tor1:2` carries 1500 bytes and `tor1:1` carries 9000 bytes, and both are ports of `A`.',
    ]);
    expect(tor('1-2: {}', ', B: { ports: [2, 3] }')).toEqual(['SW-1089 Port `2` is in `A` already.']);
    expect(tor('1: { dcb: { pfc: [3] } }, 2: { dcb: { pfc: [] } }').filter((message) => message.startsWith('SW-1089'))).toEqual([
      'SW-1089 `tor1:2` has PFC on no priority and `tor1:1` has PFC on 3, and both are ports of `A`.',
    ]);
  });
});

describe('peers', () => {
  it('exist, name one another, and have both halves', () => {
    expect(found('switches: { a: { peer: c }, b: { peer: b } }')).toEqual([
      'SW-1091 There is no switch `c`.',
      'SW-1091 `b` is its own peer.',
    ]);
    expect(found(`switches: { a: { peer: b, ${lag('peerGroup: 1')} }, b: { peer: a, ${lag('peerGroup: 2')} } }`)).toEqual([
      'SW-1091 `a:T` is shared as 1, and `b` has no aggregation of that number.',
      'SW-1091 `b:T` is shared as 2, and `a` has no aggregation of that number.',
    ]);
    expect(found(`switches: { a: { ${lag('peerGroup: 1')} } }`)).toEqual(['SW-1091 `T` is shared with a peer, and `a` has none.']);
    expect(found(`switches: { a: { peer: b, ${lag('peerGroup: 1')} }, b: { peer: a, ${lag('peerGroup: 1, mode: static')} } }`)).toEqual([
      'SW-1091 `a:T` is `lacp`, and the other half, `b:T`, `static`.',
    ]);
  });
});

const mode = (keys: string, os = 'esxi', wide = ''): string[] =>
  found(wide + host(`virtualSwitches: { v: { uplinks: [p1, p2], ${keys} } }`, os));

const wide = (lacp: string): string => `distributedSwitches: { v: { uplinks: 2${lacp} } }\n`;

describe('modes of virtual switches', () => {
  it('are those of their kind', () => {
    expect(mode('teaming: { mode: load-based }')).toEqual(['SW-1086 `h:v` is in mode `load-based`, which a standard switch has not.']);
    expect(mode('kind: distributed, teaming: { mode: lacp }', 'esxi', wide(''))).toEqual([]);
    expect(mode('kind: distributed, teaming: { mode: lacp }', 'esxi', wide(', lacp: false'))).toEqual([
      'SW-1086 `h:v` is in mode `lacp`, and no LACP is set up on `v`.',
    ]);
    expect(mode('kind: hyper-v, embeddedTeaming: true, teaming: { mode: lacp }', 'windows')).toEqual([
      'SW-1086 `h:v` is in mode `lacp`, and switch embedded teaming works without the switch only.',
    ]);
    expect(mode('kind: hyper-v, embeddedTeaming: true, teaming: { mode: port-id }', 'windows')).toEqual([]);
    expect(mode('kind: open-vswitch, teaming: { mode: lacp }', 'linux')).toEqual([]);
  });

  it('notice failures in ways that fit', () => {
    expect(mode('teaming: { mode: ip-hash, detection: beacon }')).toEqual(['SW-1087 `h:v` sends beacons, and hashes by IP addresses.']);
    expect(found(host(team('mode: lacp, detection: arp, ')))).toEqual([
      'SW-1087 `h:bond0` probes by ARP, which does not go with mode `lacp`.',
    ]);
    const three = `hosts: { h: { nics: { a: {}, b: {}, c: {} }, virtualSwitches: { v: { uplinks: [a, b, c], teaming: { detection: beacon } } } } }`;
    expect(found(three)).toEqual([]);
  });

  it('that hash use all ports, in port groups too', () => {
    const group = (order: string): string[] => mode(`teaming: { mode: ip-hash }, portGroups: { G: { vlan: 10, teaming: { ${order} } } }`);
    expect(group('active: [p1], unused: [p2]')).toEqual([
      'SW-1088 `h:G` never uses `p2`, and `h:v` is in mode `ip-hash`, where all its ports are in use.',
    ]);
    expect(group('active: [p1]')).toEqual([
      'SW-1088 `h:G` leaves out `p2`, and `h:v` is in mode `ip-hash`, where all its ports are in use.',
    ]);
    expect(group('active: [p2, p1]')).toEqual([]);
    expect(mode('teaming: { mode: port-id }, portGroups: { G: { vlan: 10, teaming: { active: [p1], standby: [p2] } } }')).toEqual([]);
  });
});

it('switches are told of a failover, but for port groups that want it otherwise', () => {
  expect(mode('teaming: { notifySwitches: false }')).toEqual([
    'SW-1087 `h:v` does not tell the switches when it fails over: they send to the old port until they forget it.',
  ]);
  expect(mode('portGroups: { NLB: { vlan: 10, teaming: { notifySwitches: false } } }')).toEqual([]);
  expect(mode('teaming: { mode: ip-hash, notifySwitches: false }')).toEqual([]);
});

describe('names', () => {
  it('of port groups are known on the host, and stand for one', () => {
    const nic = (keys: string): string => host(`${vSwitch('', 'A: { vlan: 10 }')}\n    virtualNics: { vmk1: { ${keys} } }`, 'esxi');
    expect(found(nic('portGroup: vSwitch0'))).toEqual([]);
    expect(found(nic('portGroup: B'))).toEqual(['SW-1093 `h` has no port group `B`.']);
    expect(found(nic('virtualSwitch: vSwitch1'))).toEqual(['SW-1093 `h` has no virtual switch `vSwitch1`.']);
    expect(
      found(host('virtualSwitches: { v: { uplinks: [p1], portGroups: { A: {} } }, w: { uplinks: [p2], portGroups: { A: {} } } }', 'esxi')),
    ).toEqual(['SW-1093 `h` has a port group `A` in `v` already, and this one is of `w`.']);
  });

  it('of distributed switches are declared; how many uplinks is asked where it is said', () => {
    const part = host('virtualSwitches: { dvs: { kind: distributed, uplinks: [p1, p2] } }', 'esxi');
    expect(found(part)).toEqual(['SW-1092 `h` has a part of the distributed switch `dvs`, and there is none such.']);
    expect(ids(`distributedSwitches: { dvs: {} }\n${part}`)).toEqual([]);
    expect(ids(`distributedSwitches: { dvs: { uplinks: 1 } }\n${part}`)).toEqual(['SW-1092']);
    expect(ids(`distributedSwitches: { dvs: { uplinks: 8 } }\n${part}`)).toEqual(['SW-1094']);
  });
});

const storage = (keys: string): string[] => ids(host(keys, 'esxi'));

const by = (uplinks: string, service: string): string =>
  `virtualSwitches: { v: { uplinks: [${uplinks}], portGroups: { S: { vlan: 10 } } } }\n    virtualNics: { vmk1: { portGroup: S, services: [${service}], addresses: [192.0.2.11/24] } }`;

const cards = (more: string): string[] =>
  found(
    `hosts: { h: { nics: { p1: {}, p2: {}, p3: {} }, adapters: { a: { model: chelsio-t520-cr, ports: [p1, p2] }${more} }, teams: { b: { nics: [p1, p2], mode: active-backup } } } }`,
  );

const beside = (mode: string, tor: string): string[] =>
  ids(
    `${host(team(`mode: ${mode}, `))}  x: { nics: { p1: {} } }\nswitches: { tor1: { ${tor} }, tor2: {} }\nlinks: [[h:p1, tor1:1], [h:p2, tor1:2], [x:p1, tor2:1], [tor1:48, tor2:48]]`,
  );

describe('single points of failure', () => {
  it('are of storage, and where the host has more', () => {
    expect(storage(by('p1', 'nfs'))).toEqual(['SW-1095']);
    expect(storage(by('p1', 'vmotion'))).toEqual([]);
    expect(storage(by('p1, p2', 'nfs'))).toEqual([]);
    expect(ids(host(by('p1', 'nfs'), 'esxi').replace(', p2: {}', ''))).toEqual([]);
  });

  it('are not two virtual switches with a path each', () =>
    expect(
      storage(
        'virtualSwitches: { v: { uplinks: [p1], portGroups: { A: { vlan: 10 } } }, w: { uplinks: [p2], portGroups: { B: { vlan: 20 } } } }\n    virtualNics: { vmk1: { portGroup: A, services: [iscsi], addresses: [192.0.2.11/24] }, vmk2: { portGroup: B, services: [iscsi], addresses: [198.51.100.11/24] } }',
      ),
    ).toEqual([]));

  it('are cards where there is another, and not aggregations at one switch', () => {
    expect(cards('')).toEqual([]);
    expect(cards(', c: { model: chelsio-t520-cr, ports: [p3] }').map((text) => text.slice(0, 7))).toContain('SW-1096');
    expect(beside('active-backup', '')).toEqual(['SW-1096']);
    expect(beside('static', lag('mode: static'))).toEqual([]);
  });
});

const bound = (uplinks: string, order: string): string[] =>
  ids(
    host(
      `virtualSwitches: { v: { uplinks: [${uplinks}], portGroups: { A: { vlan: 10${order} } } }, w: { uplinks: [${uplinks === 'p1' ? 'p2' : ''}] } }\n    virtualNics: { vmk1: { portGroup: A, addresses: [192.0.2.11/24] } }\n    iscsi: { vmhba64: { initiator: iqn.1998-01.com.vmware:esx1, portBinding: [vmk1], discovery: ["192.0.2.20:3260"] } }`,
      'esxi',
    ),
  ).filter((id) => id === 'SW-1097');

it('an interface that iSCSI is bound to has one active uplink, by its own order or for want of others', () => {
  expect(bound('p1', '')).toEqual([]);
  expect(bound('p1, p2', '')).toEqual(['SW-1097']);
  expect(bound('p1, p2', ', teaming: { active: [p1] }')).toEqual([]);
  expect(bound('p1, p2', ', teaming: { standby: [p2] }')).toEqual(['SW-1097']);
});

const set = (count: number, embedded: boolean, kind = 'hyper-v'): string[] => {
  const ports = Array.from({ length: count }, (_, index) => `p${index}`);
  return ids(
    `hosts: { h: { os: windows, nics: { ${ports.map((port) => `${port}: {}`).join(', ')} }, virtualSwitches: { v: { kind: ${kind}, embeddedTeaming: ${embedded}, uplinks: [${ports.join(', ')}] } } } }`,
  );
};

const paths = (second: string): string[] =>
  ids(`${host(
    `virtualSwitches: { v: { uplinks: [p1], portGroups: { A: { vlan: 10 } } }, w: { uplinks: [p2], portGroups: { B: { vlan: 10 } } } }
    virtualNics: { vmk1: { portGroup: A, services: [iscsi], addresses: [192.0.2.11/24] }, vmk2: { portGroup: B, services: [iscsi], addresses: [192.0.2.12/24] } }
    iscsi: { vmhba64: { initiator: iqn.1998-01.com.vmware:esx1, portBinding: [vmk1, vmk2], discovery: ["192.0.2.20:3260"] } }`,
    'esxi',
  )}  x: { nics: { p1: {} } }
switches: { tor1: { ports: { 1-48: { tagged: [10], untagged: 1 } } }, tor2: { ports: { 1-48: { tagged: [10], untagged: 1 } } } }
links: [[h:p1, tor1:1], [h:p2, ${second}], [x:p1, tor2:2], [tor1:48, tor2:48]]`);

it('paths of iSCSI are at different switches, where there are two', () => {
  expect(paths('tor2:1')).toEqual([]);
  expect(paths('tor1:2')).toEqual(['SW-1096']);
});

it('switch embedded teaming has up to eight ports, and Hyper-V without it one', () => {
  expect(set(8, true)).toEqual([]);
  expect(set(9, true)).toEqual(['SW-1098']);
  expect(set(1, false)).toEqual([]);
  expect(set(2, false)).toEqual(['SW-1098']);
  expect(set(2, true, 'bridge')).toEqual(['SW-1098']);
});
