/** One line for people about any iSCSI PDU (RFC 7143 §11), for logs, traces and failing tests. Never throws, whatever the bytes are. */
import { be16, be32, DecodeError, hex } from '../../base/bytes.ts';
import { describeSense, decodeSense } from '../scsi/sense.ts';
import { describeStatus } from '../scsi/status.ts';
import {
  additionalHeadersBytes,
  ASYNC_MESSAGE,
  BASIC_HEADER_BYTES,
  commandSequenceNumber,
  DATA_IN,
  DATA_OUT,
  dataSegmentBytes,
  expectedStatusSequenceNumber,
  initiatorTaskTag,
  isFinal,
  isImmediate,
  LOGIN_REQUEST,
  LOGIN_RESPONSE,
  LOGOUT_REQUEST,
  LOGOUT_RESPONSE,
  NOP_IN,
  NOP_OUT,
  opcodeName,
  opcodeOf,
  READY_TO_TRANSFER,
  REJECT,
  RESERVED_TAG,
  SCSI_COMMAND,
  SCSI_RESPONSE,
  SNACK_REQUEST,
  TASK_MANAGEMENT_REQUEST,
  TASK_MANAGEMENT_RESPONSE,
  TEXT_REQUEST,
  TEXT_RESPONSE,
} from './basic-header.ts';
import {
  ABORT_TASK,
  beginRun,
  logoutConnectionId,
  logoutReason,
  managementFunction,
  reassignedDataSequenceNumber,
  referencedCommandSequenceNumber,
  referencedTaskTag,
  runLength,
  SNACK_DATA_ACK,
  SNACK_RDATA,
  snackType,
  TASK_REASSIGN,
  textContinues,
} from './control.ts';
import { asksAcknowledgement, bufferOffset, dataSequenceNumber, STATUS_BIT, targetTransferTag } from './data.ts';
import { decodeKeyValues } from './key-value.ts';
import { decodeLoginRequest, decodeLoginResponse, describeLoginStatus } from './login.ts';
import { getLun } from './lun.ts';
import {
  expectedTransferBytes,
  expectsRead,
  expectsWrite,
  OVERFLOW_BIT,
  RESPONSE_COMPLETED,
  snackTag,
  taskAttribute,
  UNDERFLOW_BIT,
} from './scsi-command.ts';

const tag = (value: number): string => (value === RESERVED_TAG ? 'none' : value.toString(16).padStart(8, '0'));
const lunText = (pdu: Uint8Array, at: number): string =>
  `LUN ${getLun(pdu, at + 8) === -1 ? hex(pdu.subarray(at + 8, at + 16)) : getLun(pdu, at + 8)}`;
const transferTagText = (pdu: Uint8Array, at: number): string => `TTT ${tag(targetTransferTag(pdu, at))}`;
const statusNumber = (pdu: Uint8Array, at: number): string => `StatSN ${be32(pdu, at + 24)}`;
const window = (pdu: Uint8Array, at: number): string => `ExpCmdSN ${be32(pdu, at + 28)}, MaxCmdSN ${be32(pdu, at + 32)}`;
const named = (names: Readonly<Record<number, string>>, value: number, kind: string): string => names[value] ?? `${kind} ${value}`;

/** RFC 7143 §11.5.1. */
const functions: Readonly<Record<number, string>> = {
  1: 'ABORT TASK',
  2: 'ABORT TASK SET',
  3: 'CLEAR ACA',
  4: 'CLEAR TASK SET',
  5: 'LOGICAL UNIT RESET',
  6: 'TARGET WARM RESET',
  7: 'TARGET COLD RESET',
  8: 'TASK REASSIGN',
};

/** RFC 7143 §11.6.1. */
const managementResponses: Readonly<Record<number, string>> = {
  0: 'function complete',
  1: 'task does not exist',
  2: 'LUN does not exist',
  3: 'task still allegiant',
  4: 'task allegiance reassignment not supported',
  5: 'function not supported',
  6: 'function authorization failed',
  255: 'function rejected',
};

const logoutReasons = ['close the session', 'close the connection', 'remove the connection for recovery'];
const logoutResponses = ['closed', 'CID not found', 'connection recovery not supported', 'cleanup failed'];
const snackTypes = ['Data/R2T SNACK', 'Status SNACK', 'DataACK', 'R-Data SNACK'];

/** RFC 7143 §11.17.1. */
const rejectReasons: Readonly<Record<number, string>> = {
  0x02: 'data digest error',
  0x03: 'SNACK reject',
  0x04: 'protocol error',
  0x05: 'command not supported',
  0x06: 'immediate command reject, too many immediate commands',
  0x07: 'task in progress',
  0x08: 'invalid data ACK',
  0x09: 'invalid PDU field',
  0x0a: 'long operation reject, out of resources',
  0x0b: 'negotiation reset',
  0x0c: 'waiting for logout',
};

/** RFC 7143 §11.9.1. */
const asyncEvents = [
  'SCSI event',
  'target requests logout',
  'target will drop the connection',
  'target will drop all connections of the session',
  'target requests negotiation',
  'all tasks of a logical unit are terminated',
];

