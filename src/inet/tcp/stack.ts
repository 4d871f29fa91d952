/**
 * TCP of a host (RFC 9293): finds the connection a segment is for; begins connections, ours and others'; answers what belongs to none. Split as
 * gVisor's is: this, the connection, its sender and receiver, and the congestion control behind a small interface.
 */
import type { ByteStreamReceiver } from '../../base/byte-stream.ts';
import { be16, be32 } from '../../base/bytes.ts';
import { type Nanos, SECOND } from '../../base/clock.ts';
import { FrameSlab } from '../../base/frame-slab.ts';
import { RateLimit } from '../../base/rate-limit.ts';
import { type IpAddress, isAny, isMulticast } from '../../wire/ip/address.ts';
import { PROTOCOL_TCP } from '../../wire/ip/ipv4.ts';
import { ACK, RST, tcpDestinationPort, tcpOptions, tcpProblem, tcpSourcePort } from '../../wire/ip/tcp.ts';
import type { InetHost } from '../host.ts';
import type { Arrival, IpPath, PathError } from '../path.ts';
import { Connection } from './connection.ts';
import type { ConnectionCore, ConnectionServices, ConnectionUser } from './connection-core.ts';
import { tcpCounters, type TcpCounters } from './counters.ts';
import { connectionClosed, connectionOpened, connectionsFull, pathBlackHole } from './events.ts';
import { type Flow, FlowTable } from './flow-table.ts';
import { InitialSequences } from './initial-sequence.ts';
import { Listeners, type ListenSettings, type TcpListener } from './listeners.ts';
import type { MemoryBudget } from './receive-buffer.ts';
import { emptySegment, readSegment, type Segment, segmentLength } from './segment.ts';
import { writeSegment } from './segment-writer.ts';
import { type ConnectionSettings, defaultTcpSettings, type TcpSettings } from './settings.ts';
import type { TcpStream } from './stream.ts';
import { TimeWaitEntry, TimeWaitRoom } from './time-wait.ts';

export interface ConnectOptions {
  /** The address and port to come from; otherwise the best address, and any free port. */
  readonly from?: IpAddress | undefined;
  readonly fromPort?: number | undefined;
  readonly receiver: ByteStreamReceiver;
  readonly settings?: Partial<ConnectionSettings> | undefined;
  /** Established; called once, before anything arrives. Otherwise the receiver's `handleClose` says why not. */
  readonly opened?: ((stream: TcpStream) => void) | undefined;
  readonly ended?: ((stream: TcpStream) => void) | undefined;
  readonly urgent?: ((stream: TcpStream, bytesAhead: number) => void) | undefined;
}

/** RFC 6335 §6: dynamic ports; RFC 6056 §3.3.1: from a random one on. */
const DYNAMIC_FIRST = 49_152;
const DYNAMIC_COUNT = 65_536 - DYNAMIC_FIRST;
const RESETS_PER_SECOND = 1000;
const TELL_INTERVAL_NANOS: Nanos = 60 * SECOND;

export class TcpStack implements ConnectionServices {
  readonly clock;
  readonly counters: TcpCounters = tcpCounters();
  readonly budget: MemoryBudget;
  readonly slab = new FrameSlab();
  readonly settings: TcpSettings;
  readonly #host: InetHost;
  readonly #table: FlowTable;
  readonly #timeWaits: TimeWaitRoom;
  readonly #listeners: Listeners;
  readonly #sequences: InitialSequences;
  readonly #segment: Segment = emptySegment();
  readonly #resets = new RateLimit(RESETS_PER_SECOND);
  readonly #noOptions = tcpOptions();
  #fullToldAt: Nanos = Number.NEGATIVE_INFINITY;

