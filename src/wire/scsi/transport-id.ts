/**
 * TransportID (SPC-5 §7.6.4): the name of an initiator port inside parameter data, in the form of its SCSI transport protocol.
 * The port names are those of SAM-5 annex A, so that they equal what the transports call their initiator ports.
 */
import { be16, DecodeError, hex, latin1, putBe16, utf8Bytes } from '../../base/bytes.ts';

/** PROTOCOL IDENTIFIER (SPC-5 table 471). */
const PROTOCOL_FIBRE_CHANNEL = 0x0;
const PROTOCOL_SRP = 0x4;
const PROTOCOL_ISCSI = 0x5;

/** SPC-5 §7.6.4: all but iSCSI's are this long. */
const FIXED_BYTES = 24;
/** SPC-5 §7.6.4.6: a name of 223 bytes, `,i,0x`, twelve digits and a null, padded to a multiple of four. */
const ISCSI_BYTES_MAX = 4 + 244;
const ISCSI_PORT_NAME = /^((?:iqn|eui|naa)\.[^,]{1,219}),i,0x([0-9a-fA-F]{12})$/;

export const TRANSPORT_ID_BYTES_MAX = ISCSI_BYTES_MAX;

export interface TransportId {
  /** For iSCSI `iqn...,i,0x00023d000001`, for Fibre Channel `naa.` and for SRP `eui.` with the port's identifier. */
  readonly initiatorPort: string;
  /** The TransportID itself, its own copy. */
  readonly bytes: Uint8Array;
}

/** The TransportID at `offset`, which must end by `end`. Throws DecodeError. */
export function decodeTransportId(bytes: Uint8Array, offset: number, end: number): TransportId {
  if (end - offset < FIXED_BYTES) throw new DecodeError('transport-id', offset, 'truncated');
  const protocol = bytes[offset]! & 0x0f;
  const format = bytes[offset]! >>> 6;
  if (protocol === PROTOCOL_ISCSI && format === 1) return decodeIscsi(bytes, offset, end);
  if (format !== 0) throw new DecodeError('transport-id', offset, `format code ${format} of protocol ${protocol}`);
  const own = bytes.slice(offset, offset + FIXED_BYTES);
  if (protocol === PROTOCOL_FIBRE_CHANNEL) return { initiatorPort: `naa.${hex(own.subarray(8, 16))}`, bytes: own };
  if (protocol === PROTOCOL_SRP) return { initiatorPort: `eui.${hex(own.subarray(8, 24))}`, bytes: own };
  // Format 00b of iSCSI names a whole initiator device, which is no I_T nexus.
  throw new DecodeError('transport-id', offset, `protocol ${protocol} names no initiator port we know`);
}

function decodeIscsi(bytes: Uint8Array, offset: number, end: number): TransportId {
  const length = 4 + be16(bytes, offset + 2);
  if (length % 4 !== 0 || length < FIXED_BYTES || length > ISCSI_BYTES_MAX || length > end - offset)
    throw new DecodeError('transport-id', offset + 2, `bad length ${length}`);
  const own = bytes.slice(offset, offset + length);
  const terminator = own.indexOf(0, 4);
  if (terminator === -1) throw new DecodeError('transport-id', offset + 4, 'name is not null-terminated');
  const match = ISCSI_PORT_NAME.exec(latin1(own, 4, terminator));
  if (match === null) throw new DecodeError('transport-id', offset + 4, 'not the name of an iSCSI initiator port');
  return { initiatorPort: `${match[1]},i,0x${match[2]!.toLowerCase()}`, bytes: own };
}

/** The TransportID of an iSCSI initiator port by its name, `iqn...,i,0x00023d000001` (format code 01b). */
export function encodeIscsiTransportId(initiatorPort: string): Uint8Array {
  const name = utf8Bytes(initiatorPort);
  // SPC-5 §7.6.4.6: the additional length is at least 20 and a multiple of four, and the name ends in at least one null.
  const length = Math.max(FIXED_BYTES, 4 + Math.ceil((name.length + 1) / 4) * 4);
  const out = new Uint8Array(length);
  out[0] = (1 << 6) | PROTOCOL_ISCSI;
  putBe16(out, 2, length - 4);
  out.set(name, 4);
  return out;
}
