/** Commands for IOS on a Catalyst, in blocks as its running configuration has them. */
import type { DeclaredNode, Rendering } from '../core/dialect.ts';
import { maskOfBits } from '../core/netmask.ts';
import type { Setting } from '../core/setting.ts';
import { type Book, isTrue, listOf, namesAs, numberOf, openBook, refuseMembers, textOf } from '../running-config/book.ts';
import {
  type CiscoTarget,
  emitDescription,
  emitHash,
  emitMember,
  emitSwitchport,
  emitTreeGuards,
  groupsIn,
  shutdownLine,
} from '../running-config/cisco-emit.ts';
import { emitTree } from '../running-config/cisco-tree.ts';
import { VLAN_MOST } from '../running-config/vlan-set.ts';
import { channelOf, portOf } from './names.ts';
import { HASH_WORDS, MTU_LEAST, MTU_MOST, SPEEDS, TRUST_WORDS, VLAN_MOST_NORMAL } from './says.ts';
import { verifications } from './verify.ts';

export function emitIos(node: DeclaredNode): Rendering {
  const book = openBook(node);
  const channels = namesAs(book, 'aggregations', channelOf, 'IOS calls its port channels by numbers from 1 to 256.').map(
    ([name, number]): CiscoTarget => ({ place: 'aggregations', name, interface: `Port-channel${number}`, group: undefined }),
  );
  const names = channels.map(({ name }) => name);
  const groups = groupsIn(book, names, portOf);
  const ports = namesAs(book, 'ports', portOf, 'IOS has the kind of a port in its name, such as GigabitEthernet1/0/17.').map(
    ([name, port]): CiscoTarget => ({ place: 'ports', name, interface: port, group: groups.get(port) }),
  );
  for (const { name } of channels) refuseMembers(book, name, portOf);
  book.line('configure terminal', undefined);
  const lldp = book.get('lldp');
  if (lldp !== undefined) book.line(isTrue(lldp) ? 'lldp run' : 'no lldp run', lldp);
  emitVlans(book);
  emitTree(book, VLAN_MOST);
  emitHash(book, names, HASH_WORDS);
  emitMtu(book, [...channels, ...ports]);
  const trust = ports.map(({ name }) => book.peek('ports', name, 'dcb', 'trust')).find((one) => one !== undefined && one.value !== 'both');
  if (trust !== undefined) book.line('mls qos', trust, 'From here on ports that trust nothing set all priorities to 0.');
  for (const one of ports) emitPort(book, one);
  for (const one of channels) emitChannel(book, one);
  book.line('end', undefined);
  book.line('copy running-config startup-config', undefined, 'Keeps all of it over a restart.');
  return book.rendering(whyNot, verifications(book, channels, ports));
}

function emitVlans(book: Book): void {
  const extended = book.names('vlans').find((vlan) => Number(vlan) > VLAN_MOST_NORMAL);
  if (extended !== undefined)
    book.line('vtp mode transparent', book.peek('vlans', extended, 'present'), 'VLANs above 1005 need it where VTP is of version 1 or 2.');
  for (const vlan of book.names('vlans')) {
    const present = book.get('vlans', vlan, 'present');
    const name = book.get('vlans', vlan, 'name');
    if (present === undefined && name === undefined) continue;
    book.line(`vlan ${vlan}`, present ?? name);
    if (name === undefined) continue;
    if (/^[\w.:/-]{1,32}$/.test(textOf(name)!)) book.line(`  name ${textOf(name)!}`, name);
    else book.refuse(name, 'A name of a VLAN has at most 32 characters and no blanks.');
  }
  for (const vlan of book.names('vlans')) {
    const snooping = book.get('vlans', vlan, 'igmpSnooping');
    if (snooping !== undefined) book.line(`${isTrue(snooping) ? '' : 'no '}ip igmp snooping vlan ${vlan}`, snooping);
    const querier = book.get('vlans', vlan, 'igmpQuerier');
    if (querier !== undefined) book.line(`${isTrue(querier) ? '' : 'no '}ip igmp snooping vlan ${vlan} querier`, querier);
  }
  let isFirst = true;
  for (const vlan of book.names('vlans')) {
    const addresses = book.get('vlans', vlan, 'addresses');
    if (addresses === undefined) continue;
    if (isFirst) book.line('ip routing', addresses);
    isFirst = false;
    book.line(`interface Vlan${vlan}`, addresses);
    let hasFirst = false;
    for (const address of listOf(addresses.value)) {
      const [host, bits] = `${address}`.split('/') as [string, string];
      if (host.includes(':')) book.line(`  ipv6 address ${address}`, addresses);
      else book.line(`  ip address ${host} ${maskOfBits(Number(bits))}${hasFirst ? ' secondary' : ''}`, addresses);
      hasFirst ||= !host.includes(':');
    }
    book.line('  no shutdown', undefined);
  }
}

