/** VLANs and frame sizes from end to end, beyond the example of each rule: several hops, what is not said, one cause told once. */
import { describe, expect, it } from 'vitest';
import { checkText } from '../../check-fabric.ts';
import { fabricExample } from '../../example.ts';

const problemsOf = (keys: string) => checkText(fabricExample(keys), 'x.yaml').problems;
const found = (keys: string): string[] => problemsOf(keys).map(({ rule, message }) => `${rule} ${message}`);

const NUMBERS = { host1: 11, host2: 12, host3: 13 };
const hosts = (names: readonly (keyof typeof NUMBERS)[], keys = ''): string =>
  `hosts:\n${names.map((name) => `  ${name}: { nics: { p1: { ${keys}addresses: [192.0.2.${NUMBERS[name]}/24] } } }\n`).join('')}`;

const chain = (left: string, right: string, more = ''): string => `${hosts(['host1', 'host2', 'host3'])}switches:
  leaf1: { ports: { 1-2: { vlan: 20 }, 48: { tagged: [10, 20] }${more} } }
  spine: { ports: { 1: { ${left} }, 2: { ${right} } } }
  leaf2: { ports: { 1: { vlan: 20 }, 48: { tagged: [10, 20] } } }
links: [[host1:p1, leaf1:1], [host3:p1, leaf1:2], [host2:p1, leaf2:1], [leaf1:48, spine:1], [spine:2, leaf2:48]]
`;

describe('a VLAN on its way', () => {
  it('is missed at the port that lacks it, however far, and once for all who miss it', () => {
    expect(found(chain('tagged: [10, 20]', 'tagged: [10]'))).toEqual([
      'SW-1065 `spine:2` does not carry VLAN 20, on the way between `host1:p1` and `host2:p1`, both in `192.0.2.0/24`.',
    ]);
    expect(found(chain('tagged: [10]', 'tagged: [10]'))).toEqual([
      'SW-1065 `spine:1` does not carry VLAN 20, on the way between `host1:p1` and `host2:p1`, both in `192.0.2.0/24`.',
    ]);
    expect(found(chain('tagged: [10, 20]', 'tagged: [10, 20]'))).toEqual([]);
  });

  it('may lead through the world', () =>
    expect(found(chain('tagged: [10, 20]', 'tagged: [10]', ', 9: { vlan: 20, attach: { tap: t0 } }'))).toEqual([]));

  it('is missed at the aggregation, if it is one', () => {
    const problems = problemsOf(`${hosts(['host1', 'host2'])}switches:
  tor1: { ports: { 1: { vlan: 20 } }, aggregations: { Po1: { ports: [47, 48], tagged: [10] } } }
  tor2: { ports: { 1: { vlan: 20 } }, aggregations: { Po1: { ports: [47, 48], tagged: [10, 20] } } }
links: [[host1:p1, tor1:1], [host2:p1, tor2:1], [tor1:47, tor2:47], [tor1:48, tor2:48]]
`);
    expect(problems.map(({ rule, where }) => [rule, where])).toEqual([['SW-1065', 'switches.tor1.aggregations.Po1']]);
  });

  it('is not missed between two networks of the same numbers that no cable joins', () =>
    expect(
      found(`${hosts(['host1', 'host2'])}switches:
  tor1: { ports: { 1: { vlan: 20 } } }
  tor2: { ports: { 1: { vlan: 20 } } }
links: [[host1:p1, tor1:1], [host2:p1, tor2:1]]
`),
    ).toEqual([]));
});

const esx = (keys: string, ports: string, more = ''): string => `hosts:
  esx1:
    os: esxi
    nics: { vmnic0: {}, vmnic1: {}, vmnic2: { sriov: { functions: 2, each: { 1: { vlan: 30 } } } } }
    ${keys}
switches:
  tor1: { ports: { ${ports} } }
  tor2: { ports: { ${ports} } }
links: [[esx1:vmnic0, tor1:1], [esx1:vmnic1, tor2:1], [esx1:vmnic2, tor1:2]${more}, [tor1:48, tor2:48]]
`;
const vSwitch = (group: string): string => `virtualSwitches: { vSwitch0: { uplinks: [vmnic0, vmnic1], portGroups: { G: { ${group} } } } }`;
const TRUNK = '48: { tagged: [20] }';

