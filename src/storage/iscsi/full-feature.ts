/** The full feature phase of one connection at a target (RFC 7143 §4.2, §11.3-11.19): requests in, answers through the Datamover. */
import { DecodeError } from '../../base/bytes.ts';
import {
  additionalHeadersBytes,
  BASIC_HEADER_BYTES,
  commandSequenceNumber,
  initiatorTaskTag,
  isFinal,
  isImmediate,
  LOGOUT_REQUEST,
  NOP_OUT,
  opcodeName,
  opcodeOf,
  RESERVED_TAG,
  SCSI_COMMAND,
  SNACK_REQUEST,
  TASK_MANAGEMENT_REQUEST,
  type TargetNumbers,
  TEXT_REQUEST,
} from '../../wire/iscsi/basic-header.ts';
import {
  ASYNC_CONNECTION_DROPPED,
  ASYNC_LOGOUT_REQUESTED,
  LOGOUT_SUCCESS,
  logoutReason,
  managementFunction,
  putAsyncMessage,
  putLogoutResponse,
  putNopIn,
  putReject,
  putTaskManagementResponse,
  putTextResponse,
  FUNCTION_COMPLETE,
  FUNCTION_REJECTED,
  REJECT_COMMAND_NOT_SUPPORTED,
  REJECT_DATA_DIGEST,
  REJECT_INVALID_PDU_FIELD,
  REJECT_PROTOCOL_ERROR,
  REJECT_SNACK,
  REMOVE_FOR_RECOVERY,
  TARGET_COLD_RESET,
} from '../../wire/iscsi/control.ts';
import { getLun } from '../../wire/iscsi/lun.ts';
import { decodeAdditionalHeaders, expectedTransferBytes, expectsRead, expectsWrite, taskAttribute } from '../../wire/iscsi/scsi-command.ts';
import { TRANSFER_BYTES_MAX } from '../scsi/logical-unit.ts';
import type { Datamover } from './datamover.ts';
import { dataAskedAgain, dataDigestError, pduRejected, sentAgain, taskManaged, taskReassigned } from './events.ts';
import type { KeptAnswer, KeptAnswers } from './kept-answers.ts';
import { logOut } from './logout.ts';
import type { Parameters } from './parameters.ts';
import type { NumberSource } from './pdu-datamover.ts';
import type { Placement } from './pdu-reader.ts';
import { malformedCommand } from './malformed-command.ts';
import { RecoveryWatch, type WatchedConnection } from './recovery-watch.ts';
import { answerSnack } from './snack.ts';
import { Staging } from './staging.ts';
import { type DataOutError, TargetCommand } from './target-command.ts';
import type { TargetContext } from './target-context.ts';
import type { SessionConnection, TargetSession } from './target-session.ts';
import { manageTasks, managementFunctionName } from './task-management.ts';
import { answerText, type Discover } from './target-text.ts';
import { TextExchange } from './text-exchange.ts';

export class FullFeature implements SessionConnection, WatchedConnection {
  readonly connectionId: number;
  /** What this connection agreed on; the session-wide keys are the session's. */
  readonly parameters: Parameters;
  readonly session: TargetSession;
  readonly #context: TargetContext;
  readonly #datamover: Datamover;
  readonly #numbers: NumberSource;
  readonly #text: TextExchange;
  #immediateCommands = 0;
  /** Task management functions that wait for commands to come to rest. */
  #managing = 0;
  #promisedBytes = 0;
  #paused = false;
  /** Immediate data that is being placed for a command which is not there yet. */
  #arriving: Staging | undefined;
  #waitingForLogout = false;
  /** From error recovery level 1 on. */
  readonly #watch: RecoveryWatch | undefined;
  #solicitations = 0x80000000;

  constructor(
    context: TargetContext,
    session: TargetSession,
    connectionId: number,
    parameters: Parameters,
    datamover: Datamover,
    numbers: NumberSource,
  ) {
    this.parameters = parameters;
    this.#context = context;
    this.session = session;
    this.connectionId = connectionId;
    this.#datamover = datamover;
    this.#numbers = numbers;
    this.#text = new TextExchange((pairs) => answerText(pairs, session.identity, this.parameters, this.#discover));
    if (datamover.kept !== undefined) {
      const { clock, limits } = context;
      this.#watch = new RecoveryWatch(clock, limits.recoveryTimeoutNanos, this, datamover, session.commands);
    }
  }

  get remote(): string {
    return this.#datamover.remote;
  }

