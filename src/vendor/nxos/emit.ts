/** Commands for NX-OS, in blocks as its running configuration has them. */
import type { DeclaredNode, Rendering } from '../core/dialect.ts';
import { sameValue, type Setting } from '../core/setting.ts';
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
import { type AttachedPolicies, emitAttached, emitPolicies } from './emit-qos.ts';
import { channelOf, portOf } from './names.ts';
import { planQos, type TargetPolicies } from './qos-plan.ts';
import { HASH_WORDS, MTU_LEAST, MTU_MOST, SPEEDS, VLAN_MOST_FREE } from './says.ts';
import { verifications } from './verify.ts';

export function emitNxos(node: DeclaredNode): Rendering {
  const book = openBook(node);
  const channels = targetsOf(book, 'aggregations', channelOf, 'NX-OS calls its port channels by numbers from 1 to 4096.', new Map());
  const groups = groupsIn(
    book,
    channels.map(({ name }) => name),
    portOf,
  );
  const ports = targetsOf(book, 'ports', portOf, 'NX-OS calls its ports such as Ethernet1/17 or 1/17.', groups);
  const targets = [...channels, ...ports];
  for (const { name } of channels) refuseMembers(book, name, portOf);
  book.line('configure terminal', undefined);
  emitFeatures(book, channels, targets);
  emitVlans(book);
  emitTree(book, VLAN_MOST_FREE);
  emitHash(
    book,
    channels.map(({ name }) => name),
    HASH_WORDS,
  );
  const jumbo = emitJumbo(book, targets);
  for (const one of targets) refuseUnsayable(book, one);
  // Members have what their port channel has: only what is theirs alone is made for them.
  const plan = planQos(
    book,
    targets.filter((one) => one.group === undefined || hasOwnDcb(book, one)),
  );
  for (const one of targets) if (one.group !== undefined && !hasOwnDcb(book, one)) takeAsSaid(book, one);
  const attached = emitPolicies(book, plan);
  const policies = new Map(plan.policies.map((one) => [`${one.target.place} ${one.target.name}`, one] as const));
  for (const one of ports) emitPort(book, one, jumbo, policies, attached);
  for (const one of channels) emitChannel(book, one, jumbo, policies, attached);
  const whole = book.get('dcb', 'pfc');
  const list = [...plan.lossless.keys()];
  if (whole !== undefined && !sameValue(whole.value, list))
    book.refuse(whole, `NX-OS has one list of priorities for all ports: those of its ports, here [${list.join(', ')}].`);
  book.line('end', undefined);
  book.line('copy running-config startup-config', undefined, 'Keeps all of it over a restart.');
  return book.rendering(whyNot, verifications(book, channels, ports));
}

function targetsOf(
  book: Book,
  place: CiscoTarget['place'],
  nameOf: (name: string) => string | undefined,
  why: string,
  groups: ReadonlyMap<string, string>,
): CiscoTarget[] {
  const start = place === 'ports' ? 'Ethernet' : 'port-channel';
  return namesAs(book, place, nameOf, why).map(([name, called]) => ({
    place,
    name,
    interface: `${start}${called}`,
    group: groups.get(called),
  }));
}

const dcbBelow = (book: Book, { place, name }: CiscoTarget): readonly Setting[] =>
  book.node.settings.filter(({ key }) => key[0] === place && key[1] === name && key[2] === 'dcb');

const hasOwnDcb = (book: Book, one: CiscoTarget): boolean =>
  dcbBelow(book, one).some(({ key, value }) => {
    const outer = book.peek('aggregations', one.group!, ...key.slice(2));
    return outer === undefined || !sameValue(outer.value, value);
  });

/** What the port channel says for a member: and what could not be said there can't be said here. */
function takeAsSaid(book: Book, one: CiscoTarget): void {
  for (const setting of dcbBelow(book, one)) {
    const outer = book.peek('aggregations', one.group!, ...setting.key.slice(2));
    if (outer !== undefined && book.isRefused(outer)) book.refuse(setting, 'Its port channel could not be told.');
    else if (['pfc', 'classes', 'dscp', 'marks'].includes(setting.key[3]!) && setting.key[5] !== 'name') book.get(...setting.key);
  }
}

function emitFeatures(book: Book, channels: readonly CiscoTarget[], targets: readonly CiscoTarget[]): void {
  const lacp = channels
    .map(({ name }) => book.peek('aggregations', name, 'mode'))
    .find((mode) => mode?.value === 'lacp' && !book.isRefused(mode));
  if (lacp !== undefined) book.line('feature lacp', lacp);
  const lldp = book.get('lldp');
  if (lldp !== undefined) book.line(isTrue(lldp) ? 'feature lldp' : 'no feature lldp', lldp);
  const routed = book.names('vlans').map((vlan) => book.peek('vlans', vlan, 'addresses') ?? book.peek('vlans', vlan, 'mtu'));
  const first = routed.find((one) => one !== undefined);
  if (first !== undefined) book.line('feature interface-vlan', first);
  const vpc = channels.map(({ name }) => book.peek('aggregations', name, 'peerGroup')).find((one) => one !== undefined);
  if (vpc !== undefined)
    book.line(
      'feature vpc',
      vpc,
      'The vPC domain, its keepalive and its peer link are not declared: they are set up by hand before any `vpc`.',
    );
  emitDcbx(book, targets, isTrue(lldp));
}

