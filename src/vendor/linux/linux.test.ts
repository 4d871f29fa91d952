import { describe, expect, it } from 'vitest';
import { generateHost } from '../testing/generate-host.ts';
import { roundTrip } from '../testing/round-trip.ts';
import { commandList } from './commands.ts';
import { linux } from './index.ts';

describe('linux', () => {
  it('reads of its commands what was declared, for 500 hosts', () => {
    for (let seed = 1; seed <= 500; seed += 1)
      expect(roundTrip(linux, commandList, generateHost(seed, 'linux', { without: ['device'] }))).toBeUndefined();
  });
});
