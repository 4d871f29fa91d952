/**
 * The receiving half: what came is put in order (RFC 9293 §3.10.7.4, seventh), handed over, and told of as selective acknowledgments
 * (RFC 2018, RFC 2883); the window opens in steps worth it (RFC 9293 §3.8.6.2.2). Positions count from the peer's SYN, which is 0.
 */
import type { ByteStreamReceiver } from '../../base/byte-stream.ts';
import { serialAdd } from '../../base/serial.ts';
import { SACK_BLOCKS_MAX, type TcpOptions } from '../../wire/ip/tcp.ts';
import type { TcpCounters } from './counters.ts';
import { RangeSet } from './range-set.ts';
import { type MemoryBudget, ReceiveBuffer } from './receive-buffer.ts';

/** Holes there can be in what has come; whoever makes more of them sends again. */
const RANGES_MAX = 512;
const NOWHERE = Number.POSITIVE_INFINITY;

export type Arrived = 'in-order' | 'gap-filled' | 'out-of-order' | 'old' | 'dropped';

export class Receiver {
  /** RCV.NXT: expected next. */
  next = 1;
  /** Not handed over yet; equal to `next` unless somebody pauses. */
  read = 1;
  /** Right edge of the window the peer was told of. */
  edge = 1;
  /** The peer's initial sequence number. */
  initial = 0;
  /** RCV.WND is shown shifted by so much. */
  windowShift = 0;
  /** The peer's FIN stands here. */
  finPosition = NOWHERE;
  paused = false;
  /** Undefined: what comes is thrown away. */
  sink: ByteStreamReceiver | undefined;
  readonly bytesMax: number;
  readonly #counters: TcpCounters;
  readonly #buffer: ReceiveBuffer;
  #ranges: RangeSet | undefined;
  /** Where out-of-order data came of late, the latest first. */
  readonly #recent = new Float64Array(SACK_BLOCKS_MAX);
  #recents = 0;
  /** What came twice (RFC 2883), to be told once. */
  #twiceStart = 0;
  #twiceEnd = 0;
  #giving = false;

  constructor(bytesMax: number, budget: MemoryBudget, counters: TcpCounters) {
    this.bytesMax = bytesMax;
    this.#counters = counters;
    this.#buffer = new ReceiveBuffer(budget);
  }

  sequenceOf(position: number): number {
    return serialAdd(this.initial, position);
  }

  positionOf(sequence: number): number {
    return this.next + ((sequence - this.initial - this.next) | 0);
  }

  get hasHoles(): boolean {
    return this.#ranges !== undefined && this.#ranges.count !== 0;
  }

  /** Behind the highest byte that came, in order or not. */
  get highest(): number {
    const ranges = this.#ranges;
    return ranges === undefined || ranges.count === 0 ? this.next : ranges.ends[ranges.count - 1]!;
  }

  /** Bytes nobody has taken yet. */
  get waitingBytes(): number {
    return Math.min(this.next, this.finPosition) - this.read;
  }

  /** The window to show, by which the right edge moves; `segmentBytes`: steps worth telling of. */
  window(segmentBytes: number, fieldMax: number): number {
    const free = this.read + this.bytesMax;
    if (free - this.edge >= Math.min(this.bytesMax / 2, segmentBytes)) this.edge = free;
    let shown = Math.max(0, this.edge - this.next) / (1 << this.windowShift);
    if (shown > fieldMax) {
      shown = fieldMax;
      this.edge = this.next + fieldMax * (1 << this.windowShift);
    }
    return Math.floor(shown);
  }

  /** True: the window opened enough since the peer was told that it should hear of it. */
  hasNews(segmentBytes: number, fieldMax: number): boolean {
    // What the field can't show is no news.
    const most = Math.min(this.bytesMax, fieldMax * (1 << this.windowShift));
    const free = Math.min(this.read + this.bytesMax, this.next + most);
    return free - this.edge >= Math.min(most / 2, 2 * segmentBytes) && this.edge - this.next < most / 2;
  }

  /** Data from `start` to `end` stands in `frame` at `at`. */
  handleData(start: number, end: number, frame: Uint8Array, at: number): Arrived {
    const { next } = this;
    if (end <= next) {
      this.#tellTwice(start, end);
      return 'old';
    }
    const stop = Math.min(end, this.edge, this.finPosition);
    if (stop <= next || start >= stop) return 'dropped';
    if (start > next) return this.#keep(start, stop, frame, at);
    if (start < next) this.#tellTwice(start, next);
    const filled = this.hasHoles;
    this.#take(stop, frame, at + next - start);
    return filled ? 'gap-filled' : 'in-order';
  }

