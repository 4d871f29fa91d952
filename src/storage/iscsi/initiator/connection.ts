/**
 * One connection of an iSCSI initiator (RFC 7143 §4.2.2, §6.3, §7): dialled, logged in, then PDUs in both directions with their status
 * numbering, until it ends. It knows tasks, but neither their order nor what becomes of them when it is lost: that is its owner's.
 */
import type { ByteStream, ByteStreamReceiver } from '../../../base/byte-stream.ts';
import { DecodeError, EMPTY_BYTES } from '../../../base/bytes.ts';
import { SECOND, type Timer } from '../../../base/clock.ts';
import { serialAdd } from '../../../base/serial.ts';
import {
  BASIC_HEADER_BYTES,
  DATA_IN,
  initiatorTaskTag,
  LOGIN_REQUEST,
  LOGIN_RESPONSE,
  NOP_OUT,
  opcodeName,
  opcodeOf,
} from '../../../wire/iscsi/basic-header.ts';
import { type InitiatorNumbers, putTaskManagementRequest, REMOVE_FOR_RECOVERY, TASK_REASSIGN } from '../../../wire/iscsi/control.ts';
import { decodeLoginResponse, encodeLoginRequest, type LoginRequest } from '../../../wire/iscsi/login.ts';
import { type FormatError, PduReader, type PduSink, type Placement } from '../pdu-reader.ts';
import { PduWriter } from '../pdu-writer.ts';
import { defaultParameters, type Parameters } from '../parameters.ts';
import type { ConnectionOwner, ConnectionServices, LogoutAnswer } from './connection-types.ts';
import { type InitiatorError, type InitiatorReason, initiatorError, pduDump } from './errors.ts';
import { Exchanges } from './exchanges.ts';
import { FullFeature, type FullFeatureHost } from './full-feature.ts';
import { KeepAlive } from './keep-alive.ts';
import type { InitiatorLimits } from './limits.ts';
import { type LoggedIn, InitiatorLogin, type LoginPhaseSink, type LoginPlan } from './login.ts';
import type { PingDone } from './pings.ts';
import { type PortalAddress, portalText } from './portal-address.ts';
import { forgetConnection } from './recovery/allegiance.ts';
import type { InitiatorTask } from './task.ts';
import type { TextAnswer } from './text-question.ts';
import type { DialAttempt } from './transport.ts';

/** The initiator's task tag in the login phase, where there is but one task. */
const LOGIN_TAG = 0;

