/** A host and the portal that it logs in to are in one broadcast domain, if they are in one IP network. */
import { formatAddress } from '../../../fabric/address.ts';
import { findServer } from '../../../fabric/find-server.ts';
import type { Fabric } from '../../../fabric/model.ts';
import type { ServerReference } from '../../../fabric/host-model.ts';
import { inPrefix, parseAddress, sameAddress } from '../../../wire/ip/address.ts';
import { type Endpoint, endpointsByNode } from '../../endpoints.ts';
import { EXAMPLE_HOST, EXAMPLE_TARGET, fabricExample } from '../../example.ts';
import { settingsPlace } from '../../network.ts';
import { fullName } from '../../networks.ts';
import type { Finding, Rule } from '../../rule.ts';
import { attachmentsOf, segmentsByEndpoint, vlanAt } from '../../segments.ts';
import { DEMARTEK_GUIDE, MARVELL_GUIDE } from '../../sources.ts';
import { leadsOutside, missingTrunkPort } from '../../trunk-ways.ts';
import { adaptersOf, serversOf } from '../../walk.ts';

const example = (vlan: number): string =>
  fabricExample(`arrays:
  array1:
    nics: { eth0: { addresses: [192.0.2.20/24] } }
    portals: ["192.0.2.20:3260"]
    targets:
      ${EXAMPLE_TARGET}:
        luns: [{ store: memory, size: 64MiB }]
hosts:
  esx1:
    nics: { nic0: { addresses: [192.0.2.11/24] } }
    iscsi: { vmhba64: { initiator: ${EXAMPLE_HOST}, discovery: [array1] } }
switches:
  tor1: { ports: { 1: { vlan: ${vlan} }, 2: { vlan: 20 } } }
links:
  - [esx1:nic0, tor1:1]
  - [array1:eth0, tor1:2]`);

export const portalVlan: Rule = {
  id: 'SW-1066',
  name: 'portal-vlan',
  severity: 'error',
  title: 'A host and its portal are in different VLANs',
  meaning:
    'Their addresses are in one network, so that the host looks for the portal by ARP; but the two are in different broadcast domains, where no broadcast gets across.',
  remedy: 'Put both into one VLAN, by the ports of the switches and the tags of the host, and let the trunks between carry it.',
  ignored: 'Discovery times out; an offload adapter logs that the target or the discovery service did not answer in time.',
  source: ['RFC 826', 'IEEE 802.1Q §8.8', DEMARTEK_GUIDE, MARVELL_GUIDE],
  examples: { fail: example(10), pass: example(20) },
  check(fabric) {
    const told = new Set<string>();
    return adaptersOf(fabric).flatMap(({ host, adapter }) =>
      serversOf(adapter).flatMap((server) => {
        const finding = apart(fabric, host.name, server);
        if (finding === undefined || told.has(finding.message)) return [];
        told.add(finding.message);
        return [finding];
      }),
    );
  },
};

function apart(fabric: Fabric, host: string, server: ServerReference): Finding | undefined {
  const found = findServer(fabric, server);
  const address = found === undefined ? undefined : parseAddress(found.portal.listen.host);
  if (found === undefined || address === undefined) return undefined;
  const here = (endpointsByNode(fabric).get(host) ?? []).filter(({ on }) =>
    on.addresses.some((own) => inPrefix(address, own.address, own.bits)),
  );
  const there = (endpointsByNode(fabric).get(found.array.name) ?? []).find(({ on }) =>
    on.addresses.some((own) => sameAddress(own.address, address)),
  );
  if (there === undefined || here.length === 0) return undefined;
  const theirs = segmentsByEndpoint(fabric).get(there) ?? [];
  if (theirs.length === 0) return undefined;
  for (const one of here) {
    const own = segmentsByEndpoint(fabric).get(one) ?? [];
    // Not at a switch, or not let in by it: told elsewhere, or a cable without one.
    if (own.length === 0 || own.some((segment) => theirs.includes(segment)) || [...own, ...theirs].some(leadsOutside)) return undefined;
    // That a trunk lacks the VLAN is told of the trunk.
    const vlan = vlanOf(fabric, one);
    if (vlan === vlanOf(fabric, there) && missingTrunkPort(fabric, own[0]!, theirs[0]!, vlan) !== undefined) return undefined;
  }
  const [one] = here;
  const ends = [one!, there].map((end) => attachmentsOf(fabric, end)[0]!.uplink.at);
  return {
    at: server.at,
    message: `\`${fullName(one!)}\` is in VLAN ${vlanOf(fabric, one!)} of \`${ends[0]!.node}\`, and the portal \`${formatAddress(found.portal.listen.host, found.portal.listen.port)}\` in VLAN ${vlanOf(fabric, there)} of \`${ends[1]!.node}\`: no broadcast gets from one to the other.`,
    remedy: 'Put both into one VLAN.',
    related: [
      { at: ends[0]!.port.at, message: `the port of \`${fullName(one!)}\`` },
      { at: ends[1]!.port.at, message: `the port of \`${fullName(there)}\`` },
      { at: found.portal.at, message: 'the portal' },
    ],
    restsOn: [...ends.map(settingsPlace), ['links'], ['switches'], one!.at, there.at],
  };
}

function vlanOf(fabric: Fabric, endpoint: Endpoint): number {
  const [attached] = attachmentsOf(fabric, endpoint);
  return attached === undefined ? 0 : vlanAt(attached.uplink, endpoint);
}