const DCBX_VERSIONS: readonly unknown[] = ['auto', 'cee', 'ieee'];

/** The version is a port's; without DCBX are all of them, or none. */
function emitDcbx(book: Book, targets: readonly CiscoTarget[], lldp: boolean): void {
  const choices = targets.flatMap(({ place, name }) => (place === 'ports' ? (book.get(place, name, 'dcb', 'dcbx') ?? []) : []));
  const isOff = choices.length > 0 && choices.every(({ value }) => value === 'none');
  if (isOff && lldp) book.line('no lldp tlv-select dcbxp', choices[0]);
  for (const one of choices)
    if (one.value === 'none' ? lldp && !isOff : !lldp || !DCBX_VERSIONS.includes(one.value))
      book.refuse(one, 'DCBX is a part of LLDP, of version `auto`, `cee` or `ieee`, and off at all ports of a Nexus or at none.');
}

function emitVlans(book: Book): void {
  for (const vlan of book.names('vlans')) {
    const present = book.get('vlans', vlan, 'present');
    const name = book.get('vlans', vlan, 'name');
    if (present === undefined && name === undefined) continue;
    const reserved =
      Number(vlan) > VLAN_MOST_FREE ? 'VLANs from 3968 on are the switch’s own unless `system vlan reserve` moves them.' : undefined;
    book.line(`vlan ${vlan}`, present ?? name, reserved);
    if (name === undefined) continue;
    if (/^[\w.:/-]{1,64}$/.test(textOf(name)!)) book.line(`  name ${textOf(name)!}`, name);
    else book.refuse(name, 'A name of a VLAN has no blanks.');
  }
  for (const vlan of book.names('vlans')) emitSnooping(book, vlan);
  for (const vlan of book.names('vlans')) {
    const addresses = book.get('vlans', vlan, 'addresses');
    const mtu = book.get('vlans', vlan, 'mtu');
    if (addresses === undefined && mtu === undefined) continue;
    book.line(`interface Vlan${vlan}`, addresses ?? mtu);
    book.line('  no shutdown', undefined);
    const bytes = numberOf(mtu);
    if (mtu !== undefined && bytes !== undefined)
      if (bytes <= MTU_MOST) book.line(`  mtu ${bytes}`, mtu);
      else book.refuse(mtu, `The MTU of an interface is at most ${MTU_MOST}.`);
    let hasFirst = false;
    for (const address of listOf(addresses?.value)) {
      const isV6 = `${address}`.includes(':');
      book.line(`  ${isV6 ? 'ipv6' : 'ip'} address ${address}${!isV6 && hasFirst ? ' secondary' : ''}`, addresses);
      hasFirst ||= !isV6;
    }
  }
}

function emitSnooping(book: Book, vlan: string): void {
  const snooping = book.get('vlans', vlan, 'igmpSnooping');
  const querier = book.get('vlans', vlan, 'igmpQuerier');
  const from = snooping ?? querier;
  if (from === undefined) return;
  const address = listOf(book.peek('vlans', vlan, 'addresses')?.value).find((one) => !`${one}`.includes(':'));
  if (isTrue(querier) && address === undefined) book.refuse(querier!, 'A querier needs an address of the switch in the VLAN.');
  book.line(`vlan configuration ${vlan}`, from);
  if (snooping !== undefined) book.line(`  ${isTrue(snooping) ? '' : 'no '}ip igmp snooping`, snooping);
  if (querier !== undefined && !book.isRefused(querier))
    book.line(isTrue(querier) ? `  ip igmp snooping querier ${`${address!}`.split('/')[0]!}` : '  no ip igmp snooping querier', querier);
}

/** Ports that carry VLANs have 1500 bytes or the one size that the switch has for larger frames. */
function emitJumbo(book: Book, targets: readonly CiscoTarget[]): number | undefined {
  const sizes = targets.flatMap(({ place, name }) => book.peek(place, name, 'mtu') ?? []);
  const large = sizes.filter((one) => numberOf(one)! > MTU_LEAST && numberOf(one)! <= MTU_MOST);
  const jumbo = large.length === 0 ? undefined : Math.max(...large.map((one) => numberOf(one)!));
  const source = large.find((one) => numberOf(one) === jumbo);
  if (jumbo !== undefined) book.line(`system jumbomtu ${jumbo}`, source);
  for (const one of sizes)
    if (one.value !== MTU_LEAST && one.value !== jumbo)
      book.refuse(
        one,
        `A port that carries VLANs has an MTU of ${MTU_LEAST}, or that of the switch for large frames${jumbo === undefined ? '' : `, here ${jumbo}`}.`,
      );
  return jumbo;
}

