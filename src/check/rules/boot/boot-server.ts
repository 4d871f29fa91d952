/** A boot agent that asks is heard by somebody who answers. */
import { memoized } from '../../../base/memoized.ts';
import type { Fabric } from '../../../fabric/model.ts';
import { type Endpoint, endpointsOf } from '../../endpoints.ts';
import { attachmentsOf, vlanAt } from '../../segments.ts';
import type { Rule } from '../../rule.ts';
import { MARVELL_GUIDE } from '../../sources.ts';
import { fabricExample } from '../../example.ts';
import { bootingOf, bootUplinks, bootVlanAt, leadsIntoWorld, reachedFrom, usesIp, vlanPlace } from './booting.ts';

const example = (vlan: number): string =>
  fabricExample(`hosts:
  esx1:
    nics: { nic0: { boot: { protocol: pxe } } }
  server1:
    nics:
      nic0: { addresses: [192.0.2.1/24], dhcpServer: { first: 192.0.2.100, last: 192.0.2.199 } }
switches:
  tor1:
    ports:
      1: { vlan: 20 }
      2: { vlan: ${vlan} }
links:
  - [esx1:nic0, tor1:1]
  - [server1:nic0, tor1:2]`);

export const bootServer: Rule = {
  id: 'SW-1201',
  name: 'boot-server',
  severity: 'warning',
  title: 'A boot agent asks for an address where no DHCP server hears it',
  meaning:
    'DHCP begins with a broadcast, which stays in its VLAN. Fabrics with DHCP servers have none in this one, and no router that would pass the question on.',
  remedy: 'Put a DHCP server or a router with a relay into the VLAN of the agent, or the agent into the VLAN of the server.',
  ignored: 'The machine waits a minute for an address at every start, and boots from the next device.',
  source: ['RFC 2131 §4.1', 'RFC 4173', MARVELL_GUIDE],
  examples: { fail: example(30), pass: example(20) },
  check(fabric) {
    const servers = serverPlaces(fabric);
    // Where no server is declared they are elsewhere.
    if (servers.size === 0) return [];
    return bootingOf(fabric).flatMap((booting) => {
      const { boot, place } = booting;
      if (!boot.dhcp || boot.ipVersion !== 4 || !usesIp(booting)) return [];
      const uplinks = bootUplinks(fabric, booting).filter((uplink) => bootVlanAt(uplink, boot) !== 0);
      const reached = uplinks.flatMap((uplink) => [...reachedFrom(fabric, uplink.at.node, bootVlanAt(uplink, boot))]);
      if (uplinks.length === 0 || leadsIntoWorld(fabric, reached)) return [];
      if (reached.some((one) => servers.has(one) || routed(fabric).has(one))) return [];
      const [first] = servers;
      const here = uplinks[0]!;
      return [
        {
          at: boot.at,
          message: `\`${place}\` asks for an address in VLAN ${bootVlanAt(here, boot)} of \`${here.at.node}\`, and no DHCP server is in it: \`${first![1].node}:${first![1].name}\` is in another.`,
          remedy: 'Put both into one VLAN, or write `dhcp: false` and an address.',
          related: [
            { at: here.at.port.at, message: `the port of \`${place}\`` },
            { at: first![1].on.dhcpServer!.at, message: 'a DHCP server' },
          ],
          restsOn: [['links'], ['switches'], ['hosts'], ['arrays'], [...boot.at, 'dhcp'], [...boot.at, 'vlan']],
        },
      ];
    });
  },
};

const serverPlaces = memoized((fabric: Fabric): ReadonlyMap<string, Endpoint> => {
  const places = new Map<string, Endpoint>();
  for (const endpoint of endpointsOf(fabric))
    if (endpoint.on.dhcpServer !== undefined)
      for (const { uplink } of attachmentsOf(fabric, endpoint)) places.set(vlanPlace(uplink.at.node, vlanAt(uplink, endpoint)), endpoint);
  return places;
});

/** VLANs of switches with a router in them, which may pass questions on. */
const routed = memoized(
  (fabric: Fabric): ReadonlySet<string> =>
    new Set(
      fabric.switches.flatMap(({ name, vlans = [] }) =>
        vlans.filter(({ addresses }) => addresses.length > 0).map(({ vlan }) => vlanPlace(name, vlan)),
      ),
    ),
);