  #take(stop: number, frame: Uint8Array, at: number): void {
    const begun = this.next;
    const count = stop - begun;
    this.next = stop;
    const taken = this.read === begun ? this.#give(frame, at, count) : 0;
    if (taken < count && !this.#buffer.store(this.read, begun + taken, frame, at + taken, count - taken)) {
      this.#counters.outOfOrderDrops += 1;
      this.next = begun + taken;
      return;
    }
    const ranges = this.#ranges;
    if (ranges !== undefined && ranges.count !== 0) {
      if (ranges.starts[0]! <= this.next) this.next = Math.max(this.next, ranges.ends[0]!);
      ranges.dropBelow(this.next);
    }
    this.deliver();
  }

  /** Straight from the frame to where the receiver wants it. How many bytes were taken. */
  #give(frame: Uint8Array, at: number, count: number): number {
    let taken = 0;
    this.#giving = true;
    while (taken < count && !this.paused) {
      const { sink } = this;
      const place = sink?.nextBuffer();
      const part = Math.min(count - taken, place?.length ?? count);
      if (place !== undefined) place.set(frame.subarray(at + taken, at + taken + part));
      taken += part;
      this.read += part;
      sink?.handleBytes(part);
    }
    this.#giving = false;
    return taken;
  }

  /** Hands over what waits in order. */
  deliver(): void {
    if (this.#giving) return;
    this.#giving = true;
    const end = Math.min(this.next, this.finPosition);
    while (this.read < end && !this.paused) {
      const { sink } = this;
      if (sink === undefined) {
        this.read = end;
        break;
      }
      const part = this.#buffer.copy(this.read, end - this.read, sink.nextBuffer());
      this.read += part;
      sink.handleBytes(part);
    }
    this.#giving = false;
    if (this.read === end && !this.hasHoles) this.#buffer.free();
  }

  #keep(start: number, stop: number, frame: Uint8Array, at: number): Arrived {
    this.#ranges ??= new RangeSet(RANGES_MAX);
    const ranges = this.#ranges;
    this.#counters.outOfOrder += 1;
    if (ranges.covers(start, stop)) {
      this.#tellTwice(start, stop);
      return 'out-of-order';
    }
    const full = ranges.count === RANGES_MAX;
    if ((full && !this.#touches(start, stop)) || !this.#buffer.store(this.read, start, frame, at, stop - start)) {
      this.#counters.outOfOrderDrops += 1;
      return 'out-of-order';
    }
    ranges.add(start, stop);
    this.#remember(start);
    return 'out-of-order';
  }

  #touches(start: number, stop: number): boolean {
    const ranges = this.#ranges!;
    const at = ranges.find(start);
    return at < ranges.count && ranges.starts[at]! <= stop;
  }

  #remember(start: number): void {
    this.#recent.copyWithin(1, 0, SACK_BLOCKS_MAX - 1);
    this.#recent[0] = start;
    this.#recents = Math.min(SACK_BLOCKS_MAX, this.#recents + 1);
  }

  #tellTwice(start: number, end: number): void {
    if (end <= start) return;
    this.#twiceStart = start;
    this.#twiceEnd = end;
  }

  /** Writes what came out of order: first what came last (RFC 2018 §4), before it what came twice (RFC 2883 §4). */
  putSacks(options: TcpOptions, blocksMax: number): void {
    options.sackBlocks = 0;
    if (this.#twiceEnd !== 0) {
      this.#putBlock(options, this.#twiceStart, this.#twiceEnd);
      this.#twiceEnd = 0;
    }
    const ranges = this.#ranges;
    if (ranges === undefined || ranges.count === 0) {
      this.#recents = 0;
      return;
    }
    for (let index = 0; index < this.#recents && options.sackBlocks < blocksMax; index += 1) {
      const at = ranges.find(this.#recent[index]! + 1);
      if (at === ranges.count || ranges.starts[at]! > this.#recent[index]!) continue;
      let again = false;
      for (let before = 0; before < index; before += 1) {
        const other = this.#recent[before]!;
        again ||= other >= ranges.starts[at]! && other < ranges.ends[at]!;
      }
      if (!again) this.#putBlock(options, ranges.starts[at]!, ranges.ends[at]!);
    }
  }

  #putBlock(options: TcpOptions, start: number, end: number): void {
    options.sackEdges[options.sackBlocks * 2] = this.sequenceOf(start);
    options.sackEdges[options.sackBlocks * 2 + 1] = this.sequenceOf(end);
    options.sackBlocks += 1;
  }

  get owesSack(): boolean {
    return this.hasHoles || this.#twiceEnd !== 0;
  }

  /** Nothing more is wanted. */
  free(): void {
    this.sink = undefined;
    this.#ranges = undefined;
    this.#buffer.free();
  }
}
