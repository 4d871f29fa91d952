/** PDUs as an initiator might send them (RFC 7143 §11), drawn from dice: every SCSI command there is, data asked for and unasked, and all requests. */
import { be32, EMPTY_BYTES, putBe16, putBe32, utf8Bytes } from '../../src/base/bytes.ts';
import { below, chance, type Rng } from '../../src/base/rng.ts';
import { commandDefinitions } from '../../src/storage/scsi/command-table.ts';
import {
  BASIC_HEADER_BYTES,
  FINAL_BIT,
  IMMEDIATE_BIT,
  LOGIN_REQUEST,
  LOGOUT_REQUEST,
  NOP_OUT,
  putHeader,
  RESERVED_TAG,
  SCSI_COMMAND,
  TASK_MANAGEMENT_REQUEST,
  TEXT_REQUEST,
} from '../../src/wire/iscsi/basic-header.ts';
import { putSnackRequest, SNACK_DATA_ACK, SNACK_RDATA, SNACK_STATUS, TASK_REASSIGN } from '../../src/wire/iscsi/control.ts';
import { putDataOut } from '../../src/wire/iscsi/data.ts';
import { putLun } from '../../src/wire/iscsi/lun.ts';

export interface Pdu {
  readonly header: Uint8Array;
  readonly data: Uint8Array;
}

/** A Ready To Transfer that came, to be answered. */
export interface Asked {
  readonly tag: number;
  readonly transferTag: number;
  readonly offset: number;
  readonly length: number;
}

const KEYS = [
  'InitiatorName=iqn.2026-01.net.example:host1',
  'TargetName=iqn.2026-01.net.samewire:disk',
  'SessionType=Normal',
  'SessionType=Discovery',
  'AuthMethod=CHAP,None',
  'AuthMethod=None',
  'CHAP_A=5,7',
  'CHAP_N=user',
  'CHAP_R=0x00112233',
  'CHAP_I=1',
  'CHAP_C=0bAAAA',
  'HeaderDigest=CRC32C,None',
  'DataDigest=None',
  'MaxRecvDataSegmentLength=512',
  'MaxRecvDataSegmentLength=16777215',
  'MaxBurstLength=512',
  'FirstBurstLength=16777215',
  'MaxConnections=65535',
  'InitialR2T=No',
  'ImmediateData=No',
  'MaxOutstandingR2T=65535',
  'ErrorRecoveryLevel=2',
  'IFMarker=Yes',
  'iSCSIProtocolLevel=2',
  'TaskReporting=RFC3720',
  'SendTargets=All',
  'SendTargets=',
  'X-com.example=1',
  'DataPDUInOrder=No',
] as const;

/** Zero-ended pairs: mostly keys that exist, some with a byte changed, some of no form at all. */
export function someText(rng: Rng): Uint8Array {
  let text = '';
  for (let count = 1 + below(rng, 6); count > 0; count -= 1) {
    const pair = KEYS[below(rng, KEYS.length)]!;
    const dice = below(rng, 10);
    if (dice === 0) text += 'a=\0'.repeat(below(rng, 400));
    else if (dice === 1) text += `${pair.slice(0, below(rng, pair.length))}${String.fromCharCode(below(rng, 256))}\0`;
    else text += `${pair}${chance(rng, 0.05) ? '9'.repeat(below(rng, 300)) : ''}\0`;
  }
  return utf8Bytes(text);
}

export interface SourceState {
  readonly rng: Rng;
  commandSequenceNumber: number;
  /** ExpStatSN. */
  expectedStatus: number;
  /** Of a Data-In that asked to be acknowledged. */
  acknowledgeTag: number;
  nextTag: number;
  readonly asked: Asked[];
  /** Data announced to come unasked. */
  readonly unsolicited: Asked[];
  readonly luns: number;
  /** By LUN. */
  readonly blockBytes: readonly number[];
  readonly unitBytes: number;
}

