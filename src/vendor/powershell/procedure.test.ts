/** The Windows procedure of the Demartek RoCE Deployment Guide, and the properties of both its adapters. */
import { describe, expect, it } from 'vitest';
import { parseFabric } from '../../fabric/load.ts';
import { declaredNode } from '../core/declared.ts';
import { differences } from '../core/diff.ts';
import { keyText, valueText } from '../core/setting.ts';
import type { Reading } from '../core/dialect.ts';
import { powershell } from './index.ts';
import { advancedProperties } from './read-properties.ts';
import { script } from './read-script.ts';

/** As the guide prints it: prompts, lines broken anywhere, letters large and small. */
const typed = `>Remove-NetQoSTrafficClass
>Remove-NetQoSPolicy -Confirm:$False
>Set-NetQoSdcBxSetting -Willing 0
New-NetQoSPolicy "SMB" -PolicyStore
ActiveStore -NetDirectPortMatchCondition 445 -
PriorityValue8021Action 3
>New-NetQoSPolicy "DEFAULT" -PolicyStore
ActiveStore -Default -PriorityValue8021Action 3
New-NetQoSPolicy "TCP" -PolicyStore
ActiveStore -IPProtocolMatchCondition TCP -
PriorityValue8021Action 0
New-NetQoSPolicy "UDP" -PolicyStore
ActiveStore -IPProtocolMatchCondition UDP -
PriorityValue8021Action 0
>Disable-NetQoSFlowControl 0,1,2,4,5,6,7
>Enable-NetQoSFlowControl -Priority 3
>Enable-NetAdapterQos -InterfaceAlias
"<ethernet interface>"
`;

const told = ({ settings }: Reading): string[] => settings.map(({ key, value }) => `${keyText(key)} = ${valueText(value)}`);
const read = (text: string): Reading => script.read(text, { file: 'typed', port: undefined });

const fabric = parseFabric(
  `version: 1
name: guide
hosts:
  win1:
    os: windows
    dcb: { willing: false, pfc: [3] }
    policies:
      SMB: { match: net-direct:445, priority: 3 }
      DEFAULT: { match: default, priority: 3 }
      TCP: { match: tcp, priority: 0 }
      UDP: { match: udp, priority: 0 }
    nics:
      p1: { device: SLOT 4 Port 1, rdma: { kind: roce-v2, mtu: 1024 }, flowControl: none, vlans: { 2: { addresses: [10.0.1.1/24] } } }
`,
  'guide.yaml',
);
const node = declaredNode(fabric, 'win1')!;

describe('the procedure of the guide', () => {
  it('is read as it is printed', () => {
    const reading = read(typed);
    expect(reading.errors).toEqual([]);
    expect(reading.unknown).toEqual([]);
    expect(told(reading)).toEqual([
      'dcb.willing = false',
      'policies.SMB.match = net-direct:445',
      'policies.SMB.priority = 3',
      'policies.DEFAULT.match = default',
      'policies.DEFAULT.priority = 3',
      'policies.TCP.match = tcp',
      'policies.TCP.priority = 0',
      'policies.UDP.match = udp',
      'policies.UDP.priority = 0',
      'dcb.pfc = [3]',
    ]);
    const about = node.settings.filter(({ key }) => key[0] === 'dcb' || key[0] === 'policies');
    expect(differences({ ...node, settings: about }, reading)).toEqual([]);
  });

  it('is rendered with the same effect, with today’s parameters', () => {
    const rendering = powershell.emit(node);
    expect(rendering.unsaid).toEqual([]);
    const commands = rendering.commands.map(({ text }) => text);
    expect(commands).toEqual([
      'Set-NetAdapterAdvancedProperty -Name "SLOT 4 Port 1" -RegistryKeyword "*JumboPacket" -RegistryValue 1514',
      'Set-NetAdapterAdvancedProperty -Name "SLOT 4 Port 1" -RegistryKeyword "*FlowControl" -RegistryValue 0',
      'Set-NetAdapterAdvancedProperty -Name "SLOT 4 Port 1" -RegistryKeyword "VlanID" -RegistryValue 2',
      'Set-NetAdapterAdvancedProperty -Name "SLOT 4 Port 1" -RegistryKeyword "*NetworkDirectTechnology" -RegistryValue 4',
      'Set-NetAdapterAdvancedProperty -Name "SLOT 4 Port 1" -DisplayName "R/RoCE Max Frame Size" -DisplayValue "1024"',
      'Enable-NetAdapterRdma -Name "SLOT 4 Port 1"',
      'Install-WindowsFeature -Name Data-Center-Bridging',
      'Set-NetQosDcbxSetting -Willing $false -Confirm:$false',
      'Disable-NetQosFlowControl -Priority 0,1,2,4,5,6,7',
      'Enable-NetQosFlowControl -Priority 3',
      'Enable-NetAdapterQos -Name "SLOT 4 Port 1"',
      'New-NetQosPolicy -Name "SMB" -NetDirectPortMatchCondition 445 -PriorityValue8021Action 3 -Confirm:$false',
      'New-NetQosPolicy -Name "DEFAULT" -Default -PriorityValue8021Action 3 -Confirm:$false',
      'New-NetQosPolicy -Name "TCP" -IPProtocolMatchCondition TCP -PriorityValue8021Action 0 -Confirm:$false',
      'New-NetQosPolicy -Name "UDP" -IPProtocolMatchCondition UDP -PriorityValue8021Action 0 -Confirm:$false',
      'New-NetIPAddress -InterfaceAlias "SLOT 4 Port 1" -IPAddress 10.0.1.1 -PrefixLength 24',
    ]);
    expect(rendering.commands.find(({ text }) => text.startsWith('Enable-NetQosFlowControl'))?.from).toEqual([
      'hosts',
      'win1',
      'dcb',
      'pfc',
    ]);
    expect(differences(node, read(commands.join('\n')))).toEqual([]);
  });
});

