/**
 * Data-In and Ready To Transfers that were lost within a connection (RFC 7143 §7.1.4.1, §7.8, §7.9): gaps are asked for with a SNACK,
 * data is placed by its offset as it comes, and Ready To Transfers wait until those before them are there.
 */
import { be32 } from '../../../../base/bytes.ts';
import { serialAdd, serialDistance, serialLess } from '../../../../base/serial.ts';
import { BASIC_HEADER_BYTES, initiatorTaskTag, RESERVED_TAG } from '../../../../wire/iscsi/basic-header.ts';
import { SNACK_DATA_ACK, SNACK_DATA_OR_R2T } from '../../../../wire/iscsi/control.ts';
import { asksAcknowledgement, bufferOffset, dataSequenceNumber, targetTransferTag } from '../../../../wire/iscsi/data.ts';
import { getLun } from '../../../../wire/iscsi/lun.ts';
import { commandName } from '../../../../wire/scsi/cdb.ts';
import type { InitiatorTask } from '../task.ts';
import type { EarlyArrivals, Run } from './runs.ts';
import { recoveryOf } from './allegiance.ts';
import type { WithinHost } from './within-types.ts';

/** Data-In of one command that may come before their turn: as many as 16 MiB in the shortest segments are. */
const DATA_AHEAD_MAX = 32_768;
/** Ready To Transfers likewise; more are never outstanding (RFC 7143 §13.17: we agree on far fewer). */
const READY_AHEAD_MAX = 64;
/** Runs that one round asks for. */
const RUNS_MAX = 8;

export class DataRecovery {
  readonly #host: WithinHost;
  /** Tasks of which something is missing. */
  readonly #damaged = new Set<InitiatorTask>();
  /** Writes that may wait for a Ready To Transfer that was lost, by the R2TSN that would be next. */
  readonly #suspects = new Map<InitiatorTask, number>();

  constructor(host: WithinHost) {
    this.#host = host;
  }

  get isWhole(): boolean {
    return this.#damaged.size === 0;
  }

  // ---- Data-In ----

  /** Why the data can't be right; undefined if it can. */
  wrong(task: InitiatorTask, bytes: Uint8Array, at: number, dataBytes: number): string | undefined {
    const offset = bufferOffset(bytes, at);
    const ahead = serialDistance(task.expectedDataSequenceNumber, dataSequenceNumber(bytes, at));
    if (offset + dataBytes > task.dataInBytes) return `data up to ${offset + dataBytes}, of ${task.dataInBytes}`;
    if (ahead >= DATA_AHEAD_MAX) return `DataSN ${dataSequenceNumber(bytes, at)} where ${task.expectedDataSequenceNumber} was due`;
    if (ahead === 0 && offset !== task.receivedBytes) return `Buffer Offset ${offset} where ${task.receivedBytes} was due`;
    return undefined;
  }

  /** Takes a Data-In whose data stands in the task's buffer, or goes there now; true if it was known to be missing. */
  take(task: InitiatorTask, bytes: Uint8Array, at: number, data: Uint8Array | undefined, dataBytes: number): boolean {
    const number = dataSequenceNumber(bytes, at);
    const expected = task.expectedDataSequenceNumber;
    const { counters } = this.#host;
    const again = task.recovery?.data;
    if (serialLess(number, expected) || again?.has(number) === true) {
      counters.duplicates += 1;
      this.#acknowledge(task, bytes, at);
      return false;
    }
    const offset = bufferOffset(bytes, at);
    if (data !== undefined) task.dataIn.set(data, offset);
    const missed = again !== undefined && serialLess(number, again.end);
    if (missed) counters.resentData += 1;
    if (number !== expected) {
      const { data: early } = recoveryOf(task);
      this.#ask(task, early.arrive(expected, number));
      early.put(number, { offset, bytes: dataBytes });
      this.#damaged.add(task);
      this.#acknowledge(task, bytes, at);
      return missed;
    }
    task.expectedDataSequenceNumber = serialAdd(expected, 1);
    task.receivedBytes += dataBytes;
    if (again !== undefined) this.#advance(task, again);
    this.#acknowledge(task, bytes, at);
    return missed;
  }

