/** RFC 7143 §13.14: FirstBurstLength must not exceed MaxBurstLength, on the initiator's side too. */
import { settingsOf } from '../../../fabric/host-model.ts';
import { formatSize } from '../../../fabric/size.ts';
import { hostExample } from '../../example.ts';
import type { Rule } from '../../rule.ts';
import { adaptersOf } from '../../walk.ts';

const settings = (maxBurst: string): string => hostExample(`discovery: [array1]\nsettings: { firstBurst: 512KiB, maxBurst: ${maxBurst} }`);

export const adapterBursts: Rule = {
  id: 'SW-1036',
  name: 'adapter-bursts',
  severity: 'error',
  title: 'An adapter offers a first burst that is longer than any burst',
  meaning: 'FirstBurstLength must not exceed MaxBurstLength (RFC 7143 §13.14); targets refuse the login.',
  remedy: 'Make `maxBurst` at least `firstBurst`, also where only one of them is said for a server or a target.',
  ignored: 'The login fails with a parameter error before any disk is seen.',
  source: ['RFC 7143 §13.14'],
  examples: { fail: settings('256KiB'), pass: settings('512KiB') },
  check: (fabric) =>
    adaptersOf(fabric).flatMap(({ adapter }) =>
      [{ at: adapter.at, changes: {} }, ...adapter.servers, ...adapter.targets]
        .map(({ at, changes }) => ({
          at,
          said: 'firstBurstBytes' in changes || 'maxBurstBytes' in changes,
          settings: settingsOf(adapter, changes),
        }))
        .filter(
          ({ at, said, settings: { firstBurstBytes, maxBurstBytes } }) => firstBurstBytes > maxBurstBytes && (said || at === adapter.at),
        )
        .map(({ at, settings: { firstBurstBytes, maxBurstBytes } }) => ({
          at: [...at, 'settings'],
          message: `A first burst of ${formatSize(firstBurstBytes)} is longer than the longest burst, ${formatSize(maxBurstBytes)}.`,
          remedy: `Write \`firstBurst: ${formatSize(maxBurstBytes)}\` or less, or raise \`maxBurst\`.`,
        })),
    ),
};
