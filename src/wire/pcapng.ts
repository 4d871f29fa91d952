/**
 * Capture files: PCAP Next Generation (draft-ietf-opsawg-pcapng), little-endian, with nanosecond stamps, names of interfaces and comments.
 * Only written here: reading is Wireshark's.
 */
import { utf8Bytes } from '../base/bytes.ts';

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const LINK_TYPE_ETHERNET = 1;

const OPTION_END = 0;
const OPTION_COMMENT = 1;
const OPTION_INTERFACE_NAME = 2;
const OPTION_INTERFACE_DESCRIPTION = 3;
const OPTION_USER_APPLICATION = 4;
const OPTION_PACKET_FLAGS = 2;
const OPTION_TIME_RESOLUTION = 9;
/** Text of an option is cut to this. */
const TEXT_BYTES_MAX = 1024;

interface Option {
  readonly code: number;
  readonly value: Uint8Array;
}

const textOption = (code: number, text: string): Option => ({ code, value: utf8Bytes(text).subarray(0, TEXT_BYTES_MAX) });
const paddedBytes = (bytes: number): number => (bytes + 3) & ~3;

/** A block (§3.1): type and length, `bodyBytes` of body, options, length again. */
function block(
  type: number,
  bodyBytes: number,
  options: readonly Option[],
  writeBody: (bytes: Uint8Array, view: DataView) => void,
): Uint8Array {
  let optionBytes = 0;
  for (const { value } of options) optionBytes += 4 + paddedBytes(value.length);
  if (optionBytes !== 0) optionBytes += 4;
  const bodyPadded = paddedBytes(bodyBytes);
  const total = 12 + bodyPadded + optionBytes;
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, total, true);
  writeBody(bytes, view);
  let at = 8 + bodyPadded;
  for (const { code, value } of options) {
    view.setUint16(at, code, true);
    view.setUint16(at + 2, value.length, true);
    bytes.set(value, at + 4);
    at += 4 + paddedBytes(value.length);
  }
  if (options.length !== 0) view.setUint16(at, OPTION_END, true);
  view.setUint32(total - 4, total, true);
  return bytes;
}

/** What a file begins with (§4.1). */
export const sectionHeader = (application: string): Uint8Array =>
  block(SECTION_HEADER, 16, [textOption(OPTION_USER_APPLICATION, application)], (_bytes, view) => {
    view.setUint32(8, BYTE_ORDER_MAGIC, true);
    view.setUint16(12, 1, true);
    // The section's length is not known: -1.
    view.setUint32(16, 0xffff_ffff, true);
    view.setUint32(20, 0xffff_ffff, true);
  });

/** Interfaces are numbered in the order in which they are written (§4.2). */
export const interfaceDescription = (name: string, description: string | undefined, snapBytes = 0): Uint8Array =>
  block(
    INTERFACE_DESCRIPTION,
    8,
    [
      textOption(OPTION_INTERFACE_NAME, name),
      ...(description === undefined ? [] : [textOption(OPTION_INTERFACE_DESCRIPTION, description)]),
      { code: OPTION_TIME_RESOLUTION, value: Uint8Array.of(9) },
    ],
    (_bytes, view) => {
      view.setUint16(8, LINK_TYPE_ETHERNET, true);
      view.setUint32(12, snapBytes, true);
    },
  );

export type PacketDirection = 'in' | 'out';

/**
 * A frame as it passed an interface (§4.3). Nanoseconds since 1970 need more than 53 bits: they come as two 32-bit halves. `comment` says what
 * became of the frame.
 */
export const enhancedPacket = (
  interfaceIndex: number,
  nanosHigh: number,
  nanosLow: number,
  frame: Uint8Array,
  direction: PacketDirection | undefined,
  comment: string | undefined,
  /** Of the frame as it was, where not all of it is kept. */
  originalBytes = frame.length,
): Uint8Array =>
  block(
    ENHANCED_PACKET,
    20 + frame.length,
    [
      ...(direction === undefined ? [] : [{ code: OPTION_PACKET_FLAGS, value: Uint8Array.of(direction === 'in' ? 1 : 2, 0, 0, 0) }]),
      ...(comment === undefined ? [] : [textOption(OPTION_COMMENT, comment)]),
    ],
    (bytes, view) => {
      view.setUint32(8, interfaceIndex, true);
      view.setUint32(12, nanosHigh, true);
      view.setUint32(16, nanosLow, true);
      view.setUint32(20, frame.length, true);
      view.setUint32(24, originalBytes, true);
      bytes.set(frame, 28);
    },
  );
