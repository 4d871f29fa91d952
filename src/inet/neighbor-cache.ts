/**
 * Which MAC address belongs to an IP address on the link: the states of RFC 4861 §7.3.2, for ARP (RFC 826, RFC 1122 §2.3.2) as for neighbour
 * discovery. Packets wait here, a few a neighbour, until the address is known.
 */
import { type Clock, type Nanos, SECOND, type Timer } from '../base/clock.ts';
import { addressKey, formatIp, type IpAddress } from '../wire/ip/address.ts';
import { formatMac, type Mac } from '../wire/ethernet/mac.ts';

export type NeighborState = 'incomplete' | 'reachable' | 'stale' | 'delay' | 'probe';

export interface NeighborSettings {
  /** REACHABLE_TIME of RFC 4861 §10; the same for ARP, where RFC 1122 §2.3.2.1 asks for some limit. */
  readonly reachableNanos: Nanos;
  /** RETRANS_TIMER. */
  readonly retransmitNanos: Nanos;
  /** DELAY_FIRST_PROBE_TIME. */
  readonly delayNanos: Nanos;
  /** MAX_MULTICAST_SOLICIT and MAX_UNICAST_SOLICIT. */
  readonly solicitationsMax: number;
  readonly entriesMax: number;
  /** Packets that wait for one address; the oldest gives way (RFC 1122 §2.3.2.2 asks for one at least). */
  readonly packetsMax: number;
}

export const defaultNeighborSettings: NeighborSettings = {
  reachableNanos: 30 * SECOND,
  retransmitNanos: SECOND,
  delayNanos: 5 * SECOND,
  solicitationsMax: 3,
  entriesMax: 4096,
  packetsMax: 64,
};

/** What the cache asks of its interface. */
export interface NeighborHost {
  /** Asks for an address: everybody, or the one who had it (`mac`). */
  solicit(target: IpAddress, mac: Mac | undefined): void;
  /** A packet whose first 6 bytes want this address. */
  deliver(frame: Uint8Array, mac: Mac): void;
  /** Nobody answered: the packet goes nowhere. */
  undeliverable(target: IpAddress, frame: Uint8Array): void;
  /** One of the most there may be had to give way. */
  full(entries: number): void;
}

interface Entry {
  readonly target: IpAddress;
  readonly key: string;
  state: NeighborState;
  mac: Mac;
  deadline: Nanos;
  tries: number;
  packets: Uint8Array[];
  /** Set by hand: never asked for, never forgotten. */
  readonly permanent: boolean;
}

export interface NeighborCounters {
  resolved: number;
  failed: number;
  packetsDropped: number;
  /** Entries that gave way because the table was full. */
  evicted: number;
  /** Answers to nobody's question, and claims that changed nothing. */
  ignored: number;
}

export class NeighborCache {
  readonly counters: NeighborCounters = { resolved: 0, failed: 0, packetsDropped: 0, evicted: 0, ignored: 0 };
  readonly #host: NeighborHost;
  readonly #clock: Clock;
  readonly #settings: NeighborSettings;
  /** Oldest first. */
  readonly #entries = new Map<string, Entry>();
  #timer: Timer | undefined;
  #timerAt: Nanos = Number.POSITIVE_INFINITY;

  constructor(host: NeighborHost, clock: Clock, settings: NeighborSettings = defaultNeighborSettings) {
    this.#host = host;
    this.#clock = clock;
    this.#settings = settings;
  }

