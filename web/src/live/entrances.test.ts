import { expect, it } from 'vitest';
import type { Topology, TopologyNode } from '../../../src/server/page.ts';
import { entrances } from './entrances.ts';

const node = (id: string, kind: TopologyNode['kind'], portals?: readonly string[]): TopologyNode => ({
  id,
  kind,
  name: id,
  description: '192.0.2.7:3260',
  ports: [],
  tier: 1,
  ...(portals === undefined ? {} : { portals }),
});

const topology: Topology = {
  fabric: 'x',
  nodes: [
    node('published 127.0.0.1:3260', 'published', ['127.0.0.1:3260']),
    node('plain', 'array', ['0.0.0.0:3261', '127.0.0.2:3261']),
    node('six', 'array', ['[::]:3262']),
    node('wired', 'array'),
    node('esx1', 'host'),
  ],
  links: [],
  onlyChecked: [],
};

it('are where something listens on this machine, and not inside of the fabric', () => {
  expect(entrances(topology)).toEqual(['127.0.0.1:3260', '127.0.0.1:3261', '127.0.0.2:3261', '[::1]:3262']);
});