export class InitiatorConnection implements FullFeatureHost, PduSink, LoginPhaseSink {
  readonly connectionId: number;
  readonly address: PortalAddress;
  parameters: Parameters = defaultParameters();
  /** Commands allegiant to it. */
  taskCount = 0;
  leaving = false;
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
  #full: FullFeature | undefined;
  #timer: Timer | undefined;
  #flushing = false;
  #over = false;
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
      () => void this.#exchanges.probe(),
      () => this.unanswered('a ping', NOP_OUT),
    );
    this.#exchanges = new Exchanges(this, services.clock, limits.requestTimeoutNanos);
  }

  get isFull(): boolean {
    return this.#full !== undefined && !this.#over;
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
    this.#full?.stop();
    this.#exchanges.drop();
  }

  #closed(reason: string | undefined): void {
    if (this.#over) return;
    const where = portalText(this.address);
    if (this.#stream === undefined)
      return this.fail(dialProblem(reason), `no connection to ${where}: ${reason ?? 'closed'}`, errorStatus(reason));
    if (this.#full === undefined) return this.fail('connection-lost', `${where} closed the connection during the login${because(reason)}`);
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
    this.#reader.headerDigest = parameters.headerDigest;
    this.#reader.dataDigest = parameters.dataDigest;
    this.#reader.segmentBytesMax = parameters.receiveSegmentBytesMax;
    this.writer.headerDigest = parameters.headerDigest;
    this.writer.dataDigest = parameters.dataDigest;
    this.#full = new FullFeature(this, this.#owner, this.#exchanges, serialAdd(result.response.statusSequenceNumber, 1));
    if (parameters.errorRecoveryLevel !== 0) {
      this.#full.recoverWithin(this.#services.clock, this.#limits);
      this.#reader.skipsDamaged = this.recoversWithin;
    }
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

  /** With a CmdSN of its own, or for an immediate request. */
  numbers(own = false): InitiatorNumbers {
    const commandSequenceNumber = own ? this.#owner.takeCommandNumber() : this.#owner.commandSequenceNumber;
    return { commandSequenceNumber, expectedStatusSequenceNumber: this.expectedStatus };
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
    return this.#owner.nextTag();
  }

  issue(task: InitiatorTask): void {
    task.connection = this;
    this.taskCount += 1;
    this.#full!.transfer.issue(task);
    this.scheduleFlush();
  }

  abandon(task: InitiatorTask): void {
    this.#full?.abandon(task);
  }

  get recoversWithin(): boolean {
    return this.#full?.within !== undefined;
  }

  retry(task: InitiatorTask): void {
    this.#full?.within?.retry(task);
  }

  issueAgain(task: InitiatorTask): void {
    this.#full?.issueAgain(task);
  }

  handleRejectedSnack(header: Uint8Array): void {
    this.#full?.within?.handleRejectedSnack(header);
  }

  adopt(task: InitiatorTask): void {
    forgetConnection(task);
    task.connection = this;
    this.taskCount += 1;
  }

  disown(task: InitiatorTask): void {
    if (task.connection !== this) return;
    task.connection = undefined;
    this.taskCount -= 1;
  }

  /** The request's task tag. `task`: the one that ABORT TASK means. */
  manage(code: number, lun: number, task: InitiatorTask | undefined): number {
    const tag = this.nextTag();
    const referenced =
      task === undefined
        ? undefined
        : {
            taskTag: task.initiatorTaskTag,
            commandSequenceNumber: task.commandSequenceNumber,
            // RFC 7143 §11.5.7: what has come need not come again; 0 for data-out, whose requests are worth nothing on another connection.
            expectedDataSequenceNumber: code === TASK_REASSIGN && task.read ? task.expectedDataSequenceNumber : 0,
          };
    const at = this.writer.begin(0);
    putTaskManagementRequest(this.writer.buffer, at, tag, code, lun, referenced, this.numbers());
    this.send(at, EMPTY_BYTES);
    return tag;
  }

  logout(reason: number, done: (answer: LogoutAnswer) => void): void {
    this.#keepAlive.stop();
    this.#exchanges.logout(reason, this.connectionId, this.expectedStatus, done);
  }

  remove(connectionId: number, expectedStatus: number, done: (answer: LogoutAnswer) => void): void {
    this.#exchanges.logout(REMOVE_FOR_RECOVERY, connectionId, expectedStatus, done);
  }

  get expectedStatus(): number {
    return this.#full?.expectedStatus ?? 0;
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

  placeData(bytes: Uint8Array, at: number, dataBytes: number): Placement | undefined {
    return opcodeOf(bytes, at) === DATA_IN ? this.#full?.place(bytes, at, dataBytes) : undefined;
  }

  handlePdu(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number, placement: Placement | undefined): void {
    this.#keepAlive.heard();
    if (this.#full === undefined) this.#handleLogin(bytes, at, dataAt, dataBytes);
    else this.#full.handlePdu(bytes, at, dataAt, dataBytes, placement);
  }

  handleDataDigestError(bytes: Uint8Array, at: number): void {
    this.#full?.handleDataDigestError(bytes, at);
  }

  handleSkipped(): void {
    this.#full?.within?.handleHeaderDigestError();
  }

  handleFormatError(reason: string, kind: FormatError): void {
    this.fail(kind, `what the target sends can't be understood any further: ${reason}`);
  }

  handleBatchEnd(): void {
    this.#keepAlive.heard();
    if (this.isFull) this.#owner.handleBatchEnd();
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
