/** What an initiator's connection asks for beside commands: text (RFC 7143 §11.10-11) and its own logout (§11.14-15), one at a time; pings (§11.18). */
import { EMPTY_BYTES, utf8Bytes } from '../../../base/bytes.ts';
import type { Clock, Nanos, Timer } from '../../../base/clock.ts';
import { initiatorTaskTag, LOGOUT_REQUEST, RESERVED_TAG, TEXT_REQUEST } from '../../../wire/iscsi/basic-header.ts';
import {
  CLOSE_SESSION,
  type InitiatorNumbers,
  logoutResponse,
  logoutTime2Retain,
  logoutTime2Wait,
  putLogoutRequest,
  putNopOut,
} from '../../../wire/iscsi/control.ts';
import type { PduWriter } from '../pdu-writer.ts';
import type { LogoutAnswer } from './connection-types.ts';
import type { InitiatorReason } from './errors.ts';
import { type PingDone, Pings } from './pings.ts';
import { type TextAnswer, TextQuestion } from './text-question.ts';

/** Where PDUs may get lost within a connection, a logout is asked for again so often before the connection is given up. */
const LOGOUT_RESENDS = 2;

/** What the exchanges ask of their connection. */
export interface ExchangeHost {
  /** Error recovery level 1 or 2 was agreed on. */
  readonly recoversWithin: boolean;
  readonly connectionId: number;
  readonly writer: PduWriter;
  nextTag(): number;
  /** For a request with a CmdSN of its own, or for an immediate one. */
  numbers(own: boolean): InitiatorNumbers;
  send(at: number, data: Uint8Array): void;
  fail(reason: InitiatorReason, message: string, dump?: string): void;
  /** A request was not answered in time. */
  unanswered(what: string, opcode: number): void;
}

export class Exchanges {
  readonly #host: ExchangeHost;
  readonly #clock: Clock;
  readonly #timeoutNanos: Nanos;
  #logout: ((answer: LogoutAnswer) => void) | undefined;
  #logoutTag = -1;
  /** What was asked for ends this connection. */
  #closes = true;
  #logoutTimer: Timer | undefined;
  #text: TextQuestion | undefined;
  #textTimer: Timer | undefined;
  readonly #pings = new Pings();

  constructor(host: ExchangeHost, clock: Clock, timeoutNanos: Nanos) {
    this.#host = host;
    this.#clock = clock;
    this.#timeoutNanos = timeoutNanos;
  }

  /** The connection is gone. */
  drop(): void {
    this.#textTimer?.cancel();
    this.#logoutTimer?.cancel();
    const logout = this.#logout;
    this.#logout = undefined;
    logout?.({ response: -1, time2WaitSeconds: 0, time2RetainSeconds: 0 });
    this.#pings.drop();
  }

  /** Of the connection with this number, and of the session if the reason is that. RFC 7143 §11.14.4: ExpStatSN is that connection's too. */
  logout(reason: number, connectionId: number, expectedStatus: number, done: (answer: LogoutAnswer) => void): void {
    const { writer } = this.#host;
    this.#logout = done;
    this.#logoutTag = this.#host.nextTag();
    this.#closes = reason === CLOSE_SESSION || connectionId === this.#host.connectionId;
    const attempt = (resends: number): void => {
      const nanos = this.#host.recoversWithin ? Math.ceil(this.#timeoutNanos / (LOGOUT_RESENDS + 1)) : this.#timeoutNanos;
      this.#logoutTimer = this.#clock.after(nanos, () =>
        resends === 0 ? this.#host.unanswered('a logout', LOGOUT_REQUEST) : attempt(resends - 1),
      );
      const at = writer.begin(0);
      const numbers = { ...this.#host.numbers(false), expectedStatusSequenceNumber: expectedStatus };
      putLogoutRequest(writer.buffer, at, this.#logoutTag, reason, connectionId, numbers);
      this.#host.send(at, EMPTY_BYTES);
    };
    attempt(this.#host.recoversWithin ? LOGOUT_RESENDS : 0);
  }

  /** What is to be told of the answer, and whether the connection closes before; undefined: nobody asked. */
  takeLogout(bytes: Uint8Array, at: number): { readonly closes: boolean; readonly tell: () => void } | undefined {
    const done = this.#logout;
    if (done === undefined || initiatorTaskTag(bytes, at) !== this.#logoutTag) return undefined;
    this.#logout = undefined;
    this.#logoutTimer?.cancel();
    const answer = {
      response: logoutResponse(bytes, at),
      time2WaitSeconds: logoutTime2Wait(bytes, at),
      time2RetainSeconds: logoutTime2Retain(bytes, at),
    };
    return { closes: this.#closes, tell: () => done(answer) };
  }

  /** A NOP-Out without data, whose answer nobody waits for here; its task tag. */
  probe(): number {
    const { writer } = this.#host;
    const tag = this.#host.nextTag();
    const at = writer.begin(0);
    putNopOut(writer.buffer, at, tag, RESERVED_TAG, undefined, 0, this.#host.numbers(false));
    this.#host.send(at, EMPTY_BYTES);
    return tag;
  }

  /** `data` fits into one segment of the target's. */
  ping(data: Uint8Array, done: PingDone): void {
    const { writer } = this.#host;
    const tag = this.#host.nextTag();
    const at = writer.begin(data.length);
    putNopOut(writer.buffer, at, tag, RESERVED_TAG, undefined, data.length, this.#host.numbers(false));
    this.#pings.add(tag, done);
    this.#host.send(at, data);
  }

  handleEcho(taskTag: number, echo: Uint8Array): void {
    this.#pings.handle(taskTag, echo);
  }

  ask(text: string, done: (answer: TextAnswer) => void): void {
    this.#text = new TextQuestion(this.#host.nextTag(), done);
    this.#textTimer = this.#clock.after(this.#timeoutNanos, () => this.#host.unanswered('a text request', TEXT_REQUEST));
    this.#sendText(this.#text, RESERVED_TAG, utf8Bytes(text));
  }

  #sendText(question: TextQuestion, transferTag: number, text: Uint8Array): void {
    const { writer } = this.#host;
    const at = writer.begin(text.length);
    question.put(writer.buffer, at, transferTag, text.length, this.#host.numbers(true));
    this.#host.send(at, text);
  }

  handleText(bytes: Uint8Array, at: number, segment: Uint8Array): void {
    const question = this.#text;
    if (question === undefined || initiatorTaskTag(bytes, at) !== question.taskTag)
      return this.#host.fail('tag-unknown', 'a Text Response that nobody asked for');
    const outcome = question.handle(bytes, at, segment);
    if (typeof outcome === 'number') return this.#sendText(question, outcome, EMPTY_BYTES);
    this.#text = undefined;
    this.#textTimer?.cancel();
    if ('wrong' in outcome) return this.#host.fail('pdu-invalid', `a Text Response can't be right: ${outcome.wrong}`);
    outcome.tell();
  }
}
