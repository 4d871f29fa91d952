/** How a failure is noticed fits the team. */
import { type Bundle, bundlesOf } from '../../bundles.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LINUX_BONDING, VSPHERE_NETWORKING } from './documents.ts';
import { twoSwitches, vSwitch } from './examples.ts';

const example = (detection: string): string =>
  twoSwitches(vSwitch(`teaming: { detection: ${detection} }, `), '', '').replaceAll('47: {}', '1: { tagged: [10] }');

export const failureDetection: Rule = {
  id: 'SW-1087',
  name: 'failure-detection',
  severity: 'warning',
  title: 'A team looks for failures in a way that does not work with it',
  meaning:
    'Beacons that do not arrive tell of a failure, but of two ports not at which of them: it takes three. In an aggregation beacons and ARP probes take any port, and prove nothing.',
  remedy: 'Write `detection: link`, and let the switch shut its ports down when it loses its own uplinks.',
  ignored: 'When one of two uplinks fails behind the switch, frames are sent by both, or the wrong one is given up.',
  source: [VSPHERE_NETWORKING, LINUX_BONDING],
  examples: { fail: example('beacon'), pass: example('link') },
  check: (fabric) => bundlesOf(fabric).flatMap((bundle) => (bundle.isGroup ? [] : unfit(bundle))),
};

function unfit({ at, name, members, teaming: { detection, mode } }: Bundle): Finding[] {
  if (detection === undefined || detection.value === 'link') return [];
  const related = [{ at: mode?.at ?? at, message: `\`${name}\`` }];
  const tell = (message: string): Finding[] => [{ at: detection.at, message, remedy: 'Write `detection: link`.', related, restsOn: [at] }];
  if (detection.value === 'beacon' && mode?.value === 'ip-hash') return tell(`\`${name}\` sends beacons, and hashes by IP addresses.`);
  if (detection.value === 'arp' && mode !== undefined && ['lacp', 'transmit-balance', 'smart-balance'].includes(mode.value))
    return tell(`\`${name}\` probes by ARP, which does not go with mode \`${mode.value}\`.`);
  if (detection.value === 'beacon' && members.length > 0 && members.length < 3)
    return tell(
      `\`${name}\` sends beacons, and has ${members.length === 1 ? 'one port' : 'two ports'} only: it takes three to tell which has failed.`,
    );
  return [];
}
