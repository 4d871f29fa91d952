/** Sense data in fixed and descriptor format (SPC-5 §4.4), and the sense keys and additional sense codes we use by name. */
import { be32, be64, DecodeError, putBe32, putBe64 } from '../../base/bytes.ts';

/** SPC-5 table 49. */
export const SENSE_KEYS = [
  'NO SENSE',
  'RECOVERED ERROR',
  'NOT READY',
  'MEDIUM ERROR',
  'HARDWARE ERROR',
  'ILLEGAL REQUEST',
  'UNIT ATTENTION',
  'DATA PROTECT',
  'BLANK CHECK',
  'VENDOR SPECIFIC',
  'COPY ABORTED',
  'ABORTED COMMAND',
  'RESERVED',
  'VOLUME OVERFLOW',
  'MISCOMPARE',
  'COMPLETED',
] as const;

export type SenseKey = (typeof SENSE_KEYS)[number];

/** Additional sense codes (SPC-5 annex F), code in the high byte and qualifier in the low, with the words of the standard. */
export const ADDITIONAL_SENSE = {
  NONE: [0x0000, 'no additional sense information'],
  OPERATION_IN_PROGRESS: [0x0016, 'operation in progress'],
  NOT_READY_IN_TRANSITION: [0x040a, 'logical unit not accessible, asymmetric access state transition'],
  NOT_READY_STANDBY: [0x040b, 'logical unit not accessible, target port in standby state'],
  NOT_READY_UNAVAILABLE: [0x040c, 'logical unit not accessible, target port in unavailable state'],
  NOT_READY_BECOMING_READY: [0x0401, 'logical unit is in process of becoming ready'],
  NOT_READY_INITIALIZING_COMMAND_REQUIRED: [0x0402, 'logical unit not ready, initializing command required'],
  NOT_READY_SANITIZE: [0x041b, 'logical unit not ready, sanitize in progress'],
  NOT_READY_OFFLINE: [0x0412, 'logical unit not ready, offline'],
  UNREACHABLE_COPY_TARGET: [0x0804, 'unreachable copy target'],
  WRITE_ERROR: [0x0c00, 'write error'],
  UNEXPECTED_UNSOLICITED_DATA: [0x0c0c, 'write error - unexpected unsolicited data'],
  NOT_ENOUGH_UNSOLICITED_DATA: [0x0c0d, 'write error - not enough unsolicited data'],
  COPY_TARGET_DEVICE_NOT_REACHABLE: [0x0d02, 'copy target device not reachable'],
  INVALID_INFORMATION_UNIT: [0x0e00, 'invalid information unit'],
  UNRECOVERED_READ_ERROR: [0x1100, 'unrecovered read error'],
  FAILED_RETRANSMISSION_REQUEST: [0x1113, 'read error - failed retransmission request'],
  INVALID_FIELD_IN_INFORMATION_UNIT: [0x0e03, 'invalid field in command information unit'],
  PARAMETER_LIST_LENGTH_ERROR: [0x1a00, 'parameter list length error'],
  MISCOMPARE_DURING_VERIFY: [0x1d00, 'miscompare during verify operation'],
  INVALID_OPCODE: [0x2000, 'invalid command operation code'],
  LBA_OUT_OF_RANGE: [0x2100, 'logical block address out of range'],
  INVALID_FIELD_IN_CDB: [0x2400, 'invalid field in CDB'],
  LOGICAL_UNIT_NOT_SUPPORTED: [0x2500, 'logical unit not supported'],
  INVALID_FIELD_IN_PARAMETER_LIST: [0x2600, 'invalid field in parameter list'],
  PARAMETER_VALUE_INVALID: [0x2602, 'parameter value invalid'],
  INVALID_RELEASE_OF_PERSISTENT_RESERVATION: [0x2604, 'invalid release of persistent reservation'],
  TOO_MANY_TARGET_DESCRIPTORS: [0x2606, 'too many target descriptors'],
  UNSUPPORTED_TARGET_DESCRIPTOR: [0x2607, 'unsupported target descriptor type code'],
  TOO_MANY_SEGMENT_DESCRIPTORS: [0x2608, 'too many segment descriptors'],
  UNSUPPORTED_SEGMENT_DESCRIPTOR: [0x2609, 'unsupported segment descriptor type code'],
  UNEXPECTED_INEXACT_SEGMENT: [0x260a, 'unexpected inexact segment'],
  INLINE_DATA_LENGTH_EXCEEDED: [0x260b, 'inline data length exceeded'],
  WRITE_PROTECTED: [0x2700, 'write protected'],
  SPACE_ALLOCATION_FAILED: [0x2707, 'space allocation failed write protect'],
  MEDIUM_MAY_HAVE_CHANGED: [0x2800, 'not ready to ready change, medium may have changed'],
  POWER_ON_OR_RESET: [0x2900, 'power on, reset, or bus device reset occurred'],
  BUS_DEVICE_RESET: [0x2903, 'bus device reset function occurred'],
  NEXUS_LOSS: [0x2907, 'I_T nexus loss occurred'],
  MODE_PARAMETERS_CHANGED: [0x2a01, 'mode parameters changed'],
  RESERVATIONS_PREEMPTED: [0x2a03, 'reservations preempted'],
  RESERVATIONS_RELEASED: [0x2a04, 'reservations released'],
  REGISTRATIONS_PREEMPTED: [0x2a05, 'registrations preempted'],
  ASYMMETRIC_ACCESS_STATE_CHANGED: [0x2a06, 'asymmetric access state changed'],
  IMPLICIT_TRANSITION_FAILED: [0x2a07, 'implicit asymmetric access state transition failed'],
  CAPACITY_CHANGED: [0x2a09, 'capacity data has changed'],
  COMMAND_SEQUENCE_ERROR: [0x2c00, 'command sequence error'],
  COMMANDS_CLEARED_BY_ANOTHER_INITIATOR: [0x2f00, 'commands cleared by another initiator'],
  SANITIZE_FAILED: [0x3103, 'sanitize command failed'],
  SAVING_PARAMETERS_NOT_SUPPORTED: [0x3900, 'saving parameters not supported'],
  MEDIUM_NOT_PRESENT: [0x3a00, 'medium not present'],
  MEDIUM_NOT_PRESENT_TRAY_CLOSED: [0x3a01, 'medium not present - tray closed'],
  MEDIUM_NOT_PRESENT_TRAY_OPEN: [0x3a02, 'medium not present - tray open'],
  REPORTED_LUNS_CHANGED: [0x3f0e, 'reported LUNs data has changed'],
  INTERNAL_TARGET_FAILURE: [0x4400, 'internal target failure'],
  PROTOCOL_SERVICE_CRC_ERROR: [0x4705, 'protocol service CRC error'],
  COMMANDS_CLEARED_BY_ISCSI: [0x477f, 'some commands cleared by iSCSI protocol event'],
  DATA_PHASE_ERROR: [0x4b00, 'data phase error'],
  OVERLAPPED_COMMANDS: [0x4e00, 'overlapped commands attempted'],
  MEDIUM_REMOVAL_PREVENTED: [0x5302, 'medium removal prevented'],
  INSUFFICIENT_RESOURCES: [0x5503, 'insufficient resources'],
  INSUFFICIENT_REGISTRATION_RESOURCES: [0x5504, 'insufficient registration resources'],
  SET_TARGET_PORT_GROUPS_FAILED: [0x670a, 'set target port groups command failed'],
} as const satisfies Record<string, readonly [number, string]>;

