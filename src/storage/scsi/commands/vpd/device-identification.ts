/** Device Identification VPD page, 83h (SPC-5 §7.8): the names of the unit, of the port it is seen through, and of the device. */
import { concat, putAscii, putBe16, utf8Bytes } from '../../../../base/bytes.ts';
import type { LogicalUnit } from '../../logical-unit.ts';
import type { Nexus } from '../../nexus.ts';

/** SPC-5 tables 454 to 456. */
const CODE_SET_BINARY = 1;
const CODE_SET_ASCII = 2;
const CODE_SET_UTF_8 = 3;
const ASSOCIATION_UNIT = 0;
const ASSOCIATION_PORT = 1;
const ASSOCIATION_DEVICE = 2;
const TYPE_T10_VENDOR_ID = 1;
const TYPE_NAA = 3;
const TYPE_RELATIVE_TARGET_PORT = 4;
const TYPE_TARGET_PORT_GROUP = 5;
const TYPE_SCSI_NAME_STRING = 8;

interface Designator {
  readonly codeSet: number;
  readonly association: number;
  readonly type: number;
  readonly identifier: Uint8Array;
}

function encodeDesignator({ codeSet, association, type, identifier }: Designator, protocol: number): Uint8Array {
  const out = new Uint8Array(4 + identifier.length);
  out[0] = (association === ASSOCIATION_UNIT ? 0 : protocol << 4) | codeSet;
  // PIV: the protocol identifier says something only of ports and devices (SPC-5 §7.8).
  out[1] = (association === ASSOCIATION_UNIT ? 0 : 0x80) | (association << 4) | type;
  out[3] = identifier.length;
  out.set(identifier, 4);
  return out;
}

/** SPC-5 §7.8: UTF-8 with a null behind it, padded with nulls to a multiple of four. */
function nameString(name: string): Uint8Array {
  const text = utf8Bytes(name);
  const out = new Uint8Array((text.length + 4) & ~3);
  out.set(text);
  return out;
}

/** SPC-5 §7.8: the vendor, and what it tells its units apart by. */
function vendorIdentifier(unit: LogicalUnit): Uint8Array {
  const { vendor, product, serial } = unit.config.identity;
  const out = new Uint8Array(24 + serial.length);
  putAscii(out, 0, vendor, 8);
  putAscii(out, 8, product, 16);
  putAscii(out, 24, serial, serial.length);
  return out;
}

function number16(value: number): Uint8Array {
  const out = new Uint8Array(4);
  putBe16(out, 2, value);
  return out;
}

export function deviceIdentification(unit: LogicalUnit, nexus: Nexus): Uint8Array {
  const { targetPort } = nexus;
  // The initiator's TransportID carries the same PROTOCOL IDENTIFIER as the port it came through (SPC-5 §7.6.4.1).
  const protocol = nexus.transportId[0]! & 0x0f;
  const binary = { codeSet: CODE_SET_BINARY };
  const name = { codeSet: CODE_SET_UTF_8, type: TYPE_SCSI_NAME_STRING };
  const designators: readonly Designator[] = [
    { ...binary, association: ASSOCIATION_UNIT, type: TYPE_NAA, identifier: unit.config.identity.naa },
    { codeSet: CODE_SET_ASCII, association: ASSOCIATION_UNIT, type: TYPE_T10_VENDOR_ID, identifier: vendorIdentifier(unit) },
    { ...binary, association: ASSOCIATION_PORT, type: TYPE_RELATIVE_TARGET_PORT, identifier: number16(targetPort.relativeId) },
    { ...binary, association: ASSOCIATION_PORT, type: TYPE_TARGET_PORT_GROUP, identifier: number16(targetPort.groupId) },
    { ...name, association: ASSOCIATION_PORT, identifier: nameString(targetPort.name) },
    { ...name, association: ASSOCIATION_DEVICE, identifier: nameString(unit.device.name) },
  ];
  return concat(designators.map((designator) => encodeDesignator(designator, protocol)));
}
