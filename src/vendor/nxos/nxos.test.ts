import { describe, expect, it } from 'vitest';
import { parseFabric } from '../../fabric/load.ts';
import { declaredNode } from '../core/declared.ts';
import { differences } from '../core/diff.ts';
import type { Reading } from '../core/dialect.ts';
import { keyText, valueText } from '../core/setting.ts';
import { broken } from '../testing/gates.ts';
import { nxos } from './index.ts';

const [running, showPfc] = nxos.outputs;
const context = { file: 'tor1.txt', port: undefined };
const read = (text: string): Reading => running!.read(text, context);
const told = ({ settings }: Reading): string[] =>
  settings.map(({ key, value, quiet }) => `${keyText(key)} = ${valueText(value)}${quiet === true ? ' (quiet)' : ''}`);
const node = (text: string) => declaredNode(parseFabric(`version: 1\nname: example\nswitches:\n  tor1:\n${text}`, 'example.yaml'), 'tor1')!;
const commands = (text: string): string[] => nxos.emit(node(text)).commands.map((one) => one.text);
const refused = (text: string): string[] => nxos.emit(node(text)).unsaid.map(({ setting, why }) => `${keyText(setting.key)}: ${why}`);

describe('what is rendered comes back', () => {
  it('from 40 switches', () => {
    expect(broken('nxos', 40)).toBeUndefined();
  });
});

// From Microsoft's Azure Local documentation (rack aware clusters and disaggregated switches): Nexus 93180YC-FX, NX-OS 10.3.
const AZURE_LOCAL = `feature bgp
feature interface-vlan
feature lacp
feature vpc
feature lldp
lldp tlv-select dcbxp egress-queuing
!
policy-map type network-qos QOS_NETWORK
  class type network-qos c-8q-nq3
    pause pfc-cos 3
    mtu 9216
class-map type qos match-all RDMA
  match cos 3
class-map type qos match-all CLUSTER
  match cos 7
policy-map type qos AZS_SERVICES
  class RDMA
    set qos-group 3
  class CLUSTER
    set qos-group 7
policy-map type queuing QOS_EGRESS_PORT
  class type queuing c-out-8q-q3
    bandwidth remaining percent 50
    random-detect minimum-threshold 300 kbytes maximum-threshold 300 kbytes drop-probability 100 weight 0 ecn
  class type queuing c-out-8q-q-default
    bandwidth remaining percent 48
  class type queuing c-out-8q-q1
    bandwidth remaining percent 0
  class type queuing c-out-8q-q7
    bandwidth percent 1
system qos
  service-policy type queuing output QOS_EGRESS_PORT
  service-policy type network-qos QOS_NETWORK
!
vlan 1-2,7-8,99,711
vlan 711
  name Storage_711_TOR1
interface Vlan7
  description Management_7
  no shutdown
  mtu 9216
  no ip redirects
  ip address 10.101.176.2/26
!
interface Ethernet1/1
  description Switched-Compute-Management
  no cdp enable
  switchport
  switchport mode trunk
  switchport trunk native vlan 7
  switchport trunk allowed vlan 7-8
  spanning-tree port type edge trunk
  mtu 9216
  no shutdown
interface Ethernet1/21
  switchport
  switchport mode trunk
  switchport trunk native vlan 99
  switchport trunk allowed vlan 711
  priority-flow-control mode on send-tlv
  service-policy type qos input AZS_SERVICES no-stats
  no shutdown
vpc domain 2
  peer-switch
interface port-channel101
  switchport
  switchport mode trunk
  switchport trunk native vlan 99
  switchport trunk allowed vlan 7-8
  vpc peer-link
interface Ethernet1/49
  switchport
  switchport mode trunk
  switchport trunk native vlan 99
  switchport trunk allowed vlan 7-8
  channel-group 101 mode active
  no shutdown
`;

