import { describe, expect, it } from 'vitest';
import { parseFabric } from '../../fabric/load.ts';
import { declaredNode } from '../core/declared.ts';
import { differences } from '../core/diff.ts';
import type { DeclaredNode, OutputKind } from '../core/dialect.ts';
import { bitsOfMask, maskOfBits } from '../core/netmask.ts';
import { keyText, valueText } from '../core/setting.ts';
import { broken } from '../testing/gates.ts';
import { procurve } from './index.ts';
import { portsOf } from './port-names.ts';
import { runningConfig } from './running-config.ts';
import { showTrunks, showVlans } from './show-vlans.ts';
import { codepointOf, megabitsOf } from './words.ts';

const read = (kind: OutputKind, text: string) => kind.read(text, { file: 'sw.txt', port: undefined });
const told = (kind: OutputKind, text: string): string[] =>
  read(kind, text)
    .settings.filter(({ quiet }) => quiet !== true)
    .map(({ key, value }) => `${keyText(key)} = ${valueText(value)}`);
const unknown = (kind: OutputKind, text: string): string[] => read(kind, text).unknown.map(({ line, text: of }) => `${line}: ${of.trim()}`);

function node(text: string): DeclaredNode {
  return declaredNode(parseFabric(`version: 1\nname: example\nswitches:\n  sw1:\n${text}`, 'example.yaml'), 'sw1')!;
}
const commands = (one: DeclaredNode): string[] => procurve.emit(one).commands.map(({ text }) => text.trim());

describe('procurve', () => {
  it('reads of its commands what was declared, for 40 switches', () => {
    expect(broken('procurve', 40)).toBeUndefined();
  });

  it('refuses little of a switch of its own kind', () => {
    const one = node(`    spanningTree: { priority: 4096 }
    vlans: { 1: {}, 10: { name: storage, mtu: 9198, addresses: [192.0.2.1/25] }, 20: {} }
    ports:
      A1: { vlan: 10, description: esx1 vmnic4, speed: 10G, flowControl: both, spanningTree: { edge: true, bpduGuard: true } }
      A2: { tagged: [10, 20], disabled: true }
      A3: { tagged: [20], untagged: 10 }
    dcb: { trust: dscp, dscp: { 26: 3 } }
    aggregations: { trk1: { ports: [A5, A6], mode: lacp, hash: layer3+4, tagged: [10], untagged: 20 } }
`);
    const rendering = procurve.emit(one);
    expect(rendering.unsaid.map(({ setting }) => keyText(setting.key))).toEqual(['aggregations.trk1.dcb.trust']);
    const expected = [
      ['configure terminal', 'trunk A5,A6 trk1 lacp', 'trunk-load-balance L4-based', 'jumbo ip-mtu 9198'],
      ['vlan 10', '   name "storage"', '   jumbo', '   ip address 192.0.2.1 255.255.255.128'],
      ['   untagged A1', '   untagged A3', '   tagged Trk1', '   tagged A2', '   exit'],
      ['vlan 20', '   untagged Trk1', '   tagged A2', '   tagged A3', '   exit'],
      ['vlan 1', '   no untagged A2', '   exit'],
      ['interface A1', '   name "esx1 vmnic4"', '   enable', '   speed-duplex auto-10g', '   flow-control', '   qos trust dscp', '   exit'],
      ['spanning-tree A1 admin-edge-port', 'spanning-tree A1 bpdu-protection'],
      ['interface A2', '   disable', '   qos trust dscp', '   exit'],
      ['interface A3', '   enable', '   qos trust dscp', '   exit'],
      ['qos dscp-map 011010 priority 3', 'spanning-tree', 'spanning-tree priority 1', 'lldp run', 'write memory'],
    ];
    const texts = rendering.commands.map(({ text }) => text);
    // Ports of the trunk have nothing but that they are on.
    const members = texts.findIndex((text) => text === 'interface A5' || text === 'interface A6');
    expect(
      texts
        .splice(members, 8)
        .filter((text) => /A5|A6/.test(text))
        .toSorted(),
    ).toEqual(['interface A5', 'interface A6']);
    expect(texts).toEqual(expected.flat());
    expect(differences(one, read(runningConfig, rendering.commands.map(({ text }) => text).join('\n')))).toEqual([]);
    expect(rendering.verification).toContainEqual({ command: 'show trunks', expect: ['Trk1', 'LACP'] });
  });

  it('says why it can not have the rest', () => {
    const one = node(`    vlans: { 10: { mtu: 9000 }, 11: { mtu: 4000 } }
    dcb: { pfc: [3] }
    ports: { Ethernet1/1: {}, 1: { speed: 100G, flowControl: receive, mtu: 9000, trunk: all } }
    aggregations: { Po1: { ports: [5] }, trk2: { ports: [7, 8], mode: lacp, active: false, lacpRate: fast, hash: layer2 } }
`);
    const { unsaid } = procurve.emit(one);
    const keys = unsaid.map(({ setting }) => keyText(setting.key));
    for (const key of [
      'vlans.11.mtu',
      'dcb.pfc',
      'ports.1.dcb.pfc',
      'ports.Ethernet1/1.untagged',
      'ports.1.speed',
      'ports.1.flowControl',
      'ports.1.mtu',
      'ports.1.tagged',
    ])
      expect(keys).toContain(key);
    for (const key of ['aggregations.Po1.ports', 'aggregations.trk2.active', 'aggregations.trk2.lacpRate', 'aggregations.trk2.hash'])
      expect(keys).toContain(key);
    expect(unsaid.every(({ why }) => why.length > 10)).toBe(true);
    expect(commands(one)).not.toContain('tagged 9');
  });
});

