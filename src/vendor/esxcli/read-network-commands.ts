/** What commands of `esxcli network`, `system module` and `vsan` set. */
import { bitsOfMask } from '../core/netmask.ts';
import { isMistake } from '../../fabric/parsed.ts';
import { parseInterfaceAddress, parseNetwork } from '../../fabric/network/ip-prefix.ts';
import { formatMac, parseMac } from '../../wire/ethernet/mac.ts';
import { formatIp, parseAddress } from '../../wire/ip/address.ts';
import type { Found } from '../core/found.ts';
import type { Line } from '../core/lines.ts';
import { TAGS } from './emit-virtual.ts';
import { type Options, type Told, yesOf } from './shell.ts';
import { readSecurity, readTeaming } from './teaming.ts';

type Handler = (found: Found, line: Line, options: Options) => Told;

const MISSING = 'An option that it needs is missing or makes no sense.';

export function readNetworkCommand(found: Found, line: Line, path: string, options: Options): Told {
  const handler = HANDLERS[path];
  if (handler === undefined)
    return /(?:^| )(?:remove|delete|unset)$/.test(path) ? 'It takes something away: only what is set is read here.' : '';
  return handler(found, line, options);
}

/** A number of at most six digits within the limits. */
export const numberOf = (written: string | undefined, least: number, most: number): number | undefined =>
  written !== undefined && /^\d{1,6}$/.test(written) && Number(written) >= least && Number(written) <= most ? Number(written) : undefined;

/** Port groups are called without their switch: names are unique on a host. */
function switchOfGroup(found: Found, group: string): string | undefined {
  return found.settings.find(({ key }) => key[0] === 'virtualSwitches' && key[2] === 'portGroups' && key[3] === group)?.key[1];
}

const uplinksOf = (found: Found, name: string): readonly string[] =>
  (found.value(['virtualSwitches', name, 'uplinks']) ?? []) as readonly string[];

const SWITCH = ['vswitch-name', 'v'] as const;
const GROUP = ['portgroup-name', 'p'] as const;
const INTERFACE = ['interface-name', 'i'] as const;

const ofGroup =
  (then: (found: Found, line: Line, place: readonly string[], options: Options, name: string) => boolean): Handler =>
  (found, line, options) => {
    const group = options.take(...GROUP);
    const name = group === undefined ? undefined : switchOfGroup(found, group);
    if (group === undefined) return MISSING;
    if (name === undefined) return `Nothing before says of which switch the port group ${group.slice(0, 64)} is.`;
    return then(found, line, ['virtualSwitches', name, 'portGroups', group], options, name) || MISSING;
  };

const ofSwitch =
  (then: (found: Found, line: Line, place: readonly string[], options: Options, name: string) => boolean): Handler =>
  (found, line, options) => {
    const name = options.take(...SWITCH);
    return name !== undefined && then(found, line, ['virtualSwitches', name], options, name) ? true : MISSING;
  };

const ofNic =
  (then: (found: Found, line: Line, place: readonly string[], options: Options) => boolean): Handler =>
  (found, line, options) => {
    const name = options.take('nic-name', 'n');
    return name !== undefined && then(found, line, ['nics', name], options) ? true : MISSING;
  };

const ofInterface =
  (then: (found: Found, line: Line, place: readonly string[], options: Options) => boolean): Handler =>
  (found, line, options) => {
    const name = options.take(...INTERFACE);
    return name !== undefined && then(found, line, ['virtualNics', name], options) ? true : MISSING;
  };

const onOff = (name: string, ...option: readonly string[]): Handler =>
  ofNic((found, line, place, options) => {
    const yes = yesOf(options.take(...option));
    if (yes !== undefined) found.say(line, [...place, 'offloads', name], yes);
    return yes !== undefined;
  });

