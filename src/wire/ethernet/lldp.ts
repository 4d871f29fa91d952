/** Link Layer Discovery Protocol data units (IEEE 802.1AB-2016 §8-9): a list of type-length-value fields. */
import { be16, be24, DecodeError, latin1, putBe16, utf8Bytes, utf8Text } from '../../base/bytes.ts';
import { formatMac, getMac, MAC_BYTES } from './mac.ts';

/** Chassis and port identifiers have a subtype that says what they are (tables 8-2 and 8-3). */
export interface LldpIdentifier {
  readonly subtype: number;
  readonly value: Uint8Array;
}

export const CHASSIS_MAC = 4;
export const PORT_MAC = 3;
export const PORT_INTERFACE_NAME = 5;
export const PORT_LOCAL = 7;

export interface LldpOrganization {
  /** Organizationally unique identifier: 24 bits. */
  readonly organization: number;
  readonly subtype: number;
  readonly value: Uint8Array;
}

export interface Lldp {
  readonly chassis: LldpIdentifier;
  readonly port: LldpIdentifier;
  /** 0: what was told of this port is to be forgotten (§9.2.7.4, shutdown). */
  readonly secondsToLive: number;
  readonly portDescription?: string | undefined;
  readonly systemName?: string | undefined;
  readonly systemDescription?: string | undefined;
  /** Bit maps of what the system can do and what of it is on (table 8-4). */
  readonly capabilities?: { readonly supported: number; readonly enabled: number } | undefined;
  readonly managementAddresses: readonly Uint8Array[];
  readonly organizations: readonly LldpOrganization[];
}

export const CAPABILITY_BRIDGE = 0x0004;
export const CAPABILITY_ROUTER = 0x0010;
export const CAPABILITY_STATION = 0x0080;

const END = 0;
const CHASSIS = 1;
const PORT = 2;
const TIME_TO_LIVE = 3;
const PORT_DESCRIPTION = 4;
const SYSTEM_NAME = 5;
const SYSTEM_DESCRIPTION = 6;
const CAPABILITIES = 7;
const MANAGEMENT_ADDRESS = 8;
const ORGANIZATION = 127;
/** §8.5.2.3: identifiers are 1 to 255 bytes long. */
const IDENTIFIER_BYTES_MAX = 255;
const FIELDS_MAX = 128;

/** Throws DecodeError. */
export function decodeLldp(frame: Uint8Array, start: number, end = frame.length): Lldp {
  let chassis: LldpIdentifier | undefined;
  let port: LldpIdentifier | undefined;
  let secondsToLive: number | undefined;
  const texts = new Map<number, string>();
  let capabilities: Lldp['capabilities'];
  const managementAddresses: Uint8Array[] = [];
  const organizations: LldpOrganization[] = [];
  let at = start;
  for (let field = 1; ; field += 1) {
    if (field > FIELDS_MAX) throw new DecodeError('lldp', at, 'too many fields');
    if (at + 2 > end) throw new DecodeError('lldp', at, 'no End Of LLDPDU');
    const type = frame[at]! >>> 1;
    const bytes = be16(frame, at) & 0x1ff;
    at += 2;
    if (at + bytes > end) throw new DecodeError('lldp', at, `a field of ${bytes} bytes in ${end - at}`);
    // §8.2: Chassis ID, Port ID and Time To Live come first, in this order, once.
    if ((field <= 3 && type !== field) || (field > 3 && type >= CHASSIS && type <= TIME_TO_LIVE))
      throw new DecodeError('lldp', at - 2, `a field of type ${type} as number ${field}`);
    const value = frame.subarray(at, at + bytes);
    if (type === END) break;
    if (type === CHASSIS) chassis = identifier(value, at);
    else if (type === PORT) port = identifier(value, at);
    else if (type === TIME_TO_LIVE) {
      if (bytes < 2) throw new DecodeError('lldp', at, 'truncated Time To Live');
      secondsToLive = be16(frame, at);
    } else if (type <= SYSTEM_DESCRIPTION) texts.set(type, utf8Text(value));
    else if (type === CAPABILITIES) {
      if (bytes < 4) throw new DecodeError('lldp', at, 'truncated System Capabilities');
      capabilities = { supported: be16(frame, at), enabled: be16(frame, at + 2) };
    } else if (type === MANAGEMENT_ADDRESS) {
      const length = frame[at]! - 1;
      if (bytes < 2 || length < 1 || length > 31 || 2 + length > bytes) throw new DecodeError('lldp', at, 'bad Management Address');
      managementAddresses.push(frame.subarray(at + 2, at + 2 + length));
    } else if (type === ORGANIZATION) {
      if (bytes < 4) throw new DecodeError('lldp', at, 'truncated organizationally specific field');
      organizations.push({ organization: be24(frame, at), subtype: frame[at + 3]!, value: value.subarray(4) });
    }
    at += bytes;
  }
  if (chassis === undefined || port === undefined || secondsToLive === undefined)
    throw new DecodeError('lldp', start, 'a mandatory field is missing');
  return {
    chassis,
    port,
    secondsToLive,
    portDescription: texts.get(PORT_DESCRIPTION),
    systemName: texts.get(SYSTEM_NAME),
    systemDescription: texts.get(SYSTEM_DESCRIPTION),
    capabilities,
    managementAddresses,
    organizations,
  };
}

