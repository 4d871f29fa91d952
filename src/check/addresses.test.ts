/** Addresses through all layers: at ports, teams, virtual switches, virtual machines, adapters, and switches as routers. */
import { describe, expect, it } from 'vitest';
import { checkText } from './check-fabric.ts';
import { fabricExample } from './example.ts';

const RULES = ['SW-1047', 'SW-1048', 'SW-1049', 'SW-1062'];

const found = (keys: string): string[] =>
  checkText(fabricExample(keys), 'f.yaml')
    .problems.filter(({ rule }) => RULES.includes(rule))
    .map(({ rule, where, message }) => `${rule} ${where}: ${message}`);

const host = (keys: string, name = 'esx1'): string => `hosts:\n  ${name}: { ${keys} }\n`;

const VSWITCH = 'nics: { vmnic0: {} }, virtualSwitches: { vSwitch0: { kind: standard, uplinks: [vmnic0], portGroups: { a: {}, b: {} } } }';

const functions = (guest: string): string =>
  `nics: { p1: { mac: "02:00:00:00:00:01", sriov: { functions: 2, each: { 0: { mac: "02:00:00:00:00:02" } } } } }, vms: { vm1: { nics: { eth0: { kind: pass-through, function: p1/0, mac: "02:00:00:00:00:02" }, eth1: { kind: pass-through, function: p1/1, mac: "02:00:00:00:00:${guest}" } } } }`;

const partitions = (second: string): string =>
  `nics: { p1: { mac: "02:00:00:00:00:01", partitions: [{ min: 50, mac: "02:00:00:00:00:01" }, { min: 50, mac: "02:00:00:00:00:${second}" }] }, p2: { mac: "02:00:00:00:00:02" } }`;

const boot = (own: string, other: string): string =>
  `hosts:\n  a: { nics: { p1: { addresses: [192.0.2.${own}/24], boot: { protocol: iscsi, dhcp: false, address: 192.0.2.11/24 } } } }\n  b: { nics: { p1: { addresses: [192.0.2.${other}/24] } } }\n`;

describe('addresses', () => {
  it('are those of teams and of interfaces at virtual switches, too', () => {
    expect(found(host('nics: { p1: {}, p2: {} }, teams: { bond0: { nics: [p1, p2], mode: lacp, addresses: [192.0.2.255/24] } }'))).toEqual([
      'SW-1049 hosts.esx1.teams.bond0.addresses[0]: `192.0.2.255/24` is the broadcast address of its network.',
    ]);
    const two = `${VSWITCH}, virtualNics: { vmk0: { portGroup: a, addresses: [192.0.2.11/24] }, vmk1: { portGroup: b, addresses: [192.0.2.ADDRESS/24] } }`;
    expect(found(host(two.replace('ADDRESS', '11')))).toEqual([
      'SW-1047 hosts.esx1.virtualNics.vmk1.addresses[0]: `192.0.2.11` is the address of `esx1:vmk0` already.',
    ]);
    expect(found(host(two.replace('ADDRESS', '12')))).toEqual([
      'SW-1048 hosts.esx1.virtualNics.vmk1.addresses[0]: `vmk0` is in `192.0.2.0/24` too.',
    ]);
  });

  it('of one network are meant where sessions are bound to their interfaces, and on Windows', () => {
    const bound = `${VSWITCH}, virtualNics: { vmk1: { portGroup: a, addresses: [192.0.2.11/24] }, vmk2: { portGroup: b, addresses: [192.0.2.12/24] } }, iscsi: { vmhba64: { initiator: "iqn.1998-01.com.vmware:esx1", portBinding: [vmk1, vmk2] } }`;
    expect(found(host(bound))).toEqual([]);
    const windows = 'os: windows, nics: { a: { addresses: [192.0.2.11/24] }, b: { addresses: [192.0.2.12/24] } }';
    expect(found(host(windows))).toEqual([]);
    expect(found(host(windows.replace('windows', 'linux')))).toHaveLength(1);
  });

  it("of a switch as a router are nobody else's, but two switches may be one router", () => {
    const router = 'vlans: { 10: { addresses: [192.0.2.1/24] } }';
    expect(found(`switches:\n  tor1: { ${router} }\n  tor2: { ${router} }\n`)).toEqual([]);
    expect(
      found(`switches:\n  tor1: { ${router} }\n  tor2: { ${router} }\n${host('nics: { nic0: { addresses: [192.0.2.1/24] } }')}`),
    ).toEqual(['SW-1047 hosts.esx1.nics.nic0.addresses[0]: `192.0.2.1` is the address of `tor1:vlan10` already.']);
  });

  it('of iSCSI adapters that have their own', () => {
    const adapter =
      'nics: { vmnic4: { addresses: [192.0.2.11/24] } }, iscsi: { vmhba2: { initiator: "iqn.1998-01.com.vmware:esx1", kind: independent, nic: vmnic4, address: 192.0.2.11/24 } }';
    expect(found(host(adapter))).toEqual([
      'SW-1047 hosts.esx1.iscsi.vmhba2.address: `192.0.2.11` is the address of `esx1:vmnic4` already.',
    ]);
    expect(found(host(adapter.replace('address: 192.0.2.11', 'address: 192.0.2.12')))).toEqual([]);
  });

  it('of MAC are those of virtual machines, too; the machine itself may have that of its port', () => {
    const esx = VSWITCH.replace('vmnic0: {}', 'vmnic0: { mac: "02:00:00:00:00:01" }');
    const vm = 'vms: { vm1: { nics: { eth0: { portGroup: a, mac: "02:00:00:00:00:MAC" } } } }';
    expect(found(host(`${esx}, ${vm.replace('MAC', '01')}`))).toEqual([
      'SW-1047 hosts.esx1.vms.vm1.nics.eth0.mac: `02:00:00:00:00:01` is the address of `esx1:vmnic0` already.',
    ]);
    expect(found(host(`${esx}, ${vm.replace('MAC', '02')}`))).toEqual([]);
    expect(found(host(`${esx}, virtualNics: { vmk0: { portGroup: a, mac: "02:00:00:00:00:01" } }`))).toEqual([]);
  });

  it('of MAC are those of virtual functions and partitions, too; a guest has that of its function', () => {
    expect(found(host(functions('03')))).toEqual([]);
    expect(found(host(functions('01')))).toEqual([
      'SW-1047 hosts.esx1.vms.vm1.nics.eth1.mac: `02:00:00:00:00:01` is the address of `esx1:p1` already.',
    ]);
    expect(found(host(functions('02')))).toEqual([
      'SW-1047 hosts.esx1.nics.p1.sriov.each["0"].mac: `02:00:00:00:00:02` is the address of `esx1:vm1/eth1` already.',
    ]);
    expect(found(host(partitions('03')))).toEqual([]);
    expect(found(host(partitions('02')))).toEqual([
      'SW-1047 hosts.esx1.nics.p1.partitions[1].mac: `02:00:00:00:00:02` is the address of `esx1:p2` already.',
    ]);
  });

  it('of a boot agent are those of its machine', () => {
    expect(found(boot('11', '12'))).toEqual([]);
    expect(found(boot('13', '11'))).toEqual(['SW-1047 hosts.a.nics.p1.boot.address: `192.0.2.11` is the address of `b:p1` already.']);
  });
});
