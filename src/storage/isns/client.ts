/**
 * An iSNS client's end of its conversation with a server over TCP (RFC 4171 §2.9.1): connects when there is something to ask, matches
 * answers to requests by their transaction ID, sends again what a lost connection left unanswered, and hands on what the server says by itself.
 */
import type { ByteStream, ByteStreamReceiver } from '../../base/byte-stream.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import type { EventSink } from '../../base/event.ts';
import type { Rng } from '../../base/rng.ts';
import { type Attribute, attributeProblem } from '../../wire/isns/attribute.ts';
import { describeMessage } from '../../wire/isns/describe.ts';
import { functionName, isResponse, RESPONSE_BIT, STATUS_NO_SUCH_ENTRY, STATUS_SUCCESSFUL, statusWords } from '../../wire/isns/function.ts';
import { encodeMessage, type Message } from '../../wire/isns/message.ts';
import { backOff } from '../iscsi/initiator/back-off.ts';
import { type PortalAddress, portalText } from '../iscsi/initiator/portal-address.ts';
import type { Dial, DialAttempt } from '../iscsi/initiator/transport.ts';
import { type IsnsError, isnsError } from './errors.ts';
import {
  connectFailed,
  connectionLost,
  protocolError,
  requestRefused,
  requestTimedOut,
  serverConnected,
  unexpectedMessage,
} from './events.ts';
import type { IsnsLimits } from './limits.ts';
import { MessageReader } from './message-reader.ts';

export interface IsnsServices {
  readonly clock: Clock;
  /** Transaction IDs begin with it, and waits differ by it. */
  readonly rng: Rng;
  readonly dial: Dial;
  readonly events: EventSink;
}

export interface Request {
  readonly functionId: number;
  readonly replace?: boolean;
  readonly attributes: readonly Attribute[];
  /** What it does may not be done twice: a lost connection ends it. */
  readonly once?: boolean;
}

/** The answer, or what went wrong; both where the server refused. */
export type RequestDone = (response: Message | undefined, error: IsnsError | undefined) => void;

export interface ClientSink {
  /** An SCN or ESI, or whatever else the server sends unasked; the return value is sent back. */
  handleNotice?(message: Message, from: string): Message | undefined;
  /** The connection ended while nothing was asked. */
  handleHangUp?(): void;
}

interface Exchange {
  readonly request: Request;
  readonly transactionId: number;
  readonly done: RequestDone;
  readonly timer: Timer;
  /** Its bytes were given to the connection of the moment. */
  sent: boolean;
  /** Its bytes were given to some connection. */
  tried: boolean;
}

export interface ClientCounters {
  requests: number;
  responses: number;
  refused: number;
  timedOut: number;
  connections: number;
  notices: number;
  unexpected: number;
  formatErrors: number;
}

export class IsnsClient {
  readonly server: PortalAddress;
  readonly counters: ClientCounters = {
    requests: 0,
    responses: 0,
    refused: 0,
    timedOut: 0,
    connections: 0,
    notices: 0,
    unexpected: 0,
    formatErrors: 0,
  };
  readonly limits: IsnsLimits;
  readonly clock: Clock;
  readonly #name: string;
  readonly #source: string;
  readonly #services: IsnsServices;
  readonly #sink: ClientSink;
  readonly #exchanges = new Map<number, Exchange>();
  #nextTransaction: number;
  #dialling: { attempt: DialAttempt | undefined; readonly timer: Timer } | undefined;
  #waiting: Timer | undefined;
  #stream: ByteStream | undefined;
  #reader: MessageReader | undefined;
  /** Attempts to connect since something last came of it. */
  #attempts = 0;
  #lastTrouble: string | undefined;
  #closed = false;

  /** `source`: whom its events are about. */
  constructor(server: PortalAddress, source: string, limits: IsnsLimits, services: IsnsServices, sink: ClientSink = {}) {
    this.server = server;
    this.#name = portalText(server);
    this.#source = source;
    this.limits = limits;
    this.clock = services.clock;
    this.#services = services;
    this.#sink = sink;
    this.#nextTransaction = services.rng.uint32() & 0xffff;
  }

  /** Our address as the server sees it, or at least as it was last: `192.0.2.7:51234`. */
  local: string | undefined = undefined;

  get isConnected(): boolean {
    return this.#stream !== undefined;
  }

