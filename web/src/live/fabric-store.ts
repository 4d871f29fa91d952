/** What the page knows of the fabric: put together from answers of the API and updates of the feed, in whatever order they come. */
import type {
  FabricState,
  FeedUpdate,
  HostReport,
  LinkState,
  LoggedEvent,
  NodeDetail,
  SessionState,
  Topology,
  Totals,
  UnitState,
} from '../../../src/server/page.ts';
import { EventList, type KnownEvents } from './event-list.ts';
import { type Health, HealthBook } from './health.ts';
import { Topics } from './topics.ts';

export type Topic = 'topology' | 'links' | 'units' | 'sessions' | 'hosts' | 'world' | 'events' | 'totals' | 'node' | 'health' | 'update';

export interface Clocked {
  readonly sequence: number;
  /** ISO 8601. */
  readonly time: string;
  readonly upMilliseconds: number;
}

export class FabricStore {
  readonly topics = new Topics();
  readonly events = new EventList();
  readonly #health = new HealthBook();
  topology: Topology | undefined = undefined;
  links: readonly (LinkState | undefined)[] = [];
  units: readonly UnitState[] = [];
  sessions: readonly SessionState[] = [];
  hosts: readonly HostReport[] = [];
  world: FabricState['world'] = [];
  totals: Totals | undefined = undefined;
  node: NodeDetail | undefined = undefined;
  /** Of the latest update. */
  latest: Clocked | undefined = undefined;
  /** The detail asked for; that of another node, still on its way, is not shown. */
  #watched: string | undefined = undefined;
  /** Updates that come while the whole state is on its way; undefined: it is here. */
  #held: FeedUpdate[] | undefined = undefined;

  get knownEvents(): KnownEvents {
    return this.events.known;
  }

  health(node: string): Health {
    return this.#health.of(node);
  }

  setTopology(topology: Topology): void {
    // Asked for again after a reconnection: what is laid out already stays where it is.
    if (JSON.stringify(topology) === JSON.stringify(this.topology)) return;
    this.topology = topology;
    this.#tell(new Set(['topology']));
  }

  watch(node: string | undefined): void {
    if (node === this.#watched) return;
    this.#watched = node;
    this.node = undefined;
    this.topics.tell(['node']);
  }

  /** From now on, updates wait for `setState` (or `release`). */
  hold(): void {
    this.#held = [];
  }

  /** The whole state: what was known before is no more, also where an update would not say so. */
  setState(state: FabricState): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    const links: (LinkState | undefined)[] = [];
    for (const link of state.links) links[link.index] = link;
    const changed = new Set<string>(['links', 'units', 'sessions', 'hosts', 'world', 'totals', 'update']);
    for (const index of [...links.keys(), ...this.links.keys()]) changed.add(linkTopic(index));
    this.links = links;
    ({ units: this.units, sessions: this.sessions, hosts: this.hosts, world: this.world, totals: this.totals } = state);
    this.latest = { sequence: state.sequence, time: state.time, upMilliseconds: state.upMilliseconds };
    this.#tell(changed);
    for (const update of held) {
      if (update.sequence > state.sequence) this.apply(update);
      // The state is newer; events are in none of both.
      else if (this.events.append(update.events, update.eventsMissed)) this.topics.tell(['events']);
    }
  }

  /** The whole state can't be had: updates are better than nothing. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const update of held) this.apply(update);
  }

  apply(update: FeedUpdate): void {
    if (this.#held !== undefined) {
      this.#held.push(update);
      return;
    }
    const changed = new Set<string>(['totals', 'update']);
    this.totals = update.totals;
    this.latest = { sequence: update.sequence, time: update.time, upMilliseconds: update.upMilliseconds };
    this.#mergeLinks(update.links, changed);
    for (const list of ['units', 'sessions', 'hosts', 'world'] as const) {
      if (update[list] === undefined) continue;
      (this as Record<typeof list, unknown>)[list] = update[list];
      changed.add(list);
    }
    if (update.node !== undefined && update.node.node === this.#watched) {
      this.node = update.node;
      changed.add('node');
    }
    if (this.events.append(update.events, update.eventsMissed)) changed.add('events');
    this.#tell(changed);
  }

  /** Of the log, asked for; what the feed brought meanwhile stays. */
  fillEvents(events: readonly LoggedEvent[]): void {
    this.events.fill(events);
    this.topics.tell(['events']);
  }

  /** It is another fabric, or another run: its events count from one again. */
  clearEvents(): void {
    this.events.clear();
    this.topics.tell(['events']);
  }

  #mergeLinks(came: readonly LinkState[], changed: Set<string>): void {
    if (came.length === 0) return;
    const links = [...this.links];
    for (const link of came) {
      links[link.index] = link;
      changed.add(linkTopic(link.index));
    }
    this.links = links;
    changed.add('links');
  }

  #tell(changed: Set<string>): void {
    if (['topology', 'links', 'sessions', 'hosts', 'world'].some((topic) => changed.has(topic)) && this.#health.renew(this))
      changed.add('health');
    this.topics.tell(changed);
  }
}

export const linkTopic = (index: number): string => `link ${index}`;
