/** Tables that esxcli prints: ports, port groups, addresses, iSCSI, parameters of modules. */
import { readTables } from '../core/read-tables.ts';
import { bitsOfMask } from '../core/netmask.ts';
import { isMistake } from '../../fabric/parsed.ts';
import { parseInterfaceAddress } from '../../fabric/network/ip-prefix.ts';
import { parseIscsiName } from '../../fabric/iscsi-name.ts';
import { formatMac, parseMac } from '../../wire/ethernet/mac.ts';
import { formatIp } from '../../wire/ip/address.ts';
import { settingFor } from './iscsi-parameters.ts';
import { listing, subjectOf } from './listing.ts';
import { portalOf } from './read-iscsi-commands.ts';
import { flowControlOf, numberOf, parameterValue, readParameters } from './read-network-commands.ts';
import { yesOf } from './shell.ts';

export const nicList = listing({
  name: 'esxcli network nic list',
  isWhole: true,
  command: /esxcli\s+network\s+nic\s+list/,
  mark: /^ *Name\s+PCI Device\s+Driver\s/m,
  covers: (key) => key[0] === 'nics' && (key[2] === 'mtu' || key[2] === 'mac'),
  defaultOf: () => undefined,
  read: (found, lines) =>
    readTables(found, lines, ['Name', 'MAC Address', 'MTU'], (row) => {
      const place = ['nics', row.cell('Name')];
      const mtu = numberOf(row.cell('MTU'), 576, 65_535);
      const mac = parseMac(row.cell('MAC Address'));
      if (place[1] === '' || mtu === undefined || mac === undefined) return false;
      found.say(row.line, [...place, 'mtu'], mtu);
      found.say(row.line, [...place, 'mac'], formatMac(mac), true);
      const speed = numberOf(row.cell('Speed').replace(/Mbps$/, ''), 1, 400_000);
      // What it runs at, of which nobody knows whether somebody asked for it.
      if (speed !== undefined) found.say(row.line, [...place, 'speed'], speed * 1e6, true);
      return true;
    }),
});

export const pauseList = listing({
  name: 'esxcli network nic pauseParams list',
  isWhole: true,
  command: /esxcli\s+network\s+nic\s+pauseParams\s+list/,
  mark: /^ *NIC\s+Pause Params Supported\s+Pause RX\s+Pause TX/m,
  covers: (key) => key[0] === 'nics' && key[2] === 'flowControl',
  // Every port has one: that nobody declared it is no difference.
  defaultOf: (key, found) => found.value(key),
  read: (found, lines) =>
    readTables(found, lines, ['NIC', 'Pause RX', 'Pause TX', 'Auto Negotiation'], (row) => {
      const [receive, send, auto] = ['Pause RX', 'Pause TX', 'Auto Negotiation'].map((name) => yesOf(row.cell(name)));
      if (receive === undefined || send === undefined) return false;
      found.say(row.line, ['nics', row.cell('NIC'), 'flowControl'], auto === true ? 'auto' : flowControlOf(receive, send));
      return true;
    }),
});

export const portGroupList = listing({
  name: 'esxcli network vswitch standard portgroup list',
  isWhole: true,
  command: /esxcli\s+network\s+vswitch\s+standard\s+portgroup\s+list/,
  mark: /^ *Name\s+Virtual Switch\s+Active Clients\s+VLAN ID/m,
  covers: (key) => key[0] === 'virtualSwitches' && key[2] === 'portGroups' && (key[4] === 'present' || key[4] === 'vlan'),
  read: (found, lines) =>
    readTables(found, lines, ['Name', 'Virtual Switch', 'VLAN ID'], (row) => {
      const place = ['virtualSwitches', row.cell('Virtual Switch'), 'portGroups', row.cell('Name')];
      const vlan = numberOf(row.cell('VLAN ID'), 0, 4095);
      if (place.includes('') || vlan === undefined) return false;
      found.say(row.line, [...place, 'present'], true);
      found.say(row.line, [...place, 'vlan'], vlan);
      return true;
    }),
});

