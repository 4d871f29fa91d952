import { describe, expect, it } from 'vitest';
import { broken } from '../testing/gates.ts';

describe('an array in LIO', () => {
  it.each(['targetcli', 'saveconfig.json'] as const)('comes back from what `%s` is given, 40 arrays', (gate) => {
    expect(broken(gate, 40)).toBeUndefined();
  });
});
