/**
 * Recovery within a connection, error recovery levels 1 and 2 (RFC 7143 §7.1.4.1-2, §7.8-9): lost statuses and data are asked for again,
 * commands that did not arrive are sent again, and what comes twice is dropped. It stands between the reader and the connection, which
 * sees statuses in their order and none of the disorder. What it can't mend ends the connection.
 */
import { serialAdd, serialDistance, serialLess } from '../../../../base/serial.ts';
import type { Clock, Nanos, Timer } from '../../../../base/clock.ts';
import { hex } from '../../../../base/bytes.ts';
import {
  BASIC_HEADER_BYTES,
  DATA_IN,
  initiatorTaskTag,
  NOP_IN,
  opcodeName,
  opcodeOf,
  READY_TO_TRANSFER,
  RESERVED_TAG,
  SCSI_RESPONSE,
  statusSequenceNumber,
} from '../../../../wire/iscsi/basic-header.ts';
import { beginRun, SNACK_STATUS, snackType } from '../../../../wire/iscsi/control.ts';
import { bufferOffset, dataSequenceNumber, STATUS_BIT } from '../../../../wire/iscsi/data.ts';
import { expectedDataSequenceNumber } from '../../../../wire/iscsi/scsi-command.ts';
import { commandName } from '../../../../wire/scsi/cdb.ts';
import { type Placement } from '../../pdu-reader.ts';
import { TaskPlacement } from '../data-transfer.ts';
import { initiatorError } from '../errors.ts';
import type { InitiatorTask } from '../task.ts';
import { DataRecovery } from './data-recovery.ts';
import { EarlyArrivals, type Run } from './runs.ts';
import { recoveryOf } from './allegiance.ts';
import type { WithinHost } from './within-types.ts';

export interface WithinLimits {
  /** So long what was asked for is waited for before it is asked for again; a connection may be silent twice as long. */
  readonly resendNanos: Nanos;
  /** How often something is asked for without anything coming of it. */
  readonly resends: number;
}

/** Statuses that may come before their turn, and what they take with their data. */
const HELD_MAX = 4096;
const HELD_BYTES_MAX = 4 * 1024 * 1024;
const RUNS_MAX = 8;
/** Ticks of silence with commands under way before the target is asked what it has received. */
const SILENT_TICKS = 2;

interface HeldStatus {
  /** A copy: the header, and a data segment that goes with the status. */
  readonly bytes: Uint8Array;
  readonly dataAt: number;
  readonly dataBytes: number;
}

export class WithinConnection {
  readonly #host: WithinHost;
  readonly #clock: Clock;
  readonly #limits: WithinLimits;
  readonly #data: DataRecovery;
  readonly #held: EarlyArrivals<HeldStatus>;
  #heldBytes = 0;
  #draining = false;
  #timer: Timer | undefined;
  #heard = true;
  #silentTicks = 0;
  /** A PDU was lost, and nothing tells which. */
  #lost = false;
  /** Something is missing since before the last tick. */
  #waiting = false;
  /** What was missing has begun to come. */
  #progress = false;
  #tries = 0;
  #probeTag = RESERVED_TAG;
  /** The command of ours that ExpCmdSN waited for at the last tick. */
  #awaited: InitiatorTask | undefined;
  /** CmdSN when the probe was sent: commands from there on came later. */
  #probeCommand = 0;

