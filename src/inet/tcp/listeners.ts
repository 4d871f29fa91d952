/**
 * Who listens (RFC 9293 §3.10.7.2), and what becomes of SYNs: so many embryos are kept for each listener, and what comes beyond is answered with
 * cookies (RFC 4987 §3.6).
 */
import type { ByteStreamReceiver } from '../../base/byte-stream.ts';
import { type Clock, type Nanos, SECOND } from '../../base/clock.ts';
import type { EventSink } from '../../base/event.ts';
import type { FrameSlab } from '../../base/frame-slab.ts';
import type { Rng } from '../../base/rng.ts';
import { type IpAddress, isAny, sameAddress } from '../../wire/ip/address.ts';
import { ACK, CWR, ECE, RST, SYN, tcpOptions } from '../../wire/ip/tcp.ts';
import type { IpPath } from '../path.ts';
import { takeSyn } from './arrival.ts';
import type { Connection } from './connection.ts';
import type { ConnectionCore, ConnectionUser } from './connection-core.ts';
import type { TcpCounters } from './counters.ts';
import { synFlood } from './events.ts';
import type { Flow } from './flow-table.ts';
import type { InitialSequences } from './initial-sequence.ts';
import { windowShiftFor } from './path-size.ts';
import type { Segment } from './segment.ts';
import { writeSegment } from './segment-writer.ts';
import type { ConnectionSettings, TcpSettings } from './settings.ts';
import type { TcpStream } from './stream.ts';
import { optionsOfStamp, type StampNews, stampWithOptions, SynCookies } from './syn-cookies.ts';

export interface ListenSettings {
  /** Undefined, or the unspecified address: every address of the host. */
  readonly address?: IpAddress | undefined;
  readonly port: number;
  /** Connections that may be under way to being established; beyond, cookies. */
  readonly backlog?: number | undefined;
  readonly settings?: Partial<ConnectionSettings> | undefined;
  /** Established. Who receives; undefined: the connection is reset. */
  readonly onConnection: (stream: TcpStream) => ByteStreamReceiver | undefined;
  readonly ended?: ((stream: TcpStream) => void) | undefined;
  readonly urgent?: ((stream: TcpStream, bytesAhead: number) => void) | undefined;
}

export interface TcpListener {
  readonly port: number;
  /** Connections under way to being established. */
  readonly waiting: number;
  /** No more connections; those that are there stay. */
  close(): void;
}

/** What listeners work with: the stack. */
export interface ListenerServices {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly counters: TcpCounters;
  readonly slab: FrameSlab;
  readonly events: EventSink;
  readonly name: string;
  readonly sequences: InitialSequences;
  path(destination: IpAddress, source: IpAddress): IpPath | undefined;
  begin(
    flow: Flow,
    path: IpPath,
    own: Partial<ConnectionSettings> | undefined,
    user: ConnectionUser,
    initial: number,
    isPassive: boolean,
  ): Connection | undefined;
}

interface Listening {
  readonly address: IpAddress | undefined;
  readonly settings: ListenSettings;
  readonly user: ConnectionUser;
  readonly embryos: Set<ConnectionCore>;
  /** When the last cookie was sent; only for a while after it are cookies taken. */
  cookieAt: Nanos;
  toldAt: Nanos;
}

const BACKLOG = 128;
const LISTENERS_MAX = 4096;
const COOKIE_LIFETIME_NANOS: Nanos = 128 * SECOND;
const TELL_INTERVAL_NANOS: Nanos = 60 * SECOND;
const NEVER = Number.NEGATIVE_INFINITY;

export class Listeners {
  readonly #services: ListenerServices;
  readonly #settings: TcpSettings;
  readonly #cookies: SynCookies;
  readonly #byPort = new Map<number, Listening[]>();
  readonly #options = tcpOptions();
  #count = 0;

  constructor(services: ListenerServices, settings: TcpSettings) {
    this.#services = services;
    this.#settings = settings;
    this.#cookies = new SynCookies(services.rng);
  }

