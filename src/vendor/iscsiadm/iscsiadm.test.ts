import { describe, expect, it } from 'vitest';
import { broken } from '../testing/gates.ts';

describe('adapters in open-iscsi', () => {
  it('come back from commands, 40 hosts', () => {
    expect(broken('iscsiadm', 40)).toBeUndefined();
  });
});
