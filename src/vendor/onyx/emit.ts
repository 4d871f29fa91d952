/** Commands for Onyx: one line each, with the interface in front, as its running configuration has them. */
import type { DeclaredNode, Rendering } from '../core/dialect.ts';
import { type Setting, valueText } from '../core/setting.ts';
import { type Book, isTrue, listOf, numberOf, openBook, textOf } from '../running-config/book.ts';
import { isOneLine, quoted } from '../running-config/command-lines.ts';
import { emitDcb, emitGlobalDcb } from './emit-dcb.ts';
import { isAll } from '../running-config/vlan-set.ts';
import { portOf } from './names.ts';
import { type Channel, channelsOf, portsOf, type Target } from './targets.ts';
import { verifications } from './verify.ts';
import { HASH_WORDS, MTU_LEAST, MTU_MOST, speedWord } from './words.ts';

export function emitOnyx(node: DeclaredNode): Rendering {
  const book = openBook(node);
  const channels = channelsOf(book);
  const ports = portsOf(book, channels);
  book.line('enable', undefined);
  book.line('configure terminal', undefined);
  book.line('no cli default prefix-modes enable', undefined, 'So that a line such as `vlan 2` does not open a mode of its own.');
  emitGlobals(book, channels);
  emitVlans(book);
  for (const one of channels) emitMembers(book, one);
  for (const one of ports) emitPort(book, one);
  for (const one of channels) emitCarried(book, one);
  emitTree(book);
  emitRouting(book);
  const targets = [...channels, ...ports];
  emitGlobalDcb(book, targets);
  for (const one of targets) emitDcb(book, one);
  book.line('cli default prefix-modes enable', undefined);
  book.line('configuration write', undefined, 'Keeps all of it over a restart.');
  return book.rendering(whyNot, verifications(book, channels, ports));
}

function emitGlobals(book: Book, channels: readonly Channel[]): void {
  const lldp = book.get('lldp');
  if (lldp !== undefined) book.line(isTrue(lldp) ? 'lldp' : 'no lldp', lldp);
  const lacp = channels
    .map(({ name }) => book.peek('aggregations', name, 'mode'))
    .find((mode) => mode?.value === 'lacp' && !book.isRefused(mode));
  if (lacp !== undefined) book.line('lacp', lacp);
  const mlag = channels.map(({ name }) => book.peek('aggregations', name, 'peerGroup')).find((one) => one !== undefined);
  if (mlag !== undefined)
    book.line(
      'protocol mlag',
      mlag,
      'The link between the two switches (ipl) and its addresses are not declared: they are set up by hand.',
    );
  emitHash(book, channels);
}

function emitHash(book: Book, channels: readonly Channel[]): void {
  let first: Setting | undefined;
  for (const { name } of channels) {
    const hash = book.get('aggregations', name, 'hash');
    if (hash === undefined) continue;
    if (first === undefined) {
      first = hash;
      book.line(`port-channel load-balance ethernet ${HASH_WORDS[hash.value as keyof typeof HASH_WORDS]}`, hash);
    } else if (hash.value !== first.value) book.refuse(hash, `Onyx has one choice for all port-channels, here ${valueText(first.value)}.`);
  }
}

function emitVlans(book: Book): void {
  for (const vlan of book.names('vlans')) {
    const present = book.get('vlans', vlan, 'present');
    if (present !== undefined) book.line(`vlan ${vlan}`, present);
    const name = book.get('vlans', vlan, 'name');
    if (name !== undefined) emitText(book, name, `vlan ${vlan} name`);
  }
  const snooping = book.names('vlans').map((vlan) => book.peek('vlans', vlan, 'igmpSnooping'));
  const first = snooping.find((one) => isTrue(one));
  if (first !== undefined) book.line('ip igmp snooping', first);
  for (const vlan of book.names('vlans'))
    for (const [key, words] of [
      ['igmpSnooping', 'ip igmp snooping'],
      ['igmpQuerier', 'ip igmp snooping querier'],
    ] as const) {
      const one = book.get('vlans', vlan, key);
      if (one !== undefined) book.line(`vlan ${vlan} ${isTrue(one) ? '' : 'no '}${words}`, one);
    }
}

/** A text for people, in quotation marks. */
function emitText(book: Book, one: Setting, words: string): void {
  const text = textOf(one)!;
  if (isOneLine(text)) book.line(`${words} ${quoted(text)}`, one);
  else book.refuse(one, 'A text on the command line has one line.');
}

/** The port-channel and its members come before anything that is set at it. */
function emitMembers(book: Book, one: Channel): void {
  const { name } = one;
  const members = book.get('aggregations', name, 'ports');
  const mode = book.get('aggregations', name, 'mode');
  const active = book.get('aggregations', name, 'active');
  const peerGroup = book.get('aggregations', name, 'peerGroup');
  const rate = book.get('aggregations', name, 'lacpRate');
  book.line(`interface ${one.interface}`, members ?? mode);
  const word = mode?.value === 'static' ? 'on' : active?.value === false ? 'passive' : 'active';
  for (const member of listOf(members?.value)) {
    const port = portOf(`${member}`);
    if (port === undefined) continue;
    book.line(`interface ethernet ${port} ${one.isMlag ? 'mlag-' : ''}channel-group ${one.number} mode ${word}`, members);
    if (rate !== undefined) book.line(`interface ethernet ${port} lacp rate ${rate.value as string}`, rate);
  }
  if (one.isMlag) book.line(`interface ${one.interface} no shutdown`, peerGroup);
  emitDescription(book, one);
}

function emitDescription(book: Book, { place, name, interface: target }: Target): void {
  const description = book.get(place, name, 'description');
  if (description !== undefined) emitText(book, description, `interface ${target} description`);
}

