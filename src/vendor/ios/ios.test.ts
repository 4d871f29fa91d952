import { describe, expect, it } from 'vitest';
import { parseFabric } from '../../fabric/load.ts';
import { declaredNode } from '../core/declared.ts';
import { differences } from '../core/diff.ts';
import type { Reading } from '../core/dialect.ts';
import { keyText, valueText } from '../core/setting.ts';
import { broken } from '../testing/gates.ts';
import { ios } from './index.ts';

const [running, showVlan] = ios.outputs;
const context = { file: 'sw1.txt', port: undefined };
const read = (text: string): Reading => running!.read(text, context);
const told = ({ settings }: Reading): string[] => settings.map(({ key, value }) => `${keyText(key)} = ${valueText(value)}`);
const node = (text: string) => declaredNode(parseFabric(`version: 1\nname: example\nswitches:\n  sw1:\n${text}`, 'example.yaml'), 'sw1')!;
const commands = (text: string): string[] => ios.emit(node(text)).commands.map((one) => one.text);
const refused = (text: string): string[] => ios.emit(node(text)).unsaid.map(({ setting, why }) => `${keyText(setting.key)}: ${why}`);

describe('what is rendered comes back', () => {
  it('from 40 switches', () => {
    expect(broken('ios', 40)).toBeUndefined();
  });
});

const typed = (mode: string) => `interface range GigabitEthernet1/0/1 - 2
 channel-group 7 mode ${mode}
interface Port-channel7
 switchport trunk encapsulation dot1q
 switchport mode trunk
 switchport trunk native vlan 1
 switchport trunk allowed vlan 10,20
vlan 10,20
spanning-tree vlan 1-4094 priority 32768
lldp run
`;

describe('the port channel of blog.scottlowe.org, Networking', () => {
  const STATIC = '    aggregations: { 7: { ports: [Gi1/0/1, GigabitEthernet1/0/2], mode: static, trunk: [10, 20] } }\n';

  it('is a static one, as a virtual switch that hashes by IP addresses needs it, and has its VLANs behind its ports', () => {
    const lines = commands(STATIC);
    expect(lines.filter((line) => line === '  channel-group 7 mode on')).toHaveLength(2);
    expect(lines.indexOf('interface Port-channel7')).toBeGreaterThan(lines.lastIndexOf('  channel-group 7 mode on'));
    expect(lines.indexOf('  switchport trunk allowed vlan 10,20')).toBeGreaterThan(lines.indexOf('  switchport mode trunk'));
    expect(lines.indexOf('  switchport mode trunk')).toBeGreaterThan(lines.indexOf('interface Port-channel7'));
  });

  it('differs from one that speaks LACP', () => {
    const found = (mode: string) => differences(node(STATIC), read(typed(mode))).map(({ kind, key }) => `${kind} ${key}`);
    expect(found('on')).toEqual([]);
    expect(found('active')).toEqual(['differs aggregations.7.mode']);
    expect(read(typed('desirable')).unknown.map(({ line, why }) => [line, why])).toEqual([[2, expect.stringContaining('LACP')]]);
  });
});

// Trunks to ESXi hosts in a public collection of notes on Catalyst switches.
const ESXI = `Building configuration...
!
hostname sw1
!
system mtu jumbo 9198
interface range Gi1/0/10-11 , Gi1/0/20
 switchport trunk encapsulation dot1q
 switchport trunk native vlan 99
 switchport trunk allowed vlan 1,30,40,50,99
 switchport mode trunk
 switchport nonegotiate
 spanning-tree portfast trunk
!
interface Vlan30
 ip address 192.0.2.129 255.255.255.128 secondary
 ip address 192.0.2.1 255.255.255.128
!
line vty 0 4
 transport input ssh
`;