function refuseUnsayable(book: Book, { place, name }: CiscoTarget): void {
  const speed = book.peek(place, name, 'speed');
  if (speed !== undefined && !SPEEDS.has(numberOf(speed)! / 1e6)) book.refuse(speed, 'No port of a Nexus has this speed.');
  const flow = book.peek(place, name, 'flowControl');
  if (flow?.value === 'auto') book.refuse(flow, 'These ports do not negotiate flow control.');
}

type Policies = ReadonlyMap<string, TargetPolicies>;
type Attached = ReadonlyMap<TargetPolicies, AttachedPolicies>;

function emitPort(book: Book, one: CiscoTarget, jumbo: number | undefined, policies: Policies, attached: Attached): void {
  const { name } = one;
  book.line(`interface ${one.interface}`, undefined);
  emitDescription(book, one);
  book.line('  switchport', undefined);
  if (one.group !== undefined) {
    const number = channelOf(one.group)!;
    emitMember(book, number, one.group);
  } else {
    emitSwitchport(book, one, false);
    emitMtu(book, one, jumbo);
  }
  const speed = book.get('ports', name, 'speed');
  if (speed !== undefined && !book.isRefused(speed)) book.line(`  speed ${numberOf(speed)! / 1e6}`, speed);
  const flow = book.get('ports', name, 'flowControl');
  if (flow !== undefined && !book.isRefused(flow)) {
    const value = textOf(flow)!;
    book.line(`  flowcontrol receive ${value === 'receive' || value === 'both' ? 'on' : 'off'}`, flow);
    book.line(`  flowcontrol send ${value === 'send' || value === 'both' ? 'on' : 'off'}`, flow);
  }
  const dcbx = book.get('ports', name, 'dcb', 'dcbx');
  if (dcbx !== undefined && dcbx.value !== 'none' && !book.isRefused(dcbx)) book.line(`  lldp dcbx version ${textOf(dcbx)!}`, dcbx);
  const edge = book.get('ports', name, 'spanningTree', 'edge');
  if (edge !== undefined) {
    const trunk = book.peek('ports', name, 'tagged')?.value === 'none' || one.group !== undefined ? '' : ' trunk';
    book.line(`  spanning-tree port type ${isTrue(edge) ? `edge${trunk}` : 'normal'}`, edge);
  }
  emitTreeGuards(book, one);
  emitQos(book, one, policies, attached);
  shutdownLine(book, name);
}

function emitChannel(book: Book, one: CiscoTarget, jumbo: number | undefined, policies: Policies, attached: Attached): void {
  book.line(`interface ${one.interface}`, book.peek('aggregations', one.name, 'ports'));
  for (const key of ['ports', 'mode', 'active', 'lacpRate']) book.get('aggregations', one.name, key);
  emitDescription(book, one);
  book.line('  switchport', undefined);
  emitSwitchport(book, one, false);
  emitMtu(book, one, jumbo);
  emitQos(book, one, policies, attached);
  const vpc = book.get('aggregations', one.name, 'peerGroup');
  if (vpc !== undefined) book.line(`  vpc ${textOf(vpc)!}`, vpc);
  book.line('  no shutdown', undefined);
}

function emitMtu(book: Book, { place, name }: CiscoTarget, jumbo: number | undefined): void {
  const mtu = book.get(place, name, 'mtu');
  if (mtu !== undefined && (mtu.value === MTU_LEAST || mtu.value === jumbo)) book.line(`  mtu ${textOf(mtu)!}`, mtu);
}

function emitQos(book: Book, { place, name }: CiscoTarget, policies: Policies, attached: Attached): void {
  const own = policies.get(`${place} ${name}`);
  if (own !== undefined) emitAttached(book, own, attached.get(own)!);
}

function whyNot({ key }: Setting): string {
  if (key[0] === 'peer') return 'A vPC needs a keepalive with addresses, which are not declared.';
  const word = key.includes('dcb') ? key[key.indexOf('dcb') + 1] : undefined;
  if (word === 'agents') return 'A switch has one agent of DCBX: LLDP.';
  if (word === 'trust') return 'A Nexus has no trust state: its class maps match tags or DSCP, as `classes` and `dscp` say.';
  if (word === 'buffers') return 'Buffers of a Nexus are set by queuing policies for its input, by model: not written here.';
  if (word === 'dcbx') return 'The version of DCBX is set at ports, and no port has this one.';
  if (word === 'willing') return 'NX-OS has no command for it.';
  if (word === 'applications') return 'Application priorities are not written here.';
  if (key[0] === 'dcb') return 'On NX-OS it is set at ports, and no port has it.';
  return 'NX-OS has no command for it.';
}