  constructor(host: WithinHost, clock: Clock, limits: WithinLimits) {
    this.#host = host;
    this.#clock = clock;
    this.#limits = limits;
    this.#data = new DataRecovery(host);
    this.#held = new EarlyArrivals(host.expectedStatus);
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  // ---- what the reader brings ----

  place(bytes: Uint8Array, at: number, dataBytes: number): Placement | undefined {
    const task = this.#host.findTask(initiatorTaskTag(bytes, at));
    if (task === undefined || task.answered || this.#data.wrong(task, bytes, at, dataBytes) !== undefined) return undefined;
    // What has come already must not be written over: the command may end before this copy has come whole.
    const number = dataSequenceNumber(bytes, at);
    if (serialLess(number, task.expectedDataSequenceNumber) || task.recovery?.data.has(number) === true) return undefined;
    return new TaskPlacement(task, bufferOffset(bytes, at));
  }

  handlePdu(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number, placement: Placement | undefined): void {
    this.#heard = true;
    const opcode = opcodeOf(bytes, at);
    if (opcode === DATA_IN) return this.#dataIn(bytes, at, dataAt, dataBytes, placement);
    if (opcode === READY_TO_TRANSFER) return this.#data.handleReady(bytes, at);
    if (opcode === NOP_IN) {
      const tag = initiatorTaskTag(bytes, at);
      if (tag === RESERVED_TAG) {
        // RFC 7143 §11.19: its StatSN is the next one, not taken: all before it have been sent.
        const number = statusSequenceNumber(bytes, at);
        if (this.#fits(number)) this.#askStatus(this.#held.tell(this.#host.expectedStatus, number));
        return this.#host.answerNop(bytes, at, bytes.subarray(dataAt, dataAt + dataBytes));
      }
      if (tag === this.#probeTag) this.#probed();
    }
    this.#status(bytes, at, dataAt, dataBytes);
  }

  #dataIn(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number, placement: Placement | undefined): void {
    const task = this.#host.findTask(initiatorTaskTag(bytes, at));
    const hasStatus = (bytes[at + 1]! & STATUS_BIT) !== 0;
    if (task === undefined || task.answered) {
      if (hasStatus && this.#isNew(statusSequenceNumber(bytes, at)))
        return this.#host.fail('tag-unknown', `a Data-In with status for a command that nobody knows`, this.#headerText(bytes, at));
      // A copy of what had come before its command ended.
      this.#host.counters.duplicates += 1;
      return;
    }
    const wrong = this.#data.wrong(task, bytes, at, dataBytes);
    if (wrong !== undefined) return this.#host.fail('data-sequence', `a Data-In for ${commandName(task.cdb)} can't be right: ${wrong}`);
    const filled = this.#data.take(
      task,
      bytes,
      at,
      placement === undefined ? bytes.subarray(dataAt, dataAt + dataBytes) : undefined,
      dataBytes,
    );
    if (filled) this.#progress = true;
    if (hasStatus && this.#host.isFull) this.#status(bytes, at, at + BASIC_HEADER_BYTES, 0);
    if (filled) this.#drain();
  }

  handleDataDigestError(bytes: Uint8Array, at: number): void {
    this.#heard = true;
    const opcode = opcodeOf(bytes, at);
    const { counters } = this.#host;
    counters.dataDigestErrors += 1;
    this.#host.handleDamage(
      initiatorError('data-digest', `a ${opcodeName(opcode)} failed its data digest`, { dump: this.#headerText(bytes, at) }),
    );
    if (opcode === DATA_IN) {
      const task = this.#host.findTask(initiatorTaskTag(bytes, at));
      if (task !== undefined && !task.answered) this.#data.lost(task, dataSequenceNumber(bytes, at));
      return;
    }
    if (opcode === NOP_IN && initiatorTaskTag(bytes, at) === RESERVED_TAG) return;
    // RFC 7143 §7.8: a status is asked for again with a SNACK.
    const number = statusSequenceNumber(bytes, at);
    if (!this.#isNew(number) || !this.#fits(number) || serialLess(number, this.#held.end)) return;
    const before = this.#held.arrive(this.#host.expectedStatus, number);
    this.#askStatus(before === undefined ? [number, 1] : [before[0], before[1] + 1]);
  }

  /** A PDU was skipped whose header can't be read: what it was shows later (RFC 7143 §7.8). */
  handleHeaderDigestError(): void {
    this.#heard = true;
    this.#lost = true;
    this.#host.counters.headerDigestErrors += 1;
    this.#host.handleDamage(initiatorError('header-digest', 'a PDU failed its header digest, and was skipped'));
    this.#data.suspect();
  }

  // ---- statuses ----

  #isNew(number: number): boolean {
    return !serialLess(number, this.#host.expectedStatus) && !this.#held.has(number);
  }

  #fits(number: number): boolean {
    return serialDistance(this.#host.expectedStatus, number) < HELD_MAX;
  }

  /** A PDU with a StatSN of its own: handed on if its turn has come, kept if not. */
  #status(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number): void {
    const number = statusSequenceNumber(bytes, at);
    const due = this.#host.expectedStatus;
    if (!this.#isNew(number)) {
      this.#host.counters.duplicates += 1;
      return;
    }
    if (!this.#fits(number)) {
      const what = opcodeName(opcodeOf(bytes, at));
      return this.#host.fail('status-sequence', `${what} with StatSN ${number} where ${due} was due`, this.#headerText(bytes, at));
    }
    if (serialLess(number, this.#held.end)) {
      this.#host.counters.resentStatuses += 1;
      this.#progress = true;
    }
    this.#askStatus(this.#held.arrive(due, number));
    const early = this.#lacksData(bytes, at);
    if (!this.#host.isFull) return;
    if (number === due && !early && !this.#draining) this.#deliver(bytes, at, dataAt, dataBytes);
    else this.#hold(number, bytes, at, dataAt, dataBytes);
    this.#drain();
  }

  /**
   * Whether data of the command is still missing that this status tells of: acknowledging the status would let the target forget the data
   * (RFC 7143 §4.2.2.2), and so it waits, with all that come after it.
   */
  #lacksData(bytes: Uint8Array, at: number): boolean {
    const opcode = opcodeOf(bytes, at);
    if (opcode !== DATA_IN && opcode !== SCSI_RESPONSE) return false;
    const task = this.#host.findTask(initiatorTaskTag(bytes, at));
    if (task === undefined || task.answered) return false;
    const end = opcode === DATA_IN ? serialAdd(dataSequenceNumber(bytes, at), 1) : expectedDataSequenceNumber(bytes, at);
    return this.#data.lacksBefore(task, end);
  }

  #hold(number: number, bytes: Uint8Array, at: number, dataAt: number, dataBytes: number): void {
    const copy = new Uint8Array(BASIC_HEADER_BYTES + dataBytes);
    copy.set(bytes.subarray(at, at + BASIC_HEADER_BYTES));
    copy.set(bytes.subarray(dataAt, dataAt + dataBytes), BASIC_HEADER_BYTES);
    this.#heldBytes += copy.length;
    if (this.#heldBytes > HELD_BYTES_MAX)
      return this.#host.fail('status-sequence', `StatSN ${this.#host.expectedStatus} is missing, and too much has come after it`);
    this.#held.put(number, { bytes: copy, dataAt: BASIC_HEADER_BYTES, dataBytes });
  }

  /** Hands on what has waited for its turn. */
  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    while (this.#host.isFull) {
      const due = this.#host.expectedStatus;
      const held = this.#held.get(due);
      if (held === undefined || this.#lacksData(held.bytes, 0)) break;
      this.#held.take(due);
      this.#heldBytes -= held.bytes.length;
      this.#deliver(held.bytes, 0, held.dataAt, held.dataBytes);
    }
    this.#draining = false;
  }

  #deliver(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number): void {
    if (opcodeOf(bytes, at) === DATA_IN) this.#host.dispatchDataStatus(bytes, at);
    else this.#host.dispatch(bytes, at, dataAt, dataBytes);
  }

  #askStatus(run: Run | undefined): void {
    if (run === undefined) return;
    this.#host.counters.snacks += 1;
    this.#host.snack(SNACK_STATUS, 0, RESERVED_TAG, RESERVED_TAG, run[0], run[1]);
  }

  // ---- what is not said ----

  #arm(): void {
    this.#timer = this.#clock.after(this.#limits.resendNanos, () => this.#tick());
  }

  #tick(): void {
    this.#arm();
    const { expectedStatus } = this.#host;
    if (this.#waiting) {
      this.#tries = this.#progress ? 0 : this.#tries + 1;
      this.#progress = false;
      if (this.#tries > this.#limits.resends)
        return this.#host.fail('resend-failed', `what was lost did not come again, though it was asked for ${this.#tries} times`);
      for (const run of this.#held.missing(expectedStatus, RUNS_MAX)) this.#askStatus(run);
      this.#data.askAgain();
    }
    this.#waiting = this.#lost || !this.#data.isWhole || this.#held.missing(expectedStatus, 1).length !== 0;
    if (!this.#waiting) this.#tries = 0;
    this.#silentTicks = this.#heard || this.#host.tasks().length === 0 ? 0 : this.#silentTicks + 1;
    this.#heard = false;
    const awaited = this.#host.tasks().find((task) => task.commandSequenceNumber === this.#host.expectedCommand);
    const stuck = awaited !== undefined && awaited === this.#awaited;
    this.#awaited = awaited;
    if (this.#lost || stuck || this.#silentTicks >= SILENT_TICKS) this.#probe();
    if (this.#host.isFull) this.#host.handleBatchEnd();
  }

  /** Asks for a sign of life that shows StatSN and ExpCmdSN: what was sent to us, and what has reached the target. */
  #probe(): void {
    this.#silentTicks = 0;
    this.#probeCommand = this.#host.commandSequenceNumber;
    this.#probeTag = this.#host.probe();
  }

  /**
   * The target has read everything that was sent on this connection before the probe. RFC 7143 §7.2.1: what it has not received of that
   * was lost on the way, and is sent again under its number; that plugs the gap in the order.
   */
  #probed(): void {
    this.#probeTag = RESERVED_TAG;
    this.#lost = false;
    const { expectedCommand } = this.#host;
    if (!serialLess(expectedCommand, this.#probeCommand)) return;
    const task = this.#host.tasks().find((one) => one.commandSequenceNumber === expectedCommand);
    if (task === undefined) return;
    this.retry(task);
    // There may be more gaps behind this one.
    this.#lost = true;
  }

  /** RFC 7143 §7.2.1: the same command with the same numbers, for a target that has not received it. */
  retry(task: InitiatorTask): void {
    const recovery = recoveryOf(task);
    recovery.retries += 1;
    if (recovery.retries > this.#limits.resends)
      return this.#host.fail('resend-failed', `${commandName(task.cdb)} did not reach the target in ${recovery.retries} attempts`);
    this.#host.counters.commandRetries += 1;
    this.#host.handleResend(`${commandName(task.cdb)}, which the target has not received`);
    this.#progress = true;
    this.#host.issueAgain(task);
  }

  /** The target rejected a SNACK. What was asked for twice, or in vain, is no loss. */
  handleRejectedSnack(header: Uint8Array): void {
    const type = snackType(header, 0);
    const needed =
      type === SNACK_STATUS ? this.#held.isMissing(this.#host.expectedStatus, beginRun(header, 0)) : this.#data.isNeeded(header);
    if (needed) this.#host.fail('resend-failed', 'the target does not send again what was lost', hex(header));
  }

  #headerText(bytes: Uint8Array, at: number): string {
    return hex(bytes.subarray(at, at + BASIC_HEADER_BYTES));
  }
}