export type AdditionalSense = keyof typeof ADDITIONAL_SENSE;

/** What sense data means. Unset fields are absent from the wire, or marked invalid there. */
export interface Sense {
  readonly key: SenseKey;
  /** Additional sense code in the high byte, its qualifier in the low. */
  readonly code: number;
  /** INFORMATION field: a logical block address, an offset of a miscompare, ... */
  readonly information?: number;
  /** Which byte (and bit) of the CDB or the parameter list is wrong (SPC-5 §4.4.2.4.2). */
  readonly field?: { readonly inCdb: boolean; readonly byte: number; readonly bit?: number };
  /** How far a background operation has come, 0 to 65535 (SPC-5 §4.4.2.4.4). */
  readonly progress?: number;
}

export const sense = (key: SenseKey, code: AdditionalSense, extra: Omit<Sense, 'key' | 'code'> = {}): Sense => ({
  key,
  code: ADDITIONAL_SENSE[code][0],
  ...extra,
});

export const FIXED_SENSE_BYTES = 18;

function putKeySpecific(value: Sense, out: Uint8Array, offset: number): void {
  if (value.field !== undefined) {
    out[offset] = 0x80 | (value.field.inCdb ? 0x40 : 0) | (value.field.bit === undefined ? 0 : 0x08 | value.field.bit);
    out[offset + 1] = value.field.byte >>> 8;
    out[offset + 2] = value.field.byte;
  } else if (value.progress !== undefined) {
    out[offset] = 0x80;
    out[offset + 1] = value.progress >>> 8;
    out[offset + 2] = value.progress;
  }
}

