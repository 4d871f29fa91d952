import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseFabric } from '../../fabric/load.ts';
import { declaredNode } from '../core/declared.ts';
import { differences } from '../core/diff.ts';
import type { Reading } from '../core/dialect.ts';
import { keyText, valueText } from '../core/setting.ts';
import { broken } from '../testing/gates.ts';
import { onyx } from './index.ts';

const [running, showPfc] = onyx.outputs;
const context = { file: 'tor1.txt', port: undefined };
const read = (text: string): Reading => running!.read(text, context);
const told = ({ settings }: Reading): string[] =>
  settings.map(({ key, value, quiet }) => `${keyText(key)} = ${valueText(value)}${quiet === true ? ' (quiet)' : ''}`);
const node = (text: string) => declaredNode(parseFabric(`version: 1\nname: example\nswitches:\n  tor1:\n${text}`, 'example.yaml'), 'tor1')!;
const commands = (text: string): string[] => onyx.emit(node(text)).commands.map((one) => one.text);

const refused = (text: string): string[] => onyx.emit(node(text)).unsaid.map(({ setting, why }) => `${keyText(setting.key)}: ${why}`);

describe('what is rendered comes back', () => {
  it('from 40 switches', () => {
    expect(broken('onyx', 40)).toBeUndefined();
  });
});

const ROCE = `    vlans: { 2: {} }
    dcb:
      pfc: [3]
      buffers:
        iPort.pg0: { pool: iPool0, reserved: 20480, alpha: 8 }
        iPort.pg3: { priorities: [3], lossless: true, pool: iPool0, reserved: 90000, xoff: 17000, xon: 17000, alpha: 2 }
        ePort.tc3: { direction: egress, pool: ePool0, reserved: 4096, alpha: inf }
    flowControl: none
    ports: { 1/1: { trunk: [2], native: none }, 1/2: { trunk: [2], native: none } }
`;

// The switch of the procedure in the Demartek RoCE Deployment Guide.
const GUIDE = `#enable
#config t
#dcb priority-flow-control enable force
#dcb priority-flow-control priority 3 enable
#interface ethernet 1/1 dcb priority-flow-control mode on force
#interface ethernet 1/2 dcb priority-flow-control mode on force
#vlan 2
#interface ethernet 1/1 switchport trunk allowed-vlan 2
#interface ethernet 1/2 switchport trunk allowed-vlan 2
#interface 1/1 ingress-buffer iPort.pg0 map pool iPool0 type lossy reserved 20480 shared alpha 8
#interface ethernet 1/1 ingress-buffer iPort.pg3 map pool iPool0 type lossless reserved 90000 xoff 17000 xon 17000 shared alpha 2
#interface ethernet 1/1 ingress-buffer iPort.pg3 bind switch-priority 3
#interface ethernet 1/1 egress-buffer ePort.tc3 map pool ePool0 reserved 4096 shared alpha inf
#config write to RoCEPFCwVLAN
#config switch-to RoCEPFCwVLAN
#show dcb priority-flow-control
`;

