/** Serial number arithmetic over 32 bits (RFC 1982), as iSCSI's and TCP's sequence numbers use it. */

export const serialAdd = (a: number, increment: number): number => (a + increment) >>> 0;

/** How far `b` is ahead of `a`, as a signed 32-bit distance. */
export const serialDistance = (a: number, b: number): number => (b - a) | 0;

export const serialLess = (a: number, b: number): boolean => ((a - b) | 0) < 0;
export const serialLessOrEqual = (a: number, b: number): boolean => ((a - b) | 0) <= 0;
