/** What a target sent, in a word or two: what the tests of the service compare. */
import { be32, utf8Text } from '../../../base/bytes.ts';
import {
  ASYNC_MESSAGE,
  DATA_IN,
  initiatorTaskTag,
  isFinal,
  LOGIN_RESPONSE,
  LOGOUT_RESPONSE,
  NOP_IN,
  opcodeName,
  opcodeOf,
  READY_TO_TRANSFER,
  REJECT,
  RESERVED_TAG,
  SCSI_RESPONSE,
  TASK_MANAGEMENT_RESPONSE,
  TEXT_RESPONSE,
} from '../../../wire/iscsi/basic-header.ts';
import { textContinues } from '../../../wire/iscsi/control.ts';
import { asksAcknowledgement, bufferOffset, dataSequenceNumber, STATUS_BIT } from '../../../wire/iscsi/data.ts';
import { describeLoginStatus } from '../../../wire/iscsi/login.ts';
import { OVERFLOW_BIT, UNDERFLOW_BIT } from '../../../wire/iscsi/scsi-command.ts';
import { decodeSense, describeSense } from '../../../wire/scsi/sense.ts';
import { describeStatus } from '../../../wire/scsi/status.ts';
import type { SeenPdu } from './pdu-bytes.ts';

function residual(header: Uint8Array): string {
  const flags = header[1]!;
  if ((flags & OVERFLOW_BIT) !== 0) return ` over ${be32(header, 44)}`;
  return (flags & UNDERFLOW_BIT) !== 0 ? ` under ${be32(header, 44)}` : '';
}

/**
 * `GOOD`, `GOOD under 512`, `CHECK CONDITION ABORTED COMMAND: data phase error (4bh/00h)`, `data 0+512 F GOOD`, `R2T 0 8192+4096`, `pong hello`,
 * `ping`, `managed 0`, `logout 0`, `reject 4`, `async 1`, `text F ...`, `login success`.
 */
export function brief({ header, data }: SeenPdu): string {
  const opcode = opcodeOf(header, 0);
  switch (opcode) {
    case SCSI_RESPONSE: {
      const sense = data.length === 0 ? '' : ` ${describeSense(decodeSense(data.subarray(2)))}`;
      return `${describeStatus(header[3]!)}${residual(header)}${sense}`;
    }
    case DATA_IN: {
      const status = (header[1]! & STATUS_BIT) === 0 ? '' : ` ${describeStatus(header[3]!)}${residual(header)}`;
      return `data ${bufferOffset(header, 0)}+${data.length}${isFinal(header, 0) ? ' F' : ''}${asksAcknowledgement(header, 0) ? ' A' : ''}${status}`;
    }
    case READY_TO_TRANSFER:
      return `R2T ${dataSequenceNumber(header, 0)} ${bufferOffset(header, 0)}+${be32(header, 44)}`;
    case NOP_IN:
      return initiatorTaskTag(header, 0) === RESERVED_TAG ? 'ping' : `pong ${utf8Text(data)}`;
    case TASK_MANAGEMENT_RESPONSE:
      return `managed ${header[2]}`;
    case LOGOUT_RESPONSE:
      return `logout ${header[2]}`;
    case REJECT:
      return `reject ${header[2]}`;
    case ASYNC_MESSAGE:
      return `async ${header[36]}`;
    case TEXT_RESPONSE:
      return `text ${isFinal(header, 0) ? 'F' : ''}${textContinues(header, 0) ? 'C' : ''} ${utf8Text(data).replaceAll('\0', ';')}`;
    case LOGIN_RESPONSE:
      return `login ${describeLoginStatus((header[36]! << 8) | header[37]!)}`;
    default:
      return opcodeName(opcode);
  }
}
