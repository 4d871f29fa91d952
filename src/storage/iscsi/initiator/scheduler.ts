/**
 * The commands of an initiator session, over whatever connections it has (RFC 7143 §4.2.2.1): the CmdSN window, what waits for it and
 * what is under way, time limits, aborts, and sending again what was not carried out.
 */
import { EMPTY_BYTES, hex } from '../../../base/bytes.ts';
import { type Clock, SECOND, type Timer } from '../../../base/clock.ts';
import type { EventSink } from '../../../base/event.ts';
import { serialAdd, serialDistance, serialLess, serialLessOrEqual } from '../../../base/serial.ts';
import { commandName } from '../../../wire/scsi/cdb.ts';
import { describeSense, type Sense } from '../../../wire/scsi/sense.ts';
import { STATUS_BUSY, STATUS_TASK_SET_FULL } from '../../../wire/scsi/status.ts';
import { attentionSense } from './attention-sense.ts';
import { CommandQueue } from './command-queue.ts';
import type { Connection } from './connection-types.ts';
import { Deadlines } from './deadlines.ts';
import { type InitiatorError, initiatorError } from './errors.ts';
import { raiseError } from './error-events.ts';
import { taskAborted, unitAttention } from './events.ts';
import type { InitiatorLimits } from './limits.ts';
import type { InitiatorTask } from './task.ts';
import { TASKS_MAX, TaskTable } from './task-table.ts';
import { WindowWatch } from './window-watch.ts';

/** UNIT ATTENTION (SPC-5 table 49). */
const UNIT_ATTENTION = 6;
/** RFC 7143 §11.3: one CDB, one direction. */
const CDB_BYTES_MAX = 16;

export interface SchedulerHost {
  /** The connection the next command goes by; undefined while there is none. */
  pick(): Connection | undefined;
  /** Sends ABORT TASK for the task. */
  sendAbort(task: InitiatorTask): void;
  /** A unit told of something that happened to it. */
  handleAttention(lun: number, sense: Sense): void;
  /** Nothing is under way any more, though some may wait. */
  handleIdle(): void;
  /** There is room in the queue again, where there was none. */
  handleRoom(): void;
  /** The target's command window stays shut, and nothing under way could open it. `hopeless`: new sessions have been tried before. */
  handleWindowShut(error: InitiatorError, hopeless: boolean): void;
}

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly events: EventSink;
  /** For event sources. */
  readonly source: string;
  readonly limits: InitiatorLimits;
  /** Makes the buffers for data-in whose commands bring none. */
  readonly allocate: (bytes: number) => Uint8Array;
}

export class Scheduler {
  readonly #host: SchedulerHost;
  readonly #options: SchedulerOptions;
  readonly #limits: InitiatorLimits;
  readonly #queue = new CommandQueue();
  readonly #table = new TaskTable();
  readonly #deadlines: Deadlines;
  readonly #windowWatch: WindowWatch;
  readonly #waiting = new Map<InitiatorTask, Timer>();
  #bytesInFlight = 0;
  /** How often the window stayed shut since a command was sent. */
  #timesShut = 0;
  #command = 0;
  #expectedCommand = 0;
  #maxCommand = 0;
  #wasFull = false;
  /** Set once: nothing is taken any more, and after `closed` nothing is under way either. */
  #refused: InitiatorError | undefined;
  #closed = false;

