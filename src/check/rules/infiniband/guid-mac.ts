/** The MAC address that IPoIB of Windows makes of a GUID, for the system alone: it does not go over the wire. */
import { bitsSet } from './guid-mask.ts';

const BYTES = [0, 1, 2, 3, 4, 5, 6, 7];

/** Twelve hexadecimal digits; undefined: the driver numbers such ports, or another maker's rule counts. */
export function macOfGuid(guid: string, mask: number | undefined): string | undefined {
  const byte = (index: number): string => guid.slice(index * 2, index * 2 + 2);
  // A mask that does not choose six bytes is not used.
  if (mask !== undefined && bitsSet(mask) === 6)
    return BYTES.filter((index) => (mask & (0x80 >> index)) !== 0)
      .map(byte)
      .join('');
  if (guid.startsWith('0002c90200')) return `0002c9${guid.slice(10)}`;
  return guid.startsWith('0002c90300') ? `0002ca${guid.slice(10)}` : undefined;
}
