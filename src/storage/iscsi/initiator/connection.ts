/**
 * One connection of an iSCSI initiator (RFC 7143 §4.2.2, §6.3, §7): dialled, logged in, then PDUs in both directions with their status
 * numbering, until it ends. It knows tasks, but neither their order nor what becomes of them when it is lost: that is its owner's.
 */
import type { ByteStream, ByteStreamReceiver } from '../../../base/byte-stream.ts';
import { be32, DecodeError, EMPTY_BYTES, hex } from '../../../base/bytes.ts';
import { SECOND, type Timer } from '../../../base/clock.ts';
import { serialAdd } from '../../../base/serial.ts';
import {
  ASYNC_MESSAGE,
  BASIC_HEADER_BYTES,
  DATA_IN,
  initiatorTaskTag,
  LOGIN_REQUEST,
  LOGIN_RESPONSE,
  LOGOUT_RESPONSE,
  NOP_IN,
  NOP_OUT,
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
  managementResponse,
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
import type { Connection, ConnectionOwner, ConnectionServices, LogoutAnswer } from './connection-types.ts';
import { DataTransfer, type TransferHost } from './data-transfer.ts';
import { type InitiatorError, type InitiatorReason, initiatorError, pduDump } from './errors.ts';
import { type ExchangeHost, Exchanges } from './exchanges.ts';
import { KeepAlive } from './keep-alive.ts';
import type { InitiatorLimits } from './limits.ts';
import { type LoggedIn, InitiatorLogin, type LoginPhaseSink, type LoginPlan } from './login.ts';
import type { PingDone } from './pings.ts';
import { type PortalAddress, portalText } from './portal-address.ts';
import type { InitiatorTask } from './task.ts';
import { nextRequestTag } from './task-table.ts';
import type { TextAnswer } from './text-question.ts';
import type { DialAttempt } from './transport.ts';

/** The initiator's task tag in the login phase, where there is but one task. */
const LOGIN_TAG = 0;

export class InitiatorConnection implements Connection, PduSink, LoginPhaseSink, TransferHost, ExchangeHost {
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
  readonly #keepAlive: KeepAlive;
  readonly #exchanges: Exchanges;
  #attempt: DialAttempt | undefined;
  #stream: ByteStream | undefined;
  writer!: PduWriter;
  #transfer: DataTransfer | undefined;
  #expectedStatus = 0;
  #timer: Timer | undefined;
  #flushing = false;
  #over = false;
  #lastTag = 0;
  constructor(services: ConnectionServices, limits: InitiatorLimits, owner: ConnectionOwner, plan: LoginPlan, address: PortalAddress) {
    this.#services = services;
    this.#limits = limits;
    this.#owner = owner;
    this.connectionId = plan.connectionId;
    this.address = address;
    this.#login = new InitiatorLogin(plan, this, services.rng);
    this.#reader = new PduReader(this);
    this.#keepAlive = new KeepAlive(
      services.clock,
      limits.pingAfterNanos,
      limits.pingTimeoutNanos,
      () => this.#ping(),
      () => this.unanswered('a ping', NOP_OUT),
    );
    this.#exchanges = new Exchanges(this, services.clock, limits.requestTimeoutNanos);
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
      this.writer = new PduWriter(stream);
      this.#login.begin();
    });
  }

  /** Ends it without a word to the owner: at once, or after what was written has left. */
  close(gracefully = false): void {
    if (this.#over) return;
    this.#end();
    if (this.#stream === undefined) this.#attempt?.cancel();
    else if (gracefully) {
      this.writer.flush();
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
    this.#keepAlive.stop();
    this.#reader.stop();
    this.#exchanges.drop();
  }

  #closed(reason: string | undefined): void {
    if (this.#over) return;
    const where = portalText(this.address);
    if (this.#stream === undefined)
      return this.fail(dialProblem(reason), `no connection to ${where}: ${reason ?? 'closed'}`, errorStatus(reason));
    if (this.#transfer === undefined)
      return this.fail('connection-lost', `${where} closed the connection during the login${because(reason)}`);
    const kind = reason !== undefined && SENDING.test(reason) ? 'send-failed' : 'connection-lost';
    this.fail(kind, `the connection to ${where} was lost${because(reason)}`, errorStatus(reason));
  }

  #loginTimeout(): void {
    const within = `within ${this.#limits.loginTimeoutNanos / SECOND} s`;
    if (this.#stream === undefined) return this.fail('connect-failed', `no connection to ${portalText(this.address)} ${within}`);
    this.fail('request-timed-out', `${portalText(this.address)} did not answer a login ${within}`, functionCode(LOGIN_REQUEST));
  }

  // ---- login ----

  sendLogin(request: LoginRequest, text: Uint8Array): void {
    const at = this.writer.begin(text.length);
    encodeLoginRequest({ ...request, initiatorTaskTag: LOGIN_TAG }, text.length, this.writer.buffer, at);
    this.send(at, text);
  }

  #handleLogin(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number): void {
    const header = bytes.subarray(at, at + BASIC_HEADER_BYTES);
    const segment = bytes.subarray(dataAt, dataAt + dataBytes);
    const invalid = (message: string): void => this.fail('login-response-invalid', message, pduDump(header, segment));
    if (opcodeOf(bytes, at) !== LOGIN_RESPONSE) return invalid(`a ${opcodeName(opcodeOf(bytes, at))} came in place of a login response`);
    if (initiatorTaskTag(bytes, at) !== LOGIN_TAG) return invalid('a login response names another task');
    try {
      this.#login.handle(decodeLoginResponse(bytes, at), header, segment);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      invalid(error.message);
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
    this.writer.headerDigest = parameters.headerDigest;
    this.writer.dataDigest = parameters.dataDigest;
    this.#transfer = new DataTransfer(this, this.writer, parameters);
    this.#owner.handleLoggedIn(this, result);
    this.#keepAlive.start();
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

  /** With a CmdSN of its own, or for an immediate request. */
  numbers(own = false): InitiatorNumbers {
    const commandSequenceNumber = own ? this.#owner.takeCommandNumber() : this.#owner.commandSequenceNumber;
    return { commandSequenceNumber, expectedStatusSequenceNumber: this.#expectedStatus };
  }

  send(at: number, data: Uint8Array): void {
    this.writer.sealHeader(at);
    if (data.length !== 0) this.writer.copyData([data], data.length);
    this.scheduleFlush();
  }

  scheduleFlush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    this.#services.defer(() => {
      this.#flushing = false;
      if (!this.#over) this.writer.flush();
    });
  }

  nextTag(): number {
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
    const tag = this.nextTag();
    const referenced =
      task === undefined
        ? undefined
        : { taskTag: task.initiatorTaskTag, commandSequenceNumber: task.commandSequenceNumber, expectedDataSequenceNumber: 0 };
    const at = this.writer.begin(0);
    putTaskManagementRequest(this.writer.buffer, at, tag, code, lun, referenced, this.numbers());
    this.send(at, EMPTY_BYTES);
    return tag;
  }

  logout(reason: number, done: (answer: LogoutAnswer) => void): void {
    this.#keepAlive.stop();
    this.#exchanges.logout(reason, done);
  }

  ask(text: string, done: (answer: TextAnswer) => void): void {
    this.#exchanges.ask(text, done);
  }

  ping(data: Uint8Array, done: PingDone): void {
    this.#exchanges.ping(data.subarray(0, this.parameters.sendSegmentBytesMax), done);
  }

  unanswered(what: string, opcode: number): void {
    this.fail('request-timed-out', `${portalText(this.address)} did not answer ${what} in time`, functionCode(opcode));
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
    this.#keepAlive.heard();
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
        if (this.#takeStatus(bytes, at)) this.#exchanges.handleText(bytes, at, bytes.subarray(dataAt, dataAt + dataBytes));
        return;
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
      if (this.#takeStatus(bytes, at)) this.#exchanges.handleEcho(tag, data);
      return;
    }
    // RFC 7143 §11.19: this StatSN is the next one, not taken.
    if (be32(bytes, at + 24) !== this.#expectedStatus) return void this.#takeStatus(bytes, at);
    const transferTag = targetTransferTag(bytes, at);
    if (transferTag === RESERVED_TAG) return; // Only its numbers matter.
    const echo = data.slice(0, Math.min(data.length, this.parameters.sendSegmentBytesMax));
    const out = this.writer.begin(echo.length);
    putNopOut(this.writer.buffer, out, RESERVED_TAG, transferTag, bytes.subarray(at + 8, at + 16), echo.length, this.numbers());
    this.send(out, echo);
  }

  #handleLogout(bytes: Uint8Array, at: number): void {
    if (!this.#takeStatus(bytes, at)) return;
    const tell = this.#exchanges.takeLogout(bytes, at);
    if (tell === undefined) return this.fail('tag-unknown', 'a Logout Response that nobody asked for');
    this.close(true);
    tell();
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
    this.#keepAlive.heard();
    if (this.#transfer !== undefined && !this.#over) this.#owner.handleBatchEnd();
  }

  #ping(): void {
    const at = this.writer.begin(0);
    putNopOut(this.writer.buffer, at, this.nextTag(), RESERVED_TAG, undefined, 0, this.numbers());
    this.send(at, EMPTY_BYTES);
  }
}

/** Which request it was: the opcode that its PDUs have (RFC 7143 §11.2.1.2). */
const functionCode = (opcode: number): string => `${opcode.toString(16).padStart(2, '0')}h ${opcodeName(opcode)}`;

/** The operating system's name of what went wrong, where a reason has one. */
const errorStatus = (reason: string | undefined): string | undefined => reason?.match(/\bE[A-Z][A-Z0-9_]{2,}\b/)?.[0] ?? reason;

const because = (reason: string | undefined): string => (reason === undefined ? '' : `: ${reason}`);

/** What a stream says that broke while we were sending. */
const SENDING = /^writev? |\bEPIPE\b|while data was on its way/;

/** Which side a connection failed on, from the operating system's name for it. */
function dialProblem(reason: string | undefined): InitiatorReason {
  if (reason === undefined) return 'connect-failed';
  if (/\b(EADDRNOTAVAIL|EACCES|EPERM)\b/.test(reason)) return 'local-portal';
  return /\b(EMFILE|ENFILE|ENOBUFS|ENOMEM)\b/.test(reason) ? 'no-resources' : 'connect-failed';
}