  has(port: number): boolean {
    return this.#byPort.has(port);
  }

  add(settings: ListenSettings): TcpListener | undefined {
    const address = settings.address === undefined || isAny(settings.address) ? undefined : settings.address;
    const others = this.#byPort.get(settings.port) ?? [];
    const taken = others.some((one) =>
      one.address === undefined || address === undefined ? one.address === address : sameAddress(one.address, address),
    );
    if (taken || this.#count >= LISTENERS_MAX || settings.port <= 0 || settings.port > 65_535) return undefined;
    const user: ConnectionUser = {
      opened: (stream) => {
        this.#services.counters.passiveOpens += 1;
        return settings.onConnection(stream);
      },
      ...(settings.ended && { ended: settings.ended }),
      ...(settings.urgent && { urgent: settings.urgent }),
    };
    const listening: Listening = { address, settings, user, embryos: new Set(), cookieAt: NEVER, toldAt: NEVER };
    this.#byPort.set(settings.port, [...others, listening]);
    this.#count += 1;
    return {
      port: settings.port,
      get waiting() {
        return listening.embryos.size;
      },
      close: () => this.#remove(listening),
    };
  }

  #remove(listening: Listening): void {
    const { port } = listening.settings;
    const before = this.#byPort.get(port) ?? [];
    const left = before.filter((one) => one !== listening);
    if (left.length === before.length) return;
    this.#count -= 1;
    if (left.length === 0) this.#byPort.delete(port);
    else this.#byPort.set(port, left);
    for (const embryo of listening.embryos) embryo.destroy();
  }

