/** What a link does to frames, in words. */
import type { LinkFaults } from '../../../src/server/page.ts';
import { shareText } from '../ui/format.ts';

export const FAULT_KINDS = ['loss', 'corruption', 'duplication', 'reordering'] as const;

/** `1 % loss, 0.1 % corruption`; empty: none. */
export const faultWords = (faults: LinkFaults): string =>
  FAULT_KINDS.filter((kind) => faults[kind] > 0)
    .map((kind) => `${shareText(faults[kind])} ${kind}`)
    .join(', ');