describe('a running configuration', () => {
  it('of a storage switch (Azure Local documentation) is read with its policies, and what is not understood is kept', () => {
    const reading = read(AZURE_LOCAL);
    expect(reading.errors).toEqual([]);
    expect(told(reading)).toEqual(
      expect.arrayContaining([
        'lldp = true',
        'vlans.711.name = Storage_711_TOR1',
        'vlans.7.addresses = [10.101.176.2/26]',
        'vlans.7.mtu = 9216',
        'ports.1/1.untagged = 7',
        'ports.1/1.tagged = 8',
        'ports.1/1.spanningTree.edge = true',
        // The native VLAN is not allowed: frames without a tag are dropped.
        'ports.1/21.untagged = none',
        'ports.1/21.tagged = 711',
        'ports.1/21.dcb.pfc = [3]',
        'ports.1/21.dcb.classes.3.priorities = [3]',
        'ports.1/21.dcb.classes.3.bandwidth = 50',
        'ports.1/21.dcb.classes.7.bandwidth = 1',
        'ports.1/21.dcb.marks.3.min = 300000',
        'aggregations.101.ports = [1/49]',
        'aggregations.101.untagged = none',
        'ports.1/49.untagged = none (quiet)',
      ]),
    );
    expect(reading.unknown.map(({ text, why }) => (why === undefined ? text : `${text}: ${why}`))).toEqual([
      'feature bgp',
      expect.stringContaining('mtu 9216: Sizes of classes'),
      'description Management_7',
      'no ip redirects',
      'no cdp enable',
      'vpc domain 2',
      'peer-switch',
      'vpc peer-link: The link between the two switches of a vPC.',
    ]);
    expect(running!.recognise(AZURE_LOCAL)).toBeGreaterThan(0.9);
  });

  // Lines of a leaf switch of NX-OS 9.3(10) in a public course on VXLAN.
  it('of a router keeps what is no business of a fabric file, and knows that routed ports carry no VLANs', () => {
    const reading = read(`leaf-1(config-if)# show run
!Running configuration last done at: Wed Feb  8 18:14:43 2023

version 9.3(10) Bios:version
hostname leaf-1
vdc leaf-1 id 1
  limit-resource vlan minimum 16 maximum 4094

nv overlay evpn
vlan 1,100
vlan 100
  vn-segment 100

interface Vlan100
  no shutdown
  ip address 192.168.1.1/24

interface Ethernet1/1
  no switchport
  ip address 10.1.1.2/30
  no shutdown

interface Ethernet1/2
  switchport access vlan 100

interface Ethernet1/3

interface loopback0
  ip address 10.10.2.3/32
line vty
`);
    expect(reading.node).toBe('leaf-1');
    expect(told(reading)).toEqual(
      expect.arrayContaining(['vlans.100.addresses = [192.168.1.1/24]', 'ports.1/1.untagged = none', 'ports.1/2.untagged = 100']),
    );
    expect(reading.unknown.map(({ line }) => line)).toEqual([6, 7, 9, 12, 19, 20, 28, 29, 30]);
    expect(reading.errors).toEqual([]);
  });

  // The Nexus 3132 of Microsoft's page on converged NICs, as it stands there: flush, and by groups instead of priorities.
  it('with classes of its own names is read by the groups that they stand for', () => {
    const reading = read(`class-map type qos match-all RDMA
match cos 3
class-map type queuing RDMA
match qos-group 3
policy-map type qos QOS_MARKING
class RDMA
set qos-group 3
class class-default
policy-map type queuing QOS_QUEUEING
class type queuing RDMA
bandwidth percent 50
class type queuing class-default
bandwidth percent 50
class-map type network-qos RDMA
match qos-group 3
policy-map type network-qos QOS_NETWORK
class type network-qos RDMA
mtu 2240
pause no-drop
class type network-qos class-default
mtu 9216
system qos
service-policy type qos input QOS_MARKING
service-policy type queuing output QOS_QUEUEING
service-policy type network-qos QOS_NETWORK
interface Ethernet1/1
switchport mode trunk
switchport trunk native vlan 99
switchport trunk allowed vlan 99,2000,2050
spanning-tree port type edge
no shutdown
priority-flow-control mode on
`);
    expect(told(reading)).toEqual(
      expect.arrayContaining([
        'dcb.pfc = [3] (quiet)',
        'ports.1/1.dcb.pfc = [3]',
        'ports.1/1.dcb.classes.3.priorities = [3]',
        'ports.1/1.dcb.classes.3.bandwidth = 50',
        'ports.1/1.dcb.classes.0.bandwidth = 50',
        'ports.1/1.untagged = 99',
        'ports.1/1.tagged = 2000,2050',
      ]),
    );
    expect(reading.unknown.map(({ text }) => text)).toEqual(['mtu 2240', 'mtu 9216']);
  });

  it('is taken as typed, flush, with prompts, ranges and short words', () => {
    const reading = read(`tor1# conf t
tor1(config)# interface ethernet 1/1-2, ethernet 1/7
tor1(config-if-range)# switchport mode trunk
tor1(config-if-range)# switchport trunk allowed vlan 10
tor1(config-if-range)# switchport trunk allowed vlan add 20-21
tor1(config-if-range)# what is this
tor1(config-if-range)# shutdown
tor1(config-if-range)# exit
tor1(config)# router bgp 65000
tor1(config-router)#   description no port
`);
    expect(told(reading)).toEqual(
      expect.arrayContaining([
        'ports.1/1.disabled = true',
        'ports.1/7.disabled = true',
        'ports.1/7.untagged = none',
        'ports.1/2.tagged = 10,20-21',
      ]),
    );
    expect(reading.unknown.map(({ line }) => line)).toEqual([6, 9, 10]);
  });

  it('of another word at one place is told apart by that word', () => {
    const declared = node(
      '    dcb: { pfc: [3], classes: { 0: { priorities: [0, 1, 2, 4, 5, 6, 7], bandwidth: 50 }, 3: { priorities: [3], bandwidth: 50 } } }\n    ports: { Ethernet1/1: { trunk: [2, 10-12], native: 10 }, 1/2: { vlan: 7 } }\n',
    );
    const text = nxos
      .emit(declared)
      .commands.map((one) => one.text)
      .join('\n');
    const found = (changed: string) => differences(declared, read(changed)).map(({ kind, key }) => `${kind} ${key}`);
    expect(found(text)).toEqual([]);
    expect(found(text.replace('allowed vlan 2,10-12', 'allowed vlan 2,10-11'))).toEqual(['differs ports.1/1.tagged']);
    expect(found(text.replace('native vlan 10', 'native vlan 12'))).toEqual(['differs ports.1/1.untagged', 'differs ports.1/1.tagged']);
    expect(found(text.replace('pause pfc-cos 3', 'pause pfc-cos 4'))).toEqual([
      'differs ports.1/1.dcb.pfc',
      'differs ports.1/2.dcb.pfc',
      'differs dcb.pfc',
    ]);
    expect(found(text.replaceAll('  priority-flow-control mode on', ''))).toEqual([
      'missing ports.1/1.dcb.pfc',
      'missing ports.1/2.dcb.pfc',
    ]);
    expect(found(text.replaceAll(/ {2}service-policy type qos .*/g, ''))).toEqual(
      expect.arrayContaining(['missing ports.1/2.dcb.classes.3.priorities']),
    );
  });

  it('of something else is an error with its line', () => {
    expect(read('<html>\n<body>\n').errors).toEqual([{ line: 1, message: expect.stringContaining('not one line') }]);
    expect(read(`interface Ethernet1/1\n${'x'.repeat(9000)}`).errors[0]?.line).toBe(2);
  });
});

