/** What the rules over InfiniBand say beyond the example of each: at the edge, and where nothing may be concluded. */
import { describe, expect, it } from 'vitest';
import { checkText } from '../../check-fabric.ts';
import { fabricExample } from '../../example.ts';
import { ADDRESS, subnetExample } from './examples.ts';
import { macOfGuid } from './guid-mac.ts';

const found = (text: string): string[] => checkText(text, 'x.yaml').problems.map(({ rule, message }) => `${rule} ${message}`);
const rules = (text: string): string[] => checkText(text, 'x.yaml').problems.map(({ rule }) => rule);

const OTHER = 'ipoib: { addresses: [192.0.2.12/24] }';

const managed = (...managers: readonly string[]): string => {
  const hosts = managers.map(
    (manager, index) =>
      `  lin${index}: { nics: { ib0: { portType: infiniband, infiniband: { ipoib: { addresses: [192.0.2.${index + 11}/24] } } } }, subnetManager: { ${manager} } }`,
  );
  const links = managers.map((_, index) => `  - [lin${index}:ib0, ib1:${index + 1}]`);
  return fabricExample(`hosts:\n${hosts.join('\n')}\nswitches:\n  ib1: { kind: infiniband }\nlinks:\n${links.join('\n')}`);
};

const adapter = (second: string): string =>
  fabricExample(`hosts:
  win1:
    os: windows
    adapters: { slot1: { model: mellanox-connectx-qdr, ports: [ib0, ib1] } }
    nics:
      ib0: { portType: infiniband, infiniband: { nodeGuid: "0002:c903:0000:1038", guid: "0002:c903:0000:1039" } }
      ib1: { portType: infiniband, infiniband: { nodeGuid: "0002:c903:0000:1038", ${second} } }`);

const masked = (mask: string, os = 'windows'): string =>
  subnetExample(
    `guid: "0002:c902:0011:2233", ipoib: { ${mask}addresses: [192.0.2.11/24] }`,
    `guid: "0002:c903:0011:2233", ipoib: { ${mask}addresses: [192.0.2.12/24] }`,
    { host: `os: ${os}`, other: `os: ${os}` },
  );

const twoAdapters = (node: string): string =>
  fabricExample(`hosts:
  win1:
    adapters:
      slot1: { model: mellanox-connectx-qdr, ports: [ib0] }
      slot2: { model: mellanox-connectx-qdr, ports: [ib1] }
    nics:
      ib0: { portType: infiniband, infiniband: { nodeGuid: "0002:c903:0000:1038" } }
      ib1: { portType: infiniband, infiniband: { nodeGuid: "${node}" } }`);

const partitionAt = (key: string) => ({ ib: `subnetManager: { partitions: { storage: "${key}" } }` });

const twoAddresses = (address: string): string =>
  fabricExample(
    `hosts:\n  lin1:\n    nics:\n      ib0: { portType: infiniband, infiniband: { ${ADDRESS} } }\n      ib1: { portType: infiniband, infiniband: { ipoib: { addresses: [${address}/24] } } }`,
  );

const twoSubnets = (manager: string): string =>
  fabricExample(`hosts:
  lin1:
    nics: { ib0: { portType: infiniband }, ib1: { portType: infiniband } }
    subnetManager: { ${manager} }
  lin2:
    nics: { ib0: { portType: infiniband }, ib1: { portType: infiniband } }
links:
  - [lin1:ib0, lin2:ib0]
  - [lin1:ib1, lin2:ib1]`);

