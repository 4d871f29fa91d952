/** What a connection sends: its segments with their flags, options and marks (RFC 9293 §3.1, RFC 3168 §6.1, RFC 7323 §3.2). */
import { RateLimit } from '../../base/rate-limit.ts';
import { ECN_CAPABLE_0 } from '../../wire/ip/ipv4.ts';
import { ACK, CWR, ECE, FIN, PSH, RST, SYN, type TcpOptions, tcpOptions, URG } from '../../wire/ip/tcp.ts';
import { DELAYED_ACK } from './deadlines.ts';
import type { SizedConnection } from './path-size.ts';
import { writeSegment } from './segment-writer.ts';
import type { SenderOutput } from './sender.ts';

/** RFC 5961 §7: answers a second that somebody who guesses can provoke. */
const STRAY_ANSWERS_PER_SECOND = 10;
export const WINDOW_FIELD_MAX = 65_535;

export class Transmitter implements SenderOutput {
  readonly #connection: SizedConnection;
  readonly #options: TcpOptions = tcpOptions();
  readonly #stray = new RateLimit(STRAY_ANSWERS_PER_SECOND);

  constructor(connection: SizedConnection) {
    this.#connection = connection;
  }

  get stamp(): number {
    const { services, stampOffset } = this.#connection;
    return (Math.floor(services.clock.now() / 1e6) + stampOffset) >>> 0;
  }

  /** The frame's options, and how many bytes they take. */
  #setOptions(payloadBytes: number): TcpOptions {
    const options = this.#options;
    const { path, usesTimestamps, recentStamp, sender, receiver } = this.#connection;
    options.segmentBytesMax = -1;
    options.windowScale = -1;
    options.sackPermitted = false;
    options.hasTimestamps = usesTimestamps;
    options.sackBlocks = 0;
    if (usesTimestamps) {
      options.timestamp = this.stamp;
      options.timestampEcho = recentStamp;
    }
    if (sender.hasSack && receiver.owesSack) {
      const taken = usesTimestamps ? 12 : 0;
      const room = Math.min(40 - taken, path.mtuBytes - path.ipHeaderBytes - 20 - taken - payloadBytes);
      if (room >= 12) receiver.putSacks(options, Math.floor((room - 4) / 8));
    }
    return options;
  }

  #write(flags: number, sequence: number, urgentPointer: number, trafficClass: number, position: number, payloadBytes: number): void {
    const connection = this.#connection;
    const { acknowledger, receiver, services, sender } = connection;
    if (connection.path.stale && !connection.size.refreshPath()) return;
    const options = this.#setOptions(payloadBytes);
    const window = receiver.window(connection.size.segmentBytes, WINDOW_FIELD_MAX);
    services.counters.outSegments += 1;
    // A segment that has no room for selective acknowledgments does not replace the one that has.
    const owes = acknowledger.isDue && receiver.hasHoles && sender.hasSack && options.sackBlocks === 0;
    acknowledger.handleSent(receiver.next);
    acknowledger.isDue = owes;
    connection.deadlines.clear(DELAYED_ACK);
    writeSegment(
      services.slab,
      connection.path,
      connection.localPort,
      connection.remotePort,
      sequence,
      receiver.sequenceOf(receiver.next),
      acknowledger.echoesMark && sender.hasEcn ? flags | ECE : flags,
      window,
      urgentPointer,
      options,
      trafficClass,
      sender.queue,
      position,
      payloadBytes,
    );
  }

  transmit(start: number, end: number, isAgain: boolean): void {
    const { sender } = this.#connection;
    const stop = Math.min(end, sender.queue.end);
    const payloadBytes = stop - start;
    let flags = ACK;
    if (end > sender.finPosition) flags |= FIN;
    // RFC 9293 §3.9.1.2 (MUST-60, MUST-61): nothing behind it is to be waited for.
    if (payloadBytes > 0 && stop === sender.queue.end) flags |= PSH;
    let urgentPointer = 0;
    if (sender.urgentEnd > start) {
      flags |= URG;
      urgentPointer = Math.min(0xffff, sender.urgentEnd - start);
    }
    // RFC 3168 §6.1.5: what is sent again is not marked.
    const mayMark = sender.hasEcn && !isAgain && payloadBytes > 0;
    if (mayMark && sender.owesCwr) {
      sender.owesCwr = false;
      flags |= CWR;
    }
    if (!isAgain) this.#connection.bytesSent += payloadBytes;
    this.#write(flags, sender.sequenceOf(start), urgentPointer, mayMark ? ECN_CAPABLE_0 : 0, start, payloadBytes);
  }

  transmitStale(): void {
    const { sender } = this.#connection;
    this.#write(ACK, sender.sequenceOf(sender.acknowledged - 1), 0, 0, 0, 0);
  }

  sendAck(): void {
    const { acknowledger, sender } = this.#connection;
    acknowledger.isDue = false;
    this.#write(ACK, sender.sequenceOf(sender.next), 0, 0, 0, 0);
  }

  /** Answers what a stranger could have sent; not too often (RFC 5961 §7). */
  answerStray(): void {
    const { services } = this.#connection;
    if (!this.#stray.admits(services.clock.now())) {
      services.counters.answersWithheld += 1;
      return;
    }
    services.counters.challengeAcks += 1;
    this.sendAck();
  }

  sendReset(): void {
    const { services, sender, state } = this.#connection;
    services.counters.outResets += 1;
    this.#write(state === 'syn-received' ? RST : RST | ACK, sender.sequenceOf(sender.next), 0, 0, 0, 0);
  }

  /** A SYN, or a SYN with an acknowledgment. */
  sendSyn(): void {
    const connection = this.#connection;
    const { settings, services, receiver, sender, size } = connection;
    if (connection.path.stale && !size.refreshPath()) return;
    const options = this.#options;
    const isAnswer = connection.state === 'syn-received';
    let flags = isAnswer ? SYN | ACK : SYN;
    // RFC 3168 §6.1.1.
    if (connection.wantsEcn) flags |= isAnswer ? ECE : ECE | CWR;
    options.segmentBytesMax = size.announced;
    options.windowScale = settings.windowScaling && (!isAnswer || connection.scales) ? size.windowShift : -1;
    options.sackPermitted = isAnswer ? sender.hasSack : settings.sack;
    options.hasTimestamps = isAnswer ? connection.usesTimestamps : settings.timestamps;
    options.timestamp = this.stamp;
    options.timestampEcho = isAnswer ? connection.recentStamp : 0;
    options.sackBlocks = 0;
    services.counters.outSegments += 1;
    const window = Math.min(WINDOW_FIELD_MAX, settings.receiveBytesMax);
    receiver.edge = Math.max(receiver.edge, 1 + window);
    const acknowledgment = isAnswer ? receiver.sequenceOf(1) : 0;
    const { localPort, remotePort } = connection;
    writeSegment(
      services.slab,
      connection.path,
      localPort,
      remotePort,
      sender.initial,
      acknowledgment,
      flags,
      window,
      0,
      options,
      0,
      undefined,
      0,
      0,
    );
  }
}
