import { describe, expect, it } from 'vitest';
import { topologyOf, type TopologyParts } from './topology-of.ts';
import { plansOf } from './testing/started-fabric.ts';
import { smallRack } from './testing/small-rack.ts';

const ready = {
  attached: [{ port: 'tor1:9', to: 'QEMU at vm.sock', hints: [] }],
  published: [{ host: 'esx1', listen: '127.0.0.1:40001', to: '192.0.2.20:3260' }],
};

const partsOf = (
  text: string,
  network: NonNullable<TopologyParts['network']>['ready'] = { attached: [], published: [] },
  arrays: TopologyParts['arrays']['ready']['arrays'] = {},
): TopologyParts => {
  const { onlyChecked, ...plans } = plansOf(text);
  return { name: 'test', plans, onlyChecked, arrays: { ready: { event: 'ready', arrays } }, network: { ready: network } };
};

const tiersOf = (text: string): Record<string, number> =>
  Object.fromEntries(topologyOf(partsOf(text)).nodes.map(({ id, tier }) => [id, tier]));

describe('a topology', () => {
  it('has nodes and links in the words of the field', () => {
    const { nodes, links } = topologyOf(partsOf(smallRack('vm.sock'), ready));
    expect(nodes).toEqual([
      { id: 'esx1', kind: 'host', name: 'esx1', description: '1 port, 192.0.2.11/25', ports: ['nic0'], tier: 1 },
      { id: 'tor1', kind: 'switch', name: 'tor1', description: '25G, 3 ports, spanning tree', ports: ['9', '1', '2'], tier: 2 },
      { id: 'array1', kind: 'array', name: 'array1', description: '1 port, 192.0.2.20/25, 1 target, 1 LUN', ports: ['eth0'], tier: 3 },
      { id: 'world tor1:9', kind: 'world', name: 'QEMU at vm.sock', description: 'plugged into tor1:9', ports: ['port'], tier: 0 },
      {
        id: 'published 127.0.0.1:40001',
        kind: 'published',
        name: '127.0.0.1:40001',
        description: 'from esx1 to 192.0.2.20:3260',
        ports: ['port'],
        portals: ['127.0.0.1:40001'],
        tier: 0,
      },
    ]);
    expect(
      links.map(({ id, kind, ends, rateBitsPerSecond }) => ({
        id,
        kind,
        ends: ends.map(({ node, port }) => `${node}:${port}`),
        rateBitsPerSecond,
      })),
    ).toEqual([
      { id: 'esx1:nic0 - tor1:1', kind: 'link', ends: ['esx1:nic0', 'tor1:1'], rateBitsPerSecond: 25e9 },
      { id: 'array1:eth0 - tor1:2', kind: 'link', ends: ['array1:eth0', 'tor1:2'], rateBitsPerSecond: 25e9 },
      { id: 'world tor1:9 - tor1:9', kind: 'attachment', ends: ['world tor1:9:port', 'tor1:9'], rateBitsPerSecond: 0 },
      {
        id: 'published 127.0.0.1:40001 - esx1',
        kind: 'publication',
        ends: ['published 127.0.0.1:40001:port', 'esx1:'],
        rateBitsPerSecond: 0,
      },
    ]);
    const ids = new Set(nodes.map((node) => node.id));
    expect(ids.size).toBe(nodes.length);
    for (const { ends } of links) for (const { node } of ends) expect(ids).toContain(node);
  });

  it('says where an array on the network of this machine listens, with the port that was picked, and not where one with a wire does', () => {
    const text = `
version: 1
name: bare
arrays:
  array1: { portals: ["127.0.0.1:0"], targets: { "iqn.2026-01.net.example:a": { luns: [{ store: memory, size: 1MiB }] } } }
`;
    const { nodes } = topologyOf(partsOf(text, undefined, { array1: { portals: ['127.0.0.1:40123'], targets: [] } }));
    expect(nodes).toMatchObject([{ portals: ['127.0.0.1:40123'], description: '127.0.0.1:40123, 1 target, 1 LUN' }]);
    const wired = topologyOf(partsOf(smallRack('vm.sock'), ready, { array1: { portals: ['192.0.2.20:3260'], targets: [] } }));
    expect(wired.nodes.find(({ id }) => id === 'array1')!.portals).toBeUndefined();
  });

  it('has hosts and arrays without a wire', () => {
    const { nodes, links } = topologyOf(
      partsOf(`
version: 1
name: bare
arrays:
  array1:
    portals: ["127.0.0.1:3260", "127.0.0.2:3260"]
    targets: { "iqn.2026-01.net.example:a": { luns: [{ store: memory, size: 1MiB }, { store: memory, size: 1MiB }] } }
hosts:
  esx1: { iscsi: { vmhba64: { initiator: "iqn.1998-01.com.vmware:esx1", discovery: [array1] } } }
`),
    );
    expect(nodes.map(({ id, description, tier }) => [id, description, tier])).toEqual([
      ['esx1', '1 adapter, on the network of this machine', 1],
      ['array1', '127.0.0.1:3260, 127.0.0.2:3260, 1 target, 2 LUNs', 2],
    ]);
    expect(links).toEqual([]);
  });

  it('finds tiers by the links: leaves, spines, and what hangs on arrays alone', () => {
    const tiers = tiersOf(`
version: 1
name: tiers
switches:
  leaf1: { spanningTree: {}, ports: { 1-4: {} } }
  leaf2: { spanningTree: {}, ports: { 1-4: {} } }
  spine: { spanningTree: {}, ports: { 1-4: {} } }
  core: { spanningTree: {}, ports: { 1-4: {} } }
  apart: { ports: { 1-4: {} } }
  alone: { ports: { 1: {} } }
hosts:
  a: { nics: { n: { addresses: [192.0.2.1/24] } } }
arrays:
  s:
    nics: { n: { addresses: [192.0.2.3/24] }, m: { addresses: [198.51.100.3/24] } }
    portals: ["192.0.2.3:3260"]
    targets: { "iqn.2026-01.net.example:a": { luns: [{ store: memory, size: 1MiB }] } }
links:
  - [a:n, leaf1:1]
  - [leaf1:2, spine:1]
  - [spine:2, leaf2:1]
  - [spine:3, core:1]
  - [s:n, leaf2:2]
  - [s:m, apart:1]
`);
    expect(tiers).toEqual({ a: 1, leaf1: 2, spine: 3, leaf2: 4, core: 4, apart: 2, alone: 2, s: 5 });
  });
});