  constructor(host: SchedulerHost, options: SchedulerOptions) {
    this.#host = host;
    this.#options = options;
    this.#limits = options.limits;
    this.#deadlines = new Deadlines(
      options.clock,
      () => this.#table.all(),
      (task) => this.#timeOut(task),
    );
    this.#windowWatch = new WindowWatch(
      options.clock,
      options.limits.requestTimeoutNanos,
      () => this.#queue.size !== 0 && this.#table.size === 0 && !this.#windowIsOpen && host.pick() !== undefined,
      () => this.#tellWindowShut(),
    );
  }

  // ---- numbers ----

  /** CmdSN of the next command. */
  get commandSequenceNumber(): number {
    return this.#command;
  }

  takeCommandNumber(): number {
    const taken = this.#command;
    this.#command = serialAdd(taken, 1);
    return taken;
  }

  /** ExpCmdSN: everything before it has been received. */
  get expectedCommand(): number {
    return this.#expectedCommand;
  }

  /** A session begins, with these numbers. */
  begin(commandSequenceNumber: number, expected: number, max: number): void {
    this.#command = commandSequenceNumber;
    this.#expectedCommand = expected;
    this.#maxCommand = max;
  }

  /** RFC 7143 §11.4.10: neither goes back; a window that ends before it begins is ignored. */
  handleNumbers(expected: number, max: number): void {
    if (serialDistance(expected, max) < -1) return;
    if (serialLess(this.#expectedCommand, expected)) this.#expectedCommand = expected;
    if (serialLess(this.#maxCommand, max)) this.#maxCommand = max;
  }

  // ---- what is under way ----

  get inFlight(): number {
    return this.#table.size;
  }

  get bytesInFlight(): number {
    return this.#bytesInFlight;
  }

  get queued(): number {
    return this.#queue.size;
  }

  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  /** Nothing is under way, and nothing waits. */
  get isIdle(): boolean {
    return this.#table.size === 0 && this.#queue.size === 0 && this.#waiting.size === 0;
  }

  get hasRoom(): boolean {
    return this.#queue.size < this.#limits.commandsQueued && this.#queue.bytes < this.#limits.bytesQueued;
  }

  find(tag: number): InitiatorTask | undefined {
    return this.#table.find(tag);
  }

  /** Takes a command; it may end before this returns. */
  submit(task: InitiatorTask): void {
    const wrong = this.#refused ?? this.#refusal(task);
    if (wrong !== undefined) {
      task.error = wrong;
      return task.finish();
    }
    if (this.#queue.size === 0) {
      const connection = this.#room(task);
      if (connection !== undefined) return this.#issue(task, connection);
    }
    this.#queue.push(task);
    if (!this.hasRoom) this.#wasFull = true;
    if (this.#table.size === 0) this.#windowWatch.look();
  }

  #refusal(task: InitiatorTask): InitiatorError | undefined {
    if (task.cdb.length > CDB_BYTES_MAX || task.cdb.length === 0)
      return initiatorError('unsupported', `a command descriptor block of ${task.cdb.length} bytes can't be sent`);
    if (task.read && task.write)
      return initiatorError('unsupported', `${commandName(task.cdb)} moves data both ways, which is not supported`);
    if (task.dataIn.length !== 0 && task.dataIn.length < task.dataInBytes)
      return initiatorError('unsupported', `a buffer of ${task.dataIn.length} bytes can't take ${task.dataInBytes}`);
    if (this.hasRoom) return undefined;
    const message = `${this.#queue.size} commands with ${this.#queue.bytes} bytes wait already; more are not taken`;
    return initiatorError('queue-full', message);
  }

  #tellWindowShut(): void {
    this.#timesShut += 1;
    const error = initiatorError('window-shut', 'the target takes no more commands, though none is under way');
    this.#host.handleWindowShut(error, this.#timesShut > this.#limits.replays);
  }

  get #windowIsOpen(): boolean {
    return serialLessOrEqual(this.#command, this.#maxCommand);
  }

  /** The connection the task can go by now; undefined: it has to wait. */
  #room(task: InitiatorTask): Connection | undefined {
    const underWay = this.#table.size;
    if (underWay >= this.#limits.commandsInFlight || underWay >= TASKS_MAX) return undefined;
    if (underWay !== 0 && this.#bytesInFlight + task.weightBytes > this.#limits.bytesInFlight) return undefined;
    if (!this.#windowIsOpen) return undefined;
    return this.#host.pick();
  }

  #issue(task: InitiatorTask, connection: Connection): void {
    if (task.read && task.dataIn.length === 0) task.dataIn = this.#options.allocate(task.dataInBytes);
    if (this.#table.size === 0) this.#windowWatch.stop();
    this.#timesShut = 0;
    this.#table.add(task);
    this.#bytesInFlight += task.weightBytes;
    task.commandSequenceNumber = this.#command;
    this.#command = serialAdd(this.#command, 1);
    task.state = 'sent';
    this.#deadlines.start(task, task.timeoutNanos ?? this.#limits.commandTimeoutNanos);
    connection.issue(task);
  }

  /** Sends what has found its turn. */
  pump(): void {
    for (let task = this.#queue.first(); task !== undefined; task = this.#queue.first()) {
      const connection = this.#room(task);
      if (connection === undefined) break;
      this.#queue.shift();
      this.#issue(task, connection);
    }
    if (this.#queue.size !== 0 && this.#table.size === 0) this.#windowWatch.look();
    if (this.#wasFull && this.#queue.size <= this.#limits.commandsQueued / 2 && this.#queue.bytes <= this.#limits.bytesQueued / 2) {
      this.#wasFull = false;
      this.#host.handleRoom();
    }
  }

  // ---- how commands end ----

  /** The target has answered, one way or another. */
  handleAnswer(task: InitiatorTask): void {
    this.#remove(task);
    if (task.state === 'aborting') {
      // An answer on its way overtook the abort; what was carried out was carried out. One that asks to try again is none.
      if (this.#isWorthAnother(task)) task.status = -1;
      if (task.status === -1) task.error ??= task.abortReason;
    } else if (this.#sendAgain(task)) return;
    // An answer that is none: nobody has told of it yet.
    const { error } = task;
    if (error?.reason === 'target-failure' || error?.reason === 'data-missing')
      raiseError(this.#options.events, this.#options.source, error);
    task.finish();
    if (this.#table.size === 0) this.#host.handleIdle();
  }

  #remove(task: InitiatorTask): void {
    this.#table.remove(task);
    this.#bytesInFlight -= task.weightBytes;
  }

  /** It was not carried out, and would be sent again if nobody had given it up. */
  #isWorthAnother(task: InitiatorTask): boolean {
    if (task.senseKey !== UNIT_ATTENTION) return task.status === STATUS_BUSY || task.status === STATUS_TASK_SET_FULL;
    this.#attention(task);
    return task.attentionsLeft !== 0;
  }

  /** True for a command that was not carried out, and that may be tried again. */
  #sendAgain(task: InitiatorTask): boolean {
    if (this.#closed) return false;
    if (task.senseKey === UNIT_ATTENTION) {
      this.#attention(task);
      if (task.attentionsLeft === 0) return false;
      task.attentionsLeft -= 1;
      task.rewind();
      this.#queue.putFirst([task]);
      return true;
    }
    if ((task.status !== STATUS_BUSY && task.status !== STATUS_TASK_SET_FULL) || task.busyRetries >= this.#limits.busyRetries) return false;
    const delay = this.#limits.busyDelayNanos * 2 ** task.busyRetries;
    task.busyRetries += 1;
    task.rewind();
    task.state = 'waiting';
    this.#waiting.set(
      task,
      this.#options.clock.after(delay, () => {
        this.#waiting.delete(task);
        task.state = 'queued';
        this.#queue.putFirst([task]);
        this.pump();
      }),
    );
    return true;
  }

  #attention(task: InitiatorTask): void {
    const sense = attentionSense(task.sense);
    if (sense === undefined) return;
    unitAttention(this.#options.events, this.#options.source, { lun: task.lun, sense: describeSense(sense) });
    this.#host.handleAttention(task.lun, sense);
  }

  #timeOut(task: InitiatorTask): void {
    const seconds = (task.timeoutNanos ?? this.#limits.commandTimeoutNanos) / SECOND;
    const message = `LUN ${task.lun} did not answer ${commandName(task.cdb)} within ${seconds} s`;
    const error = initiatorError('command-timed-out', message, { dump: hex(task.cdb) });
    raiseError(this.#options.events, this.#options.source, error);
    this.abort(task, error);
  }

  /**
   * Ends a command before its time: at once if it has not been sent, or once the target has said that it will not touch it any more. If
   * it ends by itself before that, it ends as if nobody had meant to abort it.
   */
  abort(task: InitiatorTask, reason: InitiatorError): void {
    if (task.state === 'done' || task.state === 'aborting') return;
    task.abortReason = reason;
    if (task.state === 'sent') {
      task.state = 'aborting';
      taskAborted(this.#options.events, this.#options.source, { lun: task.lun, command: commandName(task.cdb), why: reason.reason });
      return this.#host.sendAbort(task);
    }
    if (task.state === 'waiting') {
      this.#waiting.get(task)?.cancel();
      this.#waiting.delete(task);
    } else this.#queue.remove(task);
    task.error = reason;
    task.finish();
    if (this.#table.size === 0) this.#host.handleIdle();
  }

  /** The tasks under way at a logical unit, or at all of them. */
  underWay(lun: number | undefined): InitiatorTask[] {
    return this.#table.all().filter((task) => lun === undefined || task.lun === lun);
  }

  /**
   * The connection of these tasks is gone (RFC 7143 §7.1.4): those that may be are put first in line again, in the order they had; the
   * others fail, as nobody knows whether they were carried out. How many are sent again.
   */
  replay(tasks: readonly InitiatorTask[], lost: InitiatorError): number {
    const ended: InitiatorTask[] = [];
    const again: InitiatorTask[] = [];
    for (const task of tasks.toSorted((a, b) => serialDistance(b.commandSequenceNumber, a.commandSequenceNumber))) {
      this.#remove(task);
      if (task.answered) ended.push(task);
      else if (task.state === 'aborting') {
        task.error = task.abortReason;
        ended.push(task);
      } else if (task.replayable && task.replays < this.#limits.replays) {
        task.replays += 1;
        task.rewind();
        again.push(task);
      } else {
        const tries = task.replays === 0 ? '' : ` for the ${task.replays + 1}th time`;
        const unknown = `the connection was lost${tries} while ${commandName(task.cdb)} was under way; it is not known whether it was carried out`;
        task.error = initiatorError('connection-lost', `${unknown} (${lost.message})`);
        ended.push(task);
      }
    }
    this.#queue.putFirst(again);
    for (const task of ended) task.finish();
    return again.length;
  }

  /** The session is over: everything that has not ended fails, and nothing more is taken. */
  close(error: InitiatorError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#refused = error;
    this.#deadlines.stop();
    this.#windowWatch.stop();
    const left = [...this.#table.all(), ...this.#waiting.keys(), ...this.#queue.clear()];
    for (const timer of this.#waiting.values()) timer.cancel();
    this.#waiting.clear();
    for (const task of left) {
      this.#table.remove(task);
      if (!task.answered) {
        task.error = task.abortReason ?? error;
        task.status = -1;
        task.sense = EMPTY_BYTES;
      }
      task.finish();
    }
    this.#bytesInFlight = 0;
  }

  /** Takes no more commands; those that were taken run on. */
  refuse(error: InitiatorError): void {
    this.#refused = error;
  }
}