const missing = (tor: number): string =>
  `SW-1067 Port group \`esx1:G\` sends VLAN 20 by \`vmnic${tor - 1}\`, and \`tor${tor}:1\` does not carry it.`;

const rdma = (nic: string, port: string): string[] =>
  found(
    `hosts: { a: { nics: { p1: { dcb: { pfc: [3] }, rdma: { kind: roce-v1, priority: 3 }${nic} } } } }\nswitches: { tor1: { dcb: { pfc: [3] }, ports: { 1: { ${port} } } } }\nlinks: [[a:p1, tor1:1]]`,
  ).filter((one) => one.startsWith('SW-106'));

describe('uplinks', () => {
  it('carry the VLAN where they can be used, not where they never are', () => {
    const port = `1: { tagged: [10] }, 2: { tagged: [30] }, ${TRUNK}`;
    expect(found(esx(vSwitch('vlan: 20'), port))).toEqual([missing(1), missing(2)]);
    expect(found(esx(vSwitch('vlan: 20, teaming: { active: [vmnic0], standby: [vmnic1] }'), port))).toHaveLength(2);
    expect(found(esx(vSwitch('vlan: 20, teaming: { active: [vmnic0], unused: [vmnic1] }'), port))).toEqual([missing(1)]);
  });

  it('are told under the port that lacks the VLANs', () => {
    const groups = 'virtualSwitches: { vSwitch0: { uplinks: [vmnic0], portGroups: { A: { vlan: 20 }, B: { vlan: 21 } } } }';
    const problems = problemsOf(esx(groups, `1: { tagged: [10] }, 2: {}, ${TRUNK}`));
    expect(problems.map(({ rule, cause }) => [rule, cause?.where])).toEqual([
      ['SW-1067', 'switches.tor1.ports["1"]'],
      ['SW-1067', 'switches.tor1.ports["1"]'],
    ]);
  });

  it('are those of virtual functions and teams too; adapter ports have their own rule', () => {
    const guest = 'vms: { vm1: { nics: { eth0: { kind: pass-through, function: vmnic2/1 } } } }';
    expect(found(esx(guest, `1: {}, 2: { tagged: [10] }, ${TRUNK}`))).toEqual([
      'SW-1067 Interface `esx1:vm1/eth0` sends VLAN 30 by `vmnic2`, and `tor1:2` does not carry it.',
    ]);
    const team = 'teams: { bond0: { nics: [vmnic0, vmnic1], mode: active-backup, vlans: { 20: {} } } }';
    expect(found(esx(team, `1: { tagged: [10], untagged: 20 }, 2: {}, ${TRUNK}`))).toEqual([
      'SW-1068 Interface `esx1:bond0.20` tags VLAN 20 at `vmnic0`, and `tor1:1` carries it without tags.',
      'SW-1068 Interface `esx1:bond0.20` tags VLAN 20 at `vmnic1`, and `tor2:1` carries it without tags.',
    ]);
    expect(
      found(
        `hosts: { a: { nics: { p1: { vlans: { 20: {} } } } } }\nswitches: { tor1: { ports: { 1: { vlan: 20 } } } }\nlinks: [[a:p1, tor1:1]]`,
      ),
    ).toEqual([expect.stringMatching(/^SW-1057 /)]);
  });

  it('at ports that are shut down are not looked at', () =>
    expect(found(esx(vSwitch('vlan: 20'), `1: { disabled: true }, 2: {}, ${TRUNK}`))).toEqual([]));

  it('need no native VLAN for a port group that nobody is in', () => {
    const port = `1: { tagged: [20] }, 2: {}, ${TRUNK}`;
    expect(found(esx(vSwitch(''), port))).toEqual([]);
    const vmk = (group: string): string => `${vSwitch(group)}\n    virtualNics: { vmk0: { portGroup: G, addresses: [192.0.2.11/24] } }`;
    expect(found(esx(vmk(''), port))).toEqual([
      'SW-1069 Port group `esx1:G` sends frames without a tag by `vmnic0`, and `tor1:1` drops them.',
      'SW-1069 Port group `esx1:G` sends frames without a tag by `vmnic1`, and `tor2:1` drops them.',
    ]);
    expect(found(esx(vmk('vlan: 20'), port))).toEqual([]);
  });

  it('need one for RDMA that has a priority and no VLAN', () => {
    expect(rdma('', 'tagged: [20]')).toEqual(['SW-1069 `a:p1` puts RDMA in priority 3 without a VLAN, and `tor1:1` drops what has none.']);
    expect(rdma('', 'tagged: [20], untagged: 10')).toEqual([]);
    expect(rdma(', vlans: { 20: {} }', 'tagged: [20]')).toEqual([]);
  });
});

