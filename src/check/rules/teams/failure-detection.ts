/** How a failure is noticed and told of fits the team. */
import type { Fabric } from '../../../fabric/model.ts';
import { aggregates, type Bundle, bundlesOf } from '../../bundles.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LINUX_BONDING, VSPHERE_NETWORKING } from './documents.ts';
import { twoSwitches, vSwitch } from './examples.ts';

const example = (detection: string): string =>
  twoSwitches(vSwitch(`teaming: { detection: ${detection} }, `), '', '').replaceAll('47: {}', '1: { tagged: [10] }');

export const failureDetection: Rule = {
  id: 'SW-1087',
  name: 'failure-detection',
  severity: 'warning',
  title: 'What a team does about failures does not work with it',
  meaning:
    'Beacons that do not arrive tell of a failure, but of two ports not at which of them: it takes three. In an aggregation beacons and ARP probes take any port, and prove nothing. And switches that are not told of a failover go on sending to the old port.',
  remedy: 'Write `detection: link` and `notifySwitches: true`, and let the switch shut its ports down when it loses its own uplinks.',
  ignored: 'When one of two uplinks fails behind the switch, frames are sent by both, or the wrong one is given up.',
  source: [VSPHERE_NETWORKING, LINUX_BONDING],
  examples: { fail: example('beacon'), pass: example('link') },
  check: (fabric) => bundlesOf(fabric).flatMap((bundle) => (bundle.isGroup ? [] : [...unfit(bundle), ...silent(fabric, bundle)])),
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

/** Port groups may have a reason: guests that balance load by a MAC address of all (NLB in unicast mode). */
function silent(fabric: Fabric, bundle: Bundle): Finding[] {
  const { at, name, members, teaming, virtualSwitch } = bundle;
  const said = teaming.notifySwitches;
  if (said?.value !== false || virtualSwitch === undefined || members.length < 2 || aggregates(bundle, fabric) === true) return [];
  return [
    {
      at: said.at,
      message: `\`${name}\` does not tell the switches when it fails over: they send to the old port until they forget it.`,
      remedy: 'Write `notifySwitches: true` here, and `false` only at port groups that need it.',
      related: [{ at, message: `\`${name}\`` }],
      restsOn: [at],
    },
  ];
}