const mtu = (reading: Reading): unknown => reading.settings.find(({ key }) => key.at(-1) === 'mtu' && key.length === 3)?.value;

const properties = (rows: readonly (readonly [string, string])[]): Reading =>
  advancedProperties.read(['Name\tValue', ...rows.map((row) => row.join('\t'))].join('\n'), { file: 'adapter', port: 'p1' });

describe('the properties of the adapters of the guide', () => {
  const mellanox = properties([
    ['Encapsulated Task Offload', 'Enabled'],
    ['Flow Control', 'Rx & Tx Enabled'],
    ['IPv4 Checksum Offload', 'Rx & Tx Enabled'],
    ['Jumbo Packet', '1500'],
    ['Large Send Offload V2 (IPv4)', 'Enabled'],
    ['Large Send Offload V2 (IPv6)', 'Enabled'],
    ['Maximum number of RSS Proce...', '20'],
    ['NetworkDirect Functionality', 'Enabled'],
    ['Maximum Number of RSS Queues', '20'],
    ['Priority & Vlan Tag', 'Priority & VLAN Enabled'],
    ['Quality Of Service', 'Enabled'],
    ['Receive Buffers', '4096'],
    ['Recv Segment Coalescing (IPv4)', 'Enabled'],
    ['Recv Segment Coalescing (IPv6)', 'Enabled'],
    ['SR-IOV', 'Disabled'],
    ['TCP/UDP Checksum Offload (I...', 'Rx & Tx Enabled'],
    ['TCP/UDP Checksum Offload (I...', 'Rx & Tx Enabled'],
    ['Send Buffers', '4096'],
    ['Virtual Machine Queues', 'Disabled'],
    ['Network Address', '--'],
    ['R/RoCE Max Frame Size', 'Auto'],
    ['Rx Interrupt Moderation Pro...', 'Aggressive'],
    ['VLAN ID', '2'],
  ]);
  const qlogic = properties([
    ['NVGRE Encapsulated Task Off...', 'Enabled'],
    ['Flow Control', 'Rx & Tx Enabled'],
    ['Jumbo Packet', '1514'],
    ['Receive Buffers (0=Auto)', '3000'],
    ['Speed & Duplex', '25 Gbps Full Duplex'],
    ['Transmit Buffers (0=Auto)', '5000'],
    ['NetworkDirect Mtu Size', '1024'],
    ['RoCE Mode', 'RoCE v2'],
    ['VLAN ID', '2'],
  ]);

  it('are read, cells that were cut short where they can mean one thing only', () => {
    expect(told(mellanox).toSorted()).toEqual(
      [
        'nics.p1.flowControl = both',
        'nics.p1.mtu = 1500',
        'nics.p1.offloads.checksum = true',
        'nics.p1.offloads.encapsulated = true',
        'nics.p1.offloads.largeReceive = true',
        'nics.p1.offloads.largeSend = true',
        'nics.p1.offloads.receiveBuffers = 4096',
        'nics.p1.offloads.receiveQueues = 20',
        'nics.p1.offloads.sendBuffers = 4096',
        'nics.p1.offloads.virtualQueues = false',
        'nics.p1.rdma.enabled = true',
        'nics.p1.sriov.functions = 0',
        'nics.p1.vlans.2.present = true',
      ].toSorted(),
    );
    expect(mellanox.unknown.map(({ text }) => text.split('\t')[0])).toEqual([
      'Maximum number of RSS Proce...',
      'Priority & Vlan Tag',
      'Rx Interrupt Moderation Pro...',
    ]);
    expect(told(qlogic).toSorted()).toEqual([
      'nics.p1.flowControl = both',
      'nics.p1.mtu = 1500',
      'nics.p1.offloads.receiveBuffers = 3000',
      'nics.p1.offloads.sendBuffers = 5000',
      'nics.p1.rdma.kind = roce-v2',
      'nics.p1.rdma.mtu = 1024',
      'nics.p1.speed = 25000000000',
      'nics.p1.vlans.2.present = true',
    ]);
  });

  it('count frames in two ways and mean the same: no difference', () => {
    expect(mtu(mellanox)).toBe(mtu(qlogic));
  });

  it('leave a cell open that could be several settings, and say which', () => {
    const reading = properties([
      ['Receive...', '512'],
      ['Jumbo Packet', '9014'],
    ]);
    expect(told(reading)).toEqual(['nics.p1.mtu = 9000']);
    expect(reading.unknown[0]).toMatchObject({ line: 2, why: expect.stringContaining('Receive Side Scaling') as string });
  });

  it('need the name of the adapter where the list has none', () => {
    const reading = advancedProperties.read('Name\tValue\nJumbo Packet\t1514\nVLAN ID\t2\n', { file: 'adapter', port: undefined });
    expect(reading.errors).toEqual([{ line: 1, message: expect.stringContaining('which adapter') as string }]);
  });
});
