/** A connection (RFC 9293 §3.3): its two halves, its timers, its end. What segments do to its state stands in arrival.ts. */
import type { ByteStreamReceiver } from '../../base/byte-stream.ts';
import { type Nanos, SECOND } from '../../base/clock.ts';
import type { IpAddress } from '../../wire/ip/address.ts';
import type { IpPath } from '../path.ts';
import { Acknowledger } from './acknowledger.ts';
import { handleArrival } from './arrival.ts';
import type { ConnectionCore, ConnectionServices, ConnectionUser } from './connection-core.ts';
import * as due from './deadlines.ts';
import type { Flow, FlowEntry } from './flow-table.ts';
import { hostPort, infoOf } from './info.ts';
import { PathSize, type SizedConnection } from './path-size.ts';
import { Receiver } from './receiver.ts';
import { RoundTrip } from './rtt.ts';
import type { Segment } from './segment.ts';
import { Sender } from './sender.ts';
import type { TcpSettings } from './settings.ts';
import type { TcpInfo, TcpState } from './stream.ts';
import { Transmitter, WINDOW_FIELD_MAX } from './transmitter.ts';

/** Timers that were backed off long ago try this often at least (RFC 9293 §3.8.3 leaves it open whether tries or time are counted). */
const TRIES_MIN = 5;
const CONFIRM_INTERVAL_NANOS = 5 * SECOND;

/** How a connection begins. */
export interface Beginning {
  readonly flow: Flow;
  readonly path: IpPath;
  readonly settings: TcpSettings;
  readonly user: ConnectionUser;
  readonly initialSequence: number;
  /** What is added to the clock in timestamps (RFC 7323 §5.4). */
  readonly stampOffset: number;
  readonly isPassive: boolean;
}

export class Connection implements ConnectionCore, SizedConnection {
  state: TcpState = 'closed';
  chained: FlowEntry | undefined = undefined;
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
  readonly settings: TcpSettings;
  readonly services: ConnectionServices;
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly acknowledger: Acknowledger;
  readonly deadlines: due.Deadlines;
  readonly size: PathSize;
  readonly user: ConnectionUser;
  readonly stampOffset: number;
  path: IpPath;
  /** It came to us: it goes back to nothing when it fails (RFC 9293 §3.10.7.4). */
  readonly isPassive: boolean;
  /** Both sides scale windows (RFC 7323 §2.2). */
  scales = false;
  usesTimestamps = false;
  /** TS.Recent (RFC 7323 §4.3). */
  recentStamp = 0;
  recentStampAt: Nanos = 0;
  /** Congestion marks were offered to the peer, or by it. */
  wantsEcn = false;
  lastHeardAt: Nanos = 0;
  /** Urgent data from the peer ends here; 0: there is none. */
  urgentPosition = 0;
  /** What an ICMP error said that is no reason to give up yet (RFC 9293 §3.9.2.2). */
  softError: string | undefined;
  bytesReceived = 0;
  bytesSent = 0;
  readonly #transmitter: Transmitter;
  #sink: ByteStreamReceiver | undefined;
  #busy = false;
  #begunAt: Nanos = 0;
  /** False: the SYN was a cookie, sent who knows when. */
  #synSent = false;
  #keepAliveProbes = 0;
  #confirmedAt: Nanos = Number.NEGATIVE_INFINITY;
  #toldEnd = false;
  #finished = false;

