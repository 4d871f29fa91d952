import { describe, expect, it } from 'vitest';
import { generateHost } from '../testing/generate-host.ts';
import { roundTrip } from '../testing/round-trip.ts';
import { iscsiadm } from './index.ts';

describe('adapters in open-iscsi', () => {
  it('come back from commands, 500 hosts', () => {
    let adapters = 0;
    for (let seed = 0; seed < 500; seed += 1) {
      const made = generateHost(seed, 'linux');
      if (!made.node.settings.some(({ key }) => key[0] === 'iscsi')) continue;
      adapters += 1;
      expect(roundTrip(iscsiadm, iscsiadm.outputs[0]!, made)).toBeUndefined();
    }
    expect(adapters).toBeGreaterThan(200);
  });
});