describe('the switch of the Demartek RoCE Deployment Guide', () => {
  it('is rendered with its steps, in an order that works, and flow control turned off by commands', () => {
    const lines = commands(ROCE);
    const steps = [
      'vlan 2',
      'interface ethernet 1/1 switchport mode trunk',
      'interface ethernet 1/1 switchport trunk allowed-vlan add 2',
      'interface ethernet 1/1 flowcontrol receive off force',
      'interface ethernet 1/1 flowcontrol send off force',
      'dcb priority-flow-control enable force',
      'dcb priority-flow-control priority 3 enable',
      'advanced buffer management force',
      'interface ethernet 1/1 dcb priority-flow-control mode on force',
      'interface ethernet 1/1 ingress-buffer iPort.pg0 map pool iPool0 type lossy reserved 20480 shared alpha 8',
      'interface ethernet 1/1 ingress-buffer iPort.pg3 map pool iPool0 type lossless reserved 90000 xoff 17000 xon 17000 shared alpha 2',
      'interface ethernet 1/1 ingress-buffer iPort.pg3 bind switch-priority 3',
      'interface ethernet 1/1 egress-buffer ePort.tc3 map pool ePool0 reserved 4096 shared alpha inf',
      'interface ethernet 1/2 dcb priority-flow-control mode on force',
      'configuration write',
    ];
    expect(lines.filter((line) => steps.includes(line))).toEqual(steps);
    expect(onyx.emit(node(ROCE)).verification).toContainEqual({
      command: 'show dcb priority-flow-control',
      expect: ['Priority Enabled List', '3', 'Eth1/1', 'Eth1/2'],
    });
  });

  it('says where each command is from', () => {
    const line = onyx.emit(node(ROCE)).commands.find(({ text }) => text.includes('1/2 dcb priority'));
    expect(line?.from).toEqual(['switches', 'tor1', 'dcb', 'pfc']);
  });

  it('is read from its own text, which has VLANs for trunks at ports that are none, and a line that no switch takes', () => {
    const reading = read(GUIDE);
    expect(told(reading)).toEqual(
      expect.arrayContaining([
        'vlans.2.present = true',
        'ports.1/1.dcb.pfc = [3]',
        'ports.1/2.dcb.pfc = [3]',
        'ports.1/1.untagged = 1',
        'ports.1/1.tagged = none',
        'ports.1/1.dcb.buffers."iPort.pg3".reserved = 90000',
        'ports.1/1.dcb.buffers."iPort.pg3".xoff = 17000',
        'ports.1/1.dcb.buffers."iPort.pg3".priorities = [3]',
        'ports.1/1.dcb.buffers."ePort.tc3".alpha = inf',
      ]),
    );
    expect(reading.errors).toEqual([]);
    expect(reading.unknown.map(({ line, why }) => [line, why])).toEqual([
      [8, expect.stringContaining('no trunk port')],
      [9, expect.stringContaining('no trunk port')],
      [10, expect.stringContaining('kind of interface is missing')],
      [15, expect.stringContaining('other configuration')],
    ]);
    const found = differences(node(ROCE), reading).map(({ key }) => key);
    expect(found).toEqual(expect.arrayContaining(['ports.1/1.untagged', 'ports.1/1.tagged', 'ports.1/1.dcb.buffers."iPort.pg0".reserved']));
    expect(found).not.toContain('ports.1/1.dcb.pfc');
  });
});

// Lines of a spine switch's running configuration in the documentation of Cray System Management (docs-csm), with its own order.
const SPINE = `##
## Running database "hpcm230223.10"
## Generated at 2023/03/09 05:59:08 +0000
## Hostname: sw-spine01
## Product release: 3.9.3210
##

##
## Running-config temporary prefix mode setting
##
no cli default prefix-modes enable

##
## Interface Ethernet configuration
##
   interface mlag-port-channel 15
   interface port-channel 100
   interface ethernet 1/1-1/3 speed 40G force
   interface ethernet 1/15 speed 10G force
   interface ethernet 1/13-1/14 channel-group 100 mode active
   interface ethernet 1/15 mlag-channel-group 15 mode on
   interface mlag-port-channel 15 switchport mode hybrid
   interface ethernet 1/13 description "sw-spine02-1/10"
   interface port-channel 100 description "mlag-isl"
   interface mlag-port-channel 15 no shutdown

##
## LAG configuration
##
   lacp
   port-channel load-balance ethernet source-destination-ip ingress-port

##
## VLAN configuration
##
   vlan 1999
   vlan 4091
   vlan 1999 name "OSPF"
   interface mlag-port-channel 15 switchport hybrid allowed-vlan add 1999
   interface mlag-port-channel 15 switchport hybrid allowed-vlan add 4091

##
## L3 configuration
##
   ip routing vrf default
   interface vlan 1999
   interface vlan 1999 ip address 1.1.255.252/16 primary

##
## DCBX PFC configuration
##
   dcb priority-flow-control enable force
   interface port-channel 100 dcb priority-flow-control mode on force

##
## Local user account configuration
##
   username [ADMIN] password [PASSWORD]
# ldap bind-password ********
`;