describe('a host with an aggregation at a ProCurve switch (blog.scottlowe.org, VMware ESX, NIC Teaming, and VLAN Trunking with HP ProCurve)', () => {
  const one = node(`    vlans: { 1: {}, 10: { name: vMotion }, 20: { name: VMs }, 30: { name: other } }
    ports: { B1: { untagged: 30, tagged: [20] } }
    aggregations: { trk1: { ports: [A1, A2], mode: static, untagged: 10, tagged: [20] } }
`);
  const lines = commands(one);

  const of = (vlan: number): string[] =>
    lines.slice(lines.indexOf(`vlan ${vlan}`) + 1, lines.indexOf('exit', lines.indexOf(`vlan ${vlan}`)));

  it('is a trunk of the type Trunk, not LACP', () => expect(lines).toContain('trunk A1,A2 trk1 trunk'));

  it('has its VLANs after the trunk, and at the trunk: its ports have none of their own', () => {
    expect(lines.indexOf('trunk A1,A2 trk1 trunk')).toBeLessThan(lines.findIndex((line) => line.startsWith('vlan ')));
    expect(lines.filter((line) => /tagged A[12]$/.test(line))).toEqual([]);
  });

  it('is in one VLAN without tags, in others with tags, and not in those that the host is not to see', () => {
    expect(of(10)).toEqual(['name "vMotion"', 'untagged Trk1']);
    expect(of(20)).toEqual(['name "VMs"', 'tagged Trk1', 'tagged B1']);
    expect(of(30)).toEqual(['name "other"', 'untagged B1']);
  });

  it('loses what was told its ports before', () => {
    const settings = told(runningConfig, 'vlan 20\n   tagged A1\n   exit\ntrunk A1-A2 trk1 trunk\nvlan 20\n   tagged Trk1\n   exit\n');
    expect(settings).toContain('aggregations.trk1.tagged = 20');
    expect(settings.filter((line) => line.startsWith('ports.A1'))).toEqual([]);
  });
});

/** Running configuration of an HP 2920-24G (J9727A, WB.15.17), as its owner published it on GitHub; shortened. */
const GOLDEN = `Running configuration:

; J9727A Configuration Editor; Created on release #WB.15.17.0009
; Ver #07:eb.8f.fc.f3.ff.37.2d:89

hostname "CONCESSION-STAND"
module 1 type j9727a
ip default-gateway 172.16.1.1
interface 17
   speed-duplex 100-half
   exit
snmp-server community "public" unrestricted
snmp-server contact "Mark Murray"
oobm
   ip address dhcp-bootp
   exit
vlan 1
   name "DEFAULT_VLAN"
   no untagged 7-20
   untagged 1-6,21-24,A1-A2,B1-B2
   ip address 172.16.1.7 255.255.255.0
   exit
vlan 20
   name "IOT"
   untagged 14,20
   tagged 21-24
   no ip address
   exit
vlan 71
   name "Mercy-Faculty-Staff"
   tagged 1-6,21-24
   no ip address
   exit
`;