describe('commands', () => {
  it('make the port channel before its VLANs, and the VLANs before both', () => {
    const lines = commands(
      '    vlans: { 10: { name: storage } }\n    aggregations: { 7: { ports: [1/1, 1/2], mode: static, tagged: [10] } }\n',
    );
    const at = (line: string) => lines.indexOf(line);
    expect(at('vlan 10')).toBeGreaterThan(0);
    expect(at('vlan 10')).toBeLessThan(at('  channel-group 7 mode on'));
    expect(at('  channel-group 7 mode on')).toBeLessThan(at('interface port-channel7'));
    expect(at('interface port-channel7')).toBeLessThan(at('  switchport trunk allowed vlan 10'));
    expect(lines.at(-1)).toBe('copy running-config startup-config');
  });

  it('say once what many ports have, and where it is from', () => {
    const one = node('    dcb: { pfc: [3] }\n    ports: { 1-4: {}, Ethernet1/2: { vlan: 7 } }\n');
    const lines = nxos.emit(one).commands;
    expect(lines.filter(({ text }) => text.startsWith('policy-map type qos'))).toHaveLength(1);
    expect(lines.find(({ text }) => text.includes('pause'))?.from).toEqual(['switches', 'tor1', 'dcb', 'pfc']);
    expect(nxos.emit(one).unsaid.map(({ setting, why }) => `${setting.key[1]}: ${why}`)).toContain(
      'Ethernet1/2: It is the port that has come already: 1/2.',
    );
  });

  // As in the Nexus 3000 and 9000 Series NX-API REST SDK guide, release 9.3(x): the version at ports.
  it('set the version of DCBX at ports, and turn it off for all of them', () => {
    expect(commands('    ports: { 1/1: { dcb: { dcbx: ieee } }, 1/2: {} }\n')).toContain('  lldp dcbx version ieee');
    expect(told(read('interface ethernet 1/2-3\nlldp dcbx version auto\n'))).toEqual([
      'ports.1/2.dcb.dcbx = auto',
      'ports.1/3.dcb.dcbx = auto',
    ]);
    const off = commands('    dcb: { dcbx: none }\n    ports: { 1/1: {}, 1/2: {} }\n');
    expect(off).toContain('no lldp tlv-select dcbxp');
    expect(refused('    ports: { 1/1: { dcb: { dcbx: none } }, 1/2: { dcb: { dcbx: cee } } }\n')).toEqual([
      expect.stringContaining('ports.1/1.dcb.dcbx'),
    ]);
  });

  it('are missing with the reason', () => {
    expect(refused('    ports: { 1/1: { dcb: { pfc: [3] } }, 1/2: { dcb: { pfc: [4] } } }\n')).toEqual([
      'ports.1/2.dcb.pfc: NX-OS has one list of priorities for all ports, here [3].',
    ]);
    expect(refused('    ports: { 1/1: { mtu: 9000 }, 1/2: { mtu: 9216 }, 1/3: { tagged: all } }\n')).toEqual([
      expect.stringContaining('ports.1/1.mtu: A port that carries VLANs'),
      expect.stringContaining('ports.1/3.untagged: A trunk drops'),
      expect.stringContaining('ports.1/3.tagged: A trunk drops'),
    ]);
  });
});

// Rows of a Nexus 5000 in a public article on PFC towards UCS, and one from the tests of a public collector of counters.
const SHOW_PFC = `5K-A# show interface priority-flow-control
============================================================
Port               Mode Oper(VL bmap)  RxPPP      TxPPP     
============================================================

Ethernet1/47       Auto Off           7316       762946     
Ethernet1/48       Auto Off           7428       761362     
Ethernet1/2        Auto On   (9)       4088353    1890
`;

describe('show interface priority-flow-control', () => {
  it('says for which priorities each port has PFC', () => {
    const reading = showPfc!.read(SHOW_PFC, context);
    expect(told(reading)).toEqual(['ports.1/47.dcb.pfc = []', 'ports.1/48.dcb.pfc = []', 'ports.1/2.dcb.pfc = [0, 3]']);
    expect(reading.unknown).toEqual([]);
    const declared = node('    dcb: { pfc: [3] }\n    ports: { Ethernet1/47: {} }\n');
    expect(differences(declared, reading).map(({ kind, key }) => `${kind} ${key}`)).toEqual([
      'differs ports.1/47.dcb.pfc',
      'undeclared ports.1/48.dcb.pfc',
      'undeclared ports.1/2.dcb.pfc',
    ]);
  });
});
