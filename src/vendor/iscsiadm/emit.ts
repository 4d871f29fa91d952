/** Commands for iscsiadm: interface records, discovery, node records, then what differs from iscsid.conf, from the general to the single. */
import { shellQuoted } from '../core/shell-words.ts';
import type { DeclaredNode, Rendering } from '../core/dialect.ts';
import { Emission } from '../core/emission.ts';
import { secretPlaceholder } from '../core/secret.ts';
import type { Setting } from '../core/setting.ts';
import { BUILT_IN, PARAMETERS } from './parameters.ts';
import { serverOf } from './reading.ts';

const NAME_FILE = '/etc/iscsi/initiatorname.iscsi';

export function emit(node: DeclaredNode): Rendering {
  const emission = new Emission(node);
  const adapters = emission.names('iscsi');
  for (const [index, name] of adapters.entries()) {
    if (emission.peek('iscsi', name, 'kind') !== 'software') {
      emission.refuseAll('Which driver does this is not said in the fabric file: open-iscsi wants its name.', 'iscsi', name);
      continue;
    }
    emitAdapter(emission, name, index === 0);
  }
  return emission.rendering((key) =>
    key[0] === 'iscsi' ? 'open-iscsi has no such setting.' : 'This is set up in the system, not in open-iscsi: see the dialect `linux`.',
  );
}

function emitAdapter(emission: Emission, name: string, isFirst: boolean): void {
  const key = ['iscsi', name];
  emission.take(...key, 'kind');
  emitNames(emission, name, isFirst);
  emitInterface(emission, name, isFirst);
  const servers = emission.names(...key, 'discovery').filter((server) => isAddress(emission, server, ...key, 'discovery', server));
  const targets = emission.names(...key, 'targets').filter((target) => {
    const address = emission.peek(...key, 'targets', target, 'address');
    return address === undefined || isAddress(emission, String(address), ...key, 'targets', target);
  });
  for (const server of servers) emitServer(emission, name, server);
  for (const target of targets) emitTarget(emission, name, target);
  if (servers.length + targets.length === 0) {
    emission.refuseAll('open-iscsi keeps settings with targets, and there are none.', ...key, 'settings');
    emission.refuseAll('open-iscsi keeps accounts with targets, and there are none.', ...key, 'chap');
    return;
  }
  emitSettings(emission, key, [`-I ${name}`]);
  const why = 'Targets that this server names at other addresses keep what the adapter has.';
  for (const server of servers) emitSettings(emission, [...key, 'discovery', server], [`-p ${shellQuoted(server)}`, `-I ${name}`], why);
  for (const target of targets) emitSettings(emission, [...key, 'targets', target], [`-T ${shellQuoted(target)}`, `-I ${name}`]);
  const from = emission.setting(...key, 'initiator');
  emission.command(`iscsiadm -m node -I ${name} --op=update -n node.startup -v automatic`, from);
  emission.command(`iscsiadm -m node -I ${name} --login`, from);
  verify(emission, name, servers, targets);
}

/** An array that listens to every address, or to a port that is chosen later, is known by its name only. */
function isAddress(emission: Emission, server: string, ...key: readonly string[]): boolean {
  if (serverOf(server) === server) return true;
  emission.refuseAll('Its address is not said in the fabric file.', ...key);
  return false;
}

/** One name for the machine, unless an interface record has its own; its alias stands beside it. */
function emitNames(emission: Emission, name: string, isFirst: boolean): void {
  const key = ['iscsi', name];
  if (!isFirst) {
    emission.refuse('open-iscsi has one alias for the machine.', ...key, 'alias');
    return;
  }
  const initiator = emission.take(...key, 'initiator');
  if (initiator === undefined) return;
  const alias = emission.take(...key, 'alias');
  emission.command(`echo ${shellQuoted(`InitiatorName=${String(initiator.value)}`)} > ${NAME_FILE}`, initiator);
  if (alias !== undefined) emission.command(`echo ${shellQuoted(`InitiatorAlias=${String(alias.value)}`)} >> ${NAME_FILE}`, alias);
  emission.command('systemctl restart iscsid', initiator, 'Sessions that are up keep the old name until they log in again.');
  const lines = [`InitiatorName=${String(initiator.value)}`, ...(alias === undefined ? [] : [`InitiatorAlias=${String(alias.value)}`])];
  emission.files.push({ path: NAME_FILE, text: lines.map((line) => `${line}\n`).join('') });
}

