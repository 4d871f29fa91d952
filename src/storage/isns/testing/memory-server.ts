/** An iSNS server in memory, in virtual time: it takes connections or refuses them, keeps what it is asked, and answers what a test says. */
import type { ByteStreamReceiver } from '../../../base/byte-stream.ts';
import type { FabricEvent } from '../../../base/event.ts';
import { seededRng } from '../../../base/rng.ts';
import { VirtualClock } from '../../../runtime/virtual-clock.ts';
import { RESPONSE_BIT } from '../../../wire/isns/function.ts';
import { encodeMessage, type Message } from '../../../wire/isns/message.ts';
import { StreamPair } from '../../iscsi/initiator/testing/stream-pair.ts';
import type { IsnsServices } from '../client.ts';
import { defaultIsnsLimits, type IsnsLimits } from '../limits.ts';
import { MessageReader } from '../message-reader.ts';

export const SERVER = { host: '192.0.2.5', port: 3205 };

export class MemoryServer {
  readonly clock = new VirtualClock();
  readonly events: FabricEvent[] = [];
  /** What clients sent, oldest first, with the connection it came on. */
  readonly inbox: { readonly message: Message; readonly pair: StreamPair }[] = [];
  readonly pairs: StreamPair[] = [];
  /** Attempts to connect, by when they came. */
  readonly attempts: number[] = [];
  /** `refuse`: nobody listens; `ignore`: nobody answers. */
  mood: 'accept' | 'refuse' | 'ignore' = 'accept';
  /** Answers by itself; undefined: it is for the test to answer. */
  answer: ((message: Message) => Partial<Message> | undefined) | undefined = undefined;
  readonly limits: IsnsLimits;

  constructor(limits: Partial<IsnsLimits> = {}) {
    this.limits = { ...defaultIsnsLimits, ...limits };
  }

  services(seed = 1): IsnsServices {
    return {
      clock: this.clock,
      rng: seededRng(seed),
      events: (event) => this.events.push(event),
      dial: (_, receiver, opened) => {
        this.attempts.push(this.clock.now());
        let cancelled = false;
        const { mood } = this;
        this.clock.after(1000, () => {
          if (cancelled || mood === 'ignore') return;
          if (mood === 'refuse') return receiver.handleClose('connection refused');
          const pair = this.#accept(receiver);
          opened(pair.initiator);
        });
        return { cancel: () => void (cancelled = true) };
      },
    };
  }

  #accept(receiver: ByteStreamReceiver): StreamPair {
    const pair = new StreamPair('192.0.2.9:50000', '192.0.2.5:3205');
    pair.initiator.receiver = receiver;
    const reader = new MessageReader(this.limits, {
      handleMessage: (message) => {
        this.inbox.push({ message, pair });
        const response = this.answer?.(message);
        if (response !== undefined) this.respond(message, response, pair);
      },
      handleFormatError: (reason) => {
        throw new Error(`the client sent what is no iSNS: ${reason}`);
      },
    });
    pair.target.receiver = {
      nextBuffer: () => reader.nextBuffer(),
      handleBytes: (count) => reader.handleBytes(count),
      handleClose: () => {},
    };
    this.pairs.push(pair);
    return pair;
  }

  /** The answer to a request: status 0 and no attributes where nothing else is said. */
  respond(request: Message, response: Partial<Message> = {}, pair = this.pairs.at(-1)!, payloadBytesMax?: number): void {
    const { functionId, transactionId } = request;
    const whole = {
      functionId: functionId | RESPONSE_BIT,
      transactionId,
      sender: 'server',
      replace: false,
      status: 0,
      attributes: [],
    } as const;
    this.send({ ...whole, ...response }, pair, payloadBytesMax);
  }

  send(message: Message, pair = this.pairs.at(-1)!, payloadBytesMax?: number): void {
    pair.target.write(encodeMessage(message, payloadBytesMax), undefined);
  }

  sendBytes(bytes: Uint8Array, pair = this.pairs.at(-1)!): void {
    pair.target.write([bytes], undefined);
  }

  /** Lets bytes move until none do, without time passing. */
  move(): void {
    for (let moved = true; moved; ) moved = this.pairs.map((pair) => pair.move()).includes(true);
  }

  /** Lets time pass, and bytes move whenever something happens. */
  run(nanos: number): void {
    const end = this.clock.now() + nanos;
    for (this.move(); this.clock.nextDue <= end; this.move()) this.clock.step();
    this.clock.run(end);
  }

  names(): string[] {
    return this.events.map((event) => event.name);
  }
}