  constructor(host: InetHost, settings: Partial<TcpSettings> = {}) {
    const { clock, rng } = host.services;
    this.#host = host;
    this.clock = clock;
    this.settings = { ...defaultTcpSettings, ...settings };
    this.budget = { usedBytes: 0, maxBytes: this.settings.receiveMemoryBytesMax };
    this.#table = new FlowTable(rng);
    this.#sequences = new InitialSequences(rng, clock);
    this.#timeWaits = new TimeWaitRoom(clock, this.settings, this.#table, this.counters, (entry) => this.#answerLate(entry));
    this.#listeners = new Listeners(
      {
        clock,
        rng,
        counters: this.counters,
        slab: this.slab,
        events: host.services.events,
        name: host.name,
        sequences: this.#sequences,
        path: (destination, source) => this.path(destination, source),
        begin: (flow, path, own, user, initial, isPassive) => this.#begin(flow, path, own, user, initial, isPassive),
      },
      this.settings,
    );
    host.addProtocol(PROTOCOL_TCP, {
      handlePacket: (arrival) => this.#handle(arrival),
      handleError: (error, frame, at, end, source, destination) => this.#handleError(error, frame, at, end, source, destination),
    });
  }

  /** Connections, without those that only wait for their time to pass. */
  get connections(): readonly TcpStream[] {
    return [...this.#table.entries()].filter((entry) => entry instanceof Connection);
  }

  get timeWaits(): number {
    return this.#timeWaits.size;
  }

  // ---- opens ----

  /** Undefined: somebody listens there already. */
  listen(settings: ListenSettings): TcpListener | undefined {
    return this.#listeners.add(settings);
  }

  /** Undefined: there is no way there, or no port is left. `address` is not to be changed any more. */
  connect(address: IpAddress, port: number, options: ConnectOptions): TcpStream | undefined {
    const path = this.#isNobody(address) ? undefined : this.#host.path(address, options.from);
    if (path === undefined || this.#isFull()) return undefined;
    const localPort = options.fromPort ?? this.#freePort(path.source, address, port);
    if (localPort === undefined) return undefined;
    const flow: Flow = { localAddress: path.source, localPort, remoteAddress: path.destination, remotePort: port };
    const before = this.#table.find(flow.localAddress, localPort, flow.remoteAddress, port);
    if (before instanceof TimeWaitEntry) this.#timeWaits.remove(before);
    else if (before !== undefined) return undefined;
    const user: ConnectionUser = {
      opened: (stream) => {
        options.opened?.(stream);
        return options.receiver;
      },
      failed: (reason) => options.receiver.handleClose(reason),
      ...(options.ended && { ended: options.ended }),
      ...(options.urgent && { urgent: options.urgent }),
    };
    const connection = this.#begin(flow, path, options.settings, user, this.#sequences.next(flow), false);
    if (connection === undefined) return undefined;
    this.counters.activeOpens += 1;
    connection.open();
    return connection;
  }

  #begin(
    flow: Flow,
    path: IpPath,
    own: Partial<ConnectionSettings> | undefined,
    user: ConnectionUser,
    initialSequence: number,
    isPassive: boolean,
  ): Connection | undefined {
    if (this.#isFull()) return undefined;
    const settings = own === undefined ? this.settings : { ...this.settings, ...own };
    const stampOffset = this.#sequences.stampOffset(flow);
    const connection = new Connection({ flow, path, settings, user, initialSequence, stampOffset, isPassive }, this);
    this.#table.add(connection);
    return connection;
  }

  #isFull(): boolean {
    const now = this.clock.now();
    const connections = this.#table.size - this.#timeWaits.size;
    if (connections < this.settings.connectionsMax) return false;
    this.counters.synDrops += 1;
    if (now - this.#fullToldAt >= TELL_INTERVAL_NANOS) {
      this.#fullToldAt = now;
      connectionsFull(this.#host.services.events, this.#host.name, { connections });
    }
    return true;
  }

  #freePort(source: IpAddress, destination: IpAddress, port: number): number | undefined {
    const start = this.#host.services.rng.uint32() % DYNAMIC_COUNT;
    for (let tries = 0; tries < DYNAMIC_COUNT; tries += 1) {
      const own = DYNAMIC_FIRST + ((start + tries) % DYNAMIC_COUNT);
      if (this.#table.find(source, own, destination, port) === undefined && !this.#listeners.has(own)) return own;
    }
    return undefined;
  }

  /** Resets everything, and listens no more. */
  shutDown(): void {
    this.#listeners.clear();
    for (const connection of this.connections) connection.destroy();
    this.#timeWaits.clear();
  }

  // ---- what connections ask for ----

  path(destination: IpAddress, source: IpAddress): IpPath | undefined {
    return this.#host.path(destination, source);
  }

  learnMtu(destination: IpAddress, mtuBytes: number): void {
    this.#host.pathMtus.learn(destination, mtuBytes);
  }

  tellBlackHole(remote: string, segmentBytes: number): void {
    pathBlackHole(this.#host.services.events, this.#host.name, { remote, segmentBytes });
  }

  tellOpened({ local, remote, isPassive }: ConnectionCore): void {
    connectionOpened(this.#host.services.events, this.#host.name, { local, remote, passive: isPassive });
  }

  tellClosed({ local, remote, bytesReceived, bytesSent }: ConnectionCore, reason: string | undefined): void {
    const why = reason ?? 'both sides have ended it';
    connectionClosed(this.#host.services.events, this.#host.name, { local, remote, bytesReceived, bytesSent, reason: why });
  }

  forget(connection: ConnectionCore): void {
    this.#table.remove(connection);
    this.#listeners.leaveBacklog(connection);
  }

  leaveBacklog(connection: ConnectionCore): void {
    this.#listeners.leaveBacklog(connection);
  }

  wait(connection: ConnectionCore): void {
    this.#table.remove(connection);
    const { sender, receiver, usesTimestamps, recentStamp, stampOffset } = connection;
    const next = sender.sequenceOf(sender.next);
    const expected = receiver.sequenceOf(receiver.next);
    this.#timeWaits.add(connection, { next, expected, usesTimestamps, recentStamp, stampOffset });
  }

  #answerLate(entry: TimeWaitEntry): void {
    const { words } = entry;
    const path = this.path(entry.remoteAddress, entry.localAddress);
    if (path === undefined || !this.#resets.admits(this.clock.now())) return;
    const options = this.#noOptions;
    options.hasTimestamps = words.usesTimestamps;
    options.timestamp = (Math.floor(this.clock.now() / 1e6) + words.stampOffset) >>> 0;
    options.timestampEcho = words.recentStamp;
    this.counters.outSegments += 1;
    writeSegment(this.slab, path, entry.localPort, entry.remotePort, words.next, words.expected, ACK, 0, 0, options, 0, undefined, 0, 0);
    options.hasTimestamps = false;
  }

  /** RFC 9293 §3.9.2.3 (MUST-46, MUST-57, MUST-63): connections are with one host, not with groups or everybody. */
  #isNobody(address: IpAddress): boolean {
    return isAny(address) || isMulticast(address) || this.#host.interfaces.some((one) => one.isBroadcast(address));
  }

  // ---- in ----

  #handle(arrival: Arrival): void {
    const { frame, at, end } = arrival;
    this.counters.inSegments += 1;
    // RFC 9293 §3.9.2.3 (MUST-57): nobody speaks to a group.
    if (arrival.isGroup || tcpProblem(frame, at, end, arrival.addressSum + PROTOCOL_TCP + (end - at)) !== undefined) {
      this.counters.inErrors += 1;
      return;
    }
    const segment = this.#segment;
    readSegment(arrival, segment);
    const { source, destination } = arrival;
    const localPort = tcpDestinationPort(frame, at);
    const remotePort = tcpSourcePort(frame, at);
    const entry = this.#table.find(destination, localPort, source, remotePort);
    if (entry instanceof TimeWaitEntry && entry.mayBegin(segment) && this.#listeners.has(localPort)) {
      this.counters.timeWaitsReused += 1;
      this.#timeWaits.remove(entry);
    } else if (entry !== undefined) return entry.handleSegment(segment);
    if (this.#isNobody(source) || this.#isNobody(destination)) return;
    // The frame stays as it is: the addresses may be kept.
    const flow: Flow = { localAddress: destination, localPort, remoteAddress: source, remotePort };
    if (!this.#listeners.handleSegment(flow, segment)) this.#refuse(flow, segment);
  }

  /** RFC 9293 §3.10.7.1: what belongs to nothing is reset, but for resets. */
  #refuse(flow: Flow, segment: Segment): void {
    if ((segment.flags & RST) !== 0) return;
    const path = this.path(flow.remoteAddress, flow.localAddress);
    if (path === undefined) return;
    if ((segment.flags & ACK) !== 0) return this.reset(flow, path, segment.acknowledgment);
    this.#sendReset(flow, path, 0, (segment.sequence + segmentLength(segment)) >>> 0, RST | ACK);
  }

  reset(flow: Flow, path: IpPath, sequence: number): void {
    this.#sendReset(flow, path, sequence, 0, RST);
  }

  #sendReset(flow: Flow, path: IpPath, sequence: number, acknowledgment: number, flags: number): void {
    if (!this.#resets.admits(this.clock.now())) {
      this.counters.answersWithheld += 1;
      return;
    }
    this.counters.outSegments += 1;
    this.counters.outResets += 1;
    const { localPort, remotePort } = flow;
    writeSegment(this.slab, path, localPort, remotePort, sequence, acknowledgment, flags, 0, 0, this.#noOptions, 0, undefined, 0, 0);
  }

  /** RFC 5927 §4.1: only an error about a segment that is under way can be one. */
  #handleError(error: PathError, frame: Uint8Array, at: number, end: number, source: IpAddress, destination: IpAddress): void {
    if (end - at < 8) return;
    const entry = this.#table.find(source, be16(frame, at), destination, be16(frame, at + 2));
    if (!(entry instanceof Connection)) return;
    const { sender } = entry;
    const position = sender.acknowledged + ((be32(frame, at + 4) - sender.sequenceOf(sender.acknowledged)) | 0);
    if (position < sender.acknowledged || position >= Math.max(sender.next, 1)) {
      this.counters.icmpIgnored += 1;
      return;
    }
    entry.size.handleError(error);
  }
}