describe('show running-config', () => {
  it('of an HP 2920-24G is read, and what is of something else is kept', () => {
    const settings = told(runningConfig, GOLDEN);
    expect(read(runningConfig, GOLDEN).node).toBe('CONCESSION-STAND');
    expect(read(runningConfig, GOLDEN).errors).toEqual([]);
    expect(settings).toEqual(
      expect.arrayContaining([
        'vlans.1.addresses = [172.16.1.7/24]',
        'vlans.20.name = IOT',
        'spanningTree.enabled = false',
        'ports.17.speed = 100000000',
        'ports.14.untagged = 20',
        'ports.6.untagged = 1',
        'ports.6.tagged = 71',
        'ports.24.tagged = 20,71',
        'ports.17.untagged = none',
      ]),
    );
    expect(unknown(runningConfig, GOLDEN)).toEqual([
      '7: module 1 type j9727a',
      '8: ip default-gateway 172.16.1.1',
      '12: snmp-server community <hidden>',
      '13: snmp-server contact "Mark Murray"',
      '14: oobm',
      '15: ip address dhcp-bootp',
    ]);
  });

  it('with trunks is read, also as people type it: with prompts, without indents, in one line', () => {
    // Openstack_Cloud of emersonbarea on GitHub, sw-hp.md; shortened.
    const text = `configure terminal
hostname "sw-hp"
trunk 1-4 trk1 lacp
trunk 5-8 trk2 lacp
no telnet-server
interface 14
   disable
   name "PORTA COM DEFEITO"
   exit
spanning-tree Trk1 priority 4
vlan 1
   name "vlan-internet"
   no untagged 47
   untagged 13-14,19-46,48,Trk1-Trk2
   exit
vlan 18
   name "vlan-storage"
   tagged Trk1-Trk2
   ip address 172.16.2.254 255.255.255.0
   exit
vlan 201
   untagged 47
   exit
`;
    expect(told(runningConfig, text)).toEqual(
      expect.arrayContaining([
        'aggregations.trk1.ports = [1, 2, 3, 4]',
        'aggregations.trk2.mode = lacp',
        'aggregations.trk1.tagged = 18',
        'aggregations.trk1.untagged = 1',
        'ports.14.disabled = true',
        'ports.14.description = PORTA COM DEFEITO',
        'ports.47.untagged = 201',
        'vlans.18.addresses = [172.16.2.254/24]',
      ]),
    );
    expect(unknown(runningConfig, text)).toEqual(['5: no telnet-server', '10: spanning-tree Trk1 priority 4']);
    expect(
      told(
        runningConfig,
        'sw1(config)# vlan 30 tagged A1-A2\nsw1(config)# int A3 disable\nspanning-tree ethernet A3 root-guard\nqos dscp-map default priority 0\nvlan 30\nuntagged A4\nlldp run\n',
      ),
    ).toEqual(
      expect.arrayContaining([
        'ports.A1.tagged = 30',
        'ports.A2.tagged = 30',
        'ports.A3.disabled = true',
        'ports.A3.spanningTree.rootGuard = true',
        'dcb.dscp.0 = 0',
        'ports.A4.untagged = 30',
      ]),
    );
  });

  it('tells one word that was changed', () => {
    const one = node('    vlans: { 10: {}, 20: {} }\n    ports: { 1: { vlan: 10 }, 2: { tagged: [10, 20] } }\n');
    const text = procurve
      .emit(one)
      .commands.map(({ text: line }) => line)
      .join('\n');
    const found = (changed: string): string[] => differences(one, read(runningConfig, changed)).map(({ kind, key }) => `${kind} ${key}`);
    expect(found(text)).toEqual([]);
    expect(found(text.replace('untagged 1\n', 'tagged 1\n'))).toEqual(['differs ports.1.untagged', 'differs ports.1.tagged']);
    expect(found(text.replace('interface 2\n   enable', 'interface 2\n   disable'))).toEqual(['differs ports.2.disabled']);
    expect(found(text.replace('lldp run', 'no lldp run'))).toEqual(['differs lldp']);
  });

  it('that is none is an error with its line, whatever it is', () => {
    for (const text of ['', '\n\nhello', '{"a": 1}', '\u0000\u0001', 'x'.repeat(10_000)])
      expect(read(runningConfig, text).errors.length).toBeGreaterThan(0);
    expect(read(runningConfig, '\n\nhello').errors[0]!.line).toBe(3);
  });
});