const tor = (vlans: string, ports: string, more = ''): string[] =>
  found(`${hosts(['host1'], more)}switches: { tor1: { vlans: { ${vlans} }, ports: { ${ports} } } }\nlinks: [[host1:p1, tor1:1]]\n`);

describe('VLANs of a switch', () => {
  it('are there from the factory, in ranges, or by name', () => {
    expect(tor('20: {}', '1: { trunk: all }')).toEqual([]);
    expect(tor('20: {}', '1: {}, 2: { tagged: [10-29] }')).toEqual([]);
    expect(tor('20: {}', '1: { trunk: [20], native: none }, 2: { trunk: [20], native: 999 }').join()).not.toContain('SW-1070');
    expect(tor('20: {}', '1: {}, 2: { tagged: [20, 30] }, 3: { tagged: [30] }')).toEqual([
      'SW-1070 `tor1:2` is in VLAN 30, and `tor1` has no such VLAN.',
    ]);
  });

  it('are those that stations use behind `all`', () =>
    expect(tor('20: {}', '1: { trunk: all }', 'vlans: { 30: {} }, ')).toEqual([
      'SW-1070 `host1:p1.30` is in VLAN 30, and `tor1` has no such VLAN.',
    ]));

  it('are idle without a port, unless the switch routes there', () => {
    expect(tor('20: {}, 30: {}', '1: { vlan: 20 }')).toEqual(['SW-1071 VLAN 30 is set up on `tor1`, and none of its ports carries it.']);
    expect(tor('20: {}, 30: { addresses: [198.51.100.1/24] }', '1: { vlan: 20 }')).toEqual([]);
    expect(found('switches: { tor1: { vlans: { 20: {} } } }')).toEqual([]);
  });
});

const guest = (group: string, nic: string, port: string): string[] =>
  found(esx(`${vSwitch(group)}\n    vms: { vm1: { nics: { eth0: { portGroup: G${nic} } } } }`, `1: { ${port} }, 2: {}, ${TRUNK}`));

describe('guests that tag', () => {
  it('keep to the VLANs of their trunk', () => {
    expect(guest('trunk: [10-29]', ', vlan: 20', 'tagged: [20]')).toEqual([]);
    expect(guest('trunk: [10-19]', ', vlan: 20', 'tagged: [20]')).toEqual([
      'SW-1072 `esx1:vm1/eth0` tags VLAN 20, and port group `G` passes 10-19 only.',
    ]);
  });

  it('need a port that takes tags', () => {
    expect(guest('vlan: 4095', '', 'vlan: 20')).toEqual([
      'SW-1072 Port group `esx1:G` leaves tags to its guests, and `tor1:1`, where `vmnic0` leads, takes no tags.',
      'SW-1072 Port group `esx1:G` leaves tags to its guests, and `tor2:1`, where `vmnic1` leads, takes no tags.',
    ]);
    expect(guest('vlan: 4095', '', 'tagged: [20]')).toEqual([]);
    // That the port lacks the guest's VLAN is told of the guest alone.
    expect(guest('vlan: 4095', ', vlan: 10', 'vlan: 20').every((one) => one.startsWith('SW-1067'))).toBe(true);
  });
});

const memberPorts = (port: string): string[] =>
  found(`switches: { tor1: { ports: { 1-2: { ${port} } }, aggregations: { Po1: { ports: [1-2], trunk: [10, 20], native: 10 } } } }`);