export const addressList = listing({
  name: 'esxcli network ip interface ipv4 get',
  isWhole: true,
  command: /esxcli\s+network\s+ip\s+interface\s+ipv4\s+get/,
  mark: /^ *Name\s+IPv4 Address\s+IPv4 Netmask/m,
  covers: (key) => key[0] === 'virtualNics' && key[2] === 'dhcp',
  read: (found, lines) =>
    readTables(found, lines, ['Name', 'IPv4 Address', 'IPv4 Netmask', 'Address Type'], (row) => {
      const place = ['virtualNics', row.cell('Name')];
      const type = row.cell('Address Type').toUpperCase();
      if (type === 'DHCP') found.say(row.line, [...place, 'dhcp'], true);
      else if (type === 'STATIC') {
        const parsed = parseInterfaceAddress(`${row.cell('IPv4 Address')}/${bitsOfMask(row.cell('IPv4 Netmask'))}`);
        if (isMistake(parsed)) return 'No address and mask.';
        found.say(row.line, [...place, 'addresses'], [`${formatIp(parsed.value.address)}/${parsed.value.bits}`]);
      } else if (type !== 'NONE') return false;
      return true;
    }),
});

/** By driver: who does the work. */
const KINDS: Readonly<Record<string, string>> = {
  iscsi_vmk: 'software',
  bnx2i: 'dependent',
  qedil: 'dependent',
  'elx-iscsi': 'independent',
  be2iscsi: 'independent',
  qla4xxx: 'independent',
  cheiscsi: 'independent',
  chelsi: 'independent',
};

export const iscsiAdapterList = listing({
  name: 'esxcli iscsi adapter list',
  isWhole: true,
  command: /esxcli\s+iscsi\s+adapter\s+list/,
  mark: /^ *Adapter\s+Driver\s+State\s+UID\s+Description/m,
  covers: (key) => key[0] === 'iscsi' && (key[2] === 'kind' || key[2] === 'initiator'),
  defaultOf: () => undefined,
  read: (found, lines) => {
    let isSuch = false;
    for (const line of lines) {
      if (/^\s*(?:Adapter\s+Driver\s|-[- ]*$)/.test(line.text) || line.text.trim() === '') {
        isSuch ||= line.text.includes('Driver');
        continue;
      }
      const [adapter, driver, , uid] = line.text.trim().split(/\s+/);
      const kind = KINDS[driver ?? ''];
      if (kind === undefined || !/^vmhba\d+$/.test(adapter!)) {
        found.unknown(line, driver === undefined ? undefined : 'Nobody here knows what kind of adapter this driver is for.');
        continue;
      }
      found.say(line, ['iscsi', adapter!, 'kind'], kind);
      // `iscsi.vmhba66` stands there where the card does not tell its name.
      const name = parseIscsiName(uid ?? '');
      if (!isMistake(name)) found.say(line, ['iscsi', adapter!, 'initiator'], name.value);
    }
    return isSuch;
  },
});

export const sendTargetList = listing({
  name: 'esxcli iscsi adapter discovery sendtarget list',
  isWhole: true,
  command: /esxcli\s+iscsi\s+adapter\s+discovery\s+sendtarget\s+list/,
  mark: /^ *Adapter\s+Sendtarget\s*$/m,
  covers: (key) => key[0] === 'iscsi' && key[2] === 'discovery' && key[4] === 'present',
  defaultOf: () => undefined,
  read: (found, lines) =>
    readTables(found, lines, ['Adapter', 'Sendtarget'], (row) => {
      const server = portalOf(row.cell('Sendtarget'));
      if (server === undefined || row.cell('Adapter') === '') return false;
      found.say(row.line, ['iscsi', row.cell('Adapter'), 'discovery', server, 'present'], true);
      return true;
    }),
});

