/**
 * What interfaces of a Linux machine are in the words of the fabric file. Kernel defaults are quiet: they count only where the declaration says
 * something else.
 */
import { addTo } from '../../base/grouped.ts';
import type { Found } from '../core/found.ts';
import { vlanText } from '../core/say.ts';
import { bondSettings } from './bond.ts';
import { type Link, odd, placeOf, tell } from './link.ts';

export function settingsOfLinks(links: ReadonlyMap<string, Link>, found: Found): void {
  const members = new Map<string, Link[]>();
  for (const link of links.values()) {
    if (link.master === undefined) continue;
    addTo(members, link.master, link);
  }
  for (const link of links.values()) {
    if (link.kind === 'other')
      odd(found, link.line, link.name, `An interface of the kind \`${link.kindName}\` has no place in a fabric file.`);
    else if (link.kind === 'vlan') vlanSettings(found, link, links);
    else if (link.kind === 'bond') teamSettings(found, link, members.get(link.name) ?? []);
    else if (link.kind === 'bridge') bridgeSettings(found, link, links, members.get(link.name) ?? []);
    else portSettings(found, link, links);
    if (link.kind !== 'other') bridgeVlanSettings(found, link, links);
  }
}

function addressSettings(found: Found, key: readonly string[], { line, addresses, dhcp, autoconfigure }: Link): void {
  if (addresses !== undefined && addresses.length > 0) tell(found, line, [...key, 'addresses'], addresses);
  if (dhcp === true) tell(found, line, [...key, 'dhcp'], true);
  // The kernel takes part in it by default: that is nobody's wish.
  if (autoconfigure === true) tell(found, line, [...key, 'autoconfigure'], true, true);
}

function portSettings(found: Found, link: Link, links: ReadonlyMap<string, Link>): void {
  const key = ['nics', link.name];
  const { line } = link;
  // A port has the MTU of its bond, whatever it had before.
  const bond = links.get(link.master ?? '');
  tell(found, line, [...key, 'mtu'], link.mtu, bond?.kind === 'bond' && bond.mtu === link.mtu);
  tell(found, line, [...key, 'mac'], link.permanentMac ?? link.mac, true);
  const count = link.functionCount ?? link.functions?.length ?? 0;
  if (count > 0) tell(found, line, [...key, 'sriov', 'functions'], count);
  tell(found, line, [...key, 'sriov', 'mode'], link.functionMode);
  for (const one of link.functions ?? []) {
    const place = [...key, 'sriov', 'each', `${one.number}`];
    // Drivers make addresses for their functions; checks and states have defaults that differ from driver to driver.
    tell(found, line, [...place, 'mac'], one.mac, true);
    tell(found, line, [...place, 'vlan'], one.vlan);
    tell(found, line, [...place, 'priority'], one.priority);
    tell(found, line, [...place, 'spoofCheck'], one.spoofCheck, true);
    tell(found, line, [...place, 'trust'], one.trust, true);
    if (one.maxRateMegabits !== undefined && one.maxRateMegabits > 0) tell(found, line, [...place, 'maxRate'], one.maxRateMegabits * 1e6);
    tell(found, line, [...place, 'linkState'], one.linkState, true);
  }
  addressSettings(found, key, link);
}

function vlanSettings(found: Found, link: Link, links: ReadonlyMap<string, Link>): void {
  const { line } = link;
  const key = placeOf(link, links);
  if (key === undefined) {
    odd(found, line, link.name, 'The interface is a VLAN on something that a fabric file has no VLANs on.');
    return;
  }
  if (key[0] === 'virtualNics') {
    tell(found, line, [...key, 'virtualSwitch'], link.parent);
    tell(found, line, [...key, 'portGroup'], link.alias);
    tell(found, line, [...key, 'vlan'], link.vlan);
    tell(found, line, [...key, 'mtu'], link.mtu, true);
    tell(found, line, [...key, 'mac'], link.mac, true);
  } else {
    tell(found, line, [...key, 'present'], true);
    // Of a team the MTU may come from its ports.
    tell(found, line, [...key, 'mtu'], link.mtu, key[0] === 'teams');
    for (const map of ['egress', 'ingress'] as const)
      for (const [from, to] of link[map] ?? []) if (to !== 0) tell(found, line, [...key, map, `${from}`], to);
  }
  addressSettings(found, key, link);
}

function teamSettings(found: Found, link: Link, ports: readonly Link[]): void {
  const key = ['teams', link.name];
  if (ports.length > 0)
    tell(
      found,
      link.line,
      [...key, 'nics'],
      ports.map(({ name }) => name),
    );
  bondSettings(found, key, link, ports);
  tell(found, link.line, [...key, 'mtu'], link.mtu, true);
  tell(found, link.line, [...key, 'mac'], link.mac, true);
  addressSettings(found, key, link);
}

function bridgeSettings(found: Found, link: Link, links: ReadonlyMap<string, Link>, ports: readonly Link[]): void {
  const key = ['virtualSwitches', link.name];
  tell(found, link.line, [...key, 'kind'], 'bridge');
  const uplinks = ports.map(({ name }) => name);
  if (uplinks.length > 0) tell(found, link.line, [...key, 'uplinks'], uplinks);
  tell(found, link.line, [...key, 'mtu'], link.mtu, true);
  const own = placeOf(link, links)!;
  if (link.alternativeName !== undefined) {
    tell(found, link.line, [...own, 'virtualSwitch'], link.name);
    tell(found, link.line, [...own, 'portGroup'], link.alias);
    tell(found, link.line, [...own, 'mac'], link.mac, true);
    tell(found, link.line, [...own, 'mtu'], link.mtu, true);
  }
  addressSettings(found, own, link);
}

/** VLANs of the ports of a bridge. One that has none set up beyond the kernel's VLAN 1 says nothing. */
function bridgeVlanSettings(found: Found, link: Link, links: ReadonlyMap<string, Link>): void {
  const vlans = link.bridgeVlans;
  if (vlans === undefined) return;
  if (links.get(link.master ?? '')?.kind !== 'bridge') {
    if (link.kind !== 'bridge' && (vlans.tagged.length > 0 || vlans.untagged !== 1))
      odd(found, vlans.line, link.name, 'Which bridge the port with these VLANs belongs to is not said here.');
    return;
  }
  const key = ['virtualSwitches', link.master!, 'carried', link.name];
  const tagged = vlanText(vlans.tagged, vlans.untagged ?? 0);
  const usual = tagged === 'none' && vlans.untagged === 1;
  tell(found, vlans.line, [...key, 'untagged'], vlans.untagged ?? 'none', usual);
  tell(found, vlans.line, [...key, 'tagged'], tagged, usual);
  if (vlans.odd) odd(found, vlans.line, link.name, 'The port sends several VLANs without tags.');
}