  /** What came early takes its turn. */
  #advance(task: InitiatorTask, early: EarlyArrivals<{ readonly offset: number; readonly bytes: number }>): void {
    for (let next = early.take(task.expectedDataSequenceNumber); next !== undefined; next = early.take(task.expectedDataSequenceNumber)) {
      if (next.offset !== task.receivedBytes)
        return this.#host.fail(
          'data-sequence',
          `a Data-In for ${commandName(task.cdb)} can't be right: Buffer Offset ${next.offset} where ${task.receivedBytes} was due`,
        );
      task.expectedDataSequenceNumber = serialAdd(task.expectedDataSequenceNumber, 1);
      task.receivedBytes += next.bytes;
    }
    this.#settle(task);
  }

  /** Nothing is missing any more? */
  #settle(task: InitiatorTask): void {
    if (!this.#lacks(task)) this.#damaged.delete(task);
    const wanted = task.recovery?.acknowledgement;
    if (wanted === undefined || serialLess(task.expectedDataSequenceNumber, wanted.end)) return;
    task.recovery!.acknowledgement = undefined;
    this.#sendAcknowledgement(wanted.lun, wanted.transferTag, wanted.end);
  }

  #lacks(task: InitiatorTask): boolean {
    const { recovery } = task;
    if (recovery === undefined) return false;
    return (
      serialLess(task.expectedDataSequenceNumber, recovery.data.end) || serialLess(task.expectedReadySequenceNumber, recovery.ready.end)
    );
  }

  /** RFC 7143 §11.7.2: the target may forget what it sent when we say that all of it has come. */
  #acknowledge(task: InitiatorTask, bytes: Uint8Array, at: number): void {
    if (!asksAcknowledgement(bytes, at)) return;
    const wanted = {
      end: serialAdd(dataSequenceNumber(bytes, at), 1),
      lun: getLun(bytes, at + 8),
      transferTag: targetTransferTag(bytes, at),
    };
    if (serialLess(task.expectedDataSequenceNumber, wanted.end)) recoveryOf(task).acknowledgement = wanted;
    else this.#sendAcknowledgement(wanted.lun, wanted.transferTag, wanted.end);
  }

  #sendAcknowledgement(lun: number, transferTag: number, end: number): void {
    this.#host.counters.dataAcknowledgements += 1;
    this.#host.snack(SNACK_DATA_ACK, lun, RESERVED_TAG, transferTag, end, 0);
  }

  /** A Data-In came whose data can't be used: asks for it again. */
  lost(task: InitiatorTask, number: number): void {
    const expected = task.expectedDataSequenceNumber;
    const { data } = recoveryOf(task);
    if (serialLess(number, expected) || data.has(number)) return; // another copy of it was right
    if (serialLess(number, data.end)) return; // it was asked for already, and will be again
    if (serialDistance(expected, number) >= DATA_AHEAD_MAX) return this.#host.fail('data-sequence', `DataSN ${number} can't be right`);
    const before = data.arrive(expected, number);
    this.#ask(task, before === undefined ? [number, 1] : [before[0], before[1] + 1]);
    this.#damaged.add(task);
  }

  /** Whether the status that tells of `end` Data-In comes too early: its command would end without its data. */
  lacksBefore(task: InitiatorTask, end: number): boolean {
    if (!task.read || !serialLess(task.expectedDataSequenceNumber, end)) return false;
    if (serialDistance(task.expectedDataSequenceNumber, end) > DATA_AHEAD_MAX) {
      this.#host.fail('data-sequence', `${commandName(task.cdb)} ends with an ExpDataSN of ${end}`);
      return true;
    }
    this.#ask(task, recoveryOf(task).data.tell(task.expectedDataSequenceNumber, end));
    this.#damaged.add(task);
    return true;
  }

  // ---- Ready To Transfer ----

  handleReady(bytes: Uint8Array, at: number): void {
    const task = this.#host.findTask(initiatorTaskTag(bytes, at));
    const number = dataSequenceNumber(bytes, at);
    if (task === undefined || task.answered) {
      this.#host.counters.duplicates += 1;
      return;
    }
    const { recovery } = task;
    if (recovery?.reassigned === true) {
      // RFC 7143 §7.2.2: the target goes on where it likes; what it asks for now has to be sent on this connection, whatever went before.
      recovery.reassigned = false;
      task.expectedReadySequenceNumber = number;
      recovery.ready.clear(number);
    }
    const ahead = serialDistance(task.expectedReadySequenceNumber, number);
    if (ahead < 0 || recovery?.ready.has(number) === true) {
      this.#host.counters.duplicates += 1;
      return;
    }
    if (ahead >= READY_AHEAD_MAX)
      return this.#host.fail('r2t-invalid', `R2TSN ${number} where ${task.expectedReadySequenceNumber} was due`);
    if (recovery !== undefined && serialLess(number, recovery.ready.end)) this.#host.counters.resentData += 1;
    if (ahead !== 0) {
      const { ready } = recoveryOf(task);
      this.#ask(task, ready.arrive(task.expectedReadySequenceNumber, number));
      ready.put(number, bytes.slice(at, at + BASIC_HEADER_BYTES));
      this.#damaged.add(task);
      return;
    }
    this.#host.answerReady(bytes, at);
    if (recovery === undefined) return;
    for (let held = recovery.ready.take(task.expectedReadySequenceNumber); held !== undefined && this.#host.isFull; ) {
      this.#host.answerReady(held, 0);
      held = recovery.ready.take(task.expectedReadySequenceNumber);
    }
    this.#settle(task);
  }

  /** A PDU has been lost, and nobody knows which: writes that wait for a Ready To Transfer might wait for it. */
  suspect(): void {
    for (const task of this.#host.tasks()) {
      if (task.write && !task.answered && task.sentBytes < task.dataOutBytes) this.#suspects.set(task, task.expectedReadySequenceNumber);
    }
  }

  /** Asks for the Ready To Transfers that suspects would wait for; if they were never sent, the target says so, and that is that. */
  #askForSuspects(): void {
    for (const [task, number] of this.#suspects) {
      this.#suspects.delete(task);
      const waits = this.#host.findTask(task.initiatorTaskTag) === task && !task.answered && task.expectedReadySequenceNumber === number;
      const received = serialLess(task.commandSequenceNumber, this.#host.expectedCommand);
      if (waits && received) this.#ask(task, [number, 1]);
    }
  }

  // ---- asking ----

  #ask(task: InitiatorTask, run: Run | undefined): void {
    if (run === undefined) return;
    this.#host.counters.snacks += 1;
    this.#host.snack(SNACK_DATA_OR_R2T, task.lun, task.initiatorTaskTag, RESERVED_TAG, run[0], run[1]);
  }

  /** Asks again for everything that is missing; false if nothing is. */
  askAgain(): boolean {
    this.#askForSuspects();
    for (const task of this.#damaged) {
      const { recovery } = task;
      if (recovery === undefined || this.#host.findTask(task.initiatorTaskTag) !== task || task.answered || !this.#lacks(task)) {
        this.#damaged.delete(task);
        continue;
      }
      const missing = task.read
        ? recovery.data.missing(task.expectedDataSequenceNumber, RUNS_MAX)
        : recovery.ready.missing(task.expectedReadySequenceNumber, RUNS_MAX);
      for (const run of missing) this.#ask(task, run);
    }
    return this.#damaged.size !== 0;
  }

  /** Whether a SNACK that the target rejected asked for something that is needed; what was asked for twice may have come meanwhile. */
  isNeeded(header: Uint8Array): boolean {
    const task = this.#host.findTask(initiatorTaskTag(header, 0));
    if (task?.recovery === undefined || task.answered) return false;
    const begin = be32(header, 40);
    const { data, ready } = task.recovery;
    return task.read ? data.isMissing(task.expectedDataSequenceNumber, begin) : ready.isMissing(task.expectedReadySequenceNumber, begin);
  }
}