const storage = (key: string): string =>
  fabricExample(`arrays:
  array1:
    nics: { ib0: { portType: infiniband, infiniband: { pkeys: ["${key}"], ipoib: { addresses: [192.0.2.20/24] } } } }
    portals: ["192.0.2.20:3260"]
    targets:
      iqn.2026-01.net.example:disk1: { luns: [{ store: memory, size: 64MiB }], access: ["iqn.1994-05.com.redhat:lin1"] }
hosts:
  lin1:
    nics: { ib0: { portType: infiniband, infiniband: { pkeys: ["0x0001"], ipoib: { addresses: [192.0.2.11/24] } } } }
    iscsi: { iscsi0: { initiator: "iqn.1994-05.com.redhat:lin1", discovery: [array1] } }
  lin2:
    nics: { ib0: { portType: infiniband, infiniband: { pkeys: ["0x8001"], ipoib: { addresses: [192.0.2.12/24] } } } }
switches:
  ib1: { kind: infiniband, subnetManager: {} }
links:
  - [array1:ib0, ib1:1]
  - [lin1:ib0, ib1:2]
  - [lin2:ib0, ib1:3]`);

describe('links', () => {
  it('may end at a port that senses what it is', () => {
    const text = subnetExample(ADDRESS);
    expect(rules(text.replace('portType: infiniband, infiniband: { ipoib: { addresses: [192.0.2.11/24] } }', 'portType: auto'))).toEqual(
      [],
    );
    const ethernet = text.replace(
      'portType: infiniband, infiniband: { ipoib: { addresses: [192.0.2.11/24] } }',
      'addresses: [192.0.2.11/24]',
    );
    expect(found(ethernet)).toEqual(['SW-1208 `lin1:ib0` is Ethernet, and `ib1:1` is InfiniBand.']);
  });
});

describe('IPoIB', () => {
  it('takes 4 bytes of the packet in datagram mode, none of it in connected mode', () => {
    expect(rules(subnetExample('ipoib: { mtu: 2044, addresses: [192.0.2.11/24] }'))).toEqual([]);
    expect(rules(subnetExample('ipoib: { mtu: 2045, addresses: [192.0.2.11/24] }', 'ipoib: { mtu: 2045 }'))).toEqual([
      'SW-1211',
      'SW-1211',
    ]);
    const connected = 'ipoib: { mode: connected, mtu: 65520 }';
    expect(rules(subnetExample(connected, connected))).toEqual([]);
  });

  it('is compared within a partition', () => {
    const other = 'pkeys: ["0x8002"], ipoib: { mode: connected }';
    expect(rules(subnetExample('pkeys: ["0x8001"], ipoib: { addresses: [192.0.2.11/24] }', other))).toEqual([]);
    expect(rules(subnetExample('pkeys: ["0x0002", "0xffff"], ipoib: { addresses: [192.0.2.11/24] }', other))).toEqual(['SW-1212']);
    // What a driver in connected mode has where nobody says it, nobody knows.
    expect(rules(subnetExample('ipoib: { mode: connected, mtu: 65520 }', 'ipoib: { mode: connected }'))).toEqual([]);
    expect(found(subnetExample('mtu: 4096, ipoib: { mtu: 4092 }', OTHER))).toEqual([
      expect.stringContaining('of 2044 bytes, and `lin1:ib0`'),
    ]);
  });

  it('has one address only once on a machine', () => {
    expect(found(twoAddresses('192.0.2.11'))).toEqual(['SW-1047 `192.0.2.11` is the address of `lin1:ib0` already.']);
    expect(rules(twoAddresses('192.0.2.99'))).toEqual(['SW-1213']);
    expect(rules(twoAddresses('198.51.100.11'))).toEqual([]);
  });
});

