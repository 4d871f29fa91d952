import { expect, it } from 'vitest';
import { fingerprint } from './fingerprint.ts';

// FIPS 180-4's example "abc", cut in half.
it('is the first half of SHA-256', () => expect(fingerprint('abc')).toBe('ba7816bf8f01cfea414140de5dae2223'));