describe('a running configuration', () => {
  it('of a spine switch (docs-csm) is read, and what is not understood is kept with its line', () => {
    const reading = read(SPINE);
    expect(reading.node).toBe('sw-spine01');
    expect(reading.errors).toEqual([]);
    expect(told(reading)).toEqual(
      expect.arrayContaining([
        'ports.1/2.speed = 40000000000',
        'ports.1/13.description = sw-spine02-1/10',
        'aggregations.100.ports = [1/13, 1/14]',
        'aggregations.100.mode = lacp',
        'aggregations.100.active = true',
        'aggregations.15.mode = static',
        'aggregations.15.peerGroup = 15',
        'aggregations.15.untagged = 1',
        'aggregations.15.tagged = 1999,4091',
        'vlans.1999.name = OSPF',
        'vlans.1999.addresses = [1.1.255.252/16]',
        // On, for no priority at all.
        'aggregations.100.dcb.pfc = []',
      ]),
    );
    expect(reading.unknown.map(({ line, text }) => [line, text])).toEqual([
      [31, 'port-channel load-balance ethernet source-destination-ip ingress-port'],
      [58, 'username [ADMIN] password <hidden>'],
    ]);
    expect(running!.recognise(SPINE)).toBe(1);
  });

  it('as a pager and a terminal leave it, below lines that open a mode', () => {
    const reading = read(`tor1 > enable
tor1 # configure terminal
tor1 (config) # interface ethernet 1/5
tor1 (config interface ethernet 1/5) # switchport mode trunk
tor1 (config interface ethernet 1/5) # switchport trunk allowed-vlan 10
tor1 (config interface ethernet 1/5) # mtu 9216 force
 --More--
tor1 (config interface ethernet 1/5) # exit
tor1 (config) # vlan 10
tor1 (config vlan 10) # name storage
`);
    expect(told(reading)).toEqual([
      'ports.1/5.mtu = 9216',
      'vlans.10.present = true',
      'vlans.10.name = storage',
      'ports.1/5.untagged = none',
      'ports.1/5.tagged = 10',
    ]);
    expect(reading.unknown).toEqual([]);
  });

  it('of a switch whose ports the fabric file counts is compared by their numbers', () => {
    const declared = node('    aggregations: { 7: { ports: [4, 3], mode: static } }\n    ports: { 1-2: { vlan: 10 } }\n');
    const text = onyx
      .emit(declared)
      .commands.map((one) => one.text)
      .join('\n');
    expect(text).toContain('interface ethernet 1/2 switchport access vlan 10');
    expect(differences(declared, read(text))).toEqual([]);
    expect(
      differences(declared, read(text.replace('1/2 switchport access vlan 10', '1/2 switchport access vlan 11'))).map(({ key }) => key),
    ).toEqual(['ports.1/2.untagged']);
  });

  it('of another word at one place is told apart by that word', () => {
    const declared = node(ROCE);
    const text = onyx
      .emit(declared)
      .commands.map((one) => one.text)
      .join('\n');
    const changed = text.replace(
      'interface ethernet 1/2 dcb priority-flow-control mode on force',
      'interface ethernet 1/2 no dcb priority-flow-control mode force',
    );
    expect(differences(declared, read(text)).filter(({ key }) => onyx.says(key.split('.')))).toEqual([]);
    expect(differences(declared, read(changed)).map(({ kind, key }) => `${kind} ${key}`)).toEqual(['differs ports.1/2.dcb.pfc']);
  });

  it('of something else is an error with its line', () => {
    expect(read('\n{ "switches": {} }\n').errors).toEqual([{ line: 2, message: expect.stringContaining('not one line') }]);
    expect(read('vlan 2\n\u0000\u0001').errors[0]?.line).toBe(2);
    expect(read(readFileSync('package.json', 'utf8')).errors.length).toBeGreaterThan(0);
    expect(read('').errors).toEqual([]);
  });
});