describe('show vlans and show trunks', () => {
  // tests/hp_procurve of ntc-templates: hp_procurve_show_vlans.raw, hp_procurve_show_vlans4.raw, hp_procurve_show_trunks.raw.
  const vlans = ` Status and Counters - VLAN Information

  Maximum VLANs to support : 8                    
  Primary VLAN : DEFAULT_VLAN
  Management VLAN :             

  802.1Q VLAN ID Name         Status       Voice Jumbo
  -------------- ------------ ------------ ----- -----
  1              DEFAULT_VLAN Port-based   No    No   
  66             sixty-six    Port-based   No    No   
  996            MANAGEMENT   Port-based   No    No   
`;
  const trunks = `
 Load Balancing Method:  L3-based (default)

  Port   | Name                             Type       | Group Type    
  ------ + -------------------------------- ---------- + ----- --------
  49     | Uplink 65432p-swi001             1000LX     | Trk2  LACP    
  50     | Uplink 65432p-swi001             1000LX     | Trk2  LACP    
 
`;

  it('are read', () => {
    expect(told(showVlans, vlans)).toEqual([
      'vlans.66.present = true',
      'vlans.66.name = sixty-six',
      'vlans.996.present = true',
      'vlans.996.name = MANAGEMENT',
    ]);
    expect(unknown(showVlans, vlans)).toEqual([]);
    const newer = vlans.replace('802.1Q VLAN ID Name         Status       Voice Jumbo', 'VLAN ID        Name         Status       Voice');
    expect(told(showVlans, newer)).toContain('vlans.66.name = sixty-six');
    expect(told(showTrunks, trunks)).toEqual(['aggregations.trk2.ports = [49, 50]', 'aggregations.trk2.mode = lacp']);
    expect(unknown(showTrunks, trunks)).toEqual([]);
  });

  it('tell apart what they are, and are errors where they are none', () => {
    const texts = [GOLDEN, vlans, trunks];
    for (const [index, kind] of [runningConfig, showVlans, showTrunks].entries())
      expect(texts.map((text) => kind.recognise(text) === 1)).toEqual(texts.map((_, other) => other === index));
    expect(read(showVlans, 'hello').errors).toHaveLength(1);
    expect(read(showTrunks, trunks.replace('49     |', 'what is this')).unknown).toHaveLength(1);
  });
});

describe('words of ProCurve', () => {
  it('are ports, codepoints, masks and speeds', () => {
    expect(portsOf('1-3,A1-A2,Trk1-trk2,1/47-1/48')).toEqual(['1', '2', '3', 'A1', 'A2', 'trk1', 'trk2', '1/47', '1/48']);
    for (const none of ['', 'A1-B2', '3-1', '1-2-3', 'eth0', '1-99999']) expect(portsOf(none)).toBeUndefined();
    expect(['011010', 'af31', 'cs3', 'ef', '26', '64'].map(codepointOf)).toEqual([26, 26, 24, 46, 26, undefined]);
    expect([0, 1, 24, 25, 32].map((bits) => bitsOfMask(maskOfBits(bits)))).toEqual([0, 1, 24, 25, 32]);
    expect(['auto', 'auto-1000', '100-full', 'auto-10g', 'fast'].map(megabitsOf)).toEqual(['any', 1000, 100, 10_000, undefined]);
  });
});
