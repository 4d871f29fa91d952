/**
 * One connection of an iSCSI initiator (RFC 7143 §4.2.2, §6.3, §7): dialled, logged in, then PDUs in both directions with their status
 * numbering, until it ends. It knows tasks, but neither their order nor what becomes of them when it is lost: that is its owner's.
 */
import type { ByteStream, ByteStreamReceiver } from '../../../base/byte-stream.ts';
import { be32, DecodeError, EMPTY_BYTES, hex, utf8Bytes } from '../../../base/bytes.ts';
import { type Clock, SECOND, type Timer } from '../../../base/clock.ts';
import type { Rng } from '../../../base/rng.ts';
import { serialAdd } from '../../../base/serial.ts';
import {
  ASYNC_MESSAGE,
  BASIC_HEADER_BYTES,
  DATA_IN,
  initiatorTaskTag,
  LOGIN_RESPONSE,
  LOGOUT_RESPONSE,
  NOP_IN,
  opcodeName,
  opcodeOf,
  READY_TO_TRANSFER,
  REJECT,
  RESERVED_TAG,
  SCSI_RESPONSE,
  TASK_MANAGEMENT_RESPONSE,
  TEXT_RESPONSE,
} from '../../../wire/iscsi/basic-header.ts';
import {
  asyncEvent,
  asyncParameter,
  type InitiatorNumbers,
  logoutResponse,
  logoutTime2Retain,
  logoutTime2Wait,
  managementResponse,
  putLogoutRequest,
  putNopOut,
  putTaskManagementRequest,
  rejectReason,
} from '../../../wire/iscsi/control.ts';
import { STATUS_BIT, targetTransferTag } from '../../../wire/iscsi/data.ts';
import { decodeLoginResponse, encodeLoginRequest, type LoginRequest } from '../../../wire/iscsi/login.ts';
import { getLun } from '../../../wire/iscsi/lun.ts';
import { residualOf, RESPONSE_COMPLETED, responseCode, senseOf, statusOf } from '../../../wire/iscsi/scsi-command.ts';
import { STATUS_GOOD } from '../../../wire/scsi/status.ts';
import { commandName } from '../../../wire/scsi/cdb.ts';
import { type FormatError, PduReader, type PduSink, type Placement } from '../pdu-reader.ts';
import { PduWriter } from '../pdu-writer.ts';
import { defaultParameters, type Parameters } from '../parameters.ts';
import { DataTransfer, type TransferHost } from './data-transfer.ts';
import { type InitiatorError, type InitiatorReason, initiatorError } from './errors.ts';
import type { InitiatorLimits } from './limits.ts';
import { type LoggedIn, InitiatorLogin, type LoginPhaseSink, type LoginPlan } from './login.ts';
import { type PortalAddress, portalText } from './portal-address.ts';
import type { Allegiance, InitiatorTask } from './task.ts';
import { nextRequestTag } from './task-table.ts';
import { type TextAnswer, TextQuestion } from './text-question.ts';
import type { Dial, DialAttempt } from './transport.ts';

/** The initiator's task tag in the login phase, where there is but one task. */
const LOGIN_TAG = 0;

/** What connections are given to work with. */
export interface ConnectionServices {
  readonly clock: Clock;
  /** Challenges come from it. */
  readonly rng: Rng;
  readonly dial: Dial;
  /** Runs `action` soon, when everything has been submitted that is about to be: what was written until then leaves as one batch. */
  readonly defer: (action: () => void) => void;
}

export interface LogoutAnswer {
  /** RFC 7143 §11.15.1; -1: there was none, and the connection is gone. */
  readonly response: number;
  readonly time2WaitSeconds: number;
  readonly time2RetainSeconds: number;
}

export interface AsyncMessage {
  readonly event: number;
  /** -1: several levels, or an addressing method of no logical unit of ours. */
  readonly lun: number;
  readonly parameters: readonly [number, number, number];
  /** Sense data with its length before it, for a SCSI event. */
  readonly data: Uint8Array;
}

