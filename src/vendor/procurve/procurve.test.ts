import { describe, expect, it } from 'vitest';
import { keyText } from '../core/setting.ts';
import { generateSwitch } from '../testing/generate-switch.ts';
import { roundTrip } from '../testing/round-trip.ts';
import { procurve } from './index.ts';
import { runningConfig } from './running-config.ts';

describe('procurve', () => {
  it('reads of its commands what was declared, for 500 switches', () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const made = generateSwitch(seed, { style: seed % 2 === 0 ? 'letter' : 'number' });
      // Of `trunk: all` the switch has the VLANs that are set up, which is told with the rest that it can't have.
      const unsaid = new Set(procurve.emit(made.node).unsaid.map(({ setting }) => keyText(setting.key)));
      expect(roundTrip(procurve, runningConfig, made, { only: (key) => !unsaid.has(keyText(key)) })).toBeUndefined();
    }
  });
});