  clear(): void {
    for (const listening of [...this.#byPort.values()].flat()) this.#remove(listening);
  }

  leaveBacklog(connection: ConnectionCore): void {
    if (!connection.isPassive) return;
    for (const listening of this.#byPort.get(connection.localPort) ?? []) listening.embryos.delete(connection);
  }

  #find({ localAddress, localPort }: Flow): Listening | undefined {
    let general: Listening | undefined;
    for (const one of this.#byPort.get(localPort) ?? []) {
      if (one.address === undefined) general = one;
      else if (sameAddress(one.address, localAddress)) return one;
    }
    return general;
  }

  /** A segment of no connection. False: nobody listens, or it is to be reset. */
  handleSegment(flow: Flow, segment: Segment): boolean {
    const listening = this.#find(flow);
    if (listening === undefined) return false;
    const { flags } = segment;
    if ((flags & RST) !== 0) return true;
    if ((flags & ACK) !== 0) return (flags & SYN) === 0 && this.#handleCookie(listening, flow, segment);
    if ((flags & SYN) === 0) return true;
    const path = this.#services.path(flow.remoteAddress, flow.localAddress);
    if (path === undefined) return true;
    if (listening.embryos.size >= (listening.settings.backlog ?? BACKLOG)) this.#sendCookie(listening, flow, path, segment);
    else this.#keep(listening, flow, path, segment);
    return true;
  }

  #keep(listening: Listening, flow: Flow, path: IpPath, segment: Segment): void {
    const { sequences } = this.#services;
    // A view into the frame would keep all of it.
    const own: Flow = { ...flow, localAddress: flow.localAddress.slice(), remoteAddress: path.destination };
    const connection = this.#services.begin(own, path, listening.settings.settings, listening.user, sequences.next(flow), true);
    if (connection === undefined) return;
    listening.embryos.add(connection);
    takeSyn(connection, segment);
    // RFC 3168 §6.1.1: both flags are the offer.
    connection.wantsEcn = connection.settings.ecn && (segment.flags & (ECE | CWR)) === (ECE | CWR);
    connection.acceptMarks();
    connection.answer();
  }

  #sendCookie(listening: Listening, flow: Flow, path: IpPath, segment: Segment): void {
    const { clock, counters, slab, events, name, sequences } = this.#services;
    const now = clock.now();
    listening.cookieAt = now;
    counters.cookiesSent += 1;
    if (now - listening.toldAt >= TELL_INTERVAL_NANOS) {
      listening.toldAt = now;
      synFlood(events, name, { port: flow.localPort, backlog: listening.settings.backlog ?? BACKLOG });
    }
    const own = { ...this.#settings, ...listening.settings.settings };
    const theirs = segment.options;
    const initial = this.#cookies.make(flow, segment.sequence, theirs.segmentBytesMax === -1 ? 536 : theirs.segmentBytesMax, now);
    const offersEcn = own.ecn && (segment.flags & (ECE | CWR)) === (ECE | CWR);
    const hasStamp = own.timestamps && theirs.hasTimestamps;
    const options = this.#options;
    options.segmentBytesMax = Math.min(65_535, path.mtuBytes - path.ipHeaderBytes - 20);
    options.hasTimestamps = hasStamp;
    // Without a timestamp there is no place to remember what else was agreed on.
    options.sackPermitted = hasStamp && own.sack && theirs.sackPermitted;
    options.windowScale = hasStamp && own.windowScaling && theirs.windowScale !== -1 ? windowShiftFor(own.receiveBytesMax) : -1;
    if (hasStamp) {
      const stamp = (Math.floor(now / 1e6) + sequences.stampOffset(flow)) >>> 0;
      options.timestamp = stampWithOptions(stamp, theirs, offersEcn);
      options.timestampEcho = theirs.timestamp;
    }
    counters.outSegments += 1;
    const flags = SYN | ACK | (hasStamp && offersEcn ? ECE : 0);
    const acknowledgment = (segment.sequence + 1) >>> 0;
    const window = Math.min(65_535, own.receiveBytesMax);
    writeSegment(slab, path, flow.localPort, flow.remotePort, initial, acknowledgment, flags, window, 0, options, 0, undefined, 0, 0);
  }

  /** An acknowledgment of nothing we know: perhaps of a cookie. */
  #handleCookie(listening: Listening, flow: Flow, segment: Segment): boolean {
    const { clock, counters } = this.#services;
    const now = clock.now();
    if (now - listening.cookieAt > COOKIE_LIFETIME_NANOS) return false;
    const cookie = (segment.acknowledgment - 1) >>> 0;
    const initial = (segment.sequence - 1) >>> 0;
    const segmentBytes = this.#cookies.check(flow, initial, cookie, now);
    const path = this.#services.path(flow.remoteAddress, flow.localAddress);
    if (segmentBytes === undefined || path === undefined) {
      counters.cookiesRefused += 1;
      // Only a first segment shows its cookie, and it may have been lost: a reset would end what a repetition mends. Without a flood whoever
      // speaks of a connection that is not there is told so.
      return true;
    }
    const own: Flow = { ...flow, localAddress: flow.localAddress.slice(), remoteAddress: path.destination };
    const connection = this.#services.begin(own, path, listening.settings.settings, listening.user, cookie, true);
    if (connection === undefined) return true;
    counters.cookiesAccepted += 1;
    const { hasTimestamps, timestampEcho } = segment.options;
    const news = optionsOfStamp(hasTimestamps ? timestampEcho : undefined);
    restore(connection, segment, initial, segmentBytes, news);
    connection.handleSegment(segment);
    return true;
  }
}

/** Makes the connection that the SYN would have made. */
function restore(connection: Connection, segment: Segment, initial: number, segmentBytes: number, news: StampNews): void {
  const { sequence } = segment;
  const { options } = segment;
  const { sackBlocks } = options;
  options.segmentBytesMax = segmentBytes;
  options.windowScale = news.windowScale;
  options.sackPermitted = news.sack;
  segment.sequence = initial;
  takeSyn(connection, segment);
  segment.sequence = sequence;
  options.sackBlocks = sackBlocks;
  connection.wantsEcn = connection.settings.ecn && news.ecn;
  connection.acceptMarks();
  connection.awaitAcknowledgment();
}