const stages = ['security', 'operational', 'stage 2', 'full feature'];

function residual(pdu: Uint8Array, at: number): string {
  const flags = pdu[at + 1]!;
  if ((flags & (OVERFLOW_BIT | UNDERFLOW_BIT)) === 0) return '';
  return `, ${(flags & OVERFLOW_BIT) !== 0 ? 'overflow' : 'underflow'} ${be32(pdu, at + 44)}`;
}

/** What a peer says stays within its line. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?');

function keys(data: Uint8Array): string {
  // Values are shown as they are but for CHAP's, which help whoever wants to guess the secret.
  const pairs = decodeKeyValues(data);
  return pairs.length === 0
    ? ''
    : `: ${pairs.map(([key, value]) => `${printable(key)}=${key === 'CHAP_R' || key === 'CHAP_C' ? '...' : printable(value)}`).join(' ')}`;
}

function senseText(data: Uint8Array): string {
  const length = be16(data, 0);
  return data.length < 2 || length === 0 ? '' : `, ${describeSense(decodeSense(data.subarray(2, 2 + length)))}`;
}

type Describe = (pdu: Uint8Array, at: number, data: Uint8Array) => string;

function transition(login: { transit: boolean; continues: boolean; currentStage: number; nextStage: number }): string {
  return `${stages[login.currentStage]}${login.transit ? ` -> ${stages[login.nextStage]}` : ''}${login.continues ? ', continues' : ''}`;
}

const describers: Readonly<Record<number, Describe>> = {
  [NOP_OUT]: (pdu, at) => `${transferTagText(pdu, at)}`,
  [SCSI_COMMAND]: (pdu, at) => {
    const ways = [...(expectsRead(pdu, at) ? ['read'] : []), ...(expectsWrite(pdu, at) ? ['write'] : [])];
    const transfer = ways.length === 0 ? '' : `, ${ways.join(' and ')} ${expectedTransferBytes(pdu, at)} bytes`;
    const attribute = taskAttribute(pdu, at) ?? 'reserved attribute';
    return `${lunText(pdu, at)}, ${attribute}, CDB ${hex(pdu.subarray(at + 32, at + 48))}${transfer}${isFinal(pdu, at) ? '' : ', unsolicited data follows'}`;
  },
  [TASK_MANAGEMENT_REQUEST]: (pdu, at) => {
    const code = managementFunction(pdu, at);
    const numbers =
      code === ABORT_TASK
        ? `RefCmdSN ${referencedCommandSequenceNumber(pdu, at)}`
        : code === TASK_REASSIGN
          ? `ExpDataSN ${reassignedDataSequenceNumber(pdu, at)}`
          : undefined;
    const reference = numbers === undefined ? '' : ` of ITT ${tag(referencedTaskTag(pdu, at))}, ${numbers}`;
    return `${named(functions, code, 'function')}${reference}, ${lunText(pdu, at)}`;
  },
  [LOGIN_REQUEST]: (pdu, at, data) => {
    const login = decodeLoginRequest(pdu, at);
    return `${transition(login)}, ISID ${login.isid}, TSIH ${login.tsih}, CID ${login.connectionId}${keys(data)}`;
  },
  [TEXT_REQUEST]: (pdu, at, data) => `${transferTagText(pdu, at)}${textContinues(pdu, at) ? ', continues' : ''}${keys(data)}`,
  [DATA_OUT]: (pdu, at) =>
    `${transferTagText(pdu, at)}, DataSN ${dataSequenceNumber(pdu, at)}, offset ${bufferOffset(pdu, at)}${isFinal(pdu, at) ? ', final' : ''}`,
  [LOGOUT_REQUEST]: (pdu, at) => {
    const reason = logoutReason(pdu, at);
    return `${logoutReasons[reason] ?? `reason ${reason}`}${reason === 0 ? '' : `, CID ${logoutConnectionId(pdu, at)}`}`;
  },
  [SNACK_REQUEST]: (pdu, at) => {
    const type = snackType(pdu, at);
    const words = snackTypes[type] ?? `type ${type}`;
    if (type === SNACK_DATA_ACK) return `${words} of ${transferTagText(pdu, at)} up to DataSN ${beginRun(pdu, at)}`;
    if (type === SNACK_RDATA) return `${words}, SNACK Tag ${tag(targetTransferTag(pdu, at))}`;
    const run = runLength(pdu, at) === 0 ? 'and all that follow' : `${runLength(pdu, at)} of them`;
    return `${words}, ${beginRun(pdu, at) === 0 && runLength(pdu, at) === 0 ? 'all' : `from ${beginRun(pdu, at)}, ${run}`}`;
  },
  [NOP_IN]: (pdu, at) => `${transferTagText(pdu, at)}, ${statusNumber(pdu, at)}, ${window(pdu, at)}`,
  [SCSI_RESPONSE]: (pdu, at, data) => {
    const code = pdu[at + 2]!;
    const response = code === RESPONSE_COMPLETED ? describeStatus(pdu[at + 3]!) : `target failure ${code}`;
    const resent = snackTag(pdu, at) === 0 ? '' : `, SNACK Tag ${tag(snackTag(pdu, at))}`;
    return `${response}${residual(pdu, at)}${senseText(data)}${resent}, ${statusNumber(pdu, at)}, ${window(pdu, at)}`;
  },
  [TASK_MANAGEMENT_RESPONSE]: (pdu, at) =>
    `${named(managementResponses, pdu[at + 2]!, 'response')}, ${statusNumber(pdu, at)}, ${window(pdu, at)}`,
  [LOGIN_RESPONSE]: (pdu, at, data) => {
    const login = decodeLoginResponse(pdu, at);
    const status = describeLoginStatus((login.statusClass << 8) | login.statusDetail);
    return `${status}, ${transition(login)}, TSIH ${login.tsih}, ${statusNumber(pdu, at)}, ${window(pdu, at)}${keys(data)}`;
  },
  [TEXT_RESPONSE]: (pdu, at, data) =>
    `${transferTagText(pdu, at)}${textContinues(pdu, at) ? ', continues' : ''}, ${statusNumber(pdu, at)}, ${window(pdu, at)}${keys(data)}`,
  [DATA_IN]: (pdu, at) => {
    const withStatus = (pdu[at + 1]! & STATUS_BIT) !== 0;
    const status = withStatus ? `, ${describeStatus(pdu[at + 3]!)}${residual(pdu, at)}, ${statusNumber(pdu, at)}` : '';
    const asks = asksAcknowledgement(pdu, at) ? `, to be acknowledged as ${transferTagText(pdu, at)}` : '';
    return `DataSN ${dataSequenceNumber(pdu, at)}, offset ${bufferOffset(pdu, at)}${isFinal(pdu, at) ? ', final' : ''}${asks}${status}, ${window(pdu, at)}`;
  },
  [LOGOUT_RESPONSE]: (pdu, at) =>
    `${logoutResponses[pdu[at + 2]!] ?? `response ${pdu[at + 2]!}`}, ${statusNumber(pdu, at)}, ${window(pdu, at)}`,
  [READY_TO_TRANSFER]: (pdu, at) =>
    `${transferTagText(pdu, at)}, R2TSN ${dataSequenceNumber(pdu, at)}, offset ${bufferOffset(pdu, at)}, ${be32(pdu, at + 44)} bytes wanted, ${window(pdu, at)}`,
  [ASYNC_MESSAGE]: (pdu, at) => {
    const event = pdu[at + 36]!;
    const parameters = [be16(pdu, at + 38), be16(pdu, at + 40), be16(pdu, at + 42)].join(' ');
    return `${asyncEvents[event] ?? `event ${event}`}, parameters ${parameters}, ${statusNumber(pdu, at)}, ${window(pdu, at)}`;
  },
  [REJECT]: (pdu, at, data) => {
    const rejected = data.length >= BASIC_HEADER_BYTES ? ` of a ${opcodeName(opcodeOf(data, 0))}` : '';
    return `${named(rejectReasons, pdu[at + 2]!, 'reason')}${rejected}, ${statusNumber(pdu, at)}, ${window(pdu, at)}`;
  },
};

/** CmdSN and ExpStatSN, where a request has them. */
function requestNumbers(pdu: Uint8Array, at: number): string {
  const opcode = opcodeOf(pdu, at);
  if (opcode >= 0x20) return '';
  const expected = `, ExpStatSN ${expectedStatusSequenceNumber(pdu, at)}`;
  return opcode === DATA_OUT || opcode === SNACK_REQUEST
    ? expected
    : `, CmdSN ${commandSequenceNumber(pdu, at)}${isImmediate(pdu, at) ? ' immediate' : ''}${expected}`;
}

/**
 * Describes the PDU whose header stands at `at`, its data segment right behind the headers (so without a header digest between them).
 * What is cut off or malformed is said in the line.
 */
export function describePdu(bytes: Uint8Array, at: number): string {
  const available = bytes.length - at;
  if (available < BASIC_HEADER_BYTES) return `truncated PDU of ${available} bytes`;
  const dataAt = at + BASIC_HEADER_BYTES + additionalHeadersBytes(bytes, at);
  const dataBytes = dataSegmentBytes(bytes, at);
  const data = bytes.subarray(dataAt, dataAt + dataBytes);
  const describe = describers[opcodeOf(bytes, at)];
  let meaning: string;
  try {
    meaning = describe?.(bytes, at, data) ?? '';
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    meaning = `malformed: ${error.reason}`;
  }
  const cut = data.length < dataBytes ? ` (${data.length} here)` : '';
  const size = dataBytes === 0 ? '' : `, ${dataBytes} data bytes${cut}`;
  const head = `${opcodeName(opcodeOf(bytes, at))} ITT ${tag(initiatorTaskTag(bytes, at))}${requestNumbers(bytes, at)}${size}`;
  return meaning === '' ? head : `${head}: ${meaning}`;
}
