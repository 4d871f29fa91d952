/** Who is willing has somebody to listen to. */
import { bothWays, exchangeOf, isWilling, losslessLinks, whose } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { linkExample } from './examples.ts';
import { DCBX } from './words.ts';

const example = (version: string): string =>
  linkExample({
    nic: 'dcb: { dcbx: ieee, willing: true }',
    port: `vlan: 10, dcb: { dcbx: ${version}, willing: false, pfc: [3] }`,
  });

export const dcbxOneSided: Rule = {
  id: 'SW-1127',
  name: 'dcbx-one-sided',
  severity: 'error',
  title: 'One end of a link waits for settings by DCBX, and the other does not speak it',
  meaning:
    'Who is willing has the settings of the other end, or its defaults: PFC off. Forced settings at a switch tell an adapter nothing.',
  remedy: 'Turn DCBX on at the other end, or write `willing: false` and all settings at this one.',
  ignored: 'PFC is on at the switch, its counters stay at zero, and the adapter drops or overruns.',
  source: [DCBX, DEMARTEK_GUIDE],
  examples: { fail: example('none'), pass: example('ieee') },
  check: (fabric) =>
    losslessLinks(fabric).flatMap((link) =>
      exchangeOf(link) !== 'one-sided'
        ? []
        : bothWays(link).flatMap(([one, other]): Finding[] => {
            if (!isWilling(one) || other.dcb.dcbx?.value !== 'none') return [];
            const silent = other.dcb.dcbx;
            return [
              {
                at: one.dcb.willing!.at,
                message: `\`${one.place}\` takes over what \`${other.place}\` says by DCBX, and \`${other.place}\` does not speak it.`,
                remedy: `Write \`dcbx: ${one.dcb.dcbx?.value ?? 'ieee'}\` at \`${whose(other, silent)}\`, or \`willing: false\` and all settings here.`,
                related: [{ at: silent.at, message: `\`${other.place}\`` }],
                cause: silent.at,
                restsOn: [silent.at],
              },
            ];
          }),
    ),
};
