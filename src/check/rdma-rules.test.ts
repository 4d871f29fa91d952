/** Rules over RDMA where they are easily wrong: who talks to whom, sizes to the byte, policies of Windows, interfaces at virtual switches. */
import { describe, expect, it } from 'vitest';
import { checkText } from './check-fabric.ts';
import { machineExample } from './example.ts';
import { hyperVExample, iserExample, pairExample, windowsExample } from './rules/rdma/examples.ts';

const found = (text: string): string[] => checkText(text, 'fabric.yaml').problems.map(({ rule, message }) => `${rule} ${message}`);
const rules = (text: string): string[] => [...new Set(checkText(text, 'fabric.yaml').problems.map(({ rule }) => rule))].toSorted();

describe('kinds of RDMA', () => {
  it('differ between the versions of RoCE, too', () => {
    expect(found(iserExample('rdma: roce-v1', 'rdma: roce-v2'))).toEqual([
      'SW-1148 `esx1:nic0` does RoCE v1, and its portal at `array1:eth0` does RoCE v2.',
    ]);
  });

  it('of machines in different networks are their own affair', () => {
    const apart = pairExample('rdma: roce-v2', 'rdma: iwarp').replace('192.0.2.12/24', '198.51.100.12/24');
    expect(rules(apart)).toEqual([]);
    expect(rules(pairExample('rdma: roce-v2', 'rdma: iwarp'))).toEqual(['SW-1149']);
    expect(rules(pairExample('rdma: roce-v2', 'rdma: { kind: iwarp, enabled: false }'))).toEqual([]);
  });

  it('of one machine that differ from all others are told once', () => {
    const text = pairExample('rdma: roce-v2', 'rdma: roce-v1').replace(
      'vlans: { 2: { addresses: [192.0.2.12/24] } }',
      'vlans: { 2: { addresses: [192.0.2.12/24, 192.0.2.13/24] } }',
    );
    expect(found(text)).toHaveLength(1);
  });

  it('RoCE v2 goes through routers', () => {
    expect(rules(iserExample('rdma: roce-v2', 'rdma: roce-v2', '198.51.100.11/24', '198.51.100.1'))).toEqual([]);
  });

  it.each([
    ['mellanox-connectx-4-en', 'roce-v2', []],
    ['mellanox-connectx-4-en', 'iwarp', ['SW-1151']],
    ['chelsio-t580-lp-cr', 'iwarp', []],
    ['chelsio-t580-lp-cr', 'roce-v1', ['SW-1151']],
    ['marvell-57810', 'roce-v2', ['SW-1151']],
    ['e1000', 'roce-v2', ['SW-1151', 'SW-1157']],
    // The catalogue does not say what these do.
    ['generic', 'roce-v2', []],
    ['mellanox-connectx-en', 'roce-v1', []],
  ])('an adapter %s and %s', (model, kind, expected) => {
    expect(
      rules(machineExample(`adapters: { slot1: { model: ${model}, ports: [nic0] } }\nnics: { nic0: { rdma: ${kind} } }`)).filter(
        (rule) => rule >= 'SW-1148' && rule < 'SW-1170',
      ),
    ).toEqual(expected);
  });
});

const packets = (kind: string, mtu: number, ethernet: number, address = '192.0.2.11/24'): string =>
  machineExample(`nics: { nic0: { mtu: ${ethernet}, rdma: { kind: ${kind}, mtu: ${mtu} }, addresses: ["${address}"] } }`);

describe('packets of RoCE', () => {
  it('fit with their headers to the byte', () => {
    expect(rules(packets('roce-v2', 4096, 4156))).toEqual([]);
    expect(found(packets('roce-v2', 4096, 4155))).toEqual([
      'SW-1152 RoCE of `esx1:nic0` sends 4096 bytes in a packet, 4156 with IPv4 (20), UDP (8), BTH (12), RETH (16), ICRC (4), and its MTU is 4155.',
    ]);
    expect(rules(packets('roce-v1', 4096, 4168))).toEqual([]);
    expect(rules(packets('roce-v1', 4096, 4167))).toEqual(['SW-1152']);
    expect(rules(packets('roce-v2', 4096, 4176, '2001:db8::11/64'))).toEqual([]);
    expect(rules(packets('roce-v2', 4096, 4175, '2001:db8::11/64'))).toEqual(['SW-1152']);
  });

  it('of 1024 fit an MTU of 1500, and of 2048 do not', () => {
    expect(rules(packets('roce-v2', 1024, 1500))).toEqual([]);
    const { problems } = checkText(packets('roce-v2', 2048, 1500), 'fabric.yaml');
    expect(problems[0]?.remedy).toContain('Write `mtu: 1024`');
  });

  it('are measured by the widest interface of a port: a VLAN for management may be narrow', () => {
    const two = machineExample(
      'nics:\n  nic0:\n    mtu: 9000\n    rdma: { kind: roce-v2, mtu: 4096 }\n    vlans: { 2: { addresses: [192.0.2.11/24] }, 3: { mtu: 1500, addresses: [198.51.100.11/24] } }',
    );
    expect(rules(two)).toEqual([]);
  });

  it('may differ where one end says nothing', () => {
    expect(rules(pairExample('mtu: 9000, rdma: { kind: roce-v2, mtu: 4096 }', 'mtu: 9000, rdma: roce-v2'))).toEqual([]);
  });
});

