/** Task management as a session does it (RFC 7143 §4.2.3, §11.5-6): aborts, resets, and tasks that change their connection. */
import type { Clock, Nanos } from '../../../base/clock.ts';
import { serialLess } from '../../../base/serial.ts';
import { TASK_MANAGEMENT_REQUEST } from '../../../wire/iscsi/basic-header.ts';
import {
  ABORT_TASK,
  FUNCTION_COMPLETE,
  LOGICAL_UNIT_RESET,
  TARGET_COLD_RESET,
  TARGET_WARM_RESET,
  TASK_DOES_NOT_EXIST,
  TASK_REASSIGN,
} from '../../../wire/iscsi/control.ts';
import { commandName } from '../../../wire/scsi/cdb.ts';
import type { Connection } from './connection-types.ts';
import { initiatorError } from './errors.ts';
import { Management } from './management.ts';
import type { Scheduler } from './scheduler.ts';
import type { InitiatorTask } from './task.ts';

export class TaskControl {
  readonly #scheduler: Scheduler;
  readonly #management: Management;

  constructor(scheduler: Scheduler, clock: Clock, timeoutNanos: Nanos) {
    this.#scheduler = scheduler;
    this.#management = new Management(clock, timeoutNanos, ({ connection }) =>
      connection.unanswered('a task management request', TASK_MANAGEMENT_REQUEST),
    );
  }

  /**
   * RFC 7143 §11.5.1: an abort goes by the connection that its task is allegiant to. Where there is none, connection recovery sends it
   * as soon as there is one.
   */
  abort(task: InitiatorTask): void {
    const connection = task.connection as Connection | undefined;
    if (connection?.isFull !== true) return;
    this.#send(ABORT_TASK, task.lun, task, connection, (response) => this.#aborted(task, connection, response));
  }

  #aborted(task: InitiatorTask, connection: Connection, response: number): void {
    if (task.state !== 'aborting' || task.connection !== connection || response === -1) return; // It ended, or the connection did.
    // RFC 7143 §11.6.1: a task that does not exist ended before, and its answer would have come before this one.
    if (response === FUNCTION_COMPLETE || response === TASK_DOES_NOT_EXIST) {
      task.error ??= task.abortReason;
      return connection.abandon(task);
    }
    connection.fail('rejected', `the target does not abort ${commandName(task.cdb)} (response ${response})`);
  }

  /** Asks for the task to go on by a connection that has adopted it (RFC 7143 §7.2.2). */
  reassign(task: InitiatorTask, connection: Connection, done: (response: number) => void): void {
    this.#send(TASK_REASSIGN, task.lun, task, connection, done);
  }

  /** Any function on more than one task. */
  manage(connection: Connection, code: number, lun: number, done: (response: number) => void): void {
    const before = this.#scheduler.commandSequenceNumber;
    this.#send(code, lun, undefined, connection, (response) => {
      if (response === FUNCTION_COMPLETE) this.#abandonAll(code, lun, before);
      done(response);
    });
  }

  #send(code: number, lun: number, task: InitiatorTask | undefined, connection: Connection, done: (response: number) => void): void {
    this.#management.send({ code, lun, task, connection, done });
  }

  /** RFC 7143 §4.2.3.3: the tasks that a function ended get no answer of their own. */
  #abandonAll(code: number, lun: number, before: number): void {
    const everywhere = code === TARGET_WARM_RESET || code === TARGET_COLD_RESET;
    const what = code === LOGICAL_UNIT_RESET ? 'a reset of its logical unit' : 'a task management function';
    for (const task of this.#scheduler.underWay(everywhere ? undefined : lun)) {
      if (!serialLess(task.commandSequenceNumber, before) || task.answered) continue;
      task.error = task.abortReason ?? initiatorError('aborted', `${commandName(task.cdb)} was ended by ${what}`);
      task.state = 'aborting';
      const connection = task.connection as Connection | undefined;
      if (connection !== undefined) connection.abandon(task);
      else this.#scheduler.handleAnswer(task);
    }
  }

  handleManaged(taskTag: number, response: number): void {
    this.#management.take(taskTag)?.done(response);
  }

  /** The connection is gone, and its requests with it; undefined: all of them are. */
  drop(connection: Connection | undefined): void {
    this.#management.drop(connection);
  }
}
