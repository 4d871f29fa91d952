/** What the declaration says of a physical switch, as settings: every port with all that it has from its switch or aggregation. */
import { untaggedVlan, carriedVlans } from '../../fabric/network/carried-vlans.ts';
import { formatIp } from '../../wire/ip/address.ts';
import type { PortVlanChoice, Switch, SwitchPort } from '../../fabric/network/model.ts';
import type { Path } from '../../fabric/problem.ts';
import { sayDcb } from './declared-dcb.ts';
import { type Key, Sayings, vlanText } from './say.ts';
import type { Setting } from './setting.ts';

export function settingsOfSwitch(one: Switch): readonly Setting[] {
  const sayings = new Sayings();
  for (const vlan of one.vlans ?? []) {
    const key = ['vlans', `${vlan.vlan}`];
    sayings.say([...key, 'present'], true, vlan.at);
    sayings.say([...key, 'name'], vlan.name, [...vlan.at, 'name']);
    if (vlan.addresses.length > 0)
      sayings.say(
        [...key, 'addresses'],
        vlan.addresses.map(({ address, bits }) => `${formatIp(address)}/${bits}`),
        [...vlan.at, 'addresses'],
      );
    sayings.say([...key, 'mtu'], vlan.mtuBytes, [...vlan.at, 'mtu']);
    sayings.say([...key, 'igmpSnooping'], vlan.igmpSnooping, [...vlan.at, 'igmpSnooping']);
    sayings.say([...key, 'igmpQuerier'], vlan.igmpQuerier, [...vlan.at, 'igmpQuerier']);
  }
  for (const [vlan, at] of usedVlans(one)) sayings.say(['vlans', `${vlan}`, 'present'], true, at);
  for (const aggregation of one.aggregations) {
    const key = ['aggregations', aggregation.name];
    const { at } = aggregation;
    sayings.say(
      [...key, 'ports'],
      aggregation.ports.map(({ text }) => text),
      [...at, 'ports'],
    );
    sayings.say([...key, 'mode'], aggregation.mode, at);
    if (aggregation.mode === 'lacp') sayings.say([...key, 'active'], aggregation.active, at);
    sayings.say([...key, 'lacpRate'], aggregation.lacpRate, [...at, 'lacpRate']);
    sayings.say([...key, 'hash'], aggregation.hash, [...at, 'hash']);
    sayings.say([...key, 'peerGroup'], aggregation.peerGroup, [...at, 'peerGroup']);
    sayings.say([...key, 'description'], aggregation.description, [...at, 'description']);
    sayVlans(sayings, key, aggregation.vlans, at);
    sayings.said([...key, 'mtu'], aggregation.mtu);
    sayDcb(sayings, [...key, 'dcb'], aggregation.dcb);
  }
  for (const port of one.ports) sayPort(sayings, ['ports', port.name], port);
  if (one.peer !== undefined) sayings.say(['peer'], one.peer.text, one.peer.at);
  sayDcb(sayings, ['dcb'], one.dcb);
  sayings.say(['spanningTree', 'enabled'], one.spanningTree !== undefined, [...one.at, 'spanningTree']);
  sayings.say(['spanningTree', 'priority'], one.spanningTree?.priority, [...one.at, 'spanningTree']);
  sayings.say(['lldp'], one.lldp, [...one.at, 'lldp']);
  return sayings.settings;
}

function sayPort(sayings: Sayings, key: Key, port: SwitchPort): void {
  const { at } = port;
  sayings.say([...key, 'description'], port.description, [...at, 'description']);
  if (port.saysRate) sayings.say([...key, 'speed'], port.rateBitsPerSecond, [...at, 'speed']);
  sayings.say([...key, 'disabled'], port.disabled, at);
  // The VLANs of a member are those of its aggregation, which has said them.
  if (port.aggregation === undefined) sayVlans(sayings, key, port.vlans, at);
  if (port.aggregation === undefined) sayings.said([...key, 'mtu'], port.mtu);
  sayings.said([...key, 'flowControl'], port.flowControl);
  sayDcb(sayings, [...key, 'dcb'], port.dcb);
  const tree = port.spanningTree;
  sayings.say([...key, 'spanningTree', 'edge'], tree.edge, [...at, 'spanningTree', 'edge']);
  sayings.say([...key, 'spanningTree', 'cost'], tree.cost, [...at, 'spanningTree', 'cost']);
  if (tree.bpduGuard) sayings.say([...key, 'spanningTree', 'bpduGuard'], true, [...at, 'spanningTree', 'bpduGuard']);
  if (tree.rootGuard) sayings.say([...key, 'spanningTree', 'rootGuard'], true, [...at, 'spanningTree', 'rootGuard']);
}

/** `untagged`: a VLAN or `none`; `tagged`: `10,20-29` or `none`. An access port is one with nothing tagged. */
function sayVlans(sayings: Sayings, key: Key, choice: PortVlanChoice, at: Path): void {
  const untagged = untaggedVlan(carriedVlans(choice));
  const tagged = choice.mode === 'access' ? [] : choice.mode === 'trunk' ? choice.allowed : choice.tagged;
  sayings.say([...key, 'untagged'], untagged === 0 ? 'none' : untagged, at);
  sayings.say([...key, 'tagged'], vlanText(tagged, untagged), at);
}

/** VLANs that ports and aggregations list though nobody set them up: only where the switch lists none at all. `all` sets up nothing. */
function usedVlans(one: Switch): ReadonlyMap<number, Path> {
  const used = new Map<number, Path>();
  if (one.vlans !== undefined) return used;
  for (const { vlans: choice, at } of [...one.aggregations, ...one.ports]) {
    const ranges =
      choice.mode === 'access' ? [{ first: choice.vlan, last: choice.vlan }] : choice.mode === 'trunk' ? choice.allowed : choice.tagged;
    const untagged = untaggedVlan(carriedVlans(choice));
    for (const { first, last } of [...ranges, { first: untagged, last: untagged }]) {
      if (last - first >= 4093) continue;
      // Every switch has VLAN 1.
      for (let vlan = Math.max(first, 2); vlan <= last; vlan += 1) if (!used.has(vlan)) used.set(vlan, at);
    }
  }
  return new Map([...used].toSorted(([one], [other]) => one - other));
}