function emitPort(book: Book, one: Target): void {
  const { name, interface: target } = one;
  const key = (...tail: readonly string[]) => book.get('ports', name, ...tail);
  emitDescription(book, one);
  const speed = key('speed');
  const word = speed === undefined ? undefined : speedWord(numberOf(speed)!);
  if (word !== undefined) book.line(`interface ethernet ${portOf(name)!} speed ${word} force`, speed);
  else if (speed !== undefined) book.refuse(speed, 'No port of these switches has this speed.');
  const disabled = key('disabled');
  if (disabled !== undefined) book.line(`interface ${target} ${isTrue(disabled) ? 'shutdown' : 'no shutdown'}`, disabled);
  emitCarried(book, one);
  const flow = key('flowControl');
  if (flow?.value === 'auto') book.refuse(flow, 'Onyx does not negotiate flow control.');
  else if (flow !== undefined)
    for (const [direction, values] of [
      ['receive', ['receive', 'both']],
      ['send', ['send', 'both']],
    ] as const)
      book.line(
        `interface ${target} flowcontrol ${direction} ${(values as readonly unknown[]).includes(flow.value) ? 'on' : 'off'} force`,
        flow,
      );
  const edge = key('spanningTree', 'edge');
  if (edge !== undefined) book.line(`interface ${target} spanning-tree port type ${isTrue(edge) ? 'edge' : 'normal'}`, edge);
  const cost = key('spanningTree', 'cost');
  if (cost !== undefined) book.line(`interface ${target} spanning-tree cost ${textOf(cost)!}`, cost);
  const bpduGuard = key('spanningTree', 'bpduGuard');
  if (bpduGuard !== undefined) book.line(`interface ${target} spanning-tree bpduguard enable`, bpduGuard);
  const rootGuard = key('spanningTree', 'rootGuard');
  if (rootGuard !== undefined) book.line(`interface ${target} spanning-tree guard root`, rootGuard);
}

/** MTU, then the mode of the port, then its VLANs: a list for a mode that the port does not have does nothing. */
function emitCarried(book: Book, { place, name, interface: target }: Target): void {
  const mtu = book.get(place, name, 'mtu');
  const bytes = numberOf(mtu);
  if (mtu !== undefined && bytes !== undefined)
    if (bytes >= MTU_LEAST && bytes <= MTU_MOST) book.line(`interface ${target} mtu ${bytes} force`, mtu);
    else book.refuse(mtu, `The MTU of a port is from ${MTU_LEAST} to ${MTU_MOST}.`);
  const untagged = book.get(place, name, 'untagged');
  const tagged = book.get(place, name, 'tagged');
  if (untagged === undefined || tagged === undefined) return;
  // Trunks take only frames with tags; hybrid ports have an access VLAN for those without.
  const mode = untagged.value === 'none' ? 'trunk' : tagged.value === 'none' ? 'access' : 'hybrid';
  book.line(`interface ${target} switchport mode ${mode}`, tagged);
  if (mode !== 'trunk') book.line(`interface ${target} switchport access vlan ${textOf(untagged)!}`, untagged);
  if (mode === 'access') return;
  const list = textOf(tagged)!;
  if (isAll(list, numberOf(untagged))) {
    book.line(`interface ${target} switchport ${mode} allowed-vlan all`, tagged);
    return;
  }
  book.line(`interface ${target} switchport ${mode} allowed-vlan none`, tagged);
  if (list === 'none') return;
  for (const part of list.split(',')) book.line(`interface ${target} switchport ${mode} allowed-vlan add ${part}`, tagged);
}

function emitTree(book: Book): void {
  const enabled = book.get('spanningTree', 'enabled');
  if (enabled !== undefined) book.line(isTrue(enabled) ? 'spanning-tree' : 'no spanning-tree', enabled);
  const priority = book.get('spanningTree', 'priority');
  if (priority !== undefined) book.line(`spanning-tree priority ${textOf(priority)!}`, priority);
}

function emitRouting(book: Book): void {
  let isFirst = true;
  for (const vlan of book.names('vlans')) {
    const addresses = book.get('vlans', vlan, 'addresses');
    const mtu = book.get('vlans', vlan, 'mtu');
    const from = addresses ?? mtu;
    if (from === undefined) continue;
    if (isFirst) book.line('ip routing vrf default', from);
    isFirst = false;
    book.line(`interface vlan ${vlan}`, from);
    let hasPrimary = false;
    for (const address of listOf(addresses?.value)) {
      const isV6 = `${address}`.includes(':');
      const primary = isV6 || hasPrimary ? '' : ' primary';
      hasPrimary ||= !isV6;
      book.line(`interface vlan ${vlan} ${isV6 ? 'ipv6' : 'ip'} address ${address}${primary}`, addresses);
    }
    const bytes = numberOf(mtu);
    if (mtu === undefined || bytes === undefined) continue;
    if (bytes >= MTU_LEAST && bytes <= MTU_MOST) book.line(`interface vlan ${vlan} mtu ${bytes}`, mtu);
    else book.refuse(mtu, `The MTU of an interface is from ${MTU_LEAST} to ${MTU_MOST}.`);
  }
}

function whyNot({ key }: Setting): string {
  if (key[0] === 'peer') return 'An MLAG needs addresses for the link between the two switches, which are not declared.';
  if (key.includes('dcb')) {
    const word = key[key.indexOf('dcb') + 1];
    if (word === 'agents') return 'A switch has one agent of DCBX: LLDP.';
    if (word === 'willing') return 'Onyx has no command for it.';
    if (word === 'applications') return 'Application priorities are not written here: set them with `dcb application-priority`.';
    if (key[0] === 'dcb') return 'On Onyx it is set at ports, and no port has it.';
  }
  return 'Onyx has no command for it.';
}
