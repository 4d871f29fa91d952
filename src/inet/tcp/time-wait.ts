/**
 * What is left of connections that ended (RFC 9293 §3.6.1): enough to answer a peer that did not hear of it, and to tell its old segments from
 * those of a new connection (RFC 6191). So many at most: the oldest give way.
 */
import type { Clock, Nanos, Timer } from '../../base/clock.ts';
import { serialLess } from '../../base/serial.ts';
import type { IpAddress } from '../../wire/ip/address.ts';
import { ACK, FIN, RST, SYN } from '../../wire/ip/tcp.ts';
import type { TcpCounters } from './counters.ts';
import type { FlowEntry, FlowTable } from './flow-table.ts';
import type { Segment } from './segment.ts';

export interface LastWords {
  /** SND.NXT and RCV.NXT, as sequence numbers. */
  readonly next: number;
  readonly expected: number;
  readonly usesTimestamps: boolean;
  readonly recentStamp: number;
  readonly stampOffset: number;
}

export interface TimeWaitSettings {
  readonly timeWaitNanos: Nanos;
  readonly timeWaitsMax: number;
}

/** Says the last acknowledgment again. */
export type Answer = (entry: TimeWaitEntry) => void;

export class TimeWaitEntry implements FlowEntry {
  chained: FlowEntry | undefined = undefined;
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
  readonly words: LastWords;
  until: Nanos = 0;
  readonly #room: TimeWaitRoom;

  constructor(of: FlowEntry, words: LastWords, room: TimeWaitRoom) {
    this.localAddress = of.localAddress;
    this.localPort = of.localPort;
    this.remoteAddress = of.remoteAddress;
    this.remotePort = of.remotePort;
    this.words = words;
    this.#room = room;
  }

  handleSegment(segment: Segment): void {
    // RFC 1337: a reset must not end it, or old segments could meet a new connection.
    if ((segment.flags & RST) !== 0) return;
    this.#room.handleSegment(this, segment);
  }

  /** RFC 9293 §3.10.7.4 (MAY-2), RFC 6191 §2: this SYN begins after everything that was. */
  mayBegin(segment: Segment): boolean {
    if ((segment.flags & (SYN | ACK | RST)) !== SYN) return false;
    const { words } = this;
    if (words.usesTimestamps && segment.options.hasTimestamps && segment.options.timestamp !== words.recentStamp)
      return serialLess(words.recentStamp, segment.options.timestamp);
    return serialLess(words.expected, segment.sequence);
  }
}

export class TimeWaitRoom {
  readonly #clock: Clock;
  readonly #settings: TimeWaitSettings;
  readonly #table: FlowTable;
  readonly #counters: TcpCounters;
  readonly #answer: Answer;
  /** In the order in which they began, or began anew. */
  readonly #entries = new Set<TimeWaitEntry>();
  #timer: Timer | undefined;

  constructor(clock: Clock, settings: TimeWaitSettings, table: FlowTable, counters: TcpCounters, answer: Answer) {
    this.#clock = clock;
    this.#settings = settings;
    this.#table = table;
    this.#counters = counters;
    this.#answer = answer;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The connection itself has left the table. */
  add(of: FlowEntry, words: LastWords): void {
    const entry = new TimeWaitEntry(of, words, this);
    if (this.#entries.size >= this.#settings.timeWaitsMax) {
      const [oldest] = this.#entries;
      if (oldest === undefined) return;
      this.#counters.timeWaitsDropped += 1;
      this.remove(oldest);
    }
    this.#table.add(entry);
    this.#restart(entry);
  }

  remove(entry: TimeWaitEntry): void {
    if (this.#entries.delete(entry)) this.#table.remove(entry);
  }

  clear(): void {
    for (const entry of this.#entries) this.#table.remove(entry);
    this.#entries.clear();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  handleSegment(entry: TimeWaitEntry, segment: Segment): void {
    const { flags } = segment;
    // RFC 9293 §3.10.7.4: the peer's FIN again: our acknowledgment was lost, and the wait begins anew.
    if ((flags & FIN) !== 0) this.#restart(entry);
    // Two that wait would thank each other for ever.
    else if (segment.end === segment.at && (flags & SYN) === 0 && segment.sequence === entry.words.expected) return;
    this.#answer(entry);
  }

  #restart(entry: TimeWaitEntry): void {
    entry.until = this.#clock.now() + this.#settings.timeWaitNanos;
    this.#entries.delete(entry);
    this.#entries.add(entry);
    this.#timer ??= this.#clock.after(this.#settings.timeWaitNanos, () => this.#expire());
  }

  #expire(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (const entry of this.#entries) {
      if (entry.until > now) {
        this.#timer = this.#clock.after(entry.until - now, () => this.#expire());
        return;
      }
      this.remove(entry);
    }
  }
}
