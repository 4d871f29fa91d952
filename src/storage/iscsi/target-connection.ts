/** One connection at an iSCSI target: its login, its status numbering, its timers, and its end (RFC 7143 §4.2.2.2, §6.3, §7). */
import type { ByteStream, ByteStreamReceiver } from '../../base/byte-stream.ts';
import { DecodeError } from '../../base/bytes.ts';
import { SECOND, type Timer } from '../../base/clock.ts';
import { serialAdd } from '../../base/serial.ts';
import {
  commandSequenceNumber,
  DATA_OUT,
  initiatorTaskTag,
  LOGIN_REQUEST,
  opcodeOf,
  type TargetNumbers,
} from '../../wire/iscsi/basic-header.ts';
import {
  decodeLoginRequest,
  describeLoginStatus,
  encodeLoginResponse,
  type LoginRequest,
  type LoginStatus,
} from '../../wire/iscsi/login.ts';
import { encodeSenseFor } from '../scsi/sense-format.ts';
import type { DatamoverSink } from './datamover.ts';
import {
  answersLetGo,
  connectionFailed,
  headerDigestError,
  loginParameters,
  loginRefused,
  loginStage,
  loginTimedOut,
  peerSilent,
  stageName,
} from './events.ts';
import { FullFeature } from './full-feature.ts';
import { KeptAnswers } from './kept-answers.ts';
import {
  type Admission,
  type Completion,
  type LoginIdentity,
  type LoginReply,
  type LoginResult,
  type LoginSink,
  TargetLogin,
} from './login-target.ts';
import { type NumberSource, PduDatamover } from './pdu-datamover.ts';
import type { Placement } from './pdu-reader.ts';
import type { TargetCommand } from './target-command.ts';
import type { Portal, TargetContext } from './target-context.ts';
import type { TargetSession } from './target-session.ts';

/** RFC 7143 §6.3: the data segment of a login PDU holds 8192 bytes at most, whatever is agreed on later. */
const LOGIN_SEGMENT_BYTES_MAX = 8192;

interface MutableNumbers extends TargetNumbers {
  statusSequenceNumber: number;
  expectedCommandSequenceNumber: number;
  maxCommandSequenceNumber: number;
}

export class TargetConnection implements DatamoverSink, NumberSource, LoginSink {
  readonly portal: Portal;
  readonly #context: TargetContext;
  readonly #datamover: PduDatamover;
  readonly #login: TargetLogin;
  readonly #onLoginEnd: (connection: TargetConnection) => void;
  readonly #numbers: MutableNumbers = { statusSequenceNumber: 1, expectedCommandSequenceNumber: 0, maxCommandSequenceNumber: 0 };
  #identity: LoginIdentity | undefined;
  #joined: TargetSession | undefined;
  #full: FullFeature | undefined;
  #timer: Timer | undefined;
  #heard = true;
  #pingTag = 0;
  #over = false;

  /** `onLoginEnd` runs once, when the login is over, one way or the other. */
  constructor(context: TargetContext, portal: Portal, onLoginEnd: (connection: TargetConnection) => void) {
    this.#context = context;
    this.portal = portal;
    this.#onLoginEnd = onLoginEnd;
    this.#login = new TargetLogin(this, context.rng);
    this.#datamover = new PduDatamover(this, this, context.staging, senseOf, context.counters);
  }

  get receiver(): ByteStreamReceiver {
    return this.#datamover.receiver;
  }

  get remote(): string {
    return this.#datamover.remote;
  }

  /** The byte stream whose receiver is `receiver`; given once, before anything arrives. */
  attach(stream: ByteStream): void {
    this.#datamover.attach(stream, () => this.#full?.relax());
    this.#context.counters.connections += 1;
    this.#timer = this.#context.clock.after(this.#context.limits.loginTimeoutNanos, () => this.#loginTimeout());
  }

  close(gracefully: boolean): void {
    this.#datamover.terminate(gracefully);
  }

