/** What of the map is selected, in focus, pointed at or looked for: each card and link hears only of what concerns itself. */
import { createContext, useCallback, useContext, useSyncExternalStore } from 'react';
import { Topics } from '../live/topics.ts';
import { keyOf, type Selection } from './selection.ts';

export const ACTIVE = 1;
export const SELECTED = 2;
/** Something is looked for, and it is not this. */
export const UNMATCHED = 4;

export class MapStore {
  readonly topics = new Topics();
  /** Where Tab leads to. */
  active: Selection | undefined;
  /** The node that was left by an arrow key for the link that is active. */
  cameFrom: string | undefined;
  selected: Selection | undefined;
  hovered: Selection | undefined;
  /** Nodes that are looked for; undefined: nothing is. */
  matches: ReadonlySet<string> | undefined;
  /** The active one is to take the focus as soon as it is there. */
  wantsFocus = false;

  set(changes: Partial<Pick<MapStore, 'active' | 'cameFrom' | 'selected' | 'hovered' | 'matches' | 'wantsFocus'>>): void {
    const keys = new Set(['any']);
    for (const name of ['active', 'selected', 'hovered'] as const) {
      if (name in changes && keyOf(changes[name]) !== keyOf(this[name])) keys.add(keyOf(this[name])).add(keyOf(changes[name]));
    }
    if ('matches' in changes && changes.matches !== this.matches) keys.add('matches');
    Object.assign(this, changes);
    this.topics.tell(keys);
  }

  flags(selection: Selection): number {
    const key = keyOf(selection);
    const isUnmatched = selection.kind === 'node' && this.matches !== undefined && !this.matches.has(selection.id);
    return (key === keyOf(this.active) ? ACTIVE : 0) | (key === keyOf(this.selected) ? SELECTED : 0) | (isUnmatched ? UNMATCHED : 0);
  }

  listen(key: string, listener: () => void): () => void {
    const stops = [this.topics.listen(key, listener), this.topics.listen('matches', listener)];
    return () => {
      for (const stop of stops) stop();
    };
  }
}

export const MapContext = createContext<MapStore>(new MapStore());

export const useMapStore = (): MapStore => useContext(MapContext);

/** ACTIVE, SELECTED and UNMATCHED of one thing. */
export function useFlags(selection: Selection): number {
  const store = useMapStore();
  const key = keyOf(selection);
  const listen = useCallback((listener: () => void) => store.listen(key, listener), [store, key]);
  return useSyncExternalStore(listen, () => store.flags(selection));
}

/** Any of it; the caller says which. */
export function useOfMap<T>(read: (store: MapStore) => T): T {
  const store = useMapStore();
  const listen = useCallback((listener: () => void) => store.topics.listen('any', listener), [store]);
  return useSyncExternalStore(listen, () => read(store));
}