  /** Asks; `done` runs once, later or now. */
  request(request: Request, done: RequestDone, timeoutNanos = this.limits.requestTimeoutNanos): void {
    const problem = request.attributes.map(attributeProblem).find((one) => one !== undefined);
    if (this.#closed) return done(undefined, isnsError('closed', 'the client was closed'));
    if (problem !== undefined) return done(undefined, isnsError('usage', problem));
    if (this.#exchanges.size >= this.limits.requestsMax)
      return done(undefined, isnsError('too-many-requests', `${this.#exchanges.size} requests wait for the iSNS server already`));
    const transactionId = this.#takeTransaction();
    const timer = this.clock.after(timeoutNanos, () => this.#handleTimeout(transactionId));
    this.#exchanges.set(transactionId, { request, transactionId, done, timer, sent: false, tried: false });
    this.counters.requests += 1;
    this.#push();
  }

  /** Ends it; what is under way fails. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting?.cancel();
    this.#endDialling();
    this.#reader?.stop();
    this.#stream?.end();
    this.#stream = undefined;
    this.#failAll(isnsError('closed', 'the client was closed'));
  }

  /** RFC 4171 §5.1.5: unique among what is under way. */
  #takeTransaction(): number {
    while (this.#exchanges.has(this.#nextTransaction)) this.#nextTransaction = (this.#nextTransaction + 1) & 0xffff;
    const taken = this.#nextTransaction;
    this.#nextTransaction = (taken + 1) & 0xffff;
    return taken;
  }

  // ---- the connection ----

  #push(): void {
    if (this.#stream === undefined) return this.#connect();
    for (const exchange of this.#exchanges.values()) {
      if (exchange.sent) continue;
      exchange.sent = true;
      exchange.tried = true;
      const { functionId, replace = false, attributes } = exchange.request;
      // RFC 4171 §5.1.5: what is sent again keeps its transaction ID.
      const { transactionId } = exchange;
      this.#stream.write(encodeMessage({ functionId, transactionId, sender: 'client', replace, status: 0, attributes }), undefined);
    }
  }

  #connect(): void {
    if (this.#closed || this.#dialling !== undefined || this.#waiting !== undefined || this.#stream !== undefined) return;
    this.#attempts += 1;
    let stream: ByteStream | undefined;
    const reader = new MessageReader(this.limits, {
      handleMessage: (message) => this.#handleMessage(message),
      handleFormatError: (reason) => {
        this.counters.formatErrors += 1;
        protocolError(this.#services.events, this.#source, { server: this.#name, reason });
        stream?.destroy();
        // What was asked for on a connection that makes no sense is not asked for again: it would get the same answer.
        this.#lose(stream, reason, isnsError('protocol', `the server sends what is no iSNS: ${reason}`));
      },
    });
    const receiver: ByteStreamReceiver = {
      nextBuffer: () => reader.nextBuffer(),
      handleBytes: (count) => reader.handleBytes(count),
      handleClose: (reason) => {
        reader.stop();
        if (stream === undefined) this.#handleConnectFailure(reason ?? 'the server hung up');
        else this.#lose(stream, reason ?? 'the server closed it', undefined);
      },
    };
    const timer = this.clock.after(this.limits.connectTimeoutNanos, () => {
      this.#dialling?.attempt?.cancel();
      this.#handleConnectFailure('no answer in time');
    });
    const dialling: { attempt: DialAttempt | undefined; readonly timer: Timer } = { attempt: undefined, timer };
    this.#dialling = dialling;
    const attempt = this.#services.dial(this.server, receiver, (opened) => {
      timer.cancel();
      this.#dialling = undefined;
      if (this.#closed) return opened.destroy();
      stream = opened;
      this.#stream = opened;
      this.#reader = reader;
      this.local = opened.local;
      this.counters.connections += 1;
      serverConnected(this.#services.events, this.#source, { server: this.#name });
      this.#push();
    });
    dialling.attempt = attempt;
  }

  #endDialling(): void {
    this.#dialling?.timer.cancel();
    this.#dialling?.attempt?.cancel();
    this.#dialling = undefined;
  }

  #handleConnectFailure(reason: string): void {
    if (this.#dialling === undefined) return;
    this.#dialling.timer.cancel();
    this.#dialling = undefined;
    this.#lastTrouble = `no connection: ${reason}`;
    connectFailed(this.#services.events, this.#source, { server: this.#name, reason, attempt: this.#attempts });
    this.#retryLater();
  }

  #lose(stream: ByteStream | undefined, reason: string, fatal: IsnsError | undefined): void {
    if (stream === undefined || this.#stream !== stream) return;
    this.#stream = undefined;
    this.#lastTrouble = `the connection ended: ${reason}`;
    const unanswered = [...this.#exchanges.values()].filter((exchange) => exchange.sent);
    connectionLost(this.#services.events, this.#source, { server: this.#name, reason, unanswered: unanswered.length });
    for (const exchange of unanswered) {
      exchange.sent = false;
      if (fatal !== undefined) this.#finish(exchange, undefined, fatal);
      else if (exchange.request.once === true)
        this.#finish(exchange, undefined, isnsError('connection-lost', `the connection was lost before the server answered: ${reason}`));
    }
    if (this.#closed) return;
    if (this.#exchanges.size === 0) this.#sink.handleHangUp?.();
    else this.#retryLater();
  }

  #retryLater(): void {
    if (this.#closed || this.#exchanges.size === 0 || this.#waiting !== undefined) return;
    const { backOffNanos, backOffMaxNanos } = this.limits;
    const wait = backOff(this.#attempts, backOffNanos, backOffMaxNanos, this.#services.rng);
    this.#waiting = this.clock.after(wait, () => {
      this.#waiting = undefined;
      if (this.#exchanges.size !== 0) this.#connect();
    });
  }

  // ---- answers ----

  #handleMessage(message: Message): void {
    if (!isResponse(message.functionId)) return this.#handleUnasked(message);
    const exchange = this.#exchanges.get(message.transactionId);
    if (exchange === undefined || !exchange.sent || (exchange.request.functionId | RESPONSE_BIT) !== message.functionId) {
      this.counters.unexpected += 1;
      return unexpectedMessage(this.#services.events, this.#source, { server: this.#name, message: describeMessage(message) });
    }
    this.#attempts = 0;
    this.counters.responses += 1;
    if (message.status === STATUS_SUCCESSFUL) return this.#finish(exchange, message, undefined);
    this.counters.refused += 1;
    const words = statusWords(message.status);
    const request = functionName(exchange.request.functionId);
    // Nothing found is an answer like any other: RFC 4171 §5.6.5.2 wants no error then, and Open-iSNS gives one.
    if (message.status !== STATUS_NO_SUCH_ENTRY)
      requestRefused(this.#services.events, this.#source, { server: this.#name, request, status: message.status, words });
    this.#finish(exchange, message, isnsError('refused', `the iSNS server refuses ${request}: ${words}`, message.status));
  }

  #handleUnasked(message: Message): void {
    this.counters.notices += 1;
    const response = this.#sink.handleNotice?.(message, this.#name);
    if (response !== undefined) return this.#answer(response);
    if (this.#sink.handleNotice !== undefined) return;
    this.counters.unexpected += 1;
    unexpectedMessage(this.#services.events, this.#source, { server: this.#name, message: describeMessage(message) });
  }

  #answer(response: Message): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    stream.write(encodeMessage(response), undefined);
    if (stream.queuedBytes <= this.limits.unsentBytesMax) return;
    stream.destroy();
    this.#lose(stream, 'the server asks and does not read the answers', undefined);
  }

  #handleTimeout(transactionId: number): void {
    const exchange = this.#exchanges.get(transactionId);
    if (exchange === undefined) return;
    this.counters.timedOut += 1;
    const why = exchange.sent ? 'there is no answer' : (this.#lastTrouble ?? 'there is no connection');
    const request = functionName(exchange.request.functionId);
    requestTimedOut(this.#services.events, this.#source, { server: this.#name, request, why });
    this.#finish(exchange, undefined, isnsError('timed-out', `no answer from the iSNS server ${this.#name} in time: ${why}`));
    // A server that is silent on a connection may have lost it: the next request finds out on a new one.
    if (!exchange.sent || this.#stream === undefined) return;
    const silent = this.#stream;
    silent.destroy();
    this.#lose(silent, 'the server is silent', undefined);
  }

  #finish(exchange: Exchange, response: Message | undefined, error: IsnsError | undefined): void {
    if (!this.#exchanges.delete(exchange.transactionId)) return;
    exchange.timer.cancel();
    if (this.#exchanges.size === 0) {
      this.#waiting?.cancel();
      this.#waiting = undefined;
      this.#endDialling();
    }
    exchange.done(response, error);
  }

  #failAll(error: IsnsError): void {
    for (const exchange of this.#exchanges.values()) this.#finish(exchange, undefined, error);
  }
}
