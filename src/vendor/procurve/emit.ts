/**
 * Commands for a ProCurve switch: trunks first, since a port that joins one loses its VLANs; then VLANs with their ports, of which trunks are some; VLAN 1
 * last, which a port can only leave for another one.
 */
import { Emission } from '../core/emission.ts';
import type { DeclaredNode, Rendering } from '../core/dialect.ts';
import { emitPorts, takeCommonMap } from './emit-ports.ts';
import { emitVlans } from './emit-vlans.ts';
import { memberships } from './memberships.ts';
import { isPort, isTrunk, portText } from './port-names.ts';

export function emit(node: DeclaredNode): Rendering {
  const emission = new Emission(node);
  for (const port of emission.names('ports'))
    if (!isPort(port)) emission.refuseAll('Ports of these switches are called `17`, `A1` or `1/17`.', 'ports', port);
  emission.command('configure terminal');
  emitTrunks(emission);
  emitVlans(emission, memberships(emission));
  emitPorts(emission);
  emitSwitch(emission);
  emission.command('write memory');
  verify(emission);
  return emission.rendering(whyNot);
}

/** One command for all ports: there is no way to add one by one without losing more. */
function emitTrunks(emission: Emission): void {
  let balance: string | undefined;
  for (const name of emission.names('aggregations')) {
    const key = ['aggregations', name];
    const ports = emission.setting(...key, 'ports');
    const members = Array.isArray(ports?.value) ? ports.value.map(String) : [];
    if (!isTrunk(name) || !members.every(isPort)) {
      emission.refuseAll('Aggregations of these switches are called `trk1` and so on, and their ports `17`, `A1` or `1/17`.', ...key);
      continue;
    }
    const mode = emission.take(...key, 'mode');
    const active = emission.setting(...key, 'active');
    if (active?.value === false) emission.refuse('A trunk of these switches with LACP always speaks.', ...key, 'active');
    else emission.take(...key, 'active');
    emission.command(
      `trunk ${members.map(portText).join(',')} ${name.toLowerCase()} ${mode?.value === 'lacp' ? 'lacp' : 'trunk'}`,
      emission.take(...key, 'ports'),
    );
    balance = emitHash(emission, key, balance);
    emission.refuse('The switch asks for slow messages of LACP.', ...key, 'lacpRate');
    emission.refuse('Distributed trunks are not in this dialect.', ...key, 'peerGroup');
    emission.refuse('Only single ports have names.', ...key, 'description');
    emission.refuse('Single ports trust, trunks do not.', ...key, 'dcb', 'trust');
    takeCommonMap(emission, key);
  }
}

const BALANCES: Readonly<Record<string, string>> = { 'layer2+3': 'L3-based', 'layer3+4': 'L4-based' };

/** One way for all trunks; an address of layer 3 is used where there is one. */
function emitHash(emission: Emission, key: readonly string[], before: string | undefined): string | undefined {
  const hash = emission.setting(...key, 'hash');
  if (hash === undefined) return before;
  const word = BALANCES[String(hash.value)];
  if (word === undefined) emission.refuse('The switch chooses by addresses of layer 3, or also by ports.', ...key, 'hash');
  else if (before !== undefined && before !== word) emission.refuse('All trunks of the switch choose alike.', ...key, 'hash');
  else {
    if (before === undefined) emission.command(`trunk-load-balance ${word}`, hash);
    emission.take(...key, 'hash');
    return word;
  }
  return before;
}

function emitSwitch(emission: Emission): void {
  for (const dscp of emission.names('dcb', 'dscp')) {
    const priority = emission.take('dcb', 'dscp', dscp);
    if (priority !== undefined)
      emission.command(`qos dscp-map ${Number(dscp).toString(2).padStart(6, '0')} priority ${String(priority.value)}`, priority);
  }
  const tree = emission.take('spanningTree', 'enabled');
  if (tree !== undefined) emission.command(tree.value === true ? 'spanning-tree' : 'no spanning-tree', tree);
  const priority = emission.setting('spanningTree', 'priority');
  if (priority !== undefined)
    emission.command(`spanning-tree priority ${Number(priority.value) / 4096}`, emission.take('spanningTree', 'priority'));
  const lldp = emission.take('lldp');
  if (lldp !== undefined) emission.command(lldp.value === true ? 'lldp run' : 'no lldp run', lldp);
}

function verify(emission: Emission): void {
  const { commands } = emission;
  if (commands.some(({ text }) => text.startsWith('trunk ')))
    emission.verify(
      'show trunks',
      ...commands
        .flatMap(({ text }) => /^trunk \S+ trk(\d+) (\w+)$/.exec(text)?.slice(1) ?? [])
        .map((part, index) => (index % 2 === 0 ? `Trk${part}` : part === 'lacp' ? 'LACP' : 'Trunk')),
    );
  for (const vlan of emission.names('vlans')) {
    const at = commands.findIndex(({ text }) => text === `vlan ${vlan}`);
    const end = commands.findIndex(({ text }, index) => index > at && text === '   exit');
    const ports = commands.slice(at, end).flatMap(({ text }) => /^ {3}((?:un)?tagged) (\S+)$/.exec(text)?.slice(1, 3) ?? []);
    if (at !== -1)
      emission.verify(
        `show vlans ${vlan}`,
        `VLAN ID : ${vlan}`,
        ...(ports.length > 0 ? [ports[1]!, ports[0] === 'tagged' ? 'Tagged' : 'Untagged'] : []),
      );
  }
  if (emission.peek('spanningTree', 'enabled') === true) emission.verify('show spanning-tree', 'STP Enabled');
}

function whyNot(key: readonly string[]): string {
  if (key.includes('dcb')) return 'Switches of this line know neither priority flow control nor its buffers and exchange.';
  if (key[0] === 'peer') return 'Distributed trunks are not in this dialect.';
  return 'There is no command of these switches for it.';
}
