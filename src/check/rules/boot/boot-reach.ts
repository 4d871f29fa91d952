/** A boot agent has a way to its target. */
import { addressKey, formatIp, inPrefix, type IpAddress, parseAddress } from '../../../wire/ip/address.ts';
import { memoized } from '../../../base/memoized.ts';
import type { Fabric } from '../../../fabric/model.ts';
import { type Endpoint, endpointsOf } from '../../endpoints.ts';
import { attachmentsOf, vlanAt } from '../../segments.ts';
import type { Finding, Rule } from '../../rule.ts';
import { MARVELL_GUIDE } from '../../sources.ts';
import { bootExample, targetBoot } from './examples.ts';
import { type Booting, bootingOf, bootUplinks, bootVlanAt, leadsIntoWorld, reachedFrom, vlanPlace } from './booting.ts';
import type { BootTarget } from '../../../fabric/functions/model.ts';

export const bootReach: Rule = {
  id: 'SW-1200',
  name: 'boot-reach',
  severity: 'error',
  title: 'A boot agent has no way to the portal of its target',
  meaning:
    'A portal in the network of the agent has to be in the same VLAN, from switch to switch; for one in another network the agent needs a router.',
  remedy: 'Let both be in one VLAN, or write the `gateway` of the agent.',
  ignored: 'The agent reports "connection timed out" while the operating system of the same machine, in another VLAN, sees the disk.',
  source: ['RFC 1122 §3.3.1', 'IEEE 802.1Q', MARVELL_GUIDE],
  examples: { fail: bootExample(targetBoot(), { arrayPort: 'vlan: 30' }), pass: bootExample(targetBoot(), { arrayPort: 'vlan: 20' }) },
  check: (fabric) =>
    bootingOf(fabric)
      .filter(({ boot }) => boot.protocol === 'iscsi' && !boot.dhcp && boot.address !== undefined)
      .flatMap((booting) => booting.boot.targets.flatMap((target) => wayFindings(fabric, booting, target))),
};

const byAddress = memoized((fabric: Fabric): ReadonlyMap<string, Endpoint> => {
  const found = new Map<string, Endpoint>();
  for (const endpoint of endpointsOf(fabric)) for (const { address } of endpoint.on.addresses) found.set(addressKey(address), endpoint);
  return found;
});

function wayFindings(fabric: Fabric, booting: Booting, target: BootTarget): Finding[] {
  const { boot, place } = booting;
  const own = boot.address!;
  const portal = parseAddress(target.address.host);
  if (portal === undefined || portal.length !== own.address.length) return [];
  const network = `${formatIp(own.address)}/${own.bits}`;
  if (!inPrefix(portal, own.address, own.bits)) {
    if (boot.gateway !== undefined) return [];
    return [
      {
        at: [...target.at, 'address'],
        message: `\`${place}\` boots with ${network}, and ${target.address.host} is in another network, with no \`gateway\` to go by.`,
        remedy: 'Add the `gateway` of the agent, or let it boot from a portal in its own network.',
        related: [{ at: [...boot.at, 'address'], message: 'its address' }],
        restsOn: [[...boot.at, 'gateway']],
      },
    ];
  }
  return segmentFindings(fabric, booting, target, portal);
}

function segmentFindings(fabric: Fabric, booting: Booting, target: BootTarget, portal: IpAddress): Finding[] {
  const { boot, place, port } = booting;
  const uplinks = bootUplinks(fabric, booting).filter((uplink) => bootVlanAt(uplink, boot) !== 0);
  const endpoint = byAddress(fabric).get(addressKey(portal));
  const there = endpoint === undefined ? [] : attachmentsOf(fabric, endpoint);
  if (uplinks.length === 0 || endpoint === undefined || there.length === 0 || endpoint.node === port.node) return [];
  const starts = uplinks.map((uplink) => reachedFrom(fabric, uplink.at.node, bootVlanAt(uplink, boot)));
  const isReached = there.some(({ uplink }) => starts.some((places) => places.has(vlanPlace(uplink.at.node, vlanAt(uplink, endpoint)))));
  if (isReached || starts.some((places) => leadsIntoWorld(fabric, places))) return [];
  const [here, far] = [uplinks[0]!, there[0]!.uplink];
  return [
    {
      at: [...target.at, 'address'],
      message: `\`${place}\` boots in VLAN ${bootVlanAt(here, boot)} of \`${here.at.node}\`, and \`${endpoint.node}:${endpoint.name}\` with ${formatIp(portal)} is in VLAN ${vlanAt(far, endpoint)} of \`${far.at.node}\`: nothing joins them.`,
      remedy: 'Let both ports carry one VLAN, and the links between the switches with them.',
      related: [
        { at: here.at.port.at, message: `the port of \`${place}\`` },
        { at: far.at.port.at, message: `the port of \`${endpoint.node}\`` },
      ],
      restsOn: [['links'], ['switches'], [...boot.at, 'vlan']],
    },
  ];
}
