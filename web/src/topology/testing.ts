/** Topologies for tests. */
import type { LinkState, NodeKind, Topology } from '../../../src/server/page.ts';

type NodeText = `${NodeKind} ${string} ${number}`;

/** Nodes as `kind name tier`, links as `a:port b:port`. */
export function topologyOf(nodes: readonly NodeText[], links: readonly string[]): Topology {
  return {
    fabric: 'test',
    nodes: nodes.map((text) => {
      const [kind, name, tier] = text.split(' ') as [NodeKind, string, string];
      return { id: name, kind, name, description: '', ports: [], tier: Number(tier) };
    }),
    links: links.map((text) => {
      const [one, other] = text.split(' ').map((end) => {
        const [node, port] = end.split(':') as [string, string];
        return { node, port };
      });
      return { id: text, ends: [one!, other!], kind: 'link', rateBitsPerSecond: 25e9, delayNanos: 500, mtuBytes: 9000 };
    }),
    onlyChecked: [],
  };
}

export const RACK = topologyOf(
  ['switch tor1 2', 'switch tor2 2', 'host esx1 1', 'host esx2 1', 'array array1 3', 'world vm1 0', 'published service 0'],
  [
    'esx1:nic0 tor1:1',
    'esx1:nic1 tor2:1',
    'esx2:nic0 tor1:2',
    'esx2:nic1 tor2:2',
    'array1:eth0 tor1:3',
    'array1:eth1 tor2:3',
    'tor1:47 tor2:47',
    'tor1:48 tor2:48',
    'vm1: tor1:9',
    'service: array1:3260',
  ],
);

/** Racks of two leaves and some hosts below a spine; every fourth has an array. */
export function leafSpine(spines: number, racks: number, hosts: number): Topology {
  const nodes: NodeText[] = Array.from({ length: spines }, (_, s): NodeText => `switch spine${s} 3`);
  const links: string[] = [];
  for (let rack = 0; rack < racks; rack += 1) {
    for (const leaf of [`leaf${rack}a`, `leaf${rack}b`]) {
      nodes.push(`switch ${leaf} 2`);
      for (let s = 0; s < spines; s += 1) links.push(`${leaf}:up${s} spine${s}:${leaf}`);
    }
    links.push(`leaf${rack}a:peer leaf${rack}b:peer`);
    for (let host = 0; host < hosts; host += 1) {
      const name = `h${rack}-${host}`;
      nodes.push(rack % 4 === 1 && host === 0 ? `array ${name} 4` : `host ${name} 1`);
      links.push(`${name}:0 leaf${rack}a:${name}`, `${name}:1 leaf${rack}b:${name}`);
    }
  }
  return topologyOf(nodes, links);
}

interface StateChoice {
  readonly up?: boolean;
  readonly load?: readonly [number, number];
  readonly drops?: number;
  readonly loss?: number;
}

export function stateOf({ up = true, load = [0, 0], drops = 0, loss = 0 }: StateChoice): LinkState {
  return {
    index: 0,
    up,
    delayNanos: 500,
    faults: { loss, corruption: 0, duplication: 0, reordering: 0, reorderingNanos: 0 },
    ends: [end(load[0], drops), end(load[1], 0)],
  };
}

const end = (share: number, dropsPerSecond: number): LinkState['ends'][0] => ({
  bitsPerSecond: share * 25e9,
  framesPerSecond: 0,
  load: share,
  dropsPerSecond,
  drops: 0,
  waitingBytes: 0,
});
