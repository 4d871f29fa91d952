/**
 * A pair of byte streams in virtual time over a bad cable: bytes take their time, are damaged in headers and data, PDUs vanish whole, the
 * cable is cut with bytes under way, or swallows everything from some moment on. What is damaged is chosen by a seed.
 */
import type { ByteStream, ByteStreamReceiver } from '../../src/base/byte-stream.ts';
import { be24, concat, EMPTY_BYTES } from '../../src/base/bytes.ts';
import { type Clock, MICROSECOND, MILLISECOND, type Nanos, SECOND } from '../../src/base/clock.ts';
import { below, chance, type Rng } from '../../src/base/rng.ts';
import { BASIC_HEADER_BYTES, DIGEST_BYTES, LOGIN_REQUEST, LOGIN_RESPONSE, opcodeOf, padded } from '../../src/wire/iscsi/basic-header.ts';

/** How often something happens to a PDU, or to what is written at once. */
export interface CableFaults {
  readonly header: number;
  /** A header damaged in its lengths, so that nobody knows where the next one begins. */
  readonly lengths: number;
  readonly data: number;
  /** A PDU vanishes whole. */
  readonly vanish: number;
  /** Both ends are told. */
  readonly cut: number;
  /** Nobody is told: nothing arrives any more. */
  readonly hole: number;
  readonly delay: number;
  readonly longDelay: number;
}

export const faultCounts = (): Record<keyof CableFaults, number> => ({
  header: 0,
  lengths: 0,
  data: 0,
  vanish: 0,
  cut: 0,
  hole: 0,
  delay: 0,
  longDelay: 0,
});

export type FaultCounts = ReturnType<typeof faultCounts>;

interface Flight {
  readonly bytes: Uint8Array;
  readonly due: Nanos;
  /** Nothing follows. */
  readonly ends: boolean;
}

class CableEnd implements ByteStream {
  readonly remote: string;
  readonly local: string;
  peer!: CableEnd;
  receiver!: ByteStreamReceiver;
  closed = false;
  readonly #cable: Cable;
  #queued = 0;
  #ended = false;
  #paused = false;
  /** What is on its way to this end. */
  #flights: Flight[] = [];
  #incoming: Uint8Array = EMPTY_BYTES;
  #delivering = false;
  #lastDue = 0;
  #peerEnded = false;

  constructor(cable: Cable, local: string, remote: string) {
    this.#cable = cable;
    this.local = local;
    this.remote = remote;
  }

  get queuedBytes(): number {
    return this.#queued;
  }