function readInterface(found: Found, line: Line, place: readonly string[], options: Options): boolean {
  const group = options.take(...GROUP);
  const mtu = options.take('mtu', 'm');
  const mac = options.take('mac-address', 'M');
  const netstack = options.take('netstack', 'N');
  if (netstack !== undefined && netstack !== 'defaultTcpipStack') return false;
  if (group !== undefined) found.say(line, [...place, 'portGroup'], group);
  const size = numberOf(mtu, 576, 65_535);
  const address = mac === undefined ? undefined : parseMac(mac);
  if (size !== undefined) found.say(line, [...place, 'mtu'], size);
  if (address !== undefined) found.say(line, [...place, 'mac'], formatMac(address));
  return (mtu === undefined || size !== undefined) && (mac === undefined || address !== undefined);
}

function readIpv4(found: Found, line: Line, place: readonly string[], options: Options): boolean {
  const type = options.take('type', 't');
  const address = options.take('ipv4', 'I');
  const mask = options.take('netmask', 'N');
  if (type === 'dhcp') {
    found.say(line, [...place, 'dhcp'], true);
    return true;
  }
  if (type === 'none') return true;
  const bits = mask === undefined ? undefined : bitsOfMask(mask);
  const parsed = parseInterfaceAddress(`${address}/${bits}`);
  if (type !== 'static' || isMistake(parsed)) return false;
  found.add(line, [...place, 'addresses'], `${formatIp(parsed.value.address)}/${parsed.value.bits}`);
  return true;
}

function readRoute(found: Found, line: Line, options: Options, all: string): Told {
  const via = parseAddress(options.take('gateway', 'g') ?? '');
  const network = options.take('network', 'n');
  const to = parseNetwork(network === 'default' ? all : (network ?? ''));
  if (via === undefined || isMistake(to)) return MISSING;
  found.add(line, ['routes'], `${formatIp(to.value.address)}/${to.value.bits} via ${formatIp(via)}`);
  found.say(line, ['routes'], (found.value(['routes']) as string[]).toSorted());
  return true;
}

function addService(found: Found, line: Line, place: readonly string[], service: string): void {
  found.add(line, [...place, 'services'], service);
  found.say(line, [...place, 'services'], (found.value([...place, 'services']) as string[]).toSorted());
}

const SERVICE_OF: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(TAGS).map(([service, tag]) => [tag.toLowerCase(), service]),
);

/** `0x08` is a number, too. */
export const parameterValue = (text: string): string | number =>
  /^(?:-?(?:0|[1-9]\d{0,14})|0x[0-9a-fA-F]{1,12})$/.test(text) ? Number(text) : text;

/** `max_vfs=2,2 max_ports=8`. */
export function readParameters(found: Found, line: Line, module: string, text: string): boolean {
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    const at = word.indexOf('=');
    if (at < 1) return false;
    found.say(line, ['drivers', module, word.slice(0, at)], parameterValue(word.slice(at + 1)));
  }
  return true;
}

