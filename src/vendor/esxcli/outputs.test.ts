/** Outputs of real hosts, as others have published them; each says where. */
import { describe, expect, it } from 'vitest';
import type { OutputKind, Reading } from '../core/dialect.ts';
import { keyText, valueText } from '../core/setting.ts';
import { esxcli } from './index.ts';

const read = (text: string, port?: string): Reading & { readonly kindName: string } => {
  const best = kindOf(text);
  return { ...best.read(text, { file: 'host.txt', port }), kindName: best.name };
};

function kindOf(text: string): OutputKind {
  const [best] = esxcli.outputs.toSorted((one, other) => other.recognise(text) - one.recognise(text));
  return best!;
}

const told = ({ settings }: Reading): string[] =>
  settings.map(({ key, value, quiet }) => `${quiet === true ? '(' : ''}${keyText(key)} = ${valueText(value)}${quiet === true ? ')' : ''}`);

describe('listings of ESXi', () => {
  it('esxcfg-vswitch -l (tests of Intel MFD for ESXi): names longer than their column, and a distributed switch', () => {
    const reading = read(`    Switch Name      Num Ports   Used Ports  Configured Ports  MTU     Uplinks
    vSwitch0         6690        5           128               1500    vmnic0

      PortGroup Name                            VLAN ID  Used Ports  Uplinks
      ATmng                                   0        0           vmnic0
      VM Network                                0        1           vmnic0
      Management Network                        0        1           vmnic0

    DVS Name         Num Ports   Used Ports  Configured Ports  MTU     Uplinks
    DSwitch_063LongName 6690        4           512               9000    vmnic3

      DVPort ID                               In Use      Client
      0                                       1           vmnic3
      9                                       1           vmk1
`);
    expect(reading.kindName).toBe('esxcfg-vswitch -l');
    expect(told(reading).filter((line) => !line.startsWith('('))).toEqual([
      'virtualSwitches.vSwitch0.kind = standard',
      'virtualSwitches.vSwitch0.mtu = 1500',
      'virtualSwitches.vSwitch0.uplinks = [vmnic0]',
      'virtualSwitches.vSwitch0.portGroups.ATmng.present = true',
      'virtualSwitches.vSwitch0.portGroups.ATmng.vlan = 0',
      'virtualSwitches.vSwitch0.portGroups."VM Network".present = true',
      'virtualSwitches.vSwitch0.portGroups."VM Network".vlan = 0',
      'virtualSwitches.vSwitch0.portGroups."Management Network".present = true',
      'virtualSwitches.vSwitch0.portGroups."Management Network".vlan = 0',
      'virtualSwitches.DSwitch_063LongName.kind = distributed',
      'virtualSwitches.DSwitch_063LongName.uplinks = [vmnic3]',
    ]);
    expect(reading.unknown.map(({ line }) => line)).toEqual([13, 14]);
  });

  it('esxcfg-vswitch -l: a port group that has one uplink of several has it for its own; of two of three nobody knows which stands by', () => {
    const reading = read(`Switch Name      Num Ports   Used Ports  Configured Ports  MTU     Uplinks
vSwitch0         8192        5           128               9000    vmnic0,vmnic1,vmnic2

  PortGroup Name        VLAN ID  Used Ports  Uplinks
  iSCSI-A               20       1           vmnic0
  vMotion               30       1           vmnic0,vmnic1
  Management Network    0        1           vmnic0,vmnic1,vmnic2
`);
    expect(told(reading).filter((line) => line.includes('teaming'))).toEqual([
      'virtualSwitches.vSwitch0.portGroups.iSCSI-A.teaming.active = [vmnic0]',
      '(virtualSwitches.vSwitch0.portGroups.vMotion.teaming.active = [vmnic0, vmnic1])',
      '(virtualSwitches.vSwitch0.portGroups."Management Network".teaming.active = [vmnic0, vmnic1, vmnic2])',
    ]);
    expect(reading.unknown).toMatchObject([{ line: 6, why: expect.stringContaining('stand by') }]);
  });

  it('esxcfg-vswitch -l of a host with a prompt (a published note on NSX 6.2)', () => {
    const reading = read(`[root@ESXi-04:~] esxcfg-vswitch -l
Switch Name      Num Ports   Used Ports  Configured Ports  MTU     Uplinks   
vSwitch0         8192        5           128               1500    vmnic0    

  PortGroup Name        VLAN ID  Used Ports  Uplinks   
  MGMT                  50       0           vmnic0    
  ISCSI                 0        1           vmnic0    

[root@ESXi-04:~] `);
    expect(reading.node).toBe('ESXi-04');
    expect(told(reading)).toContain('virtualSwitches.vSwitch0.portGroups.MGMT.vlan = 50');
    expect(reading.unknown).toEqual([]);
  });

  it('esxcfg-vmknic -l (the same note): a port of a distributed switch is no port group', () => {
    const reading =
      read(`Interface  Port Group/DVPort/Opaque Network        IP Family IP Address                              Netmask         Broadcast       MAC Address       MTU     TSO MSS   Enabled Type                NetStack            
vmk0       Management Network                      IPv4      172.18.128.14                           255.255.192.0   172.18.191.255  c4:34:6b:b8:fd:40 1500    65535     true    STATIC              defaultTcpipStack   
vmk2       8                                       IPv4      172.18.192.21                           255.255.192.0   172.18.255.255  00:50:56:65:d0:7f 1600    65535     true    STATIC              vxlan               
`);
    expect(told(reading)).toEqual([
      'virtualNics.vmk0.portGroup = Management Network',
      'virtualNics.vmk0.mtu = 1500',
      '(virtualNics.vmk0.mac = c4:34:6b:b8:fd:40)',
      'virtualNics.vmk0.addresses = [172.18.128.14/18]',
      'virtualNics.vmk2.mtu = 1600',
      '(virtualNics.vmk2.mac = 00:50:56:65:d0:7f)',
      'virtualNics.vmk2.addresses = [172.18.192.21/18]',
    ]);
  });

  it('esxcli network vswitch standard list (a published home laboratory)', () => {
    const reading = read(`vSwitch0
   Name: vSwitch0
   Class: cswitch
   Num Ports: 6400
   Used Ports: 4
   Configured Ports: 128
   MTU: 1500
   CDP Status: listen
   Beacon Enabled: false
   Beacon Interval: 1
   Beacon Threshold: 3
   Beacon Required By: 
   Uplinks: vmnic0
   Portgroups: VM Network, eno1
`);
    expect(told(reading)).toEqual([
      'virtualSwitches.vSwitch0.kind = standard',
      '(virtualSwitches.vSwitch0.ports = 128)',
      'virtualSwitches.vSwitch0.mtu = 1500',
      'virtualSwitches.vSwitch0.uplinks = [vmnic0]',
      'virtualSwitches.vSwitch0.portGroups."VM Network".present = true',
      'virtualSwitches.vSwitch0.portGroups.eno1.present = true',
    ]);
    // What it says of CDP and beacons has no word in the fabric file, and is kept.
    expect(reading.unknown.map(({ text }) => text.trim().split(':')[0])).toEqual([
      'CDP Status',
      'Beacon Enabled',
      'Beacon Interval',
      'Beacon Threshold',
      'Beacon Required By',
    ]);
  });

  it('esxcli network vswitch standard portgroup list (tests of Dell ASM)', () => {
    const reading = read(`Name                    Virtual Switch  Active Clients  VLAN ID
----------------------  --------------  --------------  -------
ISCSI0                  vSwitch3                     1       16
Management Network (1)  vSwitch0                     1       28
VM Network              vSwitch0                     1        0
`);
    expect(told(reading).filter((line) => line.includes('.vlan'))).toEqual([
      'virtualSwitches.vSwitch3.portGroups.ISCSI0.vlan = 16',
      'virtualSwitches.vSwitch0.portGroups."Management Network (1)".vlan = 28',
      'virtualSwitches.vSwitch0.portGroups."VM Network".vlan = 0',
    ]);
  });

  it('esxcli network ip interface list and ipv4 get (a published note on vSAN)', () => {
    const list = read(`[root@VSAN03:~]  esxcli network ip  interface list
vmk2
   Name: vmk2
   MAC Address: 00:50:56:62:76:bd
   Enabled: true
   Portset: vSwitch1
   Portgroup: VSAN
   Netstack Instance: defaultTcpipStack
   VDS Name: N/A
   VDS UUID: N/A
   VDS Port: N/A
   VDS Connection: -1
   Opaque Network ID: N/A
   MTU: 1500
   TSO MSS: 65535
   Port ID: 33554442
`);
    expect(list.node).toBe('VSAN03');
    expect(told(list)).toEqual([
      '(virtualNics.vmk2.mac = 00:50:56:62:76:bd)',
      'virtualNics.vmk2.portGroup = VSAN',
      'virtualNics.vmk2.mtu = 1500',
    ]);
    expect(list.unknown).toEqual([]);
    const addresses = read(`Name  IPv4 Address   IPv4 Netmask   IPv4 Broadcast  Address Type  DHCP DNS
----  -------------  -------------  --------------  ------------  --------
vmk0  10.65.17.33    255.255.255.0  10.65.17.255    STATIC           false
vmk2  192.168.17.33  255.255.255.0  192.168.17.255  STATIC           false
`);
    expect(told(addresses)).toEqual(['virtualNics.vmk0.addresses = [10.65.17.33/24]', 'virtualNics.vmk2.addresses = [192.168.17.33/24]']);
  });

  it('esxcli network nic list (a published ESXi 6.0)', () => {
    const reading = read(`Name    PCI Device    Driver  Admin Status  Link Status  Speed  Duplex  MAC Address         MTU  Description
------  ------------  ------  ------------  -----------  -----  ------  -----------------  ----  -------------------------------------------------
vmnic0  0000:05:00.0  elxnet  Up            Up           10000  Full    f8:75:88:89:3c:ce  9000  Emulex Corporation Emulex OneConnect OCe11100 NIC
vmnic2  0000:04:00.0  elxnet  Up            Down             0  Half    f8:75:88:89:3c:c6  1500  Emulex Corporation Emulex OneConnect OCe11100 NIC
`);
    expect(told(reading)).toEqual([
      'nics.vmnic0.mtu = 9000',
      '(nics.vmnic0.mac = f8:75:88:89:3c:ce)',
      '(nics.vmnic0.speed = 10000000000)',
      'nics.vmnic2.mtu = 1500',
      '(nics.vmnic2.mac = f8:75:88:89:3c:c6)',
    ]);
  });

  it('esxcli iscsi adapter list (Chelsio Unified Wire for VMware ESXi 6.7): its dashes are no ruler', () => {
    const reading = read(`[root@rattletrap:~] esxcli iscsi adapter list
Adapter  Driver  State  UID  Description
-----  -
vmhba66  cheiscsi  online  iscsi.vmhba66  T6225-LL-CR Chelsio iSCSI/iSER offload initiator (PT43160361)
vmhba67  cheiscsi  online  iscsi.vmhba67  T6225-LL-CR Chelsio iSCSI/iSER offload initiator (PT43160361)
`);
    expect(reading.node).toBe('rattletrap');
    expect(told(reading)).toEqual(['iscsi.vmhba66.kind = independent', 'iscsi.vmhba67.kind = independent']);
  });

  it('esxcli iscsi adapter discovery sendtarget list, param get (published notes)', () => {
    const targets = read('Adapter  Sendtarget\n-------  ----------\nvmhba64  172.16.4.100:3260\n');
    expect(told(targets)).toEqual([
      'iscsi.vmhba64.discovery.172.16.4.100:3260.present = true'.replace('172.16.4.100:3260', '"172.16.4.100:3260"'),
    ]);
    const parameters = read(`~ # esxcli iscsi adapter param get -A vmhba33
Name Current Default Min Max Settable Inherit
-------------------- ---------- ---------- --- -------- -------- -------
MaxRecvDataSegment 131072 131072 512 16777215 true false
LoginTimeout 60 5 1 60 true false
DelayedAck false true na na true false
HeaderDigest prohibited prohibited na na true false
`);
    expect(told(parameters)).toEqual([
      '(iscsi.vmhba33.settings.maxReceiveSegmentBytes = 131072)',
      'iscsi.vmhba33.settings.loginTimeoutNanos = 60000000000',
      '(iscsi.vmhba33.settings.headerDigest = [none])',
    ]);
    expect(parameters.unknown.map(({ line }) => line)).toEqual([6]);
  });

  it('esxcfg-module -g (Chelsio Unified Wire for VMware ESXi 6.7)', () => {
    const reading = read("[root@host:~] esxcfg-module -g cxl\ncxl enabled = 1 options = 'max_vfs=2,2'\n");
    expect(told(reading)).toEqual(['drivers.cxl.max_vfs = 2,2']);
  });

  it('esxcli network nic pauseParams list (a published home laboratory with ConnectX-5)', () => {
    const reading = read(`[root@localhost:~] esxcli network nic pauseParams list
NIC     Pause Params Supported  Pause RX  Pause TX  Auto Negotiation  Auto Negotiation Resolution Avail  RX Auto Negotiation Resolution  TX Auto Negotiation Resolution
------  ----------------------  --------  --------  ----------------  ---------------------------------  ------------------------------  ------------------------------
vmnic0                    true      true      true             false                              false                           false                           false
vmnic1                    true     false     false             false                              false                           false                           false
`);
    expect(told(reading)).toEqual(['nics.vmnic0.flowControl = both', 'nics.vmnic1.flowControl = none']);
    // Every port has some; that nobody declared it is no difference.
    expect(reading.defaultOf(['nics', 'vmnic0', 'flowControl'])).toBe('both');
  });

  it('esxcfg-module -g of a driver of Mellanox (documentation of SmartX for ESXi with RDMA)', () => {
    const reading = read(`# esxcfg-module -g nmlx5_core
nmlx5_core enabled = 1 options = 'pfctx=0x08 pfcrx=0x08 trust_state=2 max_vfs=4,4'
`);
    expect(told(reading)).toEqual([
      'drivers.nmlx5_core.pfctx = 8',
      'drivers.nmlx5_core.pfcrx = 8',
      'drivers.nmlx5_core.trust_state = 2',
      'drivers.nmlx5_core.max_vfs = 4,4',
    ]);
    expect(reading.unknown).toEqual([]);
  });

  it('tell of what they name: a list for one interface says nothing of others, a whole list does', () => {
    const rows = `Name  IPv4 Address   IPv4 Netmask   IPv4 Broadcast  Address Type  DHCP DNS
----  -------------  -------------  --------------  ------------  --------
vmk0  10.65.17.33    255.255.255.0  10.65.17.255    STATIC           false
`;
    const all = read(`[root@VSAN03:~] esxcli network ip interface ipv4 get\n${rows}`);
    const one = read(`[root@VSAN03:~] esxcli network ip interface ipv4 get -i vmk0\n${rows}`);
    expect([all.covers(['virtualNics', 'vmk2', 'dhcp']), one.covers(['virtualNics', 'vmk2', 'dhcp'])]).toEqual([true, false]);
    expect(one.covers(['virtualNics', 'vmk0', 'dhcp'])).toBe(true);
    const module = read("cxl enabled = 1 options = ''\n");
    expect([module.covers(['drivers', 'cxl', 'max_vfs']), module.covers(['drivers', 'nmlx5_core', 'pfctx'])]).toEqual([true, false]);
  });

  it('garbage is an error with its line, whatever reads it', () => {
    for (const output of esxcli.outputs) {
      const reading = output.read('\n<html>\nhello\n', { file: 'x', port: 'vmhba1' });
      expect(reading.errors.length, output.name).toBeGreaterThan(0);
      expect(reading.errors[0]!.line, output.name).toBeGreaterThan(0);
      expect(reading.settings, output.name).toEqual([]);
      expect(output.read('a\u0000b', { file: 'x', port: undefined }).errors[0]?.line).toBe(1);
    }
  });
});
