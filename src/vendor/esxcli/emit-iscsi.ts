/** iSCSI adapters as commands of esxcli. */
import { shellQuoted } from '../core/shell-words.ts';
import { maskOfBits } from '../core/netmask.ts';
import { isMistake } from '../../fabric/parsed.ts';
import { parseInterfaceAddress } from '../../fabric/network/ip-prefix.ts';
import { formatIp, isIpv4 } from '../../wire/ip/address.ts';
import type { Emission } from '../core/emission.ts';
import { secretPlaceholder } from '../core/secret.ts';
import { FIXED, parameterFor } from './iscsi-parameters.ts';

type Key = readonly string[];

export function emitIscsi(emission: Emission): void {
  const adapters = emission.names('iscsi');
  if (adapters.some((name) => emission.peek('iscsi', name, 'kind') === 'software'))
    emission.command(
      'esxcli iscsi software set --enabled=true',
      undefined,
      'The host chooses the name of its software adapter: `esxcli iscsi adapter list`.',
    );
  for (const name of adapters) emitAdapter(emission, name);
  if (adapters.length > 0) emission.verify('esxcli iscsi adapter list', ...adapters);
}

function emitAdapter(emission: Emission, name: string): void {
  const place = ['iscsi', name];
  const adapter = `--adapter=${shellQuoted(name)}`;
  const initiator = emission.take(...place, 'initiator');
  if (initiator !== undefined) emission.command(`esxcli iscsi adapter set ${adapter} --name=${String(initiator.value)}`, initiator);
  const alias = emission.take(...place, 'alias');
  if (alias !== undefined) emission.command(`esxcli iscsi adapter set ${adapter} --alias=${shellQuoted(String(alias.value))}`, alias);
  emitAddress(emission, place, adapter);
  const kind = emission.peek(...place, 'kind');
  if (kind === 'software' || (kind === 'independent' && emission.take(...place, 'address') !== undefined)) emission.take(...place, 'kind');
  else emission.refuse('An adapter in hardware is there when its card and its driver are.', ...place, 'kind');
  emission.refuse('The port is that of the card.', ...place, 'nic');
  emission.refuse('The VLAN of an adapter in hardware is set in its own tool or in the vSphere Client.', ...place, 'vlan');
  emitTransport(emission, place);

  const binding = emission.take(...place, 'portBinding');
  for (const one of (binding?.value ?? []) as readonly string[])
    emission.command(
      `esxcli iscsi networkportal add ${adapter} --nic=${shellQuoted(one)}`,
      binding,
      'Its port group may have one active uplink only.',
    );
  if (binding !== undefined)
    emission.verify(`esxcli iscsi networkportal list ${adapter}`, ...(binding.value as readonly string[]).map((one) => `Vmknic: ${one}`));
  emitChap(emission, place, `esxcli iscsi adapter auth chap set ${adapter}`);
  emitSettings(emission, place, `esxcli iscsi adapter param set ${adapter}`);

  for (const server of emission.names(...place, 'discovery')) {
    const key = [...place, 'discovery', server];
    if (!isAddress(server)) {
      emission.refuseAll('It is no address.', ...key);
      continue;
    }
    const words = `${adapter} --address=${server}`;
    emission.command(`esxcli iscsi adapter discovery sendtarget add ${words}`, emission.take(...key, 'present'));
    emitTransport(emission, key);
    emitChap(emission, key, `esxcli iscsi adapter discovery sendtarget auth chap set ${words}`);
    emitSettings(emission, key, `esxcli iscsi adapter discovery sendtarget param set ${words}`);
  }
  if (emission.has(...place, 'discovery'))
    emission.verify(`esxcli iscsi adapter discovery sendtarget list ${adapter}`, ...emission.names(...place, 'discovery'));

  for (const target of emission.names(...place, 'targets')) {
    const key = [...place, 'targets', target];
    const address = emission.peek(...key, 'address');
    if (typeof address !== 'string' || !isAddress(address)) {
      emission.refuseAll('A target is spoken of by its name and its address.', ...key);
      continue;
    }
    emission.take(...key, 'address');
    const words = `${adapter} --address=${address} --name=${target}`;
    emission.command(`esxcli iscsi adapter discovery statictarget add ${words}`, emission.take(...key, 'present'));
    emitTransport(emission, key);
    emitChap(emission, key, `esxcli iscsi adapter target portal auth chap set ${words}`);
    emitSettings(emission, key, `esxcli iscsi adapter target portal param set ${words}`);
  }
  if (emission.has(...place, 'targets'))
    emission.verify(`esxcli iscsi adapter discovery statictarget list ${adapter}`, ...emission.names(...place, 'targets').toSorted());
  emission.command(`esxcli storage core adapter rescan ${adapter}`);
}

