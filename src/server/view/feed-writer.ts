/**
 * What one reader of the feed gets next. All that is remembered of a reader are a few numbers, however large the fabric is and however far behind the
 * reader: what it has missed shows in the sequence numbers of what changed since.
 */
import type { EventLog, LoggedEvent } from '../event-log.ts';
import type { FeedUpdate } from './feed.ts';
import type { Sampler } from './sampler.ts';
import type { FabricState, LinkState } from './state.ts';

export const FEED_LINKS_MAX = 1000;
export const FEED_ENTRIES_MAX = 500;
export const FEED_EVENTS_MAX = 200;

export interface FeedWriter {
  /** What changed since the update before, within bounds. The reader is taken to get it. */
  next(): FeedUpdate;
  /** Is there something to tell that the update before did not have? */
  readonly isBehind: boolean;
  /** A node whose detail comes along; undefined: none. */
  watch(node: string | undefined): void;
}

export function feedWriter(sampler: Sampler, log: EventLog, linksMax = FEED_LINKS_MAX): FeedWriter {
  const links = linkCursor(sampler, linksMax);
  const events = eventCursor(log);
  let watched: string | undefined;
  let told = false;
  /** Of the sample that the update before was made from. */
  let sequence = 0;

  return {
    get isBehind() {
      return sampler.state.sequence !== sequence || links.isBehind || log.last !== events.last || told;
    },
    next() {
      const { state, changes } = sampler;
      const before = sequence;
      sequence = state.sequence;
      told = false;
      const changed = (list: keyof typeof changes): boolean => before === 0 || changes[list] > before;
      return {
        type: 'update',
        sequence,
        time: state.time,
        upMilliseconds: state.upMilliseconds,
        totals: state.totals,
        links: links.next(),
        units: changed('units') ? busiest(state.units, (unit) => unit.readsPerSecond + unit.writesPerSecond) : undefined,
        sessions: changed('sessions') ? busiest(state.sessions, (session) => session.commandsUnderWay) : undefined,
        hosts: changed('hosts') ? busiest(state.hosts, hostCommands) : undefined,
        world: changed('world') ? state.world.slice(0, FEED_ENTRIES_MAX) : undefined,
        ...events.next(),
        node: watched === undefined ? undefined : sampler.detail(watched),
      };
    },
    watch(node) {
      watched = node;
      told = true;
    },
  };
}

/**
 * Goes round and round over the links: each that changed since it was passed last is told. A link that this round has passed was passed since the round began,
 * another since the round before began; so two numbers do for all of them. At most, something is told twice.
 */
function linkCursor(sampler: Sampler, linksMax: number): { next(): LinkState[]; readonly isBehind: boolean } {
  let cursor = Number.POSITIVE_INFINITY;
  let began = 0;
  let beganBefore = 0;
  let isBehind = true;
  return {
    get isBehind() {
      return isBehind;
    },
    next() {
      const { state, linkChanges } = sampler;
      const { length } = state.links;
      const changed: LinkState[] = [];
      let passed = 0;
      for (; passed < length; passed += 1) {
        if (cursor >= length) {
          cursor = 0;
          beganBefore = began;
          began = state.sequence;
        }
        if (linkChanges[cursor]! > beganBefore) {
          if (changed.length === linksMax) break;
          changed.push(state.links[cursor]!);
        }
        cursor += 1;
      }
      isBehind = passed < length;
      // All were passed at once: the next round begins from here, and tells nothing twice.
      if (!isBehind) [cursor, began] = [Number.POSITIVE_INFINITY, state.sequence];
      return changed;
    },
  };
}

function eventCursor(log: EventLog): { next(): Pick<FeedUpdate, 'events' | 'eventsMissed'>; readonly last: number } {
  let last = 0;
  return {
    get last() {
      return last;
    },
    next() {
      const after = last;
      last = log.last;
      if (last === after) return { events: none, eventsMissed: 0 };
      // Of those that are not even kept any more nobody knows how severe they were.
      const gone = Math.max(0, log.first - 1 - after);
      const found = log.find({ after });
      return { events: found.slice(-FEED_EVENTS_MAX), eventsMissed: gone + Math.max(0, found.length - FEED_EVENTS_MAX) };
    },
  };
}

const none: readonly LoggedEvent[] = [];

function busiest<Entry>(entries: readonly Entry[], weight: (entry: Entry) => number): readonly Entry[] {
  if (entries.length <= FEED_ENTRIES_MAX) return entries;
  return entries.toSorted((one, other) => weight(other) - weight(one)).slice(0, FEED_ENTRIES_MAX);
}

const hostCommands = ({ devices }: FabricState['hosts'][number]): number =>
  devices.reduce((sum, { paths }) => sum + paths.reduce((more, path) => more + path.commandsUnderWay, 0), 0);
