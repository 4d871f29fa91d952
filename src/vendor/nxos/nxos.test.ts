import { describe, expect, it } from 'vitest';
import { generateSwitch } from '../testing/generate-switch.ts';
import { roundTrip } from '../testing/round-trip.ts';
import { nxos } from './index.ts';

const [running] = nxos.outputs;

describe('what is rendered comes back', () => {
  it.each([0, 1, 2, 3])('from each of 125 switches (part %i)', (part) => {
    for (let seed = 125 * part + 1; seed <= 125 * (part + 1); seed += 1)
      expect(roundTrip(nxos, running!, generateSwitch(seed, { style: seed % 2 === 0 ? 'ethernet' : 'slot' }))).toBeUndefined();
  });
});