/** `192.0.2.1:3260`, `[2001:db8::1]:3260`: arrays by name have become addresses before. */
const isAddress = (text: string): boolean => /:\d{1,5}$/.test(text);

function emitAddress(emission: Emission, place: Key, adapter: string): void {
  const written = emission.peek(...place, 'address');
  const parsed = typeof written === 'string' ? parseInterfaceAddress(written) : undefined;
  if (parsed === undefined || isMistake(parsed)) return;
  const { address, bits } = parsed.value;
  if (emission.peek(...place, 'kind') !== 'independent' || !isIpv4(address)) {
    emission.refuse('Only an independent adapter has an address of its own, of IPv4 here.', ...place, 'address');
    return;
  }
  const setting = emission.take(...place, 'address');
  emission.command(`esxcli iscsi networkportal ipconfig set ${adapter} --ip=${formatIp(address)} --subnet=${maskOfBits(bits)}`, setting);
}

function emitTransport(emission: Emission, place: Key): void {
  if (emission.peek(...place, 'transport') === 'tcp') emission.take(...place, 'transport');
  else emission.refuse('iSER has an adapter of its own (`esxcli rdma iser add`), or the card chooses it itself.', ...place, 'transport');
}

function emitChap(emission: Emission, place: Key, command: string): void {
  const user = emission.take(...place, 'chap', 'user');
  const secret = emission.take(...place, 'chap', 'secret');
  if (user === undefined || secret === undefined) return;
  const mutualUser = emission.take(...place, 'chap', 'mutual', 'user');
  const mutualSecret = emission.take(...place, 'chap', 'mutual', 'secret');
  // Mutual CHAP wants that of the initiator to be required.
  const level = mutualUser !== undefined || isRequired(emission, place) ? 'required' : 'preferred';
  emission.command(
    `${command} --direction=uni --level=${level} --authname=${shellQuoted(String(user.value))} --secret='${secretPlaceholder(String(secret.value))}'`,
    user,
    'Put the secret there.',
  );
  if (mutualUser === undefined || mutualSecret === undefined) return;
  emission.command(
    `${command} --direction=mutual --level=required --authname=${shellQuoted(String(mutualUser.value))} --secret='${secretPlaceholder(String(mutualSecret.value))}'`,
    mutualUser,
    'Put the secret there.',
  );
}

/** A target that asks for no authentication is left (`required`): no setting that a device would show, so the declaration itself is asked. */
function isRequired(emission: Emission, place: Key): boolean {
  const host = emission.node.fabric.hosts.find(({ name }) => name === emission.node.name);
  const adapter = host?.adapters.find(({ name }) => name === place[1]);
  if (place[2] === 'targets') return adapter?.targets.find(({ name }) => name === place[3])?.chap?.required === true;
  if (place[2] !== 'discovery') return adapter?.chap?.required === true;
  return adapter?.servers[emission.names('iscsi', place[1]!, 'discovery').indexOf(place[3]!)]?.chap?.required === true;
}

function emitSettings(emission: Emission, place: Key, command: string): void {
  for (const name of emission.names(...place, 'settings')) {
    const key = [...place, 'settings', name];
    const value = emission.peek(...key)!;
    if (name in FIXED) {
      if (FIXED[name] === value) emission.take(...key);
      else emission.refuse(`ESXi always has ${String(FIXED[name])}.`, ...key);
      continue;
    }
    const parameter = parameterFor(name, value);
    if (parameter === undefined) emission.refuse('ESXi has no parameter for it, or not with this value.', ...key);
    else emission.command(`${command} --key=${parameter.name} --value=${parameter.text}`, emission.take(...key));
  }
}
