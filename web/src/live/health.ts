/** How each node is, in a tone and in words: what the map paints, and the panel says. */
import type { FabricState, HostReport, LinkState, SessionState, Topology } from '../../../src/server/page.ts';
import { isLost, pathCounts, pathTroubles } from './paths.ts';

export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'idle';

export interface Health {
  readonly tone: Tone;
  readonly words: string;
}

export interface HealthInput {
  readonly topology: Topology | undefined;
  readonly links: readonly (LinkState | undefined)[];
  readonly sessions: readonly SessionState[];
  readonly hosts: readonly HostReport[];
  readonly world: FabricState['world'];
}

const UNKNOWN: Health = { tone: 'idle', words: 'nothing known yet' };

export class HealthBook {
  #book = new Map<string, Health>();

  of(node: string): Health {
    return this.#book.get(node) ?? UNKNOWN;
  }

  /** What stays the same stays the same object, so that nobody is drawn again for nothing. False: all did. */
  renew(input: HealthInput): boolean {
    const renewed = new Map<string, Health>();
    let hasChanged = false;
    for (const [node, health] of healths(input)) {
      const before = this.#book.get(node);
      const isSame = before !== undefined && before.tone === health.tone && before.words === health.words;
      renewed.set(node, isSame ? before : health);
      if (!isSame) hasChanged = true;
    }
    this.#book = renewed;
    return hasChanged;
  }
}

export function healths({ topology, links, sessions, hosts, world }: HealthInput): Map<string, Health> {
  const found = new Map<string, Health>();
  if (topology === undefined) return found;
  const cut = cutLinks(topology, links);
  const paths = new Map(hosts.map(({ host, devices }) => [host, pathCounts(devices.flatMap((device) => device.paths))]));
  const served = counted(sessions, ({ array }) => array);
  const entered = counted(sessions, ({ from }) => from);
  const present = new Map(world.map((one) => [one.id, one.present]));
  for (const { id, kind } of topology.nodes) {
    const bad: string[] = [];
    const good: string[] = [];
    const cuts = cut.get(id) ?? 0;
    if (cuts > 0) bad.push(some(cuts, 'link cut', 'links cut'));
    const counts = paths.get(id) ?? pathCounts([]);
    const troubles = pathTroubles(counts);
    bad.push(...troubles);
    if (troubles.length === 0 && counts.all > 0) good.push(some(counts.all, 'path'));
    const count = (kind === 'array' ? served : entered).get(id) ?? 0;
    if (count > 0) good.push(some(count, 'session'));
    if (kind === 'world') good.push(present.get(id) === true ? 'plugged in' : 'nobody there');
    found.set(id, {
      tone: toneOf(
        kind === 'world' && present.get(id) !== true,
        isLost(counts),
        bad.length > 0,
        kind === 'switch' || count + counts.all > 0 || present.get(id) === true,
      ),
      words: [...bad, ...good].join(', ') || QUIET[kind],
    });
  }
  return found;
}

const QUIET = {
  host: 'no paths',
  array: 'no sessions',
  switch: 'all links up',
  world: 'nobody there',
  published: 'nobody connected',
} as const;

function toneOf(isAbsent: boolean, hasNoPath: boolean, isHurt: boolean, isUsed: boolean): Tone {
  if (hasNoPath) return 'bad';
  if (isHurt) return 'warn';
  if (isAbsent) return 'idle';
  return isUsed ? 'good' : 'idle';
}

function cutLinks(topology: Topology, links: readonly (LinkState | undefined)[]): Map<string, number> {
  const cut = new Map<string, number>();
  for (const link of links) {
    if (link === undefined || link.up) continue;
    for (const node of new Set(topology.links[link.index]?.ends.map((end) => end.node))) cut.set(node, (cut.get(node) ?? 0) + 1);
  }
  return cut;
}

function counted<T>(list: readonly T[], keyOf: (one: T) => string | undefined): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of list) {
    const key = keyOf(one);
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

const some = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