describe('GUIDs', () => {
  it('make MAC addresses as the guide shows it', () => {
    expect(macOfGuid('0002c90200112233', undefined)).toBe('0002c9112233');
    expect(macOfGuid('0002c90300112233', undefined)).toBe('0002ca112233');
    expect(macOfGuid('0002c90200112233', 0xe7)).toBe('0002c9112233');
    expect(macOfGuid('0002c90200112233', 0xfd)).toBe('0002c9112233');
    expect(macOfGuid('0102030405060708', 0xfc)).toBe('010203040506');
    expect(macOfGuid('0005ad0000112233', undefined)).toBeUndefined();
  });

  it('give one MAC address to two where the mask leaves out what differs', () => {
    expect(rules(masked(''))).toEqual([]);
    expect(found(masked('guidMask: 0xe7, '))).toEqual([expect.stringMatching(/^SW-1215 .*00:02:c9:11:22:33 is made of both/)]);
    expect(rules(masked('guidMask: 0xe7, ', 'linux'))).toEqual([]);
  });

  it('stand in a row on an adapter, which both its ports belong to', () => {
    expect(rules(adapter('guid: "0002:c903:0000:103a", systemGuid: "0002:c903:0000:103b"'))).toEqual([]);
    expect(rules(adapter('guid: "0002:c903:0000:103a", systemGuid: "0002:c903:0000:103c"'))).toEqual(['SW-1216']);
    expect(rules(adapter('guid: "0002:c903:0000:1039"'))).toEqual(['SW-1215', 'SW-1216']);
  });

  it('of two adapters are four apart', () => {
    expect(rules(twoAdapters('0002:c903:0000:103c'))).toEqual([]);
    expect(found(twoAdapters('0002:c903:0000:103b'))).toEqual([expect.stringContaining('begin 3 after those of `win1:ib0`')]);
    expect(rules(twoAdapters('0002:c903:0000:1038'))).toEqual(['SW-1215']);
  });
});

describe('partitions', () => {
  it('hold stations that a full member talks to', () => {
    const limited = 'pkeys: ["0x0001"], ipoib: { addresses: [192.0.2.11/24] }';
    expect(rules(subnetExample(limited, 'pkeys: ["0x8001"], ipoib: { addresses: [192.0.2.12/24] }'))).toEqual([]);
    // One alone talks to what is not declared.
    expect(rules(subnetExample(limited, OTHER))).toEqual([]);
  });

  it('are those of the subnet manager, where it lists any', () => {
    const first = 'pkeys: ["0xffff", "0x8001"], ipoib: { addresses: [192.0.2.11/24] }';
    expect(rules(subnetExample(first, OTHER, partitionAt('0x8001')))).toEqual([]);
    expect(found(subnetExample(first, OTHER, partitionAt('0x8002')))).toEqual([
      'SW-1217 `lin1:ib0` is to be in partition 0x0001, and the subnet manager at `ib1` has none with that key.',
    ]);
  });
});

describe('a host and its array', () => {
  it('are not both limited members of the partition between them', () => {
    expect(found(storage('0x0001'))).toEqual([
      'SW-1217 `lin1:ib0` and `array1:ib0`, where `array1` is, are both limited members of partition 0x0001.',
    ]);
    expect(rules(storage('0x8001'))).toEqual([]);
  });
});

describe('subnet managers', () => {
  it('are one or two, not of the same priority', () => {
    expect(rules(managed('priority: 14', 'priority: 13'))).toEqual([]);
    expect(rules(managed('priority: 14', 'priority: 14'))).toEqual(['SW-1218']);
    expect(rules(managed('priority: 14', 'priority: 14, standby: true'))).toEqual([]);
    expect(found(managed('priority: 14', 'priority: 13', 'priority: 12'))).toEqual([
      expect.stringContaining('There are 3 subnet managers'),
    ]);
  });

  it('serve one port where they are not told which', () => {
    expect(found(twoSubnets(''))).toEqual([
      expect.stringContaining('No subnet manager is declared in the InfiniBand subnet of `lin1:ib1`'),
    ]);
    expect(rules(twoSubnets('nics: [ib0, ib1]'))).toEqual([]);
    expect(found(twoSubnets('nics: [ib0, ib7]'))).toEqual([
      expect.stringContaining('SW-1218'),
      'SW-1219 The subnet manager at `lin1` is to manage `ib7`, and `lin1` has no such port.',
    ]);
  });

  it('run in InfiniBand switches', () => {
    expect(rules(fabricExample('switches:\n  tor1: { subnetManager: {} }'))).toEqual(['SW-1219']);
    expect(rules(fabricExample('hosts:\n  lin1:\n    nics: { eth0: {} }\n    subnetManager: {}'))).toEqual(['SW-1219']);
  });
});