// Lines that the tests and the documentation of the Ansible collection mellanox.onyx expect, and of a switch driver for tests of adapters.
const OTHERS = `interface ethernet 1/8 channel-group 23 mode on
interface ethernet 1/9 mlag-channel-group 34 mode on
interface ethernet 1/1 dcb priority-flow-control mode on force
interface ethernet 1/2 no dcb priority-flow-control mode force
interface ethernet 1/1 traffic-class 3 congestion-control ecn minimum-absolute 150 maximum-absolute 1500
interface ethernet 1/1 traffic-class 4 dcb ets strict
interface ethernet 1/1 traffic-class 0 dcb ets wrr 10
interface ethernet 1/1 traffic-class 3 bind switch-priority 0 1 2
interface ethernet 1/1 qos trust L3
interface ethernet 1/2 qos trust both`.split('\n');

describe('commands that others send', () => {
  it('are what is rendered here', () => {
    const lines = commands(`    aggregations: { 23: { ports: [1/8], mode: static }, 34: { ports: [1/9], mode: static, peerGroup: 34 } }
    ports:
      1/1:
        dcb:
          pfc: [3]
          trust: dscp
          classes: { 0: { priorities: [3], bandwidth: 10 }, 3: { priorities: [0, 1, 2] }, 4: { priorities: [4], strict: true } }
          marks: { 3: { min: 150KB, max: 1500KB } }
      1/2: { dcb: { pfc: [], trust: both } }
`);
    expect(lines).toEqual(expect.arrayContaining(OTHERS));
  });

  it('are understood', () => {
    expect(read(OTHERS.join('\n')).unknown).toEqual([]);
  });
});

describe('what Onyx can not be told', () => {
  it('is told with the reason, and nothing else is', () => {
    expect(refused('    ports: { 1/1: {}, 1/2: { vlan: 7, speed: 10G } }\n')).toEqual([]);
    expect(refused('    ports: { swp17: { vlan: 7 } }\n')[0]).toContain('such as 1/17');
    expect(refused('    aggregations: { 1: { ports: [1/1, swp2] } }\n')).toEqual(
      expect.arrayContaining(['aggregations.1.ports: There is no such port: swp2.', 'aggregations.1.mode: There is no such port: swp2.']),
    );
    expect(refused('    ports: { 1/1: { dcb: { pfc: [3] } }, 1/2: { dcb: { pfc: [4] } } }\n')).toEqual([
      'ports.1/1.dcb.pfc: Onyx has one list of priorities for all ports, here [3, 4], and each port has all of them or none.',
      'ports.1/2.dcb.pfc: Onyx has one list of priorities for all ports, here [3, 4], and each port has all of them or none.',
    ]);
    expect(refused('    peer: tor2\n    ports: { 1/1: { mtu: 1400 } }\n  tor2: {}\n')).toEqual([
      expect.stringContaining('ports.1/1.mtu: The MTU'),
      expect.stringContaining('peer: An MLAG needs addresses'),
    ]);
  });
});

// As the SMTX OS documentation prints it; the row of the third port is ours.
const SHOW_PFC = `switch (config) # show dcb priority-flow-control

PFC: enabled
Priority Enabled List: 3
Priority Disabled List: 0 1 2 4 5 6 7

-------------------------------------------------
Interface        PFC admin        PFC oper
-------------------------------------------------
Eth1/1           Auto             Enabled
Eth1/2           Auto             Enabled
Eth1/3           Auto             Disabled
`;

describe('show dcb priority-flow-control', () => {
  it('says which ports have PFC, and is no word on anything else', () => {
    const reading = showPfc!.read(SHOW_PFC, context);
    expect(told(reading)).toEqual([
      'dcb.pfc = [3] (quiet)',
      'ports.1/1.dcb.pfc = [3]',
      'ports.1/2.dcb.pfc = [3]',
      'ports.1/3.dcb.pfc = []',
    ]);
    expect(reading.unknown).toEqual([]);
    expect(showPfc!.recognise(SHOW_PFC)).toBeGreaterThan(running!.recognise(SHOW_PFC));
    const declared = node('    dcb: { pfc: [3] }\n    ports: { 1/1: { vlan: 7 }, 1/3: {} }\n');
    expect(differences(declared, reading).map(({ kind, key }) => `${kind} ${key}`)).toEqual([
      'differs ports.1/3.dcb.pfc',
      'undeclared ports.1/2.dcb.pfc',
    ]);
  });
});