/** One size for all ports from 1 Gb/s on. */
function emitMtu(book: Book, targets: readonly CiscoTarget[]): void {
  const sizes = targets.flatMap(({ place, name }) => book.get(place, name, 'mtu') ?? []);
  const fitting = sizes.map((one) => numberOf(one)!).filter((bytes) => bytes >= MTU_LEAST && bytes <= MTU_MOST);
  const size = fitting.length === 0 ? undefined : Math.max(...fitting);
  const source = sizes.find((one) => numberOf(one) === size);
  if (size !== undefined)
    book.line(`system mtu jumbo ${size}`, source, 'Holds after a restart (`reload`), and is kept without being saved.');
  for (const one of sizes)
    if (one.value !== size)
      book.refuse(
        one,
        size === undefined ? `An MTU is from ${MTU_LEAST} to ${MTU_MOST}.` : `All ports of a Catalyst have one MTU, here ${size}.`,
      );
}

function emitPort(book: Book, one: CiscoTarget): void {
  const { name } = one;
  book.line(`interface ${one.interface}`, undefined);
  emitDescription(book, one);
  if (one.group === undefined) emitSwitchport(book, one, true);
  else emitMember(book, channelOf(one.group)!, one.group);
  const speed = book.get('ports', name, 'speed');
  if (speed !== undefined)
    if (SPEEDS.has(numberOf(speed)! / 1e6)) book.line(`  speed ${numberOf(speed)! / 1e6}`, speed);
    else book.refuse(speed, 'Only speeds up to 1 Gb/s are set at ports; faster ones have one speed.');
  const flow = book.get('ports', name, 'flowControl');
  if (flow !== undefined) {
    const word = { none: 'off', receive: 'on', auto: 'desired' }[textOf(flow)!];
    if (word === undefined) book.refuse(flow, 'Catalyst switches take pause frames; they send none.');
    else book.line(`  flowcontrol receive ${word}`, flow);
  }
  const edge = book.get('ports', name, 'spanningTree', 'edge');
  if (edge !== undefined) {
    const trunk = book.peek('ports', name, 'tagged')?.value === 'none' || one.group !== undefined ? '' : ' trunk';
    book.line(`  spanning-tree portfast${isTrue(edge) ? trunk : ' disable'}`, edge);
  }
  emitTreeGuards(book, one);
  const trust = book.get('ports', name, 'dcb', 'trust');
  if (trust?.value === 'both') book.refuse(trust, 'A port trusts the tag or the DSCP.');
  else if (trust !== undefined) book.line(`  mls qos trust ${TRUST_WORDS[trust.value as keyof typeof TRUST_WORDS]}`, trust);
  refuseBridging(book, one);
  shutdownLine(book, name);
}

/** What says that there is none of it holds. */
function refuseBridging(book: Book, { place, name }: CiscoTarget): void {
  const pfc = book.get(place, name, 'dcb', 'pfc');
  if (pfc !== undefined && listOf(pfc.value).length > 0) book.refuse(pfc, NO_BRIDGING);
  const dcbx = book.get(place, name, 'dcb', 'dcbx');
  if (dcbx !== undefined && dcbx.value !== 'none') book.refuse(dcbx, NO_BRIDGING);
}

const NO_BRIDGING = 'Catalyst switches with IOS have no Data Center Bridging.';

function emitChannel(book: Book, one: CiscoTarget): void {
  book.line(`interface ${one.interface}`, book.peek('aggregations', one.name, 'ports'));
  for (const key of ['ports', 'mode', 'active', 'lacpRate']) book.get('aggregations', one.name, key);
  emitDescription(book, one);
  emitSwitchport(book, one, true);
  refuseBridging(book, one);
  book.line('  no shutdown', undefined);
}

function whyNot({ key }: Setting): string {
  if (key[0] === 'peer' || key[2] === 'peerGroup')
    return 'Port channels over two Catalyst switches need a stack: then they are one switch.';
  if (key[0] === 'vlans' && key[2] === 'mtu') return 'The switch has one MTU for routing: `system mtu routing`.';
  if (key[0] === 'dcb' && key[1] === 'trust') return 'Trust is set at ports, and no port has it.';
  return key.includes('dcb') ? NO_BRIDGING : 'IOS has no command for it.';
}
