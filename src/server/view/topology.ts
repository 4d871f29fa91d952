/** What a running fabric is made of, as it is drawn: nodes and what connects them. Stays as it is while the fabric is up. */
import type { PortPlace } from '../../fabric/network/plan.ts';

export type NodeKind =
  | 'host'
  | 'array'
  | 'switch'
  /** Something of the world that can be plugged into a port: a machine of QEMU, a TAP, an interface, a tunnel. */
  | 'world'
  /** A service of the fabric on a socket of this machine. */
  | 'published';

export interface TopologyNode {
  /** As places and reports name it: `esx1`. Of the world: the port it is plugged into, `world tor1:9`; of what is published: `published 127.0.0.1:3260`. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly name: string;
  /** One line: what it is. */
  readonly description: string;
  /** In the order declared. */
  readonly ports: readonly string[];
  /** Where on this machine it listens, with the ports that were picked: of a published service, and of an array on the network of this machine. */
  readonly portals?: readonly string[];
  /** From hosts down: 0 what is outside, 1 hosts, 2 and up switches, the last arrays. A hint for whoever lays them out. */
  readonly tier: number;
}

export interface TopologyLink {
  /** `tor1:1 - esx1:nic0`, as events call it. */
  readonly id: string;
  /** Of a publication the second is a host without a port (`''`): whatever is published goes by the host's routes. */
  readonly ends: readonly [PortPlace, PortPlace];
  readonly kind: 'link' | 'attachment' | 'publication';
  /** 0: it has none of its own. */
  readonly rateBitsPerSecond: number;
  readonly delayNanos: number;
  readonly mtuBytes: number;
}

export interface Topology {
  readonly fabric: string;
  readonly nodes: readonly TopologyNode[];
  /** The links of the fabric first, in the order declared: `LinkState.index` counts in here. */
  readonly links: readonly TopologyLink[];
  /** Declared, and not run: `teams`, `virtual functions`. */
  readonly onlyChecked: readonly string[];
}