export interface ConnectionOwner {
  /** CmdSN of the next command: immediate requests carry it, and leave it. */
  readonly commandSequenceNumber: number;
  takeCommandNumber(): number;
  findTask(tag: number): InitiatorTask | undefined;
  /** ExpCmdSN and MaxCmdSN, as every PDU brings them. */
  handleNumbers(expected: number, max: number): void;
  handleLoggedIn(connection: InitiatorConnection, result: LoggedIn): void;
  handleRedirected(connection: InitiatorConnection, address: PortalAddress, permanently: boolean): void;
  /** The task has its status (or an error in place of one), and its buffers are its own again. */
  handleAnswer(task: InitiatorTask): void;
  handleManaged(taskTag: number, response: number): void;
  /** `header` is the PDU that was rejected. */
  handleReject(connection: InitiatorConnection, reason: number, header: Uint8Array): void;
  handleAsyncMessage(connection: InitiatorConnection, message: AsyncMessage): void;
  /** All that came in one arrival is handled. */
  handleBatchEnd(): void;
  /** It can't go on; said once, unless `close` was called before. */
  handleLost(connection: InitiatorConnection, error: InitiatorError): void;
}

export class InitiatorConnection implements PduSink, LoginPhaseSink, TransferHost, Allegiance {
  readonly connectionId: number;
  readonly address: PortalAddress;
  parameters: Parameters = defaultParameters();
  /** Commands allegiant to it. */
  taskCount = 0;
  readonly #services: ConnectionServices;
  readonly #limits: InitiatorLimits;
  readonly #owner: ConnectionOwner;
  readonly #login: InitiatorLogin;
  readonly #reader: PduReader;
  #attempt: DialAttempt | undefined;
  #stream: ByteStream | undefined;
  #writer!: PduWriter;
  #transfer: DataTransfer | undefined;
  #expectedStatus = 0;
  #timer: Timer | undefined;
  #heard = true;
  #flushing = false;
  #over = false;
  #lastTag = 0;
  #pingTag = -1;
  #logout: ((answer: LogoutAnswer) => void) | undefined;
  #logoutTag = -1;
  #text: TextQuestion | undefined;
  #textTimer: Timer | undefined;

  constructor(services: ConnectionServices, limits: InitiatorLimits, owner: ConnectionOwner, plan: LoginPlan, address: PortalAddress) {
    this.#services = services;
    this.#limits = limits;
    this.#owner = owner;
    this.connectionId = plan.connectionId;
    this.address = address;
    this.#login = new InitiatorLogin(plan, this, services.rng);
    this.#reader = new PduReader(this);
  }

  get isFull(): boolean {
    return this.#transfer !== undefined && !this.#over;
  }

