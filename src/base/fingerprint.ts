/** Short names of texts that only the same text has. */
import { sha256 } from '@noble/hashes/sha2.js';
import { hex, utf8Bytes } from './bytes.ts';

/** 32 hexadecimal digits: the first half of SHA-256. */
export const fingerprint = (text: string): string => hex(sha256(utf8Bytes(text)).subarray(0, 16));