  write(views: readonly Uint8Array[], sent: (() => void) | undefined): void {
    const bytes = concat([...views, EMPTY_BYTES]).slice();
    this.#queued += bytes.length;
    this.#cable.clock.after(5 * MICROSECOND, () => {
      this.#queued -= bytes.length;
      sent?.();
    });
    if (!this.closed && !this.#ended) this.peer.#expect(this.#cable.tamper(bytes, this.#cable.initiator === this), false);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#cable.clock.after(0, () => this.#deliver());
  }

  end(): void {
    if (this.#ended || this.closed) return;
    this.#ended = true;
    this.peer.#expect(EMPTY_BYTES, true);
    this.#cable.clock.after(10 * MICROSECOND, () => this.close(undefined));
  }

  destroy(): void {
    if (this.closed) return;
    this.#cable.clock.after(0, () => this.close(undefined));
    this.#flights = [];
    this.#incoming = EMPTY_BYTES;
    if (!this.#cable.hole) this.#cable.clock.after(100 * MICROSECOND, () => this.peer.close('the other side reset the connection'));
  }

  close(reason: string | undefined): void {
    if (this.closed) return;
    this.closed = true;
    this.#flights = [];
    this.receiver.handleClose(reason);
  }

  #expect(bytes: Uint8Array, ends: boolean): void {
    if (this.#cable.hole || this.#cable.isCut) return;
    const due = Math.max(this.#lastDue, this.#cable.clock.now() + this.#cable.delayNanos());
    this.#lastDue = due;
    this.#flights.push({ bytes, due, ends });
    this.#cable.clock.after(due - this.#cable.clock.now(), () => this.#arrive());
  }

  #arrive(): void {
    if (this.closed || this.#cable.hole || this.#cable.isCut) return;
    while (this.#flights.length !== 0 && this.#flights[0]!.due <= this.#cable.clock.now()) {
      const { bytes, ends } = this.#flights.shift()!;
      if (bytes.length !== 0) this.#incoming = this.#incoming.length === 0 ? bytes : concat([this.#incoming, bytes]);
      this.#peerEnded ||= ends;
    }
    this.#deliver();
  }

  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    while (!this.closed && !this.#paused && this.#incoming.length !== 0) {
      const place = this.receiver.nextBuffer();
      const count = Math.min(place.length, this.#incoming.length, this.#cable.pieceBytes());
      place.set(this.#incoming.subarray(0, count));
      this.#incoming = this.#incoming.subarray(count);
      this.receiver.handleBytes(count);
    }
    this.#delivering = false;
    if (this.#peerEnded && this.#incoming.length === 0 && !this.closed) this.close(undefined);
  }
}

export class Cable {
  readonly clock: Clock;
  readonly initiator: CableEnd;
  readonly target: CableEnd;
  readonly #rng: Rng;
  readonly #faults: () => CableFaults;
  readonly #counts: FaultCounts;
  /** The login is over: PDUs have digests. */
  #full = false;
  hole = false;
  isCut = false;

  /** `faults` as they are at the moment: storms have calms. */
  constructor(name: string, clock: Clock, rng: Rng, faults: () => CableFaults, counts: FaultCounts) {
    this.clock = clock;
    this.#rng = rng;
    this.#faults = faults;
    this.#counts = counts;
    this.initiator = new CableEnd(this, name, '192.0.2.1:3260');
    this.target = new CableEnd(this, '192.0.2.1:3260', name);
    this.initiator.peer = this.target;
    this.target.peer = this.initiator;
  }

  cut(): void {
    if (this.isCut || this.hole) return;
    this.isCut = true;
    for (const end of [this.initiator, this.target]) {
      const nanos = below(this.#rng, 200) * MICROSECOND;
      this.clock.after(nanos, () => end.close('the cable was cut'));
    }
  }

  pieceBytes(): number {
    return 1 + below(this.#rng, 100_000);
  }

  delayNanos(): Nanos {
    const faults = this.#faults();
    const usual = (20 + below(this.#rng, 80)) * MICROSECOND;
    if (this.#happens('longDelay', faults)) return usual + below(this.#rng, 3000) * MILLISECOND;
    if (this.#happens('delay', faults)) return usual + below(this.#rng, 20_000) * MICROSECOND;
    return usual;
  }

  #happens(fault: keyof CableFaults, faults: CableFaults): boolean {
    if (!chance(this.#rng, faults[fault])) return false;
    this.#counts[fault] += 1;
    return true;
  }

  /** What becomes of whole PDUs on their way. */
  tamper(bytes: Uint8Array, fromInitiator: boolean): Uint8Array {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      const opcode = opcodeOf(bytes, at);
      const login = opcode === LOGIN_REQUEST || opcode === LOGIN_RESPONSE;
      const headerBytes = BASIC_HEADER_BYTES + bytes[at + 4]! * 4 + (login ? 0 : DIGEST_BYTES);
      const dataBytes = be24(bytes, at + 5);
      const end = at + headerBytes + padded(dataBytes) + (login || dataBytes === 0 ? 0 : DIGEST_BYTES);
      if (end > bytes.length || (!login && !this.#full)) throw new Error('what is written are no whole PDUs with digests');
      const pdu = bytes.subarray(at, end);
      at = end;
      if (login) {
        // RFC 7143 §11.13.4-5: T, NSG 3 and no refusal: from here on PDUs have digests.
        if (!fromInitiator && (pdu[1]! & 0x83) === 0x83 && pdu[36] === 0) this.#full = true;
        parts.push(pdu);
      } else if (this.#damaged(pdu, headerBytes, dataBytes)) parts.push(pdu);
    }
    return parts.length === 1 ? parts[0]! : concat([...parts, EMPTY_BYTES]);
  }

  /** False: nothing is left of it. */
  #damaged(pdu: Uint8Array, headerBytes: number, dataBytes: number): boolean {
    const faults = this.#faults();
    const flip = (from: number, bytes: number): void => {
      pdu[from + below(this.#rng, bytes)]! ^= 1 << below(this.#rng, 8);
    };
    if (this.#happens('cut', faults)) this.cut();
    if (this.#happens('hole', faults)) this.hole = true;
    if (this.#happens('vanish', faults)) return false;
    if (this.#happens('lengths', faults)) flip(4, 4);
    // The lengths, bytes 4 to 7, are another kind of damage.
    if (this.#happens('header', faults)) flip(8, headerBytes - 8);
    if (dataBytes !== 0 && this.#happens('data', faults)) flip(headerBytes, pdu.length - headerBytes);
    return true;
  }
}

/** Nothing goes wrong. */
export const CALM: CableFaults = { header: 0, lengths: 0, data: 0, vanish: 0, cut: 0, hole: 0, delay: 0.01, longDelay: 0 };

/** So long nothing ends before it counts as hung. */
export const HUNG_NANOS = 900 * SECOND;