function identifier(value: Uint8Array, at: number): LldpIdentifier {
  if (value.length < 2 || value.length > IDENTIFIER_BYTES_MAX + 1) throw new DecodeError('lldp', at, 'bad length of an identifier');
  return { subtype: value[0]!, value: value.subarray(1) };
}

/** The data unit's bytes, with its end. Texts are cut to the 255 bytes that a field may have (§8.5.5-8.5.7). */
export function encodeLldp(lldp: Lldp): Uint8Array {
  const out: number[] = [];
  const field = (type: number, ...bytes: readonly number[]): void => {
    out.push((type << 1) | (bytes.length >>> 8), bytes.length & 0xff, ...bytes);
  };
  const textField = (type: number, text: string | undefined): void => {
    if (text !== undefined) field(type, ...utf8Bytes(text).subarray(0, 255));
  };
  field(CHASSIS, lldp.chassis.subtype, ...lldp.chassis.value);
  field(PORT, lldp.port.subtype, ...lldp.port.value);
  field(TIME_TO_LIVE, lldp.secondsToLive >>> 8, lldp.secondsToLive & 0xff);
  textField(PORT_DESCRIPTION, lldp.portDescription);
  textField(SYSTEM_NAME, lldp.systemName);
  textField(SYSTEM_DESCRIPTION, lldp.systemDescription);
  if (lldp.capabilities !== undefined) {
    const { supported, enabled } = lldp.capabilities;
    field(CAPABILITIES, supported >>> 8, supported & 0xff, enabled >>> 8, enabled & 0xff);
  }
  for (const address of lldp.managementAddresses) {
    // Address family numbers of IANA: 1 IPv4, 2 IPv6; the interface number is not known, and there is no object identifier.
    field(MANAGEMENT_ADDRESS, address.length + 1, address.length === 4 ? 1 : 2, ...address, 1, 0, 0, 0, 0, 0);
  }
  for (const { organization, subtype, value } of lldp.organizations)
    field(ORGANIZATION, organization >>> 16, (organization >>> 8) & 0xff, organization & 0xff, subtype, ...value);
  field(END);
  const bytes = Uint8Array.from(out);
  putBe16(bytes, bytes.length - 2, 0);
  return bytes;
}

/** An identifier for people: a MAC address where its subtype says so, otherwise its text. */
export const describeIdentifier = ({ subtype, value }: LldpIdentifier, macSubtype: number): string =>
  subtype === macSubtype && value.length === MAC_BYTES ? formatMac(getMac(value, 0)) : latin1(value).replace(/[^\x20-\x7e]/g, '.');
