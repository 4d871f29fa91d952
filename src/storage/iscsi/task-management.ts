/** Task management in a session (RFC 7143 §11.5-11.6, §4.2.3): from the request to the response code, over the functions of SAM-5 §7. */
import { serialLess } from '../../base/serial.ts';
import { initiatorTaskTag, isImmediate, commandSequenceNumber } from '../../wire/iscsi/basic-header.ts';
import {
  ABORT_TASK,
  ABORT_TASK_SET,
  CLEAR_ACA,
  CLEAR_TASK_SET,
  FUNCTION_COMPLETE,
  FUNCTION_NOT_SUPPORTED,
  FUNCTION_REJECTED,
  LOGICAL_UNIT_RESET,
  LUN_DOES_NOT_EXIST,
  managementFunction,
  REASSIGNMENT_NOT_SUPPORTED,
  reassignedDataSequenceNumber,
  referencedCommandSequenceNumber,
  referencedTaskTag,
  TARGET_COLD_RESET,
  TARGET_WARM_RESET,
  TASK_DOES_NOT_EXIST,
  TASK_REASSIGN,
} from '../../wire/iscsi/control.ts';
import { getLun } from '../../wire/iscsi/lun.ts';
import type { RecoverableConnection } from './session-recovery.ts';
import type { TargetSession } from './target-session.ts';

const names: Readonly<Record<number, string>> = {
  [ABORT_TASK]: 'ABORT TASK',
  [ABORT_TASK_SET]: 'ABORT TASK SET',
  [CLEAR_ACA]: 'CLEAR ACA',
  [CLEAR_TASK_SET]: 'CLEAR TASK SET',
  [LOGICAL_UNIT_RESET]: 'LOGICAL UNIT RESET',
  [TARGET_WARM_RESET]: 'TARGET WARM RESET',
  [TARGET_COLD_RESET]: 'TARGET COLD RESET',
  [TASK_REASSIGN]: 'TASK REASSIGN',
};

export const managementFunctionName = (code: number): string => names[code] ?? `function ${code}`;

/** Carries the function out, which came on `connection`; `done` gets the response code, at once or when the commands concerned have come to rest. */
export function manageTasks(
  session: TargetSession,
  connection: RecoverableConnection,
  pdu: Uint8Array,
  at: number,
  done: (response: number) => void,
): void {
  const device = session.device;
  if (device === undefined) return done(FUNCTION_REJECTED);
  const code = managementFunction(pdu, at);
  if (code === TARGET_WARM_RESET || code === TARGET_COLD_RESET) return device.resetAll(() => done(FUNCTION_COMPLETE));
  if (code === TASK_REASSIGN) return reassignTask(session, connection, pdu, at, done);
  if (code === ABORT_TASK) return abortTask(session, connection, pdu, at, done);
  // CLEAR ACA has nothing to clear: units report NORMACA as zero (SPC-5 §6.7.2).
  if (code !== ABORT_TASK_SET && code !== CLEAR_TASK_SET && code !== LOGICAL_UNIT_RESET) return done(FUNCTION_NOT_SUPPORTED);
  const lun = getLun(pdu, at + 8);
  const unit = device.units.get(lun);
  const link = session.link(lun);
  if (unit === undefined || link === undefined) return done(LUN_DOES_NOT_EXIST);
  if (code === ABORT_TASK_SET) device.abortTaskSet(unit, link, () => done(FUNCTION_COMPLETE));
  else if (code === CLEAR_TASK_SET) device.clearTaskSet(unit, link, () => done(FUNCTION_COMPLETE));
  else device.resetUnit(unit, () => done(FUNCTION_COMPLETE));
}

function reassignTask(
  session: TargetSession,
  connection: RecoverableConnection,
  pdu: Uint8Array,
  at: number,
  done: (response: number) => void,
): void {
  // RFC 7143 §11.6.1: below ErrorRecoveryLevel 2
  if (session.parameters.errorRecoveryLevel < 2) return done(REASSIGNMENT_NOT_SUPPORTED);
  const reassignment = session.recovery.reassign(referencedTaskTag(pdu, at));
  if ('response' in reassignment) return done(reassignment.response);
  // RFC 7143 §7.2.2: the response comes before the reassignment takes effect.
  done(FUNCTION_COMPLETE);
  reassignment.give(connection, reassignedDataSequenceNumber(pdu, at));
}

function abortTask(
  session: TargetSession,
  connection: RecoverableConnection,
  pdu: Uint8Array,
  at: number,
  done: (response: number) => void,
): void {
  const command = session.commands.get(referencedTaskTag(pdu, at));
  if (command !== undefined) {
    const { unit } = command;
    if (unit === undefined || command.finished) return done(TASK_DOES_NOT_EXIST);
    return unit.tasks.abort([command], () => done(FUNCTION_COMPLETE));
  }
  // RFC 7143 §11.5.1: an answer of a connection that was logged out for recovery is given before the response, on this one.
  const answered = session.recovery.waiting ? session.recovery.reassign(referencedTaskTag(pdu, at)) : undefined;
  if (answered !== undefined && 'give' in answered) {
    answered.give(connection, 0);
    return done(FUNCTION_COMPLETE);
  }
  const own = commandSequenceNumber(pdu, at);
  const referenced = referencedCommandSequenceNumber(pdu, at);
  // RFC 7143 §11.6.1 b): not there, but its number was never seen: it is taken as received, and the function is complete.
  const neverSeen = isImmediate(pdu, at) && serialLess(referenced, own) && referencedTaskTag(pdu, at) !== initiatorTaskTag(pdu, at);
  if (neverSeen && session.plug(referenced)) return done(FUNCTION_COMPLETE);
  done(TASK_DOES_NOT_EXIST);
}
