/** What cmdlets of adapters and addresses set. */
import { isMistake } from '../../fabric/parsed.ts';
import { parseInterfaceAddress, parseNetwork } from '../../fabric/network/ip-prefix.ts';
import { formatMac, parseMac } from '../../wire/ethernet/mac.ts';
import { formatIp, parseAddress } from '../../wire/ip/address.ts';
import type { Found } from '../core/found.ts';
import type { Line } from '../core/lines.ts';
import { placeOf } from './aliases.ts';
import { propertyOfKeyword, propertyOfName, type Recognised } from './properties.ts';
import type { Handler, Told } from './handler.ts';
import { numberOf, type Parameters, yesOf } from './words.ts';

const MISSING = 'A parameter that it needs is missing or makes no sense.';

const aliasesOf = (parameters: Parameters): readonly string[] | undefined => parameters.list('Name', 'InterfaceAlias') ?? parameters.at(0);

/** Where a VLAN of an adapter is kept until all is read: then its addresses are those of the VLAN. */
const VLAN = 'vlan';

export const macOf = (written: string | undefined): string | undefined => {
  const mac = written === undefined ? undefined : parseMac(written.replaceAll('-', ':'));
  return mac === undefined ? undefined : formatMac(mac);
};

/** One property of one adapter. Told: why it says nothing. */
function sayProperty(found: Found, line: Line, alias: string, recognised: Recognised, value: string): Told {
  if (recognised.kind === 'nothing') return 'The fabric file has no word for it.';
  if (recognised.kind === 'ambiguous') return `It is cut short: it could be ${recognised.names.join(' or ')}.`;
  if (recognised.kind === 'unknown') return 'Nobody here knows this property.';
  const { key, read } = recognised.property;
  const meaning = read(value);
  if (meaning === undefined)
    return key[0] === 'sriov' ? 'SR-IOV is on; how many functions there are is not said.' : 'Nobody here knows what this value means.';
  if (meaning === null) return true;
  const place = placeOf(found, alias);
  if (key[0] === 'qos') {
    if (meaning === false) found.say(line, [...place, 'dcb', 'pfc'], []);
  } else if (key[0] === 'rdma' && place[0] === 'virtualNics') {
    if (key[1] === 'enabled') found.say(line, [...place, 'rdma'], meaning);
  } else if (key[0] !== VLAN || meaning !== 0) found.say(line, [...place, ...key], meaning);
  return true;
}

const onOff =
  (on: boolean, ...key: readonly string[]): Handler =>
  ({ found }, line, parameters) => {
    const aliases = aliasesOf(parameters);
    if (aliases === undefined) return MISSING;
    for (const alias of aliases) {
      const place = placeOf(found, alias);
      found.say(line, place[0] === 'virtualNics' && key[0] === 'rdma' ? [...place, 'rdma'] : [...place, ...key], on);
    }
    return true;
  };

const SWITCHES: Readonly<Record<string, readonly string[]>> = {
  netadapterchecksumoffload: ['offloads', 'checksum'],
  netadapterlso: ['offloads', 'largeSend'],
  netadapterrsc: ['offloads', 'largeReceive'],
  netadapterrss: ['offloads', 'receiveScaling'],
  netadaptervmq: ['offloads', 'virtualQueues'],
  netadapterencapsulatedpackettaskoffload: ['offloads', 'encapsulated'],
  netadapterrdma: ['rdma', 'enabled'],
};

const advancedProperty: Handler = ({ found }, line, parameters) => {
  const aliases = aliasesOf(parameters);
  const keyword = parameters.one('RegistryKeyword');
  const name = parameters.one('DisplayName');
  const value = parameters.one('RegistryValue') ?? parameters.one('DisplayValue');
  parameters.one('AllProperties');
  if (aliases === undefined || value === undefined || (keyword ?? name) === undefined) return MISSING;
  const recognised = keyword === undefined ? propertyOfName(name!) : propertyOfKeyword(keyword);
  for (const alias of aliases) {
    const told = sayProperty(found, line, alias, recognised, value);
    if (told !== true) return told;
  }
  return true;
};

const setAdapter: Handler = ({ found }, line, parameters) => {
  const aliases = aliasesOf(parameters);
  const written = parameters.one('MacAddress');
  const vlan = parameters.one('VlanID');
  const mac = macOf(written);
  const number = numberOf(vlan, 0, 4094);
  if (aliases === undefined || (written ?? vlan) === undefined) return MISSING;
  if ((written !== undefined && mac === undefined) || (vlan !== undefined && number === undefined)) return MISSING;
  for (const alias of aliases) {
    if (mac !== undefined) found.say(line, [...placeOf(found, alias), 'mac'], mac);
    if (number !== undefined && number > 0) found.say(line, [...placeOf(found, alias), VLAN], number);
  }
  return true;
};

