/** What components see of the fabric. Each is drawn again only when what it asked for has changed. */
import { useEffect, useSyncExternalStore } from 'react';
import type {
  FabricState,
  HostReport,
  LinkState,
  NodeDetail,
  SessionState,
  Topology,
  Totals,
  UnitState,
} from '../../../src/server/page.ts';
import type { KnownEvents } from './event-list.ts';
import { type Clocked, linkTopic } from './fabric-store.ts';
import type { Connection } from './feed-client.ts';
import type { Health } from './health.ts';
import { live } from './live.ts';

const { store } = live;

/** One function for each topic: `useSyncExternalStore` listens anew whenever it is given another. */
const listeners = new Map<string, (listener: () => void) => () => void>();

function listenerOf(topic: string): (listener: () => void) => () => void {
  const known = listeners.get(topic);
  if (known !== undefined) return known;
  const made = (listener: () => void): (() => void) => store.topics.listen(topic, listener);
  listeners.set(topic, made);
  return made;
}

const useTopic = <T>(topic: string, snapshot: () => T): T => useSyncExternalStore(listenerOf(topic), snapshot);

/** Undefined: it has not come yet. Stays the same object as long as the fabric is up. */
export const useTopology = (): Topology | undefined => useTopic('topology', () => store.topology);

/** By its index in `Topology.links`. */
export const useLink = (index: number): LinkState | undefined => useTopic(linkTopic(index), () => store.links[index]);

/** By index; changes with any of them. */
export const useLinks = (): readonly (LinkState | undefined)[] => useTopic('links', () => store.links);

export const useUnits = (): readonly UnitState[] => useTopic('units', () => store.units);

export const useSessions = (): readonly SessionState[] => useTopic('sessions', () => store.sessions);

export const useHosts = (): readonly HostReport[] => useTopic('hosts', () => store.hosts);

export const useWorld = (): FabricState['world'] => useTopic('world', () => store.world);

export const useTotals = (): Totals | undefined => useTopic('totals', () => store.totals);

export const useEvents = (): KnownEvents => useTopic('events', () => store.knownEvents);

/** When the latest update was, and how long the fabric was up then. */
export const useLatest = (): Clocked | undefined => useTopic('update', () => store.latest);

/** A tone, and what it stands for in words: `1 of 4 paths dead`. */
export const useNodeHealth = (id: string): Health => useTopic('health', () => store.health(id));

/** Of the node that is watched (`useWatch`); undefined: it has not come yet. */
export const useNodeDetail = (): NodeDetail | undefined => useTopic('node', () => store.node);

export const useConnection = (): Connection => useTopic('connection', () => live.connection);

/** Has the fabric detail of this node sent, for as long as the component is there. */
export function useWatch(node: string | undefined): void {
  useEffect(() => {
    live.watch(node);
    return () => live.watch(undefined);
  }, [node]);
}