const request = (state: SourceState, opcode: number, flags: number, dataBytes: number, tag: number): Uint8Array => {
  const header = new Uint8Array(BASIC_HEADER_BYTES);
  putHeader(header, 0, opcode, flags, dataBytes, tag);
  putBe32(header, 24, state.commandSequenceNumber);
  putBe32(header, 28, state.expectedStatus);
  if ((opcode & IMMEDIATE_BIT) === 0) state.commandSequenceNumber = (state.commandSequenceNumber + 1) >>> 0;
  return header;
};

const immediacy = (rng: Rng): number => (chance(rng, 0.15) ? IMMEDIATE_BIT : 0);
const takeTag = (state: SourceState): number => (state.nextTag += 1);
const earlierTag = (state: SourceState): number => Math.max(1, state.nextTag - below(state.rng, 6));

/** A CDB of any command, its fields small more often than not. */
function someCdb(state: SourceState): Uint8Array {
  const { rng } = state;
  const cdb = new Uint8Array(16);
  const definition = commandDefinitions[below(rng, commandDefinitions.length)]!;
  const { usage } = definition;
  for (let byte = 0; byte < Math.min(16, usage.length); byte += 1) {
    const dice = below(rng, 8);
    const value = dice < 5 ? 0 : dice === 5 ? below(rng, 8) : dice === 6 ? below(rng, 256) : 0xff;
    cdb[byte] = value & usage[byte]!;
  }
  cdb[0] = definition.operationCode;
  if (definition.serviceAction !== undefined) {
    if (definition.operationCode === 0x7f) putBe16(cdb, 8, definition.serviceAction);
    else cdb[1] = (cdb[1]! & 0xe0) | definition.serviceAction;
  }
  // Most commands carry their length in the last bytes: a small one, that data-out can fill.
  if (chance(rng, 0.6)) {
    const at = usage.length === 6 ? 4 : usage.length === 10 ? 8 : usage.length === 12 ? 9 : 13;
    cdb[at] = below(rng, 24);
  }
  return cdb;
}

/** READ(10), WRITE(10) and their like with everything right: data in every way it can come. */
function goodTransfer(state: SourceState): Pdu {
  const { rng } = state;
  const lun = below(rng, state.luns);
  const blockBytes = state.blockBytes[lun]!;
  const unitBlocks = state.unitBytes / blockBytes;
  const code = [0x28, 0x28, 0x28, 0x2a, 0x2a, 0x2a, 0x2a, 0x2e, 0x88, 0x8a, 0x89][below(rng, 11)]!;
  const blocks = 1 + below(rng, chance(rng, 0.15) ? unitBlocks - 1 : 4);
  const cdb = new Uint8Array(16);
  cdb[0] = code;
  if (code >= 0x80) {
    putBe32(cdb, 6, below(rng, unitBlocks - blocks + 1));
    if (code === 0x89) cdb[13] = Math.min(blocks, 16);
    else putBe32(cdb, 10, blocks);
  } else {
    putBe32(cdb, 2, below(rng, unitBlocks - blocks + 1));
    putBe16(cdb, 7, blocks);
  }
  const write = code !== 0x28 && code !== 0x88;
  const length = (code === 0x89 ? 2 * Math.min(blocks, 16) : blocks) * blockBytes;
  const immediateBytes = write && chance(rng, 0.5) ? Math.min(length, [length, 512, 20_000][below(rng, 3)]!, 65536) : 0;
  const unsolicited = write && immediateBytes < length && chance(rng, 0.15);
  const header = request(
    state,
    SCSI_COMMAND | immediacy(rng),
    (unsolicited ? 0 : FINAL_BIT) | (write ? 0x20 : 0x40) | (chance(rng, 0.1) ? below(rng, 5) : 1),
    immediateBytes,
    takeTag(state),
  );
  putLun(header, 8, lun);
  putBe32(header, 20, length);
  header.set(cdb, 32);
  if (unsolicited)
    state.unsolicited.push({
      tag: state.nextTag,
      transferTag: RESERVED_TAG,
      offset: immediateBytes,
      length: Math.min(length - immediateBytes, 512),
    });
  return { header, data: someData(rng, immediateBytes) };
}