it('ports of an aggregation may repeat its VLANs', () => {
  expect(memberPorts('trunk: [20, 10], native: 10')).toEqual([]);
  expect(memberPorts('tagged: [20], untagged: 10')).toEqual([]);
  expect(memberPorts('trunk: [20, 10], native: 20')).toHaveLength(1);
});

const jumbo = (names: readonly (keyof typeof NUMBERS)[]): string => hosts(names, 'mtu: 9000, ');

const leaves = (middle: string, links: string): string => `switches:
  leaf1: { ports: { 1-2: { vlan: 20 }, 47-48: { tagged: [20] } } }
  spine: { ports: { 1-3: { tagged: [20]${middle} } } }
  leaf2: { ports: { 1: { vlan: 20 }, 48: { tagged: [20] } } }
  leaf3: { ports: { 48: { tagged: [20] } } }
links:
${links}  - [leaf1:48, spine:1]
  - [leaf2:48, spine:2]
`;

const third = (mtu: number): string => `  - { ends: [leaf3:48, spine:3], mtu: ${mtu} }\n`;

const ring = (mtu: number): string =>
  `${jumbo(['host1', 'host2'])}switches: { a: { ports: { 1: { vlan: 20 }, 47-48: { tagged: [20] } } }, b: { ports: { 1: { vlan: 20 }, 47-48: { tagged: [20] } } }, c: { ports: { 47-48: { tagged: [20] } } } }
links: [[host1:p1, a:1], [host2:p1, b:1], [a:47, b:47], [a:48, c:47], { ends: [b:48, c:48], mtu: ${mtu} }]
`;

const vmk = (mtu: string, port: string): string[] =>
  found(
    esx(
      `virtualSwitches: { vSwitch0: { uplinks: [vmnic0, vmnic1], ${mtu}portGroups: { G: { vlan: 20 } } } }\n    virtualNics: { vmk1: { portGroup: G, mtu: 9000, addresses: [192.0.2.11/24] } }`,
      `1: { tagged: [20]${port} }, 2: {}, ${TRUNK}`,
    ),
  );

const wide = (mtu: string): string[] =>
  found(
    `distributedSwitches: { dvs: { uplinks: 2${mtu}, portGroups: { G: { vlan: 20 } } } }\n${esx('virtualSwitches: { dvs: { kind: distributed, uplinks: [vmnic0, vmnic1] } }\n    virtualNics: { vmk1: { portGroup: G, mtu: 9000, addresses: [192.0.2.11/24] } }', `1: { tagged: [20] }, 2: {}, ${TRUNK}`)}`,
  );

const windows = (mtu: number, said = ''): string[] =>
  found(
    `hosts: { w: { os: windows, nics: { p1: { mtu: ${mtu} }, p2: { mtu: ${mtu} } }, virtualSwitches: { v: { kind: hyper-v, embeddedTeaming: true, uplinks: [p1, p2]${said} } }, virtualNics: { S: { virtualSwitch: v, mtu: 9000, addresses: [192.0.2.1/24] } } } }`,
  );

