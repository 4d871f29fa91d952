import { expect, it } from 'vitest';
import type { Topology, TopologyNode } from '../../../src/server/page.ts';
import { entrances } from './entrances.ts';

const node = (id: string, kind: TopologyNode['kind'], description: string): TopologyNode => ({
  id,
  kind,
  name: id,
  description,
  ports: [],
  tier: 1,
});

const topology: Topology = {
  fabric: 'x',
  nodes: [
    node('published 127.0.0.1:3260', 'published', 'from esx2 to 192.0.2.20:3260'),
    node('plain', 'array', '0.0.0.0:3261, 1 target, 2 LUNs'),
    node('six', 'array', '[::1]:3262'),
    node('wired', 'array', '192.0.2.20:3260, 1 target'),
    node('odd', 'array', '2 ports, 1 target'),
  ],
  links: [
    {
      id: 'wired:eth0 - tor1:1',
      ends: [
        { node: 'wired', port: 'eth0' },
        { node: 'tor1', port: '1' },
      ],
      kind: 'link',
      rateBitsPerSecond: 1e9,
      delayNanos: 5,
      mtuBytes: 9000,
    },
  ],
  onlyChecked: [],
};

it('are where something listens on this machine, and not inside of the fabric', () => {
  expect(entrances(topology)).toEqual(['127.0.0.1:3260', '127.0.0.1:3261', '[::1]:3262']);
});