function scsiCommand(state: SourceState): Pdu {
  const { rng } = state;
  if (chance(rng, 0.65)) return goodTransfer(state);
  const direction = below(rng, 8);
  const write = direction >= 4;
  const length = [0, 8, 24, 512, 1024, 4096, 8192, 65536, 262144][below(rng, 9)]!;
  const immediateBytes = write && chance(rng, 0.6) ? Math.min(length, [length, 8, 512, 20_000][below(rng, 4)]!) : 0;
  const unsolicited = write && chance(rng, 0.2);
  const flags =
    (unsolicited ? 0 : FINAL_BIT) |
    (direction < 4 || chance(rng, 0.05) ? 0x40 : 0) |
    (write ? 0x20 : 0) |
    (chance(rng, 0.1) ? below(rng, 5) : 1);
  const header = request(state, SCSI_COMMAND | immediacy(rng), flags, immediateBytes, takeTag(state));
  putLun(header, 8, below(rng, state.luns + 1));
  putBe32(header, 20, length);
  header.set(someCdb(state), 32);
  return { header, data: someData(rng, immediateBytes) };
}

function dataOut(state: SourceState): Pdu {
  const { rng } = state;
  const asked = state.unsolicited.shift() ?? state.asked[0];
  const header = new Uint8Array(BASIC_HEADER_BYTES);
  if (asked === undefined || chance(rng, 0.1)) {
    const bytes = [0, 512, 4096, 20_000][below(rng, 4)]!;
    putDataOut(header, 0, 0, earlierTag(state), RESERVED_TAG, 0, below(rng, 2), below(rng, 3) * 512, bytes, chance(rng, 0.7));
    return { header, data: someData(rng, bytes) };
  }
  if (asked === state.asked[0]) state.asked.shift();
  const bytes = Math.min(asked.length, 262144);
  const whole = bytes === asked.length;
  putDataOut(header, 0, 0, asked.tag, asked.transferTag, 0, 0, asked.offset, bytes, whole);
  return { header, data: someData(rng, bytes) };
}

/** TASK REASSIGN of a task that may have been on another connection. */
export function reassignment(state: SourceState, tag: number): Pdu {
  const header = request(state, TASK_MANAGEMENT_REQUEST | IMMEDIATE_BIT, FINAL_BIT | TASK_REASSIGN, 0, takeTag(state));
  putBe32(header, 20, tag);
  putBe32(header, 36, chance(state.rng, 0.5) ? 0 : below(state.rng, 4));
  return { header, data: EMPTY_BYTES };
}

function management(state: SourceState): Pdu {
  const { rng } = state;
  // A reset of everything now and then; mostly what concerns few.
  const code = chance(rng, 0.1) ? 1 + below(rng, 8) : chance(rng, 0.3) ? TASK_REASSIGN : 1 + below(rng, 2);
  const header = request(state, TASK_MANAGEMENT_REQUEST | (chance(rng, 0.5) ? IMMEDIATE_BIT : 0), FINAL_BIT | code, 0, takeTag(state));
  putLun(header, 8, below(rng, state.luns));
  putBe32(header, 20, earlierTag(state));
  putBe32(header, 32, (state.commandSequenceNumber - 2 + below(rng, 4)) >>> 0);
  if (code === TASK_REASSIGN) putBe32(header, 36, below(rng, 4));
  return { header, data: EMPTY_BYTES };
}

function text(state: SourceState): Pdu {
  const { rng } = state;
  const data = chance(rng, 0.1) ? EMPTY_BYTES : someText(rng);
  const header = request(
    state,
    TEXT_REQUEST | immediacy(rng),
    [FINAL_BIT, FINAL_BIT, 0x40, 0][below(rng, 4)]!,
    data.length,
    takeTag(state),
  );
  putBe32(header, 20, chance(rng, 0.8) ? RESERVED_TAG : 1 + below(rng, 3));
  return { header, data };
}