  constructor(beginning: Beginning, services: ConnectionServices) {
    const { flow, path, settings, user } = beginning;
    this.localAddress = flow.localAddress;
    this.localPort = flow.localPort;
    this.remoteAddress = flow.remoteAddress;
    this.remotePort = flow.remotePort;
    this.path = path;
    this.settings = settings;
    this.services = services;
    this.user = user;
    this.stampOffset = beginning.stampOffset;
    this.isPassive = beginning.isPassive;
    const { clock, counters, budget } = services;
    this.deadlines = new due.Deadlines(clock, (kind) => this.#handleDeadline(kind));
    this.#transmitter = new Transmitter(this);
    this.sender = new Sender(settings, clock, this.deadlines, this.#transmitter, new RoundTrip(settings), counters);
    this.sender.initial = beginning.initialSequence;
    this.receiver = new Receiver(settings.receiveBytesMax, budget, counters);
    this.acknowledger = new Acknowledger(settings.delayedAckNanos);
    this.size = new PathSize(this);
    this.#begunAt = clock.now();
  }

  // ---- the stream ----

  get local(): string {
    return hostPort(this.localAddress, this.localPort);
  }

  get remote(): string {
    return hostPort(this.remoteAddress, this.remotePort);
  }

  get queuedBytes(): number {
    const { sender } = this;
    return this.#finished ? 0 : sender.queue.end - Math.max(1, Math.min(sender.acknowledged, sender.queue.end));
  }

  write(views: readonly Uint8Array[], sent: (() => void) | undefined): void {
    const { sender } = this;
    if (this.state === 'closed' || sender.finPosition !== Number.POSITIVE_INFINITY) {
      // Nobody takes it any more: whoever waits for it is told, but not from here.
      if (sent !== undefined) this.services.clock.after(0, sent);
      return;
    }
    sender.queue.write(views, sent);
    // A batch of nothing behind nothing is sent already.
    sender.queue.release(Math.max(1, sender.acknowledged));
    this.flush();
  }

  writeUrgent(views: readonly Uint8Array[], sent: (() => void) | undefined): void {
    const bytes = views.reduce((sum, view) => sum + view.length, 0);
    if (bytes > 0) this.sender.urgentEnd = this.sender.queue.end + bytes;
    this.write(views, sent);
  }

  pause(): void {
    this.receiver.paused = true;
  }

  resume(): void {
    if (!this.receiver.paused) return;
    this.receiver.paused = false;
    // While a segment is handled, what waits is handed over by whoever handles it.
    const wasBusy = this.#busy;
    this.#busy = true;
    this.receiver.deliver();
    this.#busy = wasBusy;
    if (this.receiver.hasNews(this.size.segmentBytes, WINDOW_FIELD_MAX)) this.acknowledger.isDue = true;
    if (!wasBusy) this.flush();
  }

  end(): void {
    const { sender } = this;
    if (this.state === 'closed' || sender.finPosition !== Number.POSITIVE_INFINITY) return;
    // RFC 9293 §3.10.4: nothing has begun, so nothing is left to end.
    if (this.state === 'syn-sent') return this.close(undefined);
    sender.finPosition = sender.queue.end;
    if (this.state === 'established') this.state = 'fin-wait-1';
    else if (this.state === 'close-wait') this.state = 'last-ack';
    if (!this.settings.halfOpen) this.#stopReading();
    this.flush();
  }

  /** Nobody reads any more; what comes is acknowledged and thrown away, so that the peer may come to its end. */
  #stopReading(): void {
    this.receiver.sink = undefined;
    this.receiver.paused = false;
    if (!this.#busy) this.receiver.deliver();
    if (this.state === 'fin-wait-2') this.deadlines.set(due.LINGER, this.settings.lingerNanos);
  }

  destroy(): void {
    if (this.state === 'closed' && !this.#isReading) return;
    // RFC 9293 §3.10.5: the peer is told, unless both halves have ended.
    if (!['syn-sent', 'closing', 'last-ack', 'closed'].includes(this.state)) this.#transmitter.sendReset();
    this.#leave();
    this.services.clock.after(0, () => this.#finish(undefined));
  }

  info(): TcpInfo {
    return infoOf(this);
  }

  // ---- the beginning ----

  /** The first SYN of an active open. */
  open(): void {
    this.state = 'syn-sent';
    this.wantsEcn = this.settings.ecn;
    this.sendSyn();
    this.deadlines.set(due.RETRANSMISSION, this.sender.roundTrip.timeoutNanos);
  }

  /** A SYN came in; its options are taken in. */
  answer(): void {
    this.state = 'syn-received';
    this.sendSyn();
    this.deadlines.set(due.RETRANSMISSION, this.sender.roundTrip.timeoutNanos);
  }

  /** A cookie comes back: our answer was sent long ago. */
  awaitAcknowledgment(): void {
    this.state = 'syn-received';
    this.receiver.edge = 1 + Math.min(WINDOW_FIELD_MAX, this.settings.receiveBytesMax);
  }

  /** Both sides want congestion marks, or not. */
  acceptMarks(): void {
    this.sender.hasEcn = this.wantsEcn;
    this.acknowledger.exactMarks = this.wantsEcn && this.sender.control.wantsExactMarks;
  }

  /** Our SYN is acknowledged, and the peer's has come. */
  establish(): void {
    const { sender, services } = this;
    const now = services.clock.now();
    this.deadlines.clear(due.RETRANSMISSION);
    // RFC 6298 §5.7, and §3: an answer to one of several SYNs measures nothing.
    if (sender.roundTrip.backoff > 0) sender.roundTrip.handleSynTimeout();
    else if (this.#synSent) sender.roundTrip.handleSample(now - this.#begunAt, now);
    sender.start(this.size.segmentBytes, now);
    sender.hasTimestamps = this.usesTimestamps;
    this.state = 'established';
    services.tellOpened(this);
    this.lastHeardAt = now;
    this.acknowledger.position = 1;
    if (this.settings.keepAlive !== undefined) this.deadlines.set(due.KEEP_ALIVE, this.settings.keepAlive.idleNanos);
    const wasBusy = this.#busy;
    this.#busy = true;
    this.#sink = this.user.opened(this);
    this.#busy = wasBusy;
    if (this.#sink === undefined && this.#hasState('established')) return this.destroy();
    if (this.#hasState('established') || this.settings.halfOpen) this.receiver.sink = this.#sink;
  }

  /** Asked in a way that the compiler does not think it knows the answer to. */
  #hasState(state: TcpState): boolean {
    return this.state === state;
  }

  // ---- segments ----

  handleSegment(segment: Segment): void {
    this.lastHeardAt = this.services.clock.now();
    this.#keepAliveProbes = 0;
    this.#busy = true;
    handleArrival(this, segment);
    this.#busy = false;
    this.flush();
  }

  /** Sends what there is to send, and tells whom there is to tell. */
  flush(): void {
    if (this.#busy) return;
    this.#busy = true;
    const { sender, acknowledger, receiver } = this;
    for (;;) {
      if (this.#canSend) sender.send();
      if (acknowledger.isDue && this.state !== 'closed') this.#transmitter.sendAck();
      if (sender.queue.hasToTell) sender.queue.tell();
      else if (!this.#tellEnd()) break;
    }
    this.#busy = false;
    if (this.state === 'closed' && this.#isReading && receiver.waitingBytes === 0) this.#finish(undefined);
  }

  get #canSend(): boolean {
    return this.state !== 'closed' && this.state !== 'syn-sent' && this.state !== 'syn-received';
  }

  /** Once everything before the peer's FIN was handed over. True: somebody was told. */
  #tellEnd(): boolean {
    if (this.#toldEnd || this.receiver.read < this.receiver.finPosition) return false;
    this.#toldEnd = true;
    if (this.state !== 'closed' && !this.settings.halfOpen) {
      this.#busy = false;
      this.end();
      this.#busy = true;
    } else this.user.ended?.(this);
    return true;
  }

  acknowledgeNow(): void {
    this.#transmitter.sendAck();
  }

  answerStray(): void {
    this.#transmitter.answerStray();
  }

  sendSyn(): void {
    this.#synSent = true;
    this.#transmitter.sendSyn();
  }

  // ---- deadlines ----

  #handleDeadline(kind: due.Deadline): void {
    const now = this.services.clock.now();
    const { sender } = this;
    this.#busy = true;
    if (kind === due.RETRANSMISSION && !this.#canSend) this.#handleSynTimeout(now);
    else if (kind === due.RETRANSMISSION) {
      if (!this.#givesUp(now)) {
        this.size.handleTimeout();
        sender.handleTimeout(now);
      }
    } else if (kind === due.TAIL_PROBE) sender.handleTailProbe(now);
    else if (kind === due.REORDERING) sender.handleReordering(now);
    else if (kind === due.PERSIST) {
      if (!this.#givesUp(now)) sender.handlePersist(now);
    } else if (kind === due.DELAYED_ACK) this.acknowledger.isDue = true;
    else if (kind === due.KEEP_ALIVE) this.#handleKeepAlive(now);
    else this.#handleLinger();
    this.#busy = false;
    this.flush();
  }

  /** RFC 9293 §3.8.3: nothing has moved for too long. */
  #givesUp(now: Nanos): boolean {
    if (now - this.sender.progressAt < this.settings.userTimeoutNanos || this.sender.timeouts < TRIES_MIN) return false;
    // Should it be our own words that don't get through, the peer may hear this.
    this.#transmitter.sendReset();
    this.close(`the peer does not answer any more${this.softError === undefined ? '' : ` (${this.softError})`} (ETIMEDOUT)`);
    return true;
  }

  #handleSynTimeout(now: Nanos): void {
    const { sender, services } = this;
    if (this.state === 'closed') return;
    if (now - this.#begunAt >= this.settings.synTimeoutNanos) {
      services.counters.attemptFails += 1;
      return this.close(`the peer does not answer${this.softError === undefined ? '' : ` (${this.softError})`} (ETIMEDOUT)`);
    }
    sender.roundTrip.backoff += 1;
    services.counters.retransmittedSegments += 1;
    // RFC 3168 §6.1.1.1: perhaps somebody on the way can't stand the marks.
    if (sender.roundTrip.backoff >= 2) this.wantsEcn = false;
    this.sendSyn();
    this.deadlines.set(due.RETRANSMISSION, sender.roundTrip.timeoutNanos);
  }

  #handleKeepAlive(now: Nanos): void {
    const { keepAlive } = this.settings;
    if (keepAlive === undefined || this.state === 'closed') return;
    const idle = now - Math.max(this.lastHeardAt, this.sender.flightBytes > 0 ? now : 0);
    if (idle < keepAlive.idleNanos && this.#keepAliveProbes === 0) {
      return this.deadlines.set(due.KEEP_ALIVE, Math.max(1, keepAlive.idleNanos - idle));
    }
    if (this.#keepAliveProbes >= keepAlive.probes) {
      this.#transmitter.sendReset();
      return this.close('the peer does not answer any more (ETIMEDOUT)');
    }
    this.#keepAliveProbes += 1;
    this.#transmitter.transmitStale();
    this.deadlines.set(due.KEEP_ALIVE, keepAlive.intervalNanos);
  }

  /** The peer does not end its half, which nobody reads. */
  #handleLinger(): void {
    if (this.state !== 'fin-wait-2') return;
    this.services.forget(this);
    this.close(undefined);
  }

  // ---- the end ----

  /** The peer is heard of: its neighbour entry is good (RFC 4861 §7.3.1). */
  confirm(now: Nanos): void {
    if (now - this.#confirmedAt < CONFIRM_INTERVAL_NANOS) return;
    this.#confirmedAt = now;
    this.path.confirm();
  }

  /** Our FIN is acknowledged. */
  handleFinAcknowledged(): void {
    if (this.state === 'fin-wait-1') {
      this.state = 'fin-wait-2';
      if (this.receiver.sink === undefined) this.deadlines.set(due.LINGER, this.settings.lingerNanos);
    } else if (this.state === 'closing') this.#wait();
    else if (this.state === 'last-ack') this.close(undefined);
  }

  /** The peer's FIN was reached. */
  handleFin(): void {
    this.acknowledger.isDue = true;
    if (this.state === 'established') this.state = 'close-wait';
    else if (this.state === 'fin-wait-1') this.state = 'closing';
    else if (this.state === 'fin-wait-2') this.#wait();
  }

  /** Both halves have ended; what is left answers the peer should it not have heard of it. */
  #wait(): void {
    this.#transmitter.sendAck();
    this.services.wait(this);
    this.#over(undefined);
  }

  /** It is over, at once. */
  close(reason: string | undefined): void {
    if (this.state === 'closed') return;
    this.services.forget(this);
    this.#over(reason);
  }

  get #isReading(): boolean {
    return !this.#finished;
  }

  #over(reason: string | undefined): void {
    const hasSink = this.#sink !== undefined;
    const wasOpening = this.state === 'syn-sent' || this.state === 'syn-received';
    this.state = 'closed';
    this.deadlines.clearAll();
    if (wasOpening && !hasSink) {
      this.#finished = true;
      this.receiver.free();
      this.sender.queue.abandon();
      this.sender.queue.tell();
      this.user.failed?.(reason ?? 'it was given up');
      return;
    }
    this.services.tellClosed(this, reason);
    // What came in order before an orderly end is still handed over, to a reader that takes its time.
    if (reason === undefined && this.receiver.waitingBytes > 0 && this.receiver.sink !== undefined && this.receiver.paused) return;
    if (reason === undefined && !this.#toldEnd && this.settings.halfOpen && this.receiver.read >= this.receiver.finPosition) {
      this.#toldEnd = true;
      this.user.ended?.(this);
    }
    this.#finish(reason);
  }

  /** Takes it out of everything without a word to anybody. */
  #leave(): void {
    if (this.state !== 'closed') {
      this.services.forget(this);
      if (this.state !== 'syn-sent' && this.state !== 'syn-received') this.services.tellClosed(this, 'it was given up on this side');
    }
    this.state = 'closed';
    this.deadlines.clearAll();
    this.receiver.sink = undefined;
  }

  #finish(reason: string | undefined): void {
    if (this.#finished) return;
    this.#finished = true;
    this.receiver.free();
    this.sender.queue.abandon();
    this.sender.queue.tell();
    this.#sink?.handleClose(reason);
  }
}