  close(gracefully: boolean): void {
    this.#datamover.terminate(gracefully);
  }

  readonly #discover: Discover = (only) => this.#context.discover(this.session.identity.initiatorName, only, this.#datamover.local);

  /** The connection is gone: what was arriving will not come. */
  over(): void {
    this.#watch?.stop();
    this.#dropArriving();
  }

  #dropArriving(): void {
    this.#arriving?.release();
    this.#arriving = undefined;
  }

  placeImmediate(_bytes: Uint8Array, _at: number, dataBytes: number): Placement | undefined {
    if (dataBytes > this.parameters.firstBurstBytes) return undefined;
    const chunks = Staging.chunksFor(dataBytes);
    this.#context.staging.reserveUnasked(chunks);
    this.#arriving = new Staging(this.#context.staging, chunks);
    return this.#arriving;
  }

  /** Any PDU of the initiator but Data-Out. */
  handleControl(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number, placement: Placement | undefined): void {
    this.#arriving = undefined; // from here on it belongs to the PDU
    const opcode = opcodeOf(bytes, at);
    if (
      opcode === SCSI_COMMAND ||
      opcode === NOP_OUT ||
      opcode === TASK_MANAGEMENT_REQUEST ||
      opcode === TEXT_REQUEST ||
      opcode === LOGOUT_REQUEST
    ) {
      // RFC 7143 §4.2.2.1: an immediate request takes no place in the order.
      if (isImmediate(bytes, at)) this.process(bytes, at, dataAt, dataBytes, placement);
      else this.session.order(this, commandSequenceNumber(bytes, at), bytes, at, dataAt, dataBytes, placement);
      this.#holdBack();
      return;
    }
    if (opcode === SNACK_REQUEST) this.#snack(bytes, at);
    else this.reject(bytes, at, REJECT_COMMAND_NOT_SUPPORTED, 'an opcode that has no place in the full feature phase');
    this.#holdBack();
  }

  process(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number, placement: Placement | undefined): void {
    const opcode = opcodeOf(bytes, at);
    if (opcode === SCSI_COMMAND) return this.#scsiCommand(bytes, at, dataAt, dataBytes, placement);
    if (placement instanceof Staging) placement.release();
    if (opcode === NOP_OUT) this.#nopOut(bytes, at, dataAt, dataBytes);
    else if (opcode === TASK_MANAGEMENT_REQUEST) this.#taskManagement(bytes, at);
    else if (opcode === TEXT_REQUEST) this.#textRequest(bytes, at, dataAt, dataBytes);
    else if (opcode === LOGOUT_REQUEST) this.#logout(bytes, at);
  }

  receiveData(bytes: Uint8Array, dataAt: number, dataBytes: number): void {
    this.#datamover.receiveData(bytes, dataAt, dataBytes);
  }

  // ---- SCSI commands ----

  #scsiCommand(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number, placement: Placement | undefined): void {
    const hasRoom = this.#immediateCommands < this.#context.limits.immediateCommands;
    const wrong = malformedCommand(this.session, this.parameters, this.#datamover.kept, hasRoom, bytes, at, dataBytes);
    if (wrong !== undefined) {
      if (placement instanceof Staging) placement.release();
      return this.reject(bytes, at, wrong[0], wrong[1]);
    }
    const immediate = isImmediate(bytes, at);
    let cdb: Uint8Array;
    let bidirectionalReadBytes = 0;
    if (additionalHeadersBytes(bytes, at) === 0) cdb = bytes.slice(at + 32, at + 48);
    else {
      try {
        const additional = decodeAdditionalHeaders(bytes, at);
        cdb = additional.extendedCdb ?? bytes.slice(at + 32, at + 48);
        bidirectionalReadBytes = additional.bidirectionalReadBytes ?? 0;
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        if (placement instanceof Staging) placement.release();
        return this.reject(bytes, at, REJECT_INVALID_PDU_FIELD, error.message);
      }
    }
    const write = expectsWrite(bytes, at);
    const transferBytes = expectedTransferBytes(bytes, at);
    const lun = getLun(bytes, at + 8);
    const device = this.session.device!;
    const unit = device.units.get(lun);
    const command = new TargetCommand(
      this,
      (unit === undefined ? undefined : this.session.link(lun)) ?? device.absentLink(this.session.nexus),
      unit,
      cdb,
      taskAttribute(bytes, at)!,
      write ? transferBytes : 0,
      write ? bidirectionalReadBytes : expectsRead(bytes, at) ? transferBytes : 0,
      lun,
      initiatorTaskTag(bytes, at),
      commandSequenceNumber(bytes, at),
      immediate,
    );
    this.session.add(command);
    if (immediate) this.#immediateCommands += 1;
    command.receivedBytes = dataBytes;
    command.unsolicitedOpen = write && !isFinal(bytes, at);
    if (placement instanceof Staging) command.staging = placement;
    else if (dataBytes !== 0) command.immediateView = bytes.subarray(dataAt, dataAt + dataBytes);
    device.execute(unit, command);
    if (command.finished || command.aborted) return;
    if (command.immediateView !== undefined) this.#keepImmediate(command);
    command.promisedBytes = Math.min(command.dataInLimitBytes, TRANSFER_BYTES_MAX);
    this.#promisedBytes += command.promisedBytes;
  }

  #keepImmediate(command: TargetCommand): void {
    if (command.wantedBytes >= 0 && command.receivedBytes >= command.wantedBytes && !command.unsolicitedOpen) {
      command.immediateView = undefined; // handed over, and taken: it is only the receive buffer's now
      return;
    }
    const chunks = Staging.chunksFor(command.immediateView!.length);
    this.#context.staging.reserveUnasked(chunks);
    command.keepImmediate(new Staging(this.#context.staging, chunks));
  }

  startDataOut(command: TargetCommand): void {
    if (command.dataOutError !== undefined) return command.fail('ABORTED COMMAND', command.dataOutError);
    this.#datamover.getData(command);
    this.relax();
  }

  resumeDataOut(command: TargetCommand): void {
    this.#datamover.resumeData(command);
  }

  stopDataOut(command: TargetCommand): void {
    this.#datamover.forget(command);
  }

  deliver(command: TargetCommand): void {
    this.session.counters.readBytes += command.dataInBytes;
    this.session.counters.writtenBytes += command.dataOutBytes;
    this.session.remove(command);
    this.#datamover.putDataAndStatus(command);
  }

  cleanUp(command: TargetCommand): void {
    this.session.remove(command);
    if (command.immediate) this.#immediateCommands -= 1;
    if (command.staging !== undefined || command.outstanding.length !== 0 || command.cancelReservation !== undefined)
      this.#datamover.forget(command);
    if (command.promisedBytes === 0) return;
    this.#promisedBytes -= command.promisedBytes;
    command.promisedBytes = 0;
    this.relax();
  }

  /** A Data-Out broke the rules: its command fails, and the rest of its data is dropped (RFC 7143 §7.9, §11.4.7.2). */
  handleDataError(command: TargetCommand | undefined, bytes: Uint8Array, at: number, reason: string): void {
    pduRejected(this.#context.events, this.remote, { remote: this.remote, pdu: opcodeName(opcodeOf(bytes, at)), reason });
    if (command !== undefined) this.#failData(command, 'DATA_PHASE_ERROR');
  }

  /** A command that waits for data fails; one that has not asked yet fails when it does; one that has all of it goes on undisturbed. */
  #failData(command: TargetCommand, code: DataOutError): void {
    if (command.finished || command.aborted) return;
    if (command.receiving) command.fail('ABORTED COMMAND', code);
    else if (command.wantedBytes === -1) command.dataOutError = code;
  }

  handleDataDigestError(bytes: Uint8Array, at: number, command: TargetCommand | undefined): void {
    this.#dropArriving();
    this.#context.counters.dataDigestErrors += 1;
    dataDigestError(this.#context.events, this.remote, { remote: this.remote, pdu: opcodeName(opcodeOf(bytes, at)) });
    this.reject(bytes, at, REJECT_DATA_DIGEST, 'its data digest is wrong');
    this.#holdBack();
    if (command === undefined) return;
    // RFC 7143 §7.8, §11.4.7.2: without recovery the command ends with ABORTED COMMAND, protocol service CRC error.
    if (this.#datamover.kept === undefined) this.#failData(command, 'PROTOCOL_SERVICE_CRC_ERROR');
    else if (!command.finished && !command.aborted) this.#datamover.recoverData(command, bytes, at);
  }

  // ---- error recovery ----

  get kept(): KeptAnswers | undefined {
    return this.#datamover.kept;
  }

  #snack(bytes: Uint8Array, at: number): void {
    const { kept } = this.#datamover;
    if (kept === undefined) return this.reject(bytes, at, REJECT_SNACK, 'no SNACK at error recovery level 0');
    this.#context.counters.snacks += 1;
    const command = this.session.commands.get(initiatorTaskTag(bytes, at));
    const own = command?.owner === this ? command : undefined;
    const outcome = answerSnack(this.#datamover, kept, own, this.#numbers.numbers().statusSequenceNumber, bytes, at);
    if (outcome === undefined) return;
    if ('reason' in outcome) return this.reject(bytes, at, outcome.reason, outcome.words);
    sentAgain(this.#context.events, this.remote, { remote: this.remote, what: outcome.resent });
  }

  acknowledge(expectedStatus: number): void {
    this.#datamover.kept?.acknowledge(expectedStatus, this.#numbers.numbers().statusSequenceNumber);
  }

  park(): void {
    this.over();
    this.#datamover.park();
  }

  discard(): void {
    this.#watch?.stop();
    this.#datamover.kept?.close();
  }

  adopt(command: TargetCommand, expectedData: number): void {
    command.owner.disown(command);
    command.owner = this;
    if (command.immediate) this.#immediateCommands += 1;
    this.#promisedBytes += command.promisedBytes;
    // RFC 7143 §7.2.2: a SNACK Tag does not outlive its connection.
    if (command.recovery !== undefined) command.recovery.snackTag = 0;
    this.#reassigned(command.initiatorTaskTag);
    this.#datamover.adoptData(command, expectedData);
  }

  disown(command: TargetCommand): void {
    if (command.immediate) this.#immediateCommands -= 1;
    this.#promisedBytes -= command.promisedBytes;
  }

  giveAgain(answer: KeptAnswer, expectedData: number): void {
    this.#reassigned(initiatorTaskTag(answer.header, 0));
    this.#datamover.giveAgain(answer, expectedData);
  }

  #reassigned(taskTag: number): void {
    this.#context.counters.tasksReassigned += 1;
    taskReassigned(this.#context.events, this.remote, { remote: this.remote, taskTag, connectionId: this.connectionId });
  }

  dataAskedAgain({ initiatorTaskTag: taskTag }: TargetCommand, bytes: number): void {
    dataAskedAgain(this.#context.events, this.remote, { remote: this.remote, taskTag, bytes });
  }

  dataNeverCame(command: TargetCommand): void {
    this.#failData(command, 'PROTOCOL_SERVICE_CRC_ERROR');
  }

  solicit(): void {
    this.#solicitations = this.#solicitations === 0xfffffffe ? 0x80000000 : this.#solicitations + 1;
    this.ping(this.#solicitations);
    this.#datamover.flush();
  }

  announceDropped(connectionId: number): void {
    const { time2WaitSeconds, time2RetainSeconds } = this.session;
    this.#tell(ASYNC_CONNECTION_DROPPED, [connectionId, time2WaitSeconds, time2RetainSeconds]);
  }

  // ---- flow ----

  /** What the peer says goes unheard because of work of ours, and not because it does not read what we send. */
  get busy(): boolean {
    return this.#paused && this.#datamover.pendingBytes === 0;
  }

  #holdBack(): void {
    if (this.#paused || !this.#overloaded(this.#context.limits.sendBacklogBytes)) return;
    this.#paused = true;
    this.#datamover.pause();
  }

  /** Promised data-in counts, unless the data-out of a command is awaited: what was promised may come behind that command only. */
  #overloaded(limitBytes: number): boolean {
    const { pendingBytes } = this.#datamover;
    if (pendingBytes > limitBytes) return true;
    return pendingBytes + this.#promisedBytes > limitBytes && !this.#awaitsDataOut();
  }

  #awaitsDataOut(): boolean {
    for (const command of this.session.commands.values()) {
      if (command.owner === this && (command.unsolicitedOpen || command.receivedBytes < command.wantedBytes)) return true;
    }
    return false;
  }

  /** Something has left or ended: goes on taking commands when half of the backlog is gone. */
  relax(): void {
    if (!this.#paused || this.#overloaded(this.#context.limits.sendBacklogBytes / 2)) return;
    this.#paused = false;
    this.#datamover.resume();
  }

  // ---- the other requests ----

  #nopOut(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number): void {
    const taskTag = initiatorTaskTag(bytes, at);
    if (taskTag === RESERVED_TAG) return; // RFC 7143 §11.18.1: the answer to our ping, or a mere CmdSN report
    // RFC 7143 §11.19: as much of the ping data as the initiator takes back in one segment.
    const echoBytes = Math.max(0, Math.min(dataBytes, this.parameters.sendSegmentBytesMax));
    const echo = dataAt === -1 ? undefined : bytes.slice(dataAt, dataAt + echoBytes);
    this.#answer(echo, (out, to, numbers) => putNopIn(out, to, taskTag, RESERVED_TAG, echo?.length ?? 0, numbers));
  }

  /** Writes a PDU that takes a StatSN, with its data segment. */
  #answer(data: Uint8Array | undefined, put: (out: Uint8Array, at: number, numbers: TargetNumbers) => void): void {
    const at = this.#datamover.beginControl(data?.length ?? 0);
    put(this.#datamover.buffer, at, this.#numbers.numbers());
    this.#numbers.takeStatusNumber();
    this.#datamover.sendControl(at, data);
  }

  /** Asks a silent initiator for a sign of life. RFC 7143 §11.19.1: the LUN field must be right for the tag; 0 always is. */
  ping(transferTag: number): void {
    const out = this.#datamover.beginControl(0);
    putNopIn(this.#datamover.buffer, out, RESERVED_TAG, transferTag, 0, this.#numbers.numbers());
    this.#datamover.sendControl(out, undefined);
  }

  #taskManagement(bytes: Uint8Array, at: number): void {
    const taskTag = initiatorTaskTag(bytes, at);
    const code = managementFunction(bytes, at);
    // Immediate requests have no window to hold them back.
    if (this.#managing >= this.#context.limits.immediateCommands) return this.#answerManagement(taskTag, code, FUNCTION_REJECTED);
    this.#managing += 1;
    manageTasks(this.session, this, bytes, at, (response) => {
      this.#managing -= 1;
      this.#answerManagement(taskTag, code, response);
    });
  }

  #answerManagement(taskTag: number, code: number, response: number): void {
    this.#answer(undefined, (out, at, numbers) => putTaskManagementResponse(out, at, taskTag, response, numbers));
    taskManaged(this.#context.events, this.remote, {
      remote: this.remote,
      function: managementFunctionName(code),
      response: `response ${response}`,
    });
    if (code === TARGET_COLD_RESET && response === FUNCTION_COMPLETE) {
      this.#datamover.flush();
      this.#context.closeSessions(this.session, 'a target cold reset');
    }
  }

  #textRequest(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number): void {
    const text = bytes.subarray(dataAt, dataAt + dataBytes);
    const outcome = this.#text.handle(bytes, at, text, this.parameters.sendSegmentBytesMax);
    if ('rejected' in outcome) return this.reject(bytes, at, REJECT_PROTOCOL_ERROR, outcome.rejected);
    const { taskTag, transferTag, final, continues } = outcome;
    this.#answer(outcome.text, (out, to, numbers) =>
      putTextResponse(out, to, taskTag, transferTag, final, continues, outcome.text.length, numbers),
    );
  }

  #logout(bytes: Uint8Array, at: number): void {
    const { response, afterwards } = logOut(this.session, this, bytes, at);
    // RFC 7143 §11.15.3-4: how long the tasks wait for their reassignment; 0 says that nothing does.
    const recovers = response === LOGOUT_SUCCESS && logoutReason(bytes, at) === REMOVE_FOR_RECOVERY;
    const { time2WaitSeconds, time2RetainSeconds } = this.session;
    const [wait, retain] = recovers ? [time2WaitSeconds, time2RetainSeconds] : [0, 0];
    const taskTag = initiatorTaskTag(bytes, at);
    this.#answer(undefined, (out, to, numbers) => putLogoutResponse(out, to, taskTag, response, wait, retain, numbers));
    afterwards();
  }

  /** Asks the initiator to log out within `seconds` (RFC 7143 §11.9.1, event 1). */
  requestLogout(seconds: number): void {
    if (this.#waitingForLogout) return;
    this.#waitingForLogout = true;
    this.#tell(ASYNC_LOGOUT_REQUESTED, [0, 0, seconds]);
  }

  #tell(event: number, parameters: readonly [number, number, number]): void {
    this.#answer(undefined, (out, at, numbers) => putAsyncMessage(out, at, event, parameters, numbers));
    this.#datamover.flush();
  }

  reject(bytes: Uint8Array, at: number, reason: number, words: string): void {
    this.#context.counters.rejects += 1;
    pduRejected(this.#context.events, this.remote, { remote: this.remote, pdu: opcodeName(opcodeOf(bytes, at)), reason: words });
    const header = bytes.slice(at, at + BASIC_HEADER_BYTES);
    this.#answer(header, (out, to, numbers) => putReject(out, to, reason, header.length, numbers));
  }
}
