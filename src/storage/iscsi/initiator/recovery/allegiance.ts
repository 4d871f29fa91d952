/** A task and the connection it belongs to, where the two part (RFC 7143 §4.2.5.1, §7.2.2). */
import type { InitiatorTask } from '../task.ts';
import { TaskRecovery } from './task-recovery.ts';

/** Made when it is needed. */
export const recoveryOf = (task: InitiatorTask): TaskRecovery =>
  (task.recovery ??= new TaskRecovery(task.expectedDataSequenceNumber, task.expectedReadySequenceNumber));

/**
 * The task goes on by another connection: what came early on the old one is forgotten, as it was not acknowledged (RFC 7143 §11.5.7), and
 * nothing waits to be answered.
 */
export function forgetConnection(task: InitiatorTask): void {
  const recovery = recoveryOf(task);
  recovery.data.clear(task.expectedDataSequenceNumber);
  recovery.ready.clear(task.expectedReadySequenceNumber);
  recovery.acknowledgement = undefined;
  recovery.reassigned = true;
  task.unsentWrites = 0;
}
