/** What a Reject means (RFC 7143 §7.3, §11.17): one command that failed, a PDU that is sent again, or a connection that can't go on. */
import { hex } from '../../../base/bytes.ts';
import { serialLess } from '../../../base/serial.ts';
import {
  BASIC_HEADER_BYTES,
  initiatorTaskTag,
  opcodeName,
  opcodeOf,
  SCSI_COMMAND,
  SNACK_REQUEST,
} from '../../../wire/iscsi/basic-header.ts';
import { REJECT_DATA_DIGEST } from '../../../wire/iscsi/control.ts';
import type { Connection } from './connection-types.ts';
import { type InitiatorError, initiatorError } from './errors.ts';
import type { InitiatorTask } from './task.ts';

export interface RejectHost {
  /** ExpCmdSN: everything before it has been received. */
  readonly expectedCommand: number;
  findTask(tag: number): InitiatorTask | undefined;
  /** Tells of it. */
  handleDamage(error: InitiatorError): void;
}

/** `header` is the PDU that was rejected. */
export function handleReject(host: RejectHost, connection: Connection, reason: number, header: Uint8Array): void {
  const readable = header.length >= BASIC_HEADER_BYTES;
  const opcode = readable ? opcodeOf(header, 0) : undefined;
  if (opcode === SNACK_REQUEST && connection.recoversWithin) return connection.handleRejectedSnack(header);
  const what = opcode === undefined ? 'a PDU' : `a ${opcodeName(opcode)}`;
  const message = `the target rejected ${what} (reason ${reason.toString(16).padStart(2, '0')}h)`;
  const error = initiatorError('rejected', message, { dump: hex(header) });
  const task = readable ? host.findTask(initiatorTaskTag(header, 0)) : undefined;
  if (task !== undefined && opcode === SCSI_COMMAND && !task.answered) {
    const received = serialLess(task.commandSequenceNumber, host.expectedCommand);
    if (reason === REJECT_DATA_DIGEST && connection.recoversWithin) {
      host.handleDamage(error);
      // RFC 7143 §11.17.1: not received, it is sent again as a whole; received, the target asks again for its data.
      if (!received) connection.retry(task);
      return;
    }
    if (reason === REJECT_DATA_DIGEST || !received) return connection.fail('rejected', message, hex(header));
    // A command that counts as received will not come to an answer; it alone has failed.
    host.handleDamage(error);
    task.error = error;
    return connection.abandon(task);
  }
  // RFC 7143 §7.8: the target asks again for the data of a Data-Out that it rejected, or ends the command with a status of its own.
  if (task !== undefined) return host.handleDamage(error);
  // Anything else leaves a hole.
  connection.fail('rejected', message, hex(header));
}