const address: Handler = ({ found }, line, parameters) => {
  const alias = parameters.one('InterfaceAlias');
  const parsed = parseInterfaceAddress(`${parameters.one('IPAddress', 0)}/${parameters.one('PrefixLength')}`);
  const gateway = parameters.one('DefaultGateway');
  parameters.one('AddressFamily');
  if (alias === undefined || isMistake(parsed)) return MISSING;
  found.add(line, [...placeOf(found, alias), 'addresses'], `${formatIp(parsed.value.address)}/${parsed.value.bits}`);
  return gateway === undefined ? true : sayRoute(found, line, gateway.includes(':') ? '::/0' : '0.0.0.0/0', gateway);
};

function sayRoute(found: Found, line: Line, to: string | undefined, via: string | undefined): Told {
  const network = parseNetwork(to ?? '');
  const router = parseAddress(via ?? '');
  if (isMistake(network) || router === undefined) return MISSING;
  found.add(line, ['routes'], `${formatIp(network.value.address)}/${network.value.bits} via ${formatIp(router)}`);
  found.say(line, ['routes'], (found.value(['routes']) as string[]).toSorted());
  return true;
}

export const ADAPTER_CMDLETS: Readonly<Record<string, Handler>> = {
  ...Object.fromEntries(
    Object.entries(SWITCHES).flatMap(([noun, key]) => [
      [`enable-${noun}`, onOff(true, ...key)],
      [`disable-${noun}`, onOff(false, ...key)],
    ]),
  ),
  'set-netadapteradvancedproperty': advancedProperty,
  'new-netadapteradvancedproperty': advancedProperty,
  'set-netadapter': setAdapter,
  'set-netadapterrss': ({ found }, line, parameters) => {
    const aliases = aliasesOf(parameters);
    const queues = numberOf(parameters.one('NumberOfReceiveQueues'), 1, 256);
    if (aliases === undefined || queues === undefined) return MISSING;
    for (const alias of aliases) found.say(line, [...placeOf(found, alias), 'offloads', 'receiveQueues'], queues);
    return true;
  },
  'set-netadaptersriov': ({ found }, line, parameters) => {
    const aliases = aliasesOf(parameters);
    const functions = numberOf(parameters.one('NumVFs'), 0, 256);
    const enabled = parameters.one('Enabled');
    if (aliases === undefined || functions === undefined) return MISSING;
    for (const alias of aliases) found.say(line, ['nics', alias, 'sriov', 'functions'], yesOf(enabled) === false ? 0 : functions);
    return true;
  },
  'disable-netadaptersriov': ({ found }, line, parameters) => {
    const aliases = aliasesOf(parameters);
    for (const alias of aliases ?? []) found.say(line, ['nics', alias, 'sriov', 'functions'], 0);
    return aliases === undefined ? MISSING : true;
  },
  'new-netipaddress': address,
  'set-netipinterface': ({ found }, line, parameters) => {
    const alias = parameters.one('InterfaceAlias');
    parameters.one('AddressFamily');
    const dhcp = parameters.one('Dhcp');
    const discovery = parameters.one('RouterDiscovery');
    if (alias === undefined || (dhcp ?? discovery) === undefined) return MISSING;
    if (yesOf(dhcp) === true) found.say(line, [...placeOf(found, alias), 'dhcp'], true);
    if (yesOf(discovery) === true) found.say(line, [...placeOf(found, alias), 'autoconfigure'], true);
    return true;
  },
  'new-netroute': ({ found }, line, parameters) => {
    parameters.one('InterfaceAlias');
    parameters.one('AddressFamily');
    return sayRoute(found, line, parameters.one('DestinationPrefix', 0), parameters.one('NextHop'));
  },
};

/** What an adapter in a VLAN has of IP is that of the VLAN: Windows gives it no other interface. */
export function settleVlans(found: Found): void {
  for (const { key, value, from, quiet } of found.settings) {
    if (key.length !== 3 || key[0] !== 'nics' || key[2] !== VLAN || from.kind !== 'output') continue;
    const place = ['nics', key[1]!];
    const inside = [...place, 'vlans', String(value)];
    found.forget(key);
    found.say({ number: from.line, text: '', indent: 0 }, [...inside, 'present'], true, quiet);
    for (const name of ['addresses', 'dhcp', 'autoconfigure']) {
      const setting = found.setting([...place, name]);
      if (setting === undefined || setting.from.kind !== 'output') continue;
      found.forget(setting.key);
      found.say({ number: setting.from.line, text: '', indent: 0 }, [...inside, name], setting.value, setting.quiet);
    }
  }
}