function nop(state: SourceState): Pdu {
  const { rng } = state;
  const bytes = chance(rng, 0.5) ? 0 : [1, 100, 9000, 70_000][below(rng, 4)]!;
  const header = request(state, NOP_OUT | immediacy(rng), FINAL_BIT, bytes, chance(rng, 0.8) ? takeTag(state) : RESERVED_TAG);
  putBe32(header, 20, chance(rng, 0.8) ? RESERVED_TAG : 1);
  return { header, data: someData(rng, bytes) };
}

/** A SNACK for something that may have been sent. */
function snack(state: SourceState): Pdu {
  const { rng } = state;
  const type = below(rng, 4);
  const header = new Uint8Array(BASIC_HEADER_BYTES);
  const begin = type === SNACK_STATUS ? (state.expectedStatus - 2 + below(rng, 4)) >>> 0 : below(rng, 4);
  const transferTag = type === SNACK_RDATA ? 1 + below(rng, 9) : type === SNACK_DATA_ACK ? state.acknowledgeTag : RESERVED_TAG;
  const whole = type === SNACK_RDATA || chance(rng, 0.3);
  putSnackRequest(
    header,
    0,
    type,
    below(rng, state.luns),
    earlierTag(state),
    transferTag,
    whole ? 0 : begin,
    whole ? 0 : below(rng, 3),
    state.expectedStatus,
  );
  return { header, data: EMPTY_BYTES };
}

function other(state: SourceState): Pdu {
  const { rng } = state;
  const kind = below(rng, 12);
  if (kind === 0) {
    const header = request(state, LOGOUT_REQUEST | immediacy(rng), FINAL_BIT | below(rng, 3), 0, takeTag(state));
    putBe16(header, 20, below(rng, 3));
    return { header, data: EMPTY_BYTES };
  }
  if (kind < 6) return snack(state);
  if (kind < 8) return loginRequest(rng, someText(rng));
  return { header: request(state, below(rng, 64) | IMMEDIATE_BIT, below(rng, 256), 0, takeTag(state)), data: EMPTY_BYTES };
}

export function loginRequest(rng: Rng, data: Uint8Array): Pdu {
  const header = new Uint8Array(BASIC_HEADER_BYTES);
  putHeader(header, 0, LOGIN_REQUEST | IMMEDIATE_BIT, [0x87, 0x81, 0x04, 0x00, 0x40, 0x44, 0x83][below(rng, 7)]!, data.length, 1);
  header[8] = 0x80;
  header[13] = below(rng, 3);
  return { header, data };
}

/** The next PDU of a session that goes on as it should, more or less. */
export function nextPdu(state: SourceState): Pdu {
  const dice = below(state.rng, 100);
  if ((state.asked.length !== 0 || state.unsolicited.length !== 0) && dice < 60) return dataOut(state);
  if (dice < 62) return scsiCommand(state);
  if (dice < 66) return dataOut(state);
  if (dice < 72) return scsiCommand(state);
  if (dice < 78) return management(state);
  if (dice < 80) return snack(state);
  if (dice < 87) return nop(state);
  return dice < 95 ? text(state) : other(state);
}

const noise = new Uint8Array(262144).map((_, index) => (index * 31) & 0xff);

function someData(rng: Rng, bytes: number): Uint8Array {
  if (bytes > 4096 || bytes === 0) return noise.subarray(0, bytes);
  const kind = below(rng, 3);
  if (kind === 0) return new Uint8Array(bytes);
  if (kind === 1) return rng.fill(new Uint8Array(bytes));
  return noise.subarray(0, bytes);
}

/** Where the R2Ts in a run of target PDUs point; the run is whole PDUs. */
export const askedBy = (pdu: Uint8Array, at: number): Asked => ({
  tag: be32(pdu, at + 16),
  transferTag: be32(pdu, at + 20),
  offset: be32(pdu, at + 40),
  length: be32(pdu, at + 44),
});
