/** Names that are keys: each has its own reader, and its mistakes are told at the key. */
import { expect, it } from 'vitest';
import { loadFabric } from './load.ts';

const TEXT = `version: 1
name: x
hosts:
  esx1:
    adapters: { "slot 1": { model: generic, ports: [nic0] } }
    nics:
      nic0:
        addresses: [192.0.2.1/24]
        dhcpServer: { first: 192.0.2.5, last: 192.0.2.9, reservations: { esx9: 192.0.2.6, 02:00:00:00:00:01: 192.0.2.7 } }
        vlans:
          4095: { addresses: [192.0.2.129/25] }
          20:
            dhcpServer: { first: 192.0.2.5, last: 192.0.2.9, reservations: { 01:00:00:00:00:01: 192.0.2.6 } }
      "nic:1": {}
switches:
  "tor 1": {}
  tor2:
    ports: { 0-3: {}, "port 1": {}, Ethernet1/1: {} }
arrays:
  array1:
    portals: ["127.0.0.1:0"]
    nics: { eth/0: {} }
    targets: { disk: { luns: { one: { store: memory, size: 1MiB } } } }
`;

it('names are looked at wherever they are keys, and hide nothing', () => {
  const { problems, sound } = loadFabric(TEXT, 'x.yaml');
  expect(problems.map(({ line, column, message }) => [line, column, message])).toEqual([
    [5, 17, '`slot 1` is not a good name.'],
    [9, 74, '`esx9` is not the MAC address of a station.'],
    [11, 11, '`4095` is no VLAN.'],
    [13, 78, '`01:00:00:00:00:01` is not the MAC address of a station.'],
    [14, 7, '`nic:1` is not a good name.'],
    [16, 3, '`tor 1` is not a good name.'],
    [18, 14, '`0-3` is no range of ports.'],
    [18, 23, '`port 1` is no port.'],
    [22, 13, '`eth/0` is not a good name.'],
    [23, 16, '`disk` is not an iSCSI name.'],
    [23, 32, '`one` is not a logical unit number.'],
  ]);
  // What can be used of it is there for the rules.
  const { hosts, switches } = sound!.fabric;
  expect(hosts[0]!.machine.nics[0]!.interfaces.map(({ vlan }) => vlan)).toEqual([undefined, 20]);
  expect(switches.map(({ ports }) => ports.map(({ name }) => name))).toEqual([[], ['Ethernet1/1']]);
});
