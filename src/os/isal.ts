/**
 * CRC-32C by Intel's ISA-L, where the machine has that library (Debian's `libisal2`) and koffi is installed: several times as fast as the package, which calls
 * a function for every eight bytes. Where either is missing, nothing is, and the package goes on.
 */
import { createRequire } from 'node:module';
import { type Crc32cOfRun, offerCrc32c } from '../base/crc32c.ts';

interface Koffi {
  load(path: string): { func(prototype: string): (bytes: Uint8Array, lengthBytes: number, register: number) => number };
}

/** The version whose function has this form. */
const LIBRARY = 'libisal.so.2';

export function loadIsalCrc32c(): Crc32cOfRun | undefined {
  try {
    const koffi = createRequire(import.meta.url)('koffi') as Koffi;
    const compute = koffi.load(LIBRARY).func('uint32_t crc32_iscsi(void *bytes, int lengthBytes, uint32_t register)');
    // It takes and gives the bare register, before the complement at either end that RFC 7143 §13.1 asks for.
    return (bytes, before) => ~compute(bytes, bytes.length, ~before >>> 0) >>> 0;
  } catch {
    return undefined;
  }
}

/** Loaded when the first long digest is computed: who uses none does not wait for it. */
export const offerIsal = (): void => offerCrc32c(loadIsalCrc32c);