  /** Sends the frame to `target` now, or when its address is known. */
  send(target: IpAddress, frame: Uint8Array): void {
    const now = this.#clock.now();
    let entry = this.#entries.get(addressKey(target));
    if (entry === undefined) {
      entry = this.#add(target, false);
      this.#solicit(entry, now);
    }
    if (entry.state === 'incomplete') {
      if (entry.packets.length >= this.#settings.packetsMax) {
        entry.packets.shift();
        this.counters.packetsDropped += 1;
      }
      entry.packets.push(frame);
      return;
    }
    if (entry.state === 'reachable' && entry.deadline <= now) this.#set(entry, 'stale', Number.POSITIVE_INFINITY);
    // RFC 4861 §7.3.3: the first packet to a stale neighbour goes out, and if nobody confirms that it arrives, the neighbour is asked.
    if (entry.state === 'stale') this.#set(entry, 'delay', now + this.#settings.delayNanos);
    this.#host.deliver(frame, entry.mac);
  }

  /** What is known of an address, without asking for it. */
  lookup(target: IpAddress): Mac | undefined {
    const entry = this.#entries.get(addressKey(target));
    return entry === undefined || entry.state === 'incomplete' ? undefined : entry.mac;
  }

  /** Somebody's address came with a question of his (RFC 826; RFC 4861 §7.2.3): good to know, but he did not answer us. */
  handleHint(sender: IpAddress, mac: Mac, create: boolean): void {
    const entry = this.#entries.get(addressKey(sender));
    if (entry === undefined) {
      if (!create) return;
      const added = this.#add(sender, false);
      added.mac = mac;
      this.#set(added, 'stale', Number.POSITIVE_INFINITY);
      return;
    }
    if (entry.permanent) return;
    if (entry.state === 'incomplete') this.#resolve(entry, mac, 'stale');
    else if (entry.mac !== mac) {
      entry.mac = mac;
      this.#set(entry, 'stale', Number.POSITIVE_INFINITY);
    }
  }

  /** An answer: an ARP reply (solicited, override), or an advertisement with its flags (RFC 4861 §7.2.5). */
  handleAnswer(sender: IpAddress, mac: Mac | undefined, flags: { readonly solicited: boolean; readonly override: boolean }): void {
    const entry = this.#entries.get(addressKey(sender));
    if (entry === undefined || entry.permanent) {
      this.counters.ignored += 1;
      return;
    }
    const now = this.#clock.now();
    if (entry.state === 'incomplete') {
      if (mac === undefined) return;
      return this.#resolve(entry, mac, flags.solicited ? 'reachable' : 'stale');
    }
    const differs = mac !== undefined && mac !== entry.mac;
    if (differs && !flags.override) {
      // Another claims the address without insisting: what we know is doubtful, and still what we use.
      if (entry.state === 'reachable') this.#set(entry, 'stale', Number.POSITIVE_INFINITY);
      else this.counters.ignored += 1;
      return;
    }
    if (mac !== undefined) entry.mac = mac;
    if (flags.solicited) this.#set(entry, 'reachable', now + this.#settings.reachableNanos);
    else if (differs) this.#set(entry, 'stale', Number.POSITIVE_INFINITY);
  }

  /** A protocol above saw its packets arrive (RFC 4861 §7.3.1): TCP, for one, when new data is acknowledged. */
  confirm(target: IpAddress): void {
    const entry = this.#entries.get(addressKey(target));
    if (entry === undefined || entry.permanent || entry.state === 'incomplete') return;
    entry.state = 'reachable';
    // The deadline only moves on: nobody has to be woken for it, a reachable entry is judged when it is used.
    entry.deadline = this.#clock.now() + this.#settings.reachableNanos;
  }

  /** An entry that holds until it is removed. */
  setPermanent(target: IpAddress, mac: Mac): void {
    const before = this.#entries.get(addressKey(target));
    if (before !== undefined) this.#entries.delete(before.key);
    const entry = this.#add(target, true);
    entry.mac = mac;
    entry.state = 'reachable';
    entry.deadline = Number.POSITIVE_INFINITY;
    for (const frame of before?.packets ?? []) this.#host.deliver(frame, mac);
  }