const HANDLERS: Readonly<Record<string, Handler>> = {
  'network vswitch standard add': ofSwitch((found, line, place, options) => {
    found.say(line, [...place, 'kind'], 'standard');
    const written = options.take('ports', 'P');
    const ports = numberOf(written, 1, 65_536);
    if (ports !== undefined) found.say(line, [...place, 'ports'], ports);
    return written === undefined || ports !== undefined;
  }),
  'network vswitch standard set': ofSwitch((found, line, place, options) => {
    const mtu = numberOf(options.take('mtu', 'm'), 576, 65_535);
    if (mtu !== undefined) found.say(line, [...place, 'mtu'], mtu);
    return mtu !== undefined;
  }),
  'network vswitch standard uplink add': ofSwitch((found, line, place, options) => {
    const uplink = options.take('uplink-name', 'u');
    if (uplink !== undefined) found.add(line, [...place, 'uplinks'], uplink);
    return uplink !== undefined;
  }),
  'network vswitch standard policy failover set': ofSwitch((found, line, place, options, name) =>
    readTeaming(found, line, [...place, 'teaming'], options, uplinksOf(found, name)),
  ),
  'network vswitch standard policy security set': ofSwitch((found, line, place, options) =>
    readSecurity(found, line, [...place, 'security'], options, false),
  ),
  'network vswitch standard portgroup add': ofSwitch((found, line, place, options) => {
    const group = options.take(...GROUP);
    if (group !== undefined) found.say(line, [...place, 'portGroups', group, 'present'], true);
    return group !== undefined;
  }),
  'network vswitch standard portgroup set': ofGroup((found, line, place, options) => {
    const vlan = numberOf(options.take('vlan-id', 'v'), 0, 4095);
    if (vlan !== undefined) found.say(line, [...place, 'vlan'], vlan);
    return vlan !== undefined;
  }),
  'network vswitch standard portgroup policy failover set': ofGroup((found, line, place, options, name) =>
    readTeaming(found, line, [...place, 'teaming'], options, uplinksOf(found, name)),
  ),
  'network vswitch standard portgroup policy security set': ofGroup((found, line, place, options) =>
    readSecurity(found, line, [...place, 'security'], options, true),
  ),
  'network ip interface add': ofInterface(readInterface),
  'network ip interface set': ofInterface(readInterface),
  'network ip interface ipv4 set': ofInterface(readIpv4),
  'network ip interface ipv6 address add': ofInterface((found, line, place, options) => {
    const parsed = parseInterfaceAddress(options.take('ipv6', 'I') ?? '');
    if (isMistake(parsed)) return false;
    found.add(line, [...place, 'addresses'], `${formatIp(parsed.value.address)}/${parsed.value.bits}`);
    return true;
  }),
  'network ip interface ipv6 set': ofInterface((found, line, place, options) => {
    const yes = yesOf(options.take('enable-router-adv', 'r'));
    if (yes === true) found.say(line, [...place, 'autoconfigure'], true);
    return yes !== undefined;
  }),
  'network ip interface tag add': ofInterface((found, line, place, options) => {
    const service = SERVICE_OF[(options.take('tagname', 't') ?? '').toLowerCase()];
    if (service !== undefined) addService(found, line, place, service);
    return service !== undefined;
  }),
  'vsan network ip add': ofInterface((found, line, place) => {
    addService(found, line, place, 'vsan');
    return true;
  }),
  'network ip route ipv4 add': (found, line, options) => readRoute(found, line, options, '0.0.0.0/0'),
  'network ip route ipv6 add': (found, line, options) => readRoute(found, line, options, '::/0'),
  'network nic set': ofNic((found, line, place, options) => {
    if (options.take('auto', 'a') !== undefined) return true;
    const speed = numberOf(options.take('speed', 'S'), 10, 400_000);
    if (options.take('duplex', 'D') !== 'full' || speed === undefined) return false;
    found.say(line, [...place, 'speed'], speed * 1e6);
    return true;
  }),
  'network nic pauseParams set': ofNic((found, line, place, options) => {
    const auto = yesOf(options.take('auto', 'a'));
    const receive = yesOf(options.take('rx', 'r'));
    const send = yesOf(options.take('tx', 't'));
    if (auto !== true && receive === undefined && send === undefined) return false;
    found.say(line, [...place, 'flowControl'], auto === true ? 'auto' : flowControlOf(receive === true, send === true));
    return true;
  }),
  'network nic tso set': onOff('largeSend', 'enable-tso', 'e'),
  'network nic cso set': onOff('checksum', 'enable-cso', 'e'),
  'network nic ring current set': ofNic((found, line, place, options) => {
    const receive = numberOf(options.take('rx', 'r'), 1, 65_536);
    const send = numberOf(options.take('tx', 't'), 1, 65_536);
    if (receive !== undefined) found.say(line, [...place, 'offloads', 'receiveBuffers'], receive);
    if (send !== undefined) found.say(line, [...place, 'offloads', 'sendBuffers'], send);
    return receive !== undefined || send !== undefined;
  }),
  'system module parameters set': (found, line, options) => {
    const module = options.take('module', 'm');
    options.take('force', 'f', 'append', 'a');
    const text = options.take('parameter-string', 'p');
    return module !== undefined && text !== undefined && readParameters(found, line, module, text) ? true : MISSING;
  },
};

export const flowControlOf = (receive: boolean, send: boolean): string => (receive ? (send ? 'both' : 'receive') : send ? 'send' : 'none');