describe('a running configuration', () => {
  it('is read, and what is not understood is kept with its line', () => {
    const reading = read(ESXI);
    expect(reading.node).toBe('sw1');
    expect(told(reading)).toEqual(
      expect.arrayContaining([
        'ports.GigabitEthernet1/0/10.untagged = 99',
        'ports.GigabitEthernet1/0/20.tagged = 1,30,40,50',
        'ports.GigabitEthernet1/0/11.spanningTree.edge = true',
        'vlans.30.addresses = [192.0.2.1/25, 192.0.2.129/25]',
      ]),
    );
    expect(reading.defaultOf(['ports', 'GigabitEthernet1/0/10', 'mtu'])).toBe(9198);
    expect(reading.unknown.map(({ line, text }) => [line, text])).toEqual([
      [11, 'switchport nonegotiate'],
      [18, 'line vty 0 4'],
      [19, 'transport input ssh'],
    ]);
    expect(reading.errors).toEqual([]);
    expect(running!.recognise(ESXI)).toBeGreaterThan(0.9);
  });

  it('of another word at one place is told apart by that word', () => {
    const declared = node('    ports: { Gi1/0/1: { trunk: [10, 20], native: 10 }, Gi1/0/2: { vlan: 20, disabled: true } }\n');
    const text = ios
      .emit(declared)
      .commands.map((one) => one.text)
      .join('\n');
    const found = (changed: string) => differences(declared, read(changed)).map(({ kind, key }) => `${kind} ${key}`);
    expect(found(text)).toEqual([]);
    expect(found(text.replace('access vlan 20', 'access vlan 21'))).toEqual(['differs ports.GigabitEthernet1/0/2.untagged']);
    expect(found(text.replace('  shutdown', '  no shutdown'))).toEqual(['differs ports.GigabitEthernet1/0/2.disabled']);
  });

  it('without VLANs and sizes says nothing of them: IOS keeps both elsewhere', () => {
    const declared = node('    vlans: { 10: {} }\n    ports: { Gi1/0/1: { vlan: 10, mtu: 9198 } }\n');
    const found = differences(declared, read('hostname sw1\ninterface GigabitEthernet1/0/1\n switchport access vlan 10\n'));
    expect(found.map(({ kind, key }) => `${kind} ${key}`)).toEqual(['missing lldp']);
    expect(differences(declared, read('vlan 20\nsystem mtu jumbo 9000\n')).map(({ kind, key }) => `${kind} ${key}`)).toEqual(
      expect.arrayContaining(['missing vlans.10.present', 'missing ports.GigabitEthernet1/0/1.mtu', 'undeclared vlans.20.present']),
    );
  });

  it('of something else is an error with its line', () => {
    expect(read('\n\n$ ls -l\n').errors).toEqual([{ line: 3, message: expect.stringContaining('not one line') }]);
  });
});

describe('what a Catalyst can not be told', () => {
  it('is told with the reason', () => {
    expect(refused('    ports: { 17: {} }\n')[0]).toContain('GigabitEthernet1/0/17');
    expect(
      refused('    ports: { Gi1/0/1: { dcb: { pfc: [3], dcbx: none } }, Gi1/0/2: { mtu: 9000 }, Gi1/0/3: { mtu: 1500, speed: 10G } }\n'),
    ).toEqual([
      'ports.Gi1/0/1.dcb.pfc: Catalyst switches with IOS have no Data Center Bridging.',
      'ports.Gi1/0/3.speed: Only speeds up to 1 Gb/s are set at ports; faster ones have one speed.',
      'ports.Gi1/0/3.mtu: All ports of a Catalyst have one MTU, here 9000.',
    ]);
  });
});

// Lines of the fixture for `show vlan` in ntc-templates.
const SHOW_VLAN = `VLAN Name                             Status    Ports
---- -------------------------------- --------- -------------------------------
1    default                          active    Gi0/1
10   Management                       active    
50   VLan50                           active    Fa0/1, Fa0/2, Fa0/3, Fa0/4, Fa0/5, Fa0/6, Fa0/7, Fa0/8, Fa0/9
                                                Fa0/10, Fa0/11, Fa0/12
1002 fddi-default                     act/unsup 

VLAN Type  SAID       MTU   Parent RingNo BridgeNo Stp  BrdgMode Trans1 Trans2
---- ----- ---------- ----- ------ ------ -------- ---- -------- ------ ------
1    enet  100001     1500  -      -      -        -    -        0      0   
`;

describe('show vlan brief', () => {
  it('says which VLANs there are, and which one each access port has', () => {
    const reading = showVlan!.read(SHOW_VLAN, context);
    expect(reading.unknown).toEqual([]);
    expect(told(reading)).toEqual(
      expect.arrayContaining([
        'vlans.10.name = Management',
        'ports.GigabitEthernet0/1.untagged = 1',
        'ports.FastEthernet0/12.untagged = 50',
      ]),
    );
    const declared = node(
      '    vlans: { 10: { name: Management }, 20: {}, 50: { name: VLan50 } }\n    ports: { Fa0/1: { vlan: 50 }, Fa0/2: { vlan: 10 }, Gi0/2: { trunk: [10] } }\n',
    );
    const found = differences(declared, reading).filter(({ kind }) => kind !== 'undeclared');
    expect(found.map(({ kind, key }) => `${kind} ${key}`)).toEqual(['missing vlans.20.present', 'differs ports.FastEthernet0/2.untagged']);
    expect(showVlan!.recognise(SHOW_VLAN)).toBeGreaterThan(running!.recognise(SHOW_VLAN));
  });
});