export const staticTargetList = listing({
  name: 'esxcli iscsi adapter discovery statictarget list',
  isWhole: true,
  command: /esxcli\s+iscsi\s+adapter\s+discovery\s+statictarget\s+list/,
  mark: /^ *Adapter +Target (?:Name|Address) +Target (?:Name|Address) *$/m,
  covers: (key) => key[0] === 'iscsi' && key[2] === 'targets' && (key[4] === 'present' || key[4] === 'address'),
  defaultOf: () => undefined,
  read: (found, lines) =>
    readTables(found, lines, ['Adapter', 'Target Name', 'Target Address'], (row) => {
      const address = portalOf(row.cell('Target Address'));
      const name = parseIscsiName(row.cell('Target Name'));
      if (address === undefined || isMistake(name)) return false;
      const place = ['iscsi', row.cell('Adapter'), 'targets', name.value];
      found.say(row.line, [...place, 'present'], true);
      found.say(row.line, [...place, 'address'], address);
      return true;
    }),
});

export const iscsiParameters = listing({
  name: 'esxcli iscsi adapter param get',
  command: /esxcli\s+iscsi\s+adapter\s+param\s+get/,
  mark: /^ *Name\s+Current\s+Default\s+Min\s+Max\s+Settable\s+Inherit/m,
  covers: (key) => key[0] === 'iscsi' && key[2] === 'settings',
  read: (found, lines, context, asked) => {
    const adapter = subjectOf(asked, /(?:-A|--adapter)[= ]\s*([^\s'"]+)/, context);
    if (adapter === undefined) {
      found.wrong(1, 'The output does not say of which adapter it is: say it, such as vmhba64.');
      return false;
    }
    found.see(['iscsi', adapter]);
    let isSuch = false;
    for (const line of lines) {
      const [name, current, usual] = line.text.trim().split(/\s+/) as [string, string?, string?];
      isSuch ||= name === 'Name' && current === 'Current';
      if (name === '' || name === 'Name' || name.startsWith('-')) continue;
      const known = settingFor(name, current ?? '');
      if (known === undefined) found.unknown(line, 'The fabric file has no word for it.');
      else found.say(line, ['iscsi', adapter, 'settings', known.setting], known.value, current === usual);
    }
    return isSuch;
  },
});

export const moduleParameters = listing({
  name: 'esxcli system module parameters list',
  command: /esxcli\s+system\s+module\s+parameters\s+list/,
  mark: /^ *Name\s+Type\s+Value\s+Description/m,
  covers: (key) => key[0] === 'drivers',
  defaultOf: () => undefined,
  read: (found, lines, context, asked) => {
    const module = subjectOf(asked, /(?:-m|--module)[= ]\s*([^\s'"]+)/, context);
    if (module === undefined) {
      found.wrong(1, 'The output does not say of which module it is: say it, such as cxl.');
      return false;
    }
    found.see(['drivers', module]);
    return readTables(found, lines, ['Name', 'Type', 'Value'], (row) => {
      const value = row.cell('Value');
      // A description goes on below.
      if (row.cell('Name') === '' && row.cell('Type') === '') return true;
      if (value !== '') found.say(row.line, ['drivers', module, row.cell('Name')], parameterValue(value));
      return true;
    });
  },
});

/** `esxcfg-module -g cxl`: `cxl enabled = 1 options = 'max_vfs=2,2'`. */
export const moduleOptions = listing({
  name: 'esxcfg-module -g',
  command: /esxcfg-module\s+(?:-g|--get-options)/,
  mark: /^ *\S+ enabled = \d options = '/m,
  covers: (key) => key[0] === 'drivers',
  defaultOf: () => undefined,
  read: (found, lines) => {
    let isSuch = false;
    for (const line of lines) {
      const match = /^\s*(\S{1,64}) enabled = (\d) options = '([^']*)'$/.exec(line.text);
      if (match !== null) found.see(['drivers', match[1]!]);
      if (match !== null && readParameters(found, line, match[1]!, match[3]!)) isSuch = true;
      else if (line.text.trim() !== '') found.unknown(line);
      if (match?.[2] === '0') found.unknown(line, 'The module is not loaded when the host starts.');
    }
    return isSuch;
  },
});