function emitInterface(emission: Emission, name: string, isFirst: boolean): void {
  const key = ['iscsi', name];
  const builtIn = BUILT_IN[name];
  const from = emission.setting(...key, 'initiator');
  if (builtIn === undefined) emission.command(`iscsiadm -m iface -I ${name} --op=new`, from);
  if (builtIn !== undefined && (emission.peek(...key, 'transport') ?? 'tcp') !== builtIn)
    emission.refuse(
      `The interface record \`${name}\` of open-iscsi is for ${builtIn}: call the adapter something else.`,
      ...key,
      'transport',
    );
  if (builtIn !== undefined) {
    emission.take(...key, 'transport');
    emission.refuse('Interface records that open-iscsi brings can not be changed: call the adapter something else.', ...key, 'nic');
    if (!isFirst) emission.refuse('Interface records that open-iscsi brings have the name of the machine.', ...key, 'initiator');
    return;
  }
  const update = (setting: Setting | undefined, parameter: string): void => {
    if (setting !== undefined)
      emission.command(`iscsiadm -m iface -I ${name} --op=update -n ${parameter} -v ${shellQuoted(String(setting.value))}`, setting);
  };
  update(emission.take(...key, 'transport'), 'iface.transport_name');
  update(emission.take(...key, 'nic'), 'iface.net_ifacename');
  if (!isFirst) update(emission.take(...key, 'initiator'), 'iface.initiatorname');
}

const ONE_TRANSPORT = 'An interface record has one transport: declare an adapter for the other.';

function emitServer(emission: Emission, adapter: string, server: string): void {
  const key = ['iscsi', adapter, 'discovery', server];
  const present = emission.take(...key, 'present');
  emission.refuse(ONE_TRANSPORT, ...key, 'transport');
  if (present === undefined) return;
  const place = `-t sendtargets -p ${shellQuoted(server)} -I ${adapter}`;
  if (!emission.has(...key, 'chap')) {
    emission.command(`iscsiadm -m discovery ${place}`, present);
    return;
  }
  emission.command(`iscsiadm -m discoverydb ${place} --op=new`, present);
  const command = (parameter: string, value: string, from: Setting, note?: string): void =>
    emission.command(
      `iscsiadm -m discoverydb ${place} --op=update -n discovery.sendtargets.auth.${parameter} -v ${shellQuoted(value)}`,
      from,
      note,
    );
  emitChap(emission, [...key, 'chap'], command);
  emission.command(`iscsiadm -m discoverydb ${place} --discover`, present);
}

function emitTarget(emission: Emission, adapter: string, target: string): void {
  const key = ['iscsi', adapter, 'targets', target];
  const present = emission.take(...key, 'present');
  const address = emission.take(...key, 'address');
  emission.refuse(ONE_TRANSPORT, ...key, 'transport');
  // Without an address it only says how a target is logged in to that a server names.
  if (address !== undefined)
    emission.command(`iscsiadm -m node -T ${shellQuoted(target)} -p ${shellQuoted(String(address.value))} -I ${adapter} --op=new`, present);
}

/** Of all node records that these options choose. */
function emitSettings(emission: Emission, key: readonly string[], options: readonly string[], note?: string): void {
  const update = (parameter: string, value: string, from: Setting, why?: string): void =>
    emission.command(
      `iscsiadm -m node ${options.join(' ')} --op=update -n ${shellQuoted(parameter)} -v ${shellQuoted(value)}`,
      from,
      why ?? note,
    );
  emitChap(emission, [...key, 'chap'], (parameter, value, from, why) => update(`node.session.auth.${parameter}`, value, from, why));
  for (const { setting, name, write } of PARAMETERS) {
    const value = emission.peek(...key, 'settings', setting);
    if (value === undefined) continue;
    const text = write(value);
    if (typeof text !== 'string') emission.refuse(text.why, ...key, 'settings', setting);
    else update(name, text, emission.take(...key, 'settings', setting)!);
  }
}

type Update = (parameter: string, value: string, from: Setting, note?: string) => void;

function emitChap(emission: Emission, key: readonly string[], update: Update): void {
  const user = emission.take(...key, 'user');
  if (user === undefined) return;
  update('authmethod', 'CHAP', user);
  for (const [place, suffix] of [[key, ''] as const, [[...key, 'mutual'], '_in'] as const]) {
    const name = emission.take(...place, 'user');
    const secret = emission.take(...place, 'secret');
    if (name === undefined) continue;
    update(`username${suffix}`, String(name.value), name);
    if (secret !== undefined)
      update(
        `password${suffix}`,
        secretPlaceholder(String(secret.value)),
        secret,
        'The secret belongs in the place of the words in angle brackets.',
      );
  }
}

function verify(emission: Emission, name: string, servers: readonly string[], targets: readonly string[]): void {
  const transport = emission.peek('iscsi', name, 'transport') ?? BUILT_IN[name] ?? 'tcp';
  emission.verify('iscsiadm -m iface', `${name} ${String(transport)},`);
  if (servers.length > 0) emission.verify('iscsiadm -m discovery', ...servers.toSorted().map((server) => `${server} via sendtargets`));
  for (const target of targets) {
    const address = emission.peek('iscsi', name, 'targets', target, 'address');
    if (address !== undefined) emission.verify(`iscsiadm -m node -T ${target}`, `${String(address)},`);
    emission.verify('iscsiadm -m session -P 1', `Target: ${target}`, `Iface Name: ${name}`, 'iSCSI Session State: LOGGED_IN');
  }
}