  open(): void {
    this.#timer = this.#services.clock.after(this.#limits.loginTimeoutNanos, () => this.#loginTimeout());
    const receiver: ByteStreamReceiver = {
      nextBuffer: () => this.#reader.nextBuffer(),
      handleBytes: (count) => this.#reader.handleBytes(count),
      handleClose: (reason) => this.#closed(reason),
    };
    this.#attempt = this.#services.dial(this.address, receiver, (stream) => {
      if (this.#over) return stream.destroy();
      this.#stream = stream;
      this.#writer = new PduWriter(stream);
      this.#login.begin();
    });
  }

  /** Ends it without a word to the owner: at once, or after what was written has left. */
  close(gracefully = false): void {
    if (this.#over) return;
    this.#end();
    if (this.#stream === undefined) this.#attempt?.cancel();
    else if (gracefully) {
      this.#writer.flush();
      this.#stream.end();
    } else this.#stream.destroy();
  }

  fail(reason: InitiatorReason, message: string, dump?: string): void {
    this.#lost(initiatorError(reason, message, dump === undefined ? {} : { dump }));
  }

  #lost(error: InitiatorError): void {
    if (this.#over) return;
    this.close();
    this.#owner.handleLost(this, error);
  }

  #end(): void {
    this.#over = true;
    this.#timer?.cancel();
    this.#textTimer?.cancel();
    this.#reader.stop();
    const logout = this.#logout;
    this.#logout = undefined;
    logout?.({ response: -1, time2WaitSeconds: 0, time2RetainSeconds: 0 });
  }

  #closed(reason: string | undefined): void {
    if (this.#over) return;
    const where = portalText(this.address);
    if (this.#stream === undefined)
      return this.#lost(initiatorError(dialProblem(reason), `no connection to ${where}: ${reason ?? 'closed'}`));
    if (this.#transfer === undefined)
      return this.fail('connection-lost', `${where} closed the connection during the login${because(reason)}`);
    const kind = reason !== undefined && SENDING.test(reason) ? 'send-failed' : 'connection-lost';
    this.fail(kind, `the connection to ${where} was lost${because(reason)}`);
  }

  #loginTimeout(): void {
    const what = this.#stream === undefined ? 'a connection' : 'a login';
    this.fail(
      'request-timed-out',
      `${portalText(this.address)} did not answer ${what} within ${this.#limits.loginTimeoutNanos / SECOND} s`,
      this.#stream === undefined ? 'connect' : 'Login Request',
    );
  }

  // ---- login ----

  sendLogin(request: LoginRequest, text: Uint8Array): void {
    const at = this.#writer.begin(text.length);
    encodeLoginRequest({ ...request, initiatorTaskTag: LOGIN_TAG }, text.length, this.#writer.buffer, at);
    this.#send(at, text);
  }

  #handleLogin(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number): void {
    if (opcodeOf(bytes, at) !== LOGIN_RESPONSE)
      return this.fail('login-response-invalid', `a ${opcodeName(opcodeOf(bytes, at))} came in place of a login response`);
    if (initiatorTaskTag(bytes, at) !== LOGIN_TAG) return this.fail('login-response-invalid', 'a login response names another task');
    try {
      this.#login.handle(decodeLoginResponse(bytes, at), bytes[at + 3]!, bytes.subarray(dataAt, dataAt + dataBytes));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.fail('login-response-invalid', error.message, hex(bytes.subarray(at, at + BASIC_HEADER_BYTES)));
    }
  }

  loginSucceeded(result: LoggedIn): void {
    const { parameters } = result;
    this.#timer?.cancel();
    this.parameters = parameters;
    this.#expectedStatus = serialAdd(result.response.statusSequenceNumber, 1);
    this.#reader.headerDigest = parameters.headerDigest;
    this.#reader.dataDigest = parameters.dataDigest;
    this.#reader.segmentBytesMax = parameters.receiveSegmentBytesMax;
    this.#writer.headerDigest = parameters.headerDigest;
    this.#writer.dataDigest = parameters.dataDigest;
    this.#transfer = new DataTransfer(this, this.#writer, parameters);
    this.#owner.handleLoggedIn(this, result);
    this.#watch();
  }

  loginRedirected(address: PortalAddress, permanently: boolean): void {
    this.close();
    this.#owner.handleRedirected(this, address, permanently);
  }

  loginFailed(error: InitiatorError): void {
    this.#lost(error);
  }

  // ---- requests ----

  get expectedStatus(): number {
    return this.#expectedStatus;
  }

  #numbers(commandSequenceNumber = this.#owner.commandSequenceNumber): InitiatorNumbers {
    return { commandSequenceNumber, expectedStatusSequenceNumber: this.#expectedStatus };
  }

  #send(at: number, data: Uint8Array): void {
    this.#writer.sealHeader(at);
    if (data.length !== 0) this.#writer.copyData([data], data.length);
    this.scheduleFlush();
  }

  scheduleFlush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    this.#services.defer(() => {
      this.#flushing = false;
      if (!this.#over) this.#writer.flush();
    });
  }

  #nextTag(): number {
    this.#lastTag = nextRequestTag(this.#lastTag);
    return this.#lastTag;
  }

  issue(task: InitiatorTask): void {
    task.connection = this;
    this.taskCount += 1;
    this.#transfer!.issue(task);
    this.scheduleFlush();
  }

  /** The request's task tag. `task`: the one that ABORT TASK means. */
  manage(code: number, lun: number, task: InitiatorTask | undefined): number {
    const tag = this.#nextTag();
    const referenced =
      task === undefined
        ? undefined
        : { taskTag: task.initiatorTaskTag, commandSequenceNumber: task.commandSequenceNumber, expectedDataSequenceNumber: 0 };
    const at = this.#writer.begin(0);
    putTaskManagementRequest(this.#writer.buffer, at, tag, code, lun, referenced, this.#numbers());
    this.#send(at, EMPTY_BYTES);
    return tag;
  }

  /** Asks to close the session or this connection; `done` runs once, also if the connection goes instead of answering. */
  logout(reason: number, done: (answer: LogoutAnswer) => void): void {
    this.#logout = done;
    this.#logoutTag = this.#nextTag();
    this.#timer?.cancel();
    this.#timer = this.#services.clock.after(this.#limits.requestTimeoutNanos, () => this.#unanswered('a logout', 'Logout Request'));
    const at = this.#writer.begin(0);
    putLogoutRequest(this.#writer.buffer, at, this.#logoutTag, reason, this.connectionId, this.#numbers());
    this.#send(at, EMPTY_BYTES);
  }

  #unanswered(what: string, dump: string): void {
    this.fail('request-timed-out', `${portalText(this.address)} did not answer ${what} in time`, dump);
  }

  /** One text exchange at a time. */
  ask(text: string, done: (answer: TextAnswer) => void): void {
    const question = new TextQuestion(this.#nextTag(), done);
    this.#text = question;
    this.#textTimer = this.#services.clock.after(this.#limits.requestTimeoutNanos, () =>
      this.#unanswered('a text request', 'Text Request'),
    );
    this.#sendText(question, RESERVED_TAG, utf8Bytes(text));
  }

  #sendText(question: TextQuestion, transferTag: number, text: Uint8Array): void {
    const at = this.#writer.begin(text.length);
    question.put(this.#writer.buffer, at, transferTag, text.length, this.#numbers(this.#owner.takeCommandNumber()));
    this.#send(at, text);
  }

  // ---- what the reader brings ----

  findTask(tag: number): InitiatorTask | undefined {
    const task = this.#owner.findTask(tag);
    // RFC 7143 §4.2.2.1: what concerns a command comes on the connection it went by.
    return task?.connection === this ? task : undefined;
  }

  placeData(bytes: Uint8Array, at: number, dataBytes: number): Placement | undefined {
    return opcodeOf(bytes, at) === DATA_IN ? this.#transfer?.place(bytes, at, dataBytes) : undefined;
  }

  handlePdu(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number, placement: Placement | undefined): void {
    this.#heard = true;
    if (this.#transfer === undefined) return this.#handleLogin(bytes, at, dataAt, dataBytes);
    this.#owner.handleNumbers(be32(bytes, at + 28), be32(bytes, at + 32));
    const opcode = opcodeOf(bytes, at);
    switch (opcode) {
      case DATA_IN:
        return this.#handleDataIn(this.#transfer, bytes, at, dataAt, dataBytes, placement);
      case READY_TO_TRANSFER:
        this.#transfer.handleReady(bytes, at);
        return this.scheduleFlush();
      case SCSI_RESPONSE:
        return this.#handleResponse(bytes, at, bytes.subarray(dataAt, dataAt + dataBytes));
      case NOP_IN:
        return this.#handleNop(bytes, at, bytes.subarray(dataAt, dataAt + dataBytes));
      case TASK_MANAGEMENT_RESPONSE:
        if (this.#takeStatus(bytes, at)) this.#owner.handleManaged(initiatorTaskTag(bytes, at), managementResponse(bytes, at));
        return;
      case TEXT_RESPONSE:
        return this.#handleText(bytes, at, bytes.subarray(dataAt, dataAt + dataBytes));
      case LOGOUT_RESPONSE:
        return this.#handleLogout(bytes, at);
      case ASYNC_MESSAGE:
        return this.#handleAsync(bytes, at, bytes.subarray(dataAt, dataAt + dataBytes));
      case REJECT:
        if (!this.#takeStatus(bytes, at)) return;
        return this.#owner.handleReject(
          this,
          rejectReason(bytes, at),
          bytes.slice(dataAt, dataAt + Math.min(dataBytes, BASIC_HEADER_BYTES)),
        );
      default:
        this.fail('opcode-unknown', `the target sent a PDU of ${opcodeName(opcode)}`, hex(bytes.subarray(at, at + BASIC_HEADER_BYTES)));
    }
  }

  /** StatSN of a PDU that carries one; false if the connection can't go on. */
  #takeStatus(bytes: Uint8Array, at: number): boolean {
    const number = be32(bytes, at + 24);
    if (number !== this.#expectedStatus) {
      // RFC 7143 §7.5: a status is lost, which only recovery within the connection could ask for again.
      this.fail('status-sequence', `${opcodeName(opcodeOf(bytes, at))} with StatSN ${number} where ${this.#expectedStatus} was due`);
      return false;
    }
    this.#expectedStatus = serialAdd(number, 1);
    return true;
  }

  #handleDataIn(
    transfer: DataTransfer,
    bytes: Uint8Array,
    at: number,
    dataAt: number,
    dataBytes: number,
    placement: Placement | undefined,
  ): void {
    const task = transfer.handleDataIn(bytes, at, dataAt, dataBytes, placement);
    if (task === undefined || (bytes[at + 1]! & STATUS_BIT) === 0 || !this.#takeStatus(bytes, at)) return;
    task.status = statusOf(bytes, at);
    task.residual = residualOf(bytes, at);
    this.#answered(task);
  }

  #handleResponse(bytes: Uint8Array, at: number, segment: Uint8Array): void {
    if (!this.#takeStatus(bytes, at)) return;
    const tag = initiatorTaskTag(bytes, at);
    const task = this.findTask(tag);
    if (task === undefined || task.answered)
      return this.fail('tag-unknown', `a SCSI Response for the Initiator Task Tag ${tag.toString(16)}h, which names no command`);
    const code = responseCode(bytes, at);
    if (code === RESPONSE_COMPLETED) {
      task.status = statusOf(bytes, at);
      task.residual = residualOf(bytes, at);
      if (segment.length !== 0) task.sense = senseOf(segment).slice();
    } else
      task.error = initiatorError('target-failure', `the target failed to carry out ${commandName(task.cdb)}`, {
        dump: `response ${code}`,
      });
    this.#answered(task);
  }

  #answered(task: InitiatorTask): void {
    if (task.status === STATUS_GOOD && task.read && task.receivedBytes + Math.max(0, task.residual) < task.dataInBytes) {
      // RFC 7143 §7.4: a Data-In is missing that no gap in DataSN tells of.
      const message = `${commandName(task.cdb)}: ${task.receivedBytes} of ${task.dataInBytes} bytes came, and the target reports no residual`;
      task.error = initiatorError('data-missing', message);
      task.status = -1;
    }
    task.answered = true;
    if (task.unsentWrites === 0) this.#release(task);
  }

  handleSent(task: InitiatorTask): void {
    if (this.#over || task.connection !== this) return; // it went another way meanwhile
    task.unsentWrites -= 1;
    if (task.unsentWrites !== 0 || !task.answered) return;
    this.#release(task);
    this.#owner.handleBatchEnd();
  }

  #release(task: InitiatorTask): void {
    this.taskCount -= 1;
    this.#owner.handleAnswer(task);
  }

  /** A task that ends without an answer of its own: its abort was answered (RFC 7143 §11.6), or it was rejected. */
  abandon(task: InitiatorTask): void {
    if (task.answered) return;
    task.answered = true;
    if (task.unsentWrites === 0) this.#release(task);
  }

  #handleNop(bytes: Uint8Array, at: number, data: Uint8Array): void {
    const tag = initiatorTaskTag(bytes, at);
    if (tag !== RESERVED_TAG) {
      if (this.#takeStatus(bytes, at) && tag === this.#pingTag) this.#pingTag = -1;
      return;
    }
    // RFC 7143 §11.19: this StatSN is the next one, not taken.
    if (be32(bytes, at + 24) !== this.#expectedStatus) return void this.#takeStatus(bytes, at);
    const transferTag = targetTransferTag(bytes, at);
    if (transferTag === RESERVED_TAG) return; // Only its numbers matter.
    const echo = data.slice(0, Math.min(data.length, this.parameters.sendSegmentBytesMax));
    const out = this.#writer.begin(echo.length);
    putNopOut(this.#writer.buffer, out, RESERVED_TAG, transferTag, bytes.subarray(at + 8, at + 16), echo.length, this.#numbers());
    this.#send(out, echo);
  }

  #handleText(bytes: Uint8Array, at: number, segment: Uint8Array): void {
    if (!this.#takeStatus(bytes, at)) return;
    const question = this.#text;
    if (question === undefined || initiatorTaskTag(bytes, at) !== question.taskTag)
      return this.fail('tag-unknown', 'a Text Response that nobody asked for');
    const outcome = question.handle(bytes, at, segment);
    if (outcome === 'done') {
      this.#text = undefined;
      this.#textTimer?.cancel();
    } else if (typeof outcome === 'number') this.#sendText(question, outcome, EMPTY_BYTES);
    else this.fail('pdu-invalid', `a Text Response can't be right: ${outcome.wrong}`);
  }

  #handleLogout(bytes: Uint8Array, at: number): void {
    if (!this.#takeStatus(bytes, at)) return;
    const done = this.#logout;
    if (done === undefined || initiatorTaskTag(bytes, at) !== this.#logoutTag)
      return this.fail('tag-unknown', 'a Logout Response that nobody asked for');
    this.#logout = undefined;
    const answer = {
      response: logoutResponse(bytes, at),
      time2WaitSeconds: logoutTime2Wait(bytes, at),
      time2RetainSeconds: logoutTime2Retain(bytes, at),
    };
    this.close(true);
    done(answer);
  }

  #handleAsync(bytes: Uint8Array, at: number, data: Uint8Array): void {
    if (!this.#takeStatus(bytes, at)) return;
    const parameters = [asyncParameter(bytes, at, 1), asyncParameter(bytes, at, 2), asyncParameter(bytes, at, 3)] as const;
    this.#owner.handleAsyncMessage(this, { event: asyncEvent(bytes, at), lun: getLun(bytes, at + 8), parameters, data: data.slice() });
  }

  handleDataDigestError(bytes: Uint8Array, at: number): void {
    // RFC 7143 §7.8: without recovery within the connection, what the PDU brought can't be asked for again.
    this.fail(
      'data-digest',
      `a ${opcodeName(opcodeOf(bytes, at))} failed its data digest`,
      hex(bytes.subarray(at, at + BASIC_HEADER_BYTES)),
    );
  }

  handleFormatError(reason: string, kind: FormatError): void {
    this.fail(kind, `what the target sends can't be understood any further: ${reason}`);
  }

  handleBatchEnd(): void {
    this.#heard = true;
    if (this.#transfer !== undefined && !this.#over) this.#owner.handleBatchEnd();
  }

  /** Silence for one interval brings a NOP-Out, silence for another the end. */
  #watch(): void {
    const { pingAfterNanos, pingTimeoutNanos } = this.#limits;
    if (pingAfterNanos === 0 || this.#over) return;
    this.#heard = false;
    this.#timer = this.#services.clock.after(pingAfterNanos, () => {
      if (this.#heard) return this.#watch();
      this.#pingTag = this.#nextTag();
      const at = this.#writer.begin(0);
      putNopOut(this.#writer.buffer, at, this.#pingTag, RESERVED_TAG, undefined, 0, this.#numbers());
      this.#send(at, EMPTY_BYTES);
      this.#timer = this.#services.clock.after(pingTimeoutNanos, () =>
        this.#heard ? this.#watch() : this.#unanswered('a ping', 'NOP-Out'),
      );
    });
  }
}

const because = (reason: string | undefined): string => (reason === undefined ? '' : `: ${reason}`);

/** What a stream says that broke while we were sending. */
const SENDING = /^write |\bEPIPE\b|while data was on its way/;

/** Which side a connection failed on, from the operating system's name for it. */
function dialProblem(reason: string | undefined): InitiatorReason {
  if (reason === undefined) return 'connect-failed';
  if (/\b(EADDRNOTAVAIL|EACCES|EPERM)\b/.test(reason)) return 'local-portal';
  return /\b(EMFILE|ENFILE|ENOBUFS|ENOMEM)\b/.test(reason) ? 'no-resources' : 'connect-failed';
}