const policies = (policies: string): string => windowsExample(`policies: { ${policies} }`);

const limited = (speed: string, limit: number): string =>
  windowsExample(`smb: { liveMigrationLimit: ${limit} }\npolicies: { SMB: { match: "net-direct:445", priority: 3 } }`, `speed: ${speed}`)
    .replace(
      'dcb: { pfc: [3] }, vlans',
      'dcb: { pfc: [3], classes: { 0: { priorities: [0, 1, 2, 4, 5, 6, 7], bandwidth: 40 }, 1: { name: SMB, priorities: [3], bandwidth: 60 } } }, vlans',
    )
    .replace('  tor1:\n', '  tor1:\n    speed: 25G\n');

describe('policies of Windows', () => {
  it('that name everything need none for SMB', () => {
    expect(rules(policies('TCP: { match: tcp, priority: 0 }'))).toEqual(['SW-1159']);
    expect(rules(policies('SMB: { match: smb, priority: 3 }'))).toEqual([]);
    // No policies at all: nobody has said anything.
    expect(rules(windowsExample(''))).toEqual([]);
  });

  it('for everything in a priority without loss are found with what they share it with', () => {
    const both = windowsExample(
      'policies:\n  SMB: { match: "net-direct:445", priority: 3 }\n  DEFAULT: { match: default, priority: 3 }\n  TCP: { match: tcp, priority: 0 }',
    );
    expect(found(both)).toEqual([
      'SW-1161 Policy `DEFAULT` of `win1` puts everything that no other policy names into priority 3, which is without loss and that of policy `SMB`.',
    ]);
  });

  it('without a priority mark nothing, but for those with a DSCP', () => {
    expect(rules(windowsExample('policies: { SMB: { match: "net-direct:445" } }'))).toEqual(['SW-1160']);
    expect(rules(windowsExample('policies: { SMB: { match: "net-direct:445", dscp: 26 } }'))).toEqual([]);
  });

  it('signing matters where RDMA is', () => {
    expect(rules(windowsExample('smb: { signing: true }'))).toEqual(['SW-1164']);
    expect(rules(machineExample('os: windows\nsmb: { signing: true, multichannel: false }\nnics: { nic0: {} }'))).toEqual([]);
  });

  it('limit live migration to 60 percent of a share up to 10 Gb/s, and to 750 MB/s above', () => {
    // 60 percent of 60 percent of 1,250 MB/s.
    expect(rules(limited('10G', 450))).toEqual([]);
    expect(rules(limited('10G', 451))).toEqual(['SW-1165']);
    expect(rules(limited('25G', 750))).toEqual([]);
    expect(rules(limited('25G', 751))).toEqual(['SW-1165']);
  });
});

const smb = (name: string, uplink: string, last: number, more = ''): string =>
  `${name}: { virtualSwitch: S2D, vlan: 2, ${uplink === '' ? '' : `uplink: ${uplink}, `}rdma: true, addresses: [192.0.${last}.11/24]${more} }`;

describe('interfaces at virtual switches', () => {
  it('share ports only where there are more of them than ports', () => {
    expect(rules(hyperVExample(`${smb('A', 'p1', 2)}\n${smb('B', 'p2', 3)}`))).toEqual([]);
    expect(rules(hyperVExample(`${smb('A', 'p1', 2)}\n${smb('B', 'p1', 3)}`))).toEqual(['SW-1167']);
    expect(rules(hyperVExample(`${smb('A', 'p1', 2)}\n${smb('B', 'p2', 3)}\n${smb('C', 'p1', 4)}`))).toEqual([]);
    // One alone has every port to fall back on.
    expect(rules(hyperVExample(smb('A', '', 2)))).toEqual([]);
  });

  it('need RDMA of their uplinks, where something is said of it', () => {
    expect(rules(hyperVExample(smb('A', 'p1', 2), 'rdma: { kind: roce-v2, enabled: false }'))).toEqual(['SW-1155']);
    expect(rules(hyperVExample(smb('A', 'p1', 2), 'mtu: 1500'))).toEqual([]);
    expect(
      rules(hyperVExample('A: { virtualSwitch: S2D, vlan: 2, uplink: p1, services: [management], addresses: [192.0.2.11/24] }')),
    ).toEqual([]);
  });
});