describe('large frames', () => {
  it('need room at each switch between them, not on the way to nobody', () => {
    const ends = '  - [host1:p1, leaf1:1]\n  - [host2:p1, leaf2:1]\n';
    expect(found(jumbo(['host1', 'host2']) + leaves('', ends + third(1500)))).toEqual([]);
    expect(found(jumbo(['host1', 'host2']) + leaves(', mtu: 1500', ends))).toEqual([
      'SW-1075 `spine:1` carries 1500 bytes, and it is on the way between `host1:p1` and `host2:p1`, which send up to 9000.',
    ]);
    expect(found(jumbo(['host1', 'host3']) + leaves(', mtu: 1500', '  - [host1:p1, leaf1:1]\n  - [host3:p1, leaf1:2]\n'))).toEqual([]);
  });

  it('may take the other side of a ring when spanning tree turns', () => {
    expect(found(ring(9000))).toEqual([]);
    expect(found(ring(8999))).toEqual([
      'SW-1075 The link between `b:48` and `c:48` carries 8999 bytes, and it is on the way between `host1:p1` and `host2:p1`, which send up to 9000.',
    ]);
  });

  it('are told of once where the first switch is too narrow already', () => {
    const ends = '  - [host1:p1, leaf1:1]\n  - [host2:p1, leaf2:1]\n';
    const text = (jumbo(['host1', 'host2']) + leaves('', ends)).replaceAll(/leaf(\d): \{/g, 'leaf$1: { mtu: 1500,');
    expect(found(text).map((one) => one.slice(0, 7))).toEqual(['SW-1058', 'SW-1058']);
  });

  it('pass the virtual switch, and then its uplinks', () => {
    expect(vmk('mtu: 9000, ', '')).toEqual([]);
    expect(vmk('', '')).toEqual(['SW-1078 `esx1:vmk1` sends packets of up to 9000 bytes, and `vSwitch0` carries 1500.']);
    expect(vmk('mtu: 9000, ', ', mtu: 1500')).toEqual([
      'SW-1075 `esx1:vmk1` sends packets of up to 9000 bytes, and `tor1:1` carries 1500.',
      'SW-1075 `esx1:vmk1` sends packets of up to 9000 bytes, and `tor2:1` carries 1500.',
    ]);
  });

  it('are those of the distributed switch, and on Windows of the adapter', () => {
    expect(wide(', mtu: 9000')).toEqual([]);
    expect(wide('')).toHaveLength(1);
    expect(windows(9000)).toEqual([]);
    expect(windows(1500, ', mtu: 9000')).toEqual(windows(1500));
    expect(windows(1500)).toEqual(['SW-1078 `w:S` sends packets of up to 9000 bytes, and its uplink `p1` carries 1500.']);
  });
});

const mtus = (third: string): string => `hosts:
  host1: { nics: { p1: { mtu: 9000, addresses: [192.0.2.11/24] } } }
  host2: { nics: { p1: { mtu: 9000, addresses: [192.0.2.12/24] } } }
  host3: { nics: { p1: { ${third} } } }
switches: { tor1: {} }
links: [[host1:p1, tor1:1], [host2:p1, tor1:2], [host3:p1, tor1:3]]
`;

const team = (mtu: string): string =>
  mtus('mtu: 1500, addresses: [192.0.2.13/24]').replace(
    'nics: { p1: { mtu: 1500, addresses: [192.0.2.13/24] } }',
    `nics: { p1: { mtu: 9000 } }, teams: { b: { nics: [p1], ${mtu}addresses: [192.0.2.13/24] } }`,
  );

describe('MTUs of a network', () => {
  it('are told of the few that differ', () => {
    const [problem, ...more] = problemsOf(mtus('mtu: 1500, addresses: [192.0.2.13/24]'));
    expect(more).toEqual([]);
    expect(problem).toMatchObject({
      rule: 'SW-1076',
      severity: 'warning',
      message: '`host3:p1` has an MTU of 1500 in `192.0.2.0/24`, and `host1:p1` of 9000.',
      where: 'hosts.host3.nics.p1.mtu',
    });
  });

  it('of a team are not known where it says none', () => {
    expect(found(team(''))).toEqual([]);
    expect(found(team('mtu: 1500, '))).toHaveLength(1);
  });

  it('are nothing to other networks of the VLAN', () => expect(found(mtus('addresses: [198.51.100.13/24]'))).toEqual([]));
});

const fcoe = (tor: number, link: number): string[] =>
  found(
    `hosts: { a: { nics: { p1: { fcoe: { vlan: 20 } } } } }\nswitches: { tor1: { mtu: ${tor}, ports: { 1: { tagged: [20], untagged: 1 } } } }\nlinks: [{ ends: [a:p1, tor1:1], mtu: ${link} }]`,
  );

it('FCoE needs a payload of 2158 bytes at the switch and on the link', () => {
  expect(fcoe(2158, 2158)).toEqual([]);
  expect(fcoe(2157, 2158)).toEqual(['SW-1079 FCoE of `a:p1` needs payloads of 2158 bytes, and `tor1:1` carries 2157.']);
  expect(fcoe(9216, 2000)).toEqual(['SW-1079 FCoE of `a:p1` needs payloads of 2158 bytes, and the link to `tor1:1` carries 2000.']);
});
