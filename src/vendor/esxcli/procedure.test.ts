/** The procedure of "Chelsio Unified Wire for VMware ESXi 6.7": a switch, its uplink, a port group, virtual functions. */
import { describe, expect, it } from 'vitest';
import { parseFabric } from '../../fabric/load.ts';
import { declaredNode } from '../core/declared.ts';
import { differences } from '../core/diff.ts';
import { keyText, valueText } from '../core/setting.ts';
import { esxcli } from './index.ts';
import { commands } from './read-commands.ts';

const typed = `[root@host:~] esxcfg-vswitch -a vSwitch1
[root@host:~] esxcfg-vswitch -L vmnic4 vSwitch1
[root@host:~] esxcfg-vswitch -A Storage vSwitch1
[root@host:~] esxcfg-vswitch -v 20 -p Storage vSwitch1
[root@host:~] esxcfg-vswitch -m 9000 vSwitch1
[root@host:~] esxcfg-module -s max_ports=12 cxl
[root@host:~] esxcfg-module cxl -s max_vfs=0,3,,4,0
[root@host:~] reboot
`;

const fabric = parseFabric(
  `version: 1
name: guide
hosts:
  esx1:
    os: esxi
    nics: { vmnic4: { mtu: 9000 } }
    virtualSwitches:
      vSwitch1: { uplinks: [vmnic4], mtu: 9000, portGroups: { Storage: { vlan: 20 } } }
    virtualNics:
      vmk1: { portGroup: Storage, mtu: 9000, addresses: [192.0.2.11/24], services: [vmotion] }
    drivers: { cxl: { max_ports: 12, max_vfs: '0,3,,4,0' } }
    iscsi:
      vmhba64:
        initiator: iqn.1998-01.com.vmware:esx1
        portBinding: [vmk1]
        discovery: [array1]
        chap: { user: esx1, secret: { env: DISK_SECRET }, required: true }
        settings: { headerDigest: [crc32c] }
arrays:
  array1:
    portals: [{ name: left, listen: 192.0.2.1:3260 }]
    nics: { p1: { addresses: [192.0.2.1/24] } }
    targets: { 'iqn.2026-01.net.example:disk1': { luns: { 0: { store: memory, size: 1MiB } } } }
`,
  'guide.yaml',
);
const node = declaredNode(fabric, 'esx1')!;

describe('the procedure of the guide', () => {
  it('is read in the form of the older tools, options in either place', () => {
    const reading = commands.read(typed, { file: 'typed', port: undefined });
    expect(reading.node).toBe('host');
    expect(reading.unknown).toEqual([]);
    expect(reading.settings.map(({ key, value }) => `${keyText(key)} = ${valueText(value)}`)).toEqual([
      'virtualSwitches.vSwitch1.kind = standard',
      'virtualSwitches.vSwitch1.uplinks = [vmnic4]',
      'virtualSwitches.vSwitch1.portGroups.Storage.present = true',
      'virtualSwitches.vSwitch1.portGroups.Storage.vlan = 20',
      'virtualSwitches.vSwitch1.mtu = 9000',
      'drivers.cxl.max_ports = 12',
      'drivers.cxl.max_vfs = 0,3,,4,0',
    ]);
  });

  it('is rendered with the same effect: what was typed lacks only what the guide leaves out', () => {
    const reading = commands.read(typed, { file: 'typed', port: undefined });
    expect(differences(node, reading).filter(({ key }) => /^(?:virtualSwitches|drivers)/.test(key))).toEqual([]);
  });

  it('is rendered as commands in an order that works', () => {
    const rendering = esxcli.emit(node);
    expect(rendering.unsaid).toEqual([]);
    expect(rendering.commands.map(({ text }) => text)).toEqual([
      'esxcli system module parameters set --module=cxl --parameter-string="max_ports=12 max_vfs=0,3,,4,0"',
      'esxcli network vswitch standard add --vswitch-name=vSwitch1',
      'esxcli network vswitch standard set --vswitch-name=vSwitch1 --mtu=9000',
      'esxcli network vswitch standard uplink add --uplink-name=vmnic4 --vswitch-name=vSwitch1',
      'esxcli network vswitch standard policy failover set --vswitch-name=vSwitch1 --active-uplinks=vmnic4',
      'esxcli network vswitch standard portgroup add --portgroup-name=Storage --vswitch-name=vSwitch1',
      'esxcli network vswitch standard portgroup set --portgroup-name=Storage --vlan-id=20',
      'esxcli network ip interface add --interface-name=vmk1 --portgroup-name=Storage --mtu=9000',
      'esxcli network ip interface ipv4 set --interface-name=vmk1 --type=static --ipv4=192.0.2.11 --netmask=255.255.255.0',
      'esxcli network ip interface tag add --interface-name=vmk1 --tagname=VMotion',
      'esxcli iscsi software set --enabled=true',
      'esxcli iscsi adapter set --adapter=vmhba64 --name=iqn.1998-01.com.vmware:esx1',
      'esxcli iscsi networkportal add --adapter=vmhba64 --nic=vmk1',
      "esxcli iscsi adapter auth chap set --adapter=vmhba64 --direction=uni --level=required --authname=esx1 --secret='<secret of DISK_SECRET>'",
      'esxcli iscsi adapter param set --adapter=vmhba64 --key=HeaderDigest --value=required',
      'esxcli iscsi adapter discovery sendtarget add --adapter=vmhba64 --address=192.0.2.1:3260',
      'esxcli storage core adapter rescan --adapter=vmhba64',
    ]);
    const vlan = rendering.commands.find(({ text }) => text.includes('--vlan-id'))!;
    expect(vlan.from).toEqual(['hosts', 'esx1', 'virtualSwitches', 'vSwitch1', 'portGroups', 'Storage', 'vlan']);
    expect(rendering.verification.find(({ command }) => command.includes('sendtarget list'))?.expect).toEqual(['192.0.2.1:3260']);
  });

  it('leaves interfaces at distributed switches to vCenter', () => {
    const shared = parseFabric(
      `version: 1
name: shared
distributedSwitches: { dvs1: { uplinks: 1, portGroups: { VTEP: { vlan: 30 } } } }
hosts:
  esx1:
    os: esxi
    nics: { vmnic4: {} }
    virtualSwitches: { dvs1: { kind: distributed, uplinks: [vmnic4] } }
    virtualNics: { vmk3: { portGroup: VTEP, addresses: [192.0.2.1/24] } }
`,
      'shared.yaml',
    );
    const rendering = esxcli.emit(declaredNode(shared, 'esx1')!);
    expect(rendering.commands).toEqual([]);
    expect(rendering.unsaid.map(({ why }) => why).join(' ')).toContain('vCenter makes such interfaces');
  });

  it('keeps no secret, only whose it is', () => {
    const reading = commands.read(
      "esxcli iscsi adapter auth chap set -A vmhba64 --direction=uni --level=required --authname=esx1 --secret='hush hush hush'\n" +
        'esxcli iscsi adapter auth chap set --secret=quiet',
      { file: 'typed', port: undefined },
    );
    expect(JSON.stringify([reading.settings, reading.unknown])).not.toMatch(/hush|quiet/);
    expect(reading.settings.map(({ key }) => keyText(key))).toEqual(['iscsi.vmhba64.chap.user']);
  });
});
