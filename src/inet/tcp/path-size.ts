/**
 * How large segments may be: what the peer takes (RFC 9293 §3.7.1, RFC 6691), what the path takes (RFC 1191, RFC 8201), and what gets through
 * where nobody says why larger ones don't (RFC 4821 §7.7).
 */
import { isIpv4 } from '../../wire/ip/address.ts';
import { TCP_HEADER_BYTES, WINDOW_SCALE_MAX } from '../../wire/ip/tcp.ts';
import type { PathError } from '../path.ts';
import type { ConnectionCore } from './connection-core.ts';

/** Less is nobody's to ask for (CVE-2019-11479): it would turn every write into a storm of segments. */
const SEGMENT_BYTES_MIN = 88;
const TIMESTAMP_BYTES = 12;
/** As many timeouts in a row as Linux waits for (its tcp_retries1): heavy loss alone seldom does that. */
const BLACK_HOLE_TIMEOUTS = 3;
/** RFC 4821 §7.7: what goes through nearly everywhere. */
const BLACK_HOLE_SEGMENT_BYTES = 1024;

/** A connection that knows how large its segments may be. */
export interface SizedConnection extends ConnectionCore {
  readonly size: PathSize;
  /** Sends an acknowledgment before anything else happens. */
  acknowledgeNow(): void;
}

export class PathSize {
  /** What the peer said it takes. */
  peerSegmentBytes: number;
  readonly #connection: ConnectionCore;
  #probedBytes = Number.POSITIVE_INFINITY;

  constructor(connection: ConnectionCore) {
    this.#connection = connection;
    // RFC 9293 §3.7.1 (MUST-15).
    this.peerSegmentBytes = isIpv4(connection.remoteAddress) ? 536 : 1220;
  }

  get #mostBytes(): number {
    const { path } = this.#connection;
    return path.mtuBytes - path.ipHeaderBytes - TCP_HEADER_BYTES;
  }

  /** What we say we take (MUST-67: what the interface takes, not the path). */
  get announced(): number {
    return Math.min(65_535, this.#mostBytes);
  }

  /** Payload of a full segment. */
  get segmentBytes(): number {
    const most = Math.min(Math.max(SEGMENT_BYTES_MIN, this.peerSegmentBytes), this.#mostBytes, this.#probedBytes);
    return most - (this.#connection.usesTimestamps ? TIMESTAMP_BYTES : 0);
  }

  get windowShift(): number {
    return windowShiftFor(this.#connection.settings.receiveBytesMax);
  }

  /** Routes or the path's MTU changed. False: there is no way there at present. */
  refreshPath(): boolean {
    const connection = this.#connection;
    const path = connection.services.path(connection.remoteAddress, connection.localAddress);
    if (path === undefined) return false;
    connection.path = path;
    connection.sender.setSegmentBytes(this.segmentBytes);
    return true;
  }

  /** An ICMP error quotes a segment of ours that is under way. */
  handleError(error: PathError): void {
    const connection = this.#connection;
    const { services, sender, state } = connection;
    if (error.kind === 'too-big') {
      const before = this.segmentBytes;
      if (error.mtuBytes >= connection.path.mtuBytes) return;
      services.learnMtu(connection.remoteAddress, error.mtuBytes);
      if (!this.refreshPath() || this.segmentBytes >= before) return;
      services.counters.pathMtuReductions += 1;
      if (sender.flightBytes > 0 && state !== 'syn-sent' && state !== 'syn-received') sender.handleSmallerPath();
      return;
    }
    // RFC 9293 §3.9.2.2 (MUST-56): soft errors pass; RFC 5927 §5.2: on an established connection the hard ones do too.
    connection.softError = error.kind === 'unreachable' ? `${error.code} unreachable` : 'time exceeded';
    const isHard = error.kind === 'unreachable' && (error.code === 'port' || error.code === 'protocol' || error.code === 'prohibited');
    if (!isHard || state !== 'syn-sent') return;
    services.counters.attemptFails += 1;
    connection.close(`the peer refused the connection: ${connection.softError} (ECONNREFUSED)`);
  }

  /** The retransmission timer expired; it did before, with large segments. */
  handleTimeout(): void {
    const { sender, services, remote } = this.#connection;
    if (sender.timeouts < BLACK_HOLE_TIMEOUTS || sender.edge <= sender.acknowledged) return;
    const { board } = sender;
    const slot = board.first & board.mask;
    if (board.isEmpty || board.ends[slot]! - board.starts[slot]! <= BLACK_HOLE_SEGMENT_BYTES) return;
    if (this.#probedBytes <= BLACK_HOLE_SEGMENT_BYTES) return;
    this.#probedBytes = BLACK_HOLE_SEGMENT_BYTES;
    sender.setSegmentBytes(this.segmentBytes);
    services.counters.blackHoles += 1;
    services.tellBlackHole(remote, this.segmentBytes);
  }
}

/** RFC 7323 §2.3: the smallest shift that shows the whole window. */
export function windowShiftFor(bytes: number): number {
  let shift = 0;
  while (shift < WINDOW_SCALE_MAX && bytes > 65_535 * 2 ** shift) shift += 1;
  return shift;
}
