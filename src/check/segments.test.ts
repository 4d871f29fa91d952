import { describe, expect, it } from 'vitest';
import { parseFabric } from '../fabric/load.ts';
import { endpointsOf } from './endpoints.ts';
import { segmentsOf } from './segments.ts';

const fabric = parseFabric(
  `version: 1
name: example
hosts:
  esx1:
    os: esxi
    nics: { vmnic0: {}, vmnic1: {}, vmnic2: { sriov: { functions: 2, each: { 1: { vlan: 30 } } } } }
    virtualSwitches:
      vSwitch0:
        uplinks: [vmnic0, vmnic1]
        portGroups:
          Storage: { vlan: 20, teaming: { active: [vmnic1] } }
          Guests: { vlan: 4095 }
    virtualNics:
      vmk1: { portGroup: Storage, addresses: [192.0.2.1/24] }
    iscsi: { vmhba64: { kind: independent, initiator: iqn.1998-01.com.vmware:esx1, nic: vmnic2, vlan: 30, address: 192.0.2.9/24 } }
    vms:
      vm1:
        nics:
          eth0: { portGroup: Guests, vlan: 10 }
          eth1: { kind: pass-through, function: vmnic2/1 }
  lin1:
    nics: { p1: {}, p2: {} }
    teams: { bond0: { nics: [p1, p2], mode: lacp, vlans: { 20: { addresses: [192.0.2.2/24] } } } }
switches:
  tor1: { ports: { 1-3: { trunk: [10, 20, 30] }, 48: { vlan: 20 } } }
  tor2: { ports: { 1-2: { trunk: [20] }, 48: { vlan: 21 } } }
links:
  - [esx1:vmnic0, tor1:1]
  - [esx1:vmnic1, tor1:2]
  - [esx1:vmnic2, tor1:3]
  - [lin1:p1, tor2:1]
  - [tor1:48, tor2:48]
`,
  'example.yaml',
);

describe('endpoints', () => {
  it('come down to adapter ports and a tag, through every layer', () => {
    const found = endpointsOf(fabric).map(({ name, nics, vlan }) => [name, nics.map((nic) => nic.name).join(' '), vlan]);
    expect(found).toEqual([
      ['vmnic0', 'vmnic0', undefined],
      ['vmnic1', 'vmnic1', undefined],
      ['vmnic2', 'vmnic2', undefined],
      ['vmk1', 'vmnic1', 20],
      ['vm1/eth0', 'vmnic0 vmnic1', 10],
      ['vm1/eth1', 'vmnic2', 30],
      ['p1', 'p1', undefined],
      ['p2', 'p2', undefined],
      ['bond0', 'p1 p2', undefined],
      ['bond0.20', 'p1 p2', 20],
      ['vmhba64', 'vmnic2', 30],
    ]);
  });
});

const segment = (name: string) =>
  segmentsOf(fabric)
    .filter(({ attached }) => attached.some(({ endpoint }) => endpoint.name === name))
    .map(({ attached, switches, trunks }) => ({
      endpoints: [...new Set(attached.map(({ endpoint }) => endpoint.name))],
      switches: switches.map((one) => one.name).toSorted(),
      trunks: trunks.length,
    }));

describe('segments', () => {
  it('hold those that hear one another', () => {
    expect(segment('vm1/eth0')).toEqual([{ endpoints: ['vm1/eth0'], switches: ['tor1'], trunks: 0 }]);
  });

  it('are not joined by a cable into a VLAN that has nobody', () => {
    // VLAN 20 of tor1 leaves by port 48 without a tag and comes in as VLAN 21 of tor2.
    expect(segment('vmk1')).toEqual([{ endpoints: ['vmk1'], switches: ['tor1', 'tor2'], trunks: 1 }]);
    expect(segment('bond0.20')).toEqual([{ endpoints: ['bond0.20'], switches: ['tor2'], trunks: 0 }]);
  });
});