  /** Everything but what was set by hand is forgotten: the link went down. */
  clear(): void {
    for (const entry of this.#entries.values()) if (!entry.permanent) this.#remove(entry);
  }

  list(): { readonly address: string; readonly mac: string | undefined; readonly state: NeighborState }[] {
    return [...this.#entries.values()].map(({ target, mac, state }) => ({
      address: formatIp(target),
      mac: state === 'incomplete' ? undefined : formatMac(mac),
      state,
    }));
  }

  #add(target: IpAddress, permanent: boolean): Entry {
    if (this.#entries.size >= this.#settings.entriesMax) this.#evict();
    const copy = target.slice();
    const key = addressKey(copy);
    const entry: Entry = {
      target: copy,
      key,
      state: 'incomplete',
      mac: 0,
      deadline: Number.POSITIVE_INFINITY,
      tries: 0,
      packets: [],
      permanent,
    };
    this.#entries.set(key, entry);
    return entry;
  }

  /** Room for one more: the first that nobody is known to need, otherwise the first of all. An ARP storm costs its own entries first. */
  #evict(): void {
    let victim: Entry | undefined;
    let looked = 0;
    for (const entry of this.#entries.values()) {
      looked += 1;
      if (entry.permanent) continue;
      if (victim === undefined || rank(entry) < rank(victim)) victim = entry;
      if (looked >= EVICTION_LOOKS && victim !== undefined) break;
    }
    if (victim === undefined) return;
    this.counters.evicted += 1;
    this.#remove(victim);
    this.#host.full(this.#settings.entriesMax);
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.key);
    for (const frame of entry.packets) this.#host.undeliverable(entry.target, frame);
    entry.packets = [];
  }

  #resolve(entry: Entry, mac: Mac, state: 'reachable' | 'stale'): void {
    this.counters.resolved += 1;
    entry.mac = mac;
    this.#set(entry, state, state === 'reachable' ? this.#clock.now() + this.#settings.reachableNanos : Number.POSITIVE_INFINITY);
    for (const frame of entry.packets.splice(0)) this.#host.deliver(frame, mac);
  }

  #set(entry: Entry, state: NeighborState, deadline: Nanos): void {
    entry.state = state;
    entry.deadline = deadline;
    entry.tries = 0;
    if (state === 'delay') this.#wake(deadline);
  }

  #solicit(entry: Entry, now: Nanos): void {
    entry.tries += 1;
    entry.deadline = now + this.#settings.retransmitNanos;
    this.#wake(entry.deadline);
    this.#host.solicit(entry.target, entry.state === 'probe' ? entry.mac : undefined);
  }

  /** One timer, for the earliest of the deadlines that lead to something being sent. */
  #wake(at: Nanos): void {
    if (at >= this.#timerAt) return;
    this.#timer?.cancel();
    this.#timerAt = at;
    this.#timer = this.#clock.after(Math.max(0, at - this.#clock.now()), () => this.#handleTimeout());
  }

  #handleTimeout(): void {
    const now = this.#clock.now();
    this.#timerAt = Number.POSITIVE_INFINITY;
    let next = Number.POSITIVE_INFINITY;
    for (const entry of this.#entries.values()) {
      const waits = entry.state === 'incomplete' || entry.state === 'delay' || entry.state === 'probe';
      if (!waits) continue;
      if (entry.deadline <= now) this.#expire(entry, now);
      else next = Math.min(next, entry.deadline);
    }
    if (next !== Number.POSITIVE_INFINITY) this.#wake(next);
  }

  #expire(entry: Entry, now: Nanos): void {
    if (entry.state === 'delay') {
      entry.state = 'probe';
      entry.tries = 0;
    } else if (entry.tries >= this.#settings.solicitationsMax) {
      this.counters.failed += 1;
      return this.#remove(entry);
    }
    this.#solicit(entry, now);
  }
}

/** How many entries are looked at for one that may go. */
const EVICTION_LOOKS = 8;

/** What is missed least comes first: stale entries, then those nobody has answered for. */
const rank = (entry: Entry): number => (entry.state === 'stale' ? 0 : entry.state === 'incomplete' ? 1 : 2);