/** Fixed format, response code 70h (SPC-5 §4.4.3): always 18 bytes. */
export function encodeFixedSense(value: Sense): Uint8Array {
  const out = new Uint8Array(FIXED_SENSE_BYTES);
  out[0] = 0x70;
  out[2] = SENSE_KEYS.indexOf(value.key);
  // SPC-5 §4.4.3: VALID only if the information fits in the four bytes of this format.
  if (value.information !== undefined && value.information <= 0xffffffff) {
    out[0] |= 0x80;
    putBe32(out, 3, value.information);
  }
  out[7] = FIXED_SENSE_BYTES - 8;
  out[12] = value.code >>> 8;
  out[13] = value.code;
  putKeySpecific(value, out, 15);
  return out;
}

/** Descriptor format, response code 72h (SPC-5 §4.4.2): 8 bytes and the descriptors there is something to say in. */
export function encodeDescriptorSense(value: Sense): Uint8Array {
  const information = value.information === undefined ? 0 : 12;
  const specific = value.field === undefined && value.progress === undefined ? 0 : 8;
  const out = new Uint8Array(8 + information + specific);
  out[0] = 0x72;
  out[1] = SENSE_KEYS.indexOf(value.key);
  out[2] = value.code >>> 8;
  out[3] = value.code;
  out[7] = information + specific;
  if (value.information !== undefined) {
    out[8] = 0x00;
    out[9] = 0x0a;
    out[10] = 0x80;
    putBe64(out, 12, value.information);
  }
  if (specific !== 0) {
    const at = 8 + information;
    out[at] = 0x02;
    out[at + 1] = 0x06;
    putKeySpecific(value, out, at + 4);
  }
  return out;
}

function keySpecific(bytes: Uint8Array, offset: number, key: SenseKey): Omit<Sense, 'key' | 'code'> {
  const flags = bytes[offset]!;
  if ((flags & 0x80) === 0) return {};
  const value = (bytes[offset + 1]! << 8) | bytes[offset + 2]!;
  if (key !== 'ILLEGAL REQUEST') return { progress: value };
  return { field: { inCdb: (flags & 0x40) !== 0, byte: value, ...((flags & 0x08) === 0 ? {} : { bit: flags & 0x07 }) } };
}

/** Either format, current or deferred. Throws DecodeError. */
export function decodeSense(bytes: Uint8Array): Sense {
  if (bytes.length < 8) throw new DecodeError('scsi-sense', 0, `only ${bytes.length} bytes`);
  const response = bytes[0]! & 0x7f;
  if (response === 0x70 || response === 0x71) {
    const key = SENSE_KEYS[bytes[2]! & 0x0f]!;
    const code = bytes.length >= 14 ? (bytes[12]! << 8) | bytes[13]! : 0;
    const information = (bytes[0]! & 0x80) === 0 ? {} : { information: be32(bytes, 3) };
    return { key, code, ...information, ...(bytes.length >= 18 ? keySpecific(bytes, 15, key) : {}) };
  }
  if (response !== 0x72 && response !== 0x73) throw new DecodeError('scsi-sense', 0, `response code ${response.toString(16)}h`);
  const key = SENSE_KEYS[bytes[1]! & 0x0f]!;
  let extra: Omit<Sense, 'key' | 'code'> = {};
  const end = Math.min(bytes.length, 8 + bytes[7]!);
  for (let at = 8; at + 2 <= end; at += 2 + bytes[at + 1]!) {
    if (at + 2 + bytes[at + 1]! > end) throw new DecodeError('scsi-sense', at, 'descriptor runs past the end');
    if (bytes[at] === 0x00 && bytes[at + 1] === 0x0a && (bytes[at + 2]! & 0x80) !== 0)
      extra = { ...extra, information: be64(bytes, at + 4) };
    if (bytes[at] === 0x02 && bytes[at + 1] === 0x06) extra = { ...extra, ...keySpecific(bytes, at + 4, key) };
  }
  return { key, code: (bytes[2]! << 8) | bytes[3]!, ...extra };
}

const namesByCode = new Map<number, string>(Object.values(ADDITIONAL_SENSE).map(([code, name]) => [code, name]));

/** One line for people: `ILLEGAL REQUEST: invalid field in CDB (24h/00h), CDB byte 1 bit 7`. */
export function describeSense(value: Sense): string {
  const code = `${(value.code >>> 8).toString(16).padStart(2, '0')}h/${(value.code & 0xff).toString(16).padStart(2, '0')}h`;
  const field =
    value.field === undefined
      ? ''
      : `, ${value.field.inCdb ? 'CDB' : 'parameter list'} byte ${value.field.byte}${value.field.bit === undefined ? '' : ` bit ${value.field.bit}`}`;
  const information = value.information === undefined ? '' : `, information ${value.information}`;
  return `${value.key}: ${namesByCode.get(value.code) ?? 'additional sense'} (${code})${field}${information}`;
}