  requestLogout(seconds: number): void {
    if (this.#full === undefined) this.close(true);
    else this.#full.requestLogout(seconds);
  }

  #loginTimeout(): void {
    if (this.#full !== undefined || this.#over) return;
    this.#context.counters.loginsTimedOut += 1;
    const seconds = this.#context.limits.loginTimeoutNanos / SECOND;
    loginTimedOut(this.#context.events, this.remote, { remote: this.remote, seconds });
    this.close(false);
  }

  // ---- numbers ----

  numbers(): TargetNumbers {
    const session = this.#full?.session;
    if (session !== undefined) {
      this.#numbers.expectedCommandSequenceNumber = session.expectedCommandSequenceNumber;
      this.#numbers.maxCommandSequenceNumber = session.maxCommandSequenceNumber;
    }
    return this.#numbers;
  }

  takeStatusNumber(): number {
    const taken = this.#numbers.statusSequenceNumber;
    this.#numbers.statusSequenceNumber = serialAdd(taken, 1);
    return taken;
  }

  // ---- what the datamover brings ----

  handleControl(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number, placement: Placement | undefined): void {
    this.#heard = true;
    if (this.#full !== undefined) this.#full.handleControl(bytes, at, dataAt, dataBytes, placement);
    else this.#handleLogin(bytes, at, dataAt, dataBytes);
  }

  #handleLogin(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number): void {
    // RFC 7143 §6.3: nothing but login PDUs before the full feature phase; anything else ends the connection.
    if (opcodeOf(bytes, at) !== LOGIN_REQUEST) return this.#lost('a PDU other than a login request before the login');
    let request: LoginRequest;
    try {
      request = decodeLoginRequest(bytes, at);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return this.#lost(error.message);
    }
    this.#numbers.expectedCommandSequenceNumber = commandSequenceNumber(bytes, at);
    this.#numbers.maxCommandSequenceNumber = commandSequenceNumber(bytes, at);
    this.#login.handle(request, bytes[at + 3]!, bytes.subarray(dataAt, dataAt + dataBytes));
  }

  findCommand(taskTag: number): TargetCommand | undefined {
    const command = this.#full?.session.commands.get(taskTag);
    // RFC 7143 §4.2.2.1: a command's data comes on the connection that brought the command.
    return command?.owner === this.#full ? command : undefined;
  }

  holdData(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number): boolean {
    return this.#full?.session.holdData(this.#full, bytes, at, dataAt, dataBytes) ?? false;
  }

  placeImmediate(bytes: Uint8Array, at: number, dataBytes: number): Placement | undefined {
    return this.#full?.placeImmediate(bytes, at, dataBytes);
  }

  handleDataError(command: TargetCommand | undefined, bytes: Uint8Array, at: number, reason: string): void {
    if (this.#full === undefined) this.#lost('data before the login');
    else this.#full.handleDataError(command, bytes, at, reason);
  }

  handleDataDigestError(bytes: Uint8Array, at: number): void {
    // Of a command PDU, the tag is one nobody has heard of, or (a retry) that of a command which has lost nothing.
    const command = opcodeOf(bytes, at) === DATA_OUT ? this.findCommand(initiatorTaskTag(bytes, at)) : undefined;
    this.#full?.handleDataDigestError(bytes, at, command);
  }

  handleHeaderDigestError(): void {
    this.#context.counters.headerDigestErrors += 1;
    headerDigestError(this.#context.events, this.remote, { remote: this.remote });
  }

  handleBatchEnd(): void {
    this.#heard = true;
  }

  handleTerminated(reason: string | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    if (this.#full === undefined) {
      if (reason !== undefined) connectionFailed(this.#context.events, this.remote, { remote: this.remote, reason });
      if (this.#joined === undefined) this.#onLoginEnd(this);
      return;
    }
    this.#full.over();
    const { session } = this.#full;
    if (session.connections.get(this.#full.connectionId) !== this.#full) return;
    if (reason !== undefined) connectionFailed(this.#context.events, this.remote, { remote: this.remote, reason });
    session.lose(this.#full, reason ?? 'the initiator closed the connection without a logout');
  }

  /** The peer did something that leaves nothing to talk about. */
  #lost(reason: string): void {
    this.#context.counters.formatErrors += 1;
    connectionFailed(this.#context.events, this.remote, { remote: this.remote, reason });
    this.close(false);
  }

  // ---- login ----

  admit(identity: LoginIdentity): Admission {
    this.#identity = identity;
    return this.#context.admit(identity, this.portal);
  }

  complete(result: LoginResult, done: (completion: Completion) => void): void {
    this.#context.join(result, this.portal, this.remote, (joined) => {
      if ('status' in joined) return done(joined);
      if (this.#over) return joined.session.end('its connection was lost during the login', undefined);
      this.#joined = joined.session;
      done({ tsih: joined.session.tsih });
    });
  }

  respond(reply: LoginReply): void {
    if (reply.transit) {
      const [from, to] = [stageName(reply.request.currentStage), stageName(reply.nextStage)];
      loginStage(this.#context.events, this.remote, { remote: this.remote, initiator: this.#identity?.initiatorName ?? '', from, to });
    }
    const at = this.#datamover.beginControl(reply.text.length);
    encodeLoginResponse(
      {
        transit: reply.transit,
        continues: false,
        currentStage: reply.request.currentStage,
        nextStage: reply.nextStage,
        isid: reply.request.isid,
        tsih: reply.tsih,
        initiatorTaskTag: reply.request.initiatorTaskTag,
        ...this.#loginNumbers(),
        statusClass: reply.status >>> 8,
        statusDetail: reply.status & 0xff,
      },
      Math.min(reply.text.length, LOGIN_SEGMENT_BYTES_MAX),
      this.#datamover.buffer,
      at,
    );
    this.takeStatusNumber();
    this.#datamover.sendControl(at, reply.text);
  }

  /** In the final response of a login the window is the session's; before, there is just this request. */
  #loginNumbers(): TargetNumbers {
    const session = this.#joined;
    if (session === undefined) return this.#numbers;
    return {
      statusSequenceNumber: this.#numbers.statusSequenceNumber,
      expectedCommandSequenceNumber: session.expectedCommandSequenceNumber,
      maxCommandSequenceNumber: session.maxCommandSequenceNumber,
    };
  }

  failed(status: LoginStatus, reason: string): void {
    this.#context.counters.loginsRefused += 1;
    loginRefused(this.#context.events, this.remote, {
      remote: this.remote,
      initiator: this.#identity?.initiatorName ?? 'an unnamed initiator',
      target: this.#identity?.targetName || 'discovery',
      status: describeLoginStatus(status),
      reason,
    });
    this.close(true);
  }

  succeeded(result: LoginResult): void {
    const session = this.#joined!;
    const { connectionId } = result.request;
    this.#timer?.cancel();
    this.#context.counters.logins += 1;
    loginParameters(this.#context.events, this.remote, { remote: this.remote, connectionId, tsih: session.tsih, ...result.parameters });
    this.#datamover.enable(result.parameters, this.#keeps(result.parameters.errorRecoveryLevel));
    this.#full = new FullFeature(this.#context, session, connectionId, result.parameters, this.#datamover, this);
    session.enter(this.#full, result.expectedStatusSequenceNumber);
    this.#onLoginEnd(this);
    this.#watch();
  }

  /** What error recovery level 1 is about: what was sent and may be asked for again. */
  #keeps(errorRecoveryLevel: number): KeptAnswers | undefined {
    if (errorRecoveryLevel === 0) return undefined;
    const { counters, events, keptBytes, limits } = this.#context;
    let told = false;
    return new KeptAnswers(keptBytes, limits.keptAnswers, () => {
      counters.answersLetGo += 1;
      if (!told) answersLetGo(events, this.remote, { remote: this.remote, keptBytes: keptBytes.usedBytes });
      told = true;
    });
  }

  /** Dead peer detection: silence for one interval brings a NOP-In, silence for another the end. */
  #watch(): void {
    const { pingAfterNanos, pingTimeoutNanos } = this.#context.limits;
    if (pingAfterNanos === 0) return;
    this.#heard = false;
    this.#timer = this.#context.clock.after(pingAfterNanos, () => {
      if (this.#heard || this.#full!.busy) return this.#watch();
      this.#pingTag = this.#pingTag === 0x7fffffff ? 1 : this.#pingTag + 1;
      this.#full!.ping(this.#pingTag);
      this.#timer = this.#context.clock.after(pingTimeoutNanos, () => {
        if (this.#heard || this.#full!.busy) return this.#watch();
        peerSilent(this.#context.events, this.remote, { remote: this.remote, seconds: pingTimeoutNanos / SECOND });
        this.#datamover.terminate(false);
      });
    });
  }
}

const senseOf = (command: TargetCommand): Uint8Array | undefined =>
  command.sense === undefined ? undefined : encodeSenseFor(command.unit, command.sense);
