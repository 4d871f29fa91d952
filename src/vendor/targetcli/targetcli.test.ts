import { describe, expect, it } from 'vitest';
import { generateArray } from '../testing/generate-array.ts';
import { roundTrip } from '../testing/round-trip.ts';
import { targetcli } from './index.ts';

const [saveconfig, , commands] = targetcli.outputs;

describe('an array in LIO', () => {
  it('comes back from commands and from saveconfig.json, 500 arrays', () => {
    for (let seed = 0; seed < 500; seed += 1) {
      const made = generateArray(seed);
      expect(roundTrip(targetcli, commands!, made)).toBeUndefined();
      expect(roundTrip(targetcli, saveconfig!, made, { text: (node) => targetcli.emit(node).files[0]!.text })).toBeUndefined();
    }
  });
});
