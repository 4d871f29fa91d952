/** What the cmdlets of adapters and of Hyper-V print. */
import { readTables } from '../core/read-tables.ts';
import type { OutputKind } from '../core/dialect.ts';
import { placeOf } from './aliases.ts';
import { blocksOf, isCutShort, output } from './output.ts';
import { macOf } from './read-adapter.ts';
import { yesOf } from './words.ts';

export const adapters: OutputKind = output({
  name: 'Get-NetAdapter',
  mark: /^ *Name +InterfaceDescription +ifIndex +Status/m,
  covers: () => false,
  read: (found, lines) =>
    readTables(found, lines, ['Name', 'Status', 'MacAddress'], (row) => {
      const alias = row.cell('Name');
      if (isCutShort(alias)) return 'The name of the adapter is cut short.';
      const place = placeOf(found, alias);
      const mac = macOf(row.cell('MacAddress'));
      const speed = /^(\d{1,4}(?:\.\d)?) ([GM])bps$/.exec(row.cell('LinkSpeed'));
      if (alias === '' || (mac === undefined && row.cell('MacAddress') !== '' && !isCutShort(row.cell('MacAddress')))) return '';
      // Nobody knows whether somebody asked for them.
      if (mac !== undefined) found.say(row.line, [...place, 'mac'], mac, true);
      if (speed !== null && place[0] === 'nics' && row.cell('Status') === 'Up')
        found.say(row.line, [...place, 'speed'], Number(speed[1]) * (speed[2] === 'G' ? 1e9 : 1e6), true);
      return true;
    }),
});

export const rdma: OutputKind = output({
  name: 'Get-NetAdapterRdma',
  mark: /^ *Name +InterfaceDescription +Enabled/m,
  covers: (key) => (key[0] === 'nics' && key[2] === 'rdma' && key[3] === 'enabled') || (key[0] === 'virtualNics' && key[2] === 'rdma'),
  // Adapters that can do RDMA have it on: that nobody declared it is no difference.
  defaultOf: (key, found) => found.value(key),
  read: (found, lines) =>
    readTables(found, lines, ['Name', 'InterfaceDescription', 'Enabled'], (row) => {
      const alias = row.cell('Name');
      const enabled = yesOf(row.cell('Enabled'));
      if (isCutShort(alias)) return 'The name of the adapter is cut short.';
      if (alias === '' || enabled === undefined) return '';
      const place = placeOf(found, alias);
      found.say(row.line, place[0] === 'virtualNics' ? [...place, 'rdma'] : [...place, 'rdma', 'enabled'], enabled);
      return true;
    }),
});

export const switches: OutputKind = output({
  name: 'Get-VMSwitch',
  isWhole: true,
  mark: /^ *Name +SwitchType +NetAdapterInterfaceDescription/m,
  covers: (key) => key[0] === 'virtualSwitches' && key[2] === 'kind',
  read: (found, lines) =>
    readTables(found, lines, ['Name', 'SwitchType'], (row) => {
      const name = row.cell('Name');
      if (name === '' || isCutShort(name)) return 'The name of the switch is cut short.';
      found.say(row.line, ['virtualSwitches', name, 'kind'], 'hyper-v');
      const description = row.cell('NetAdapterInterfaceDescription');
      if (description === 'Teamed-Interface') found.say(row.line, ['virtualSwitches', name, 'embeddedTeaming'], true);
      else if (description !== '') return 'Its uplink is told by the description of the adapter, not by its name.';
      return true;
    }),
});

export const switchTeams: OutputKind = output({
  name: 'Get-VMSwitchTeam',
  mark: /^ *TeamingMode +: [^\n]*\n *LoadBalancingAlgorithm +: /m,
  covers: (key) => key[0] === 'virtualSwitches' && key[2] === 'teaming' && key[3] === 'mode',
  read: (found, lines) => {
    const blocks = blocksOf(lines, 'Name').filter((block) => block.has('LoadBalancingAlgorithm'));
    for (const block of blocks) {
      const place = ['virtualSwitches', block.get('Name')!.value];
      const balancing = block.get('LoadBalancingAlgorithm')!;
      const word = balancing.value.toLowerCase();
      found.say(block.get('Name')!.line, [...place, 'kind'], 'hyper-v');
      found.say(block.get('Name')!.line, [...place, 'embeddedTeaming'], true);
      if (word === 'hypervport' || word === 'dynamic')
        found.say(balancing.line, [...place, 'teaming', 'mode'], word === 'dynamic' ? 'load-based' : 'port-id', true);
      else found.unknown(balancing.line);
      const uplinks = block.get('NetAdapterInterfaceDescription');
      if (uplinks !== undefined) found.unknown(uplinks.line, 'Uplinks are told by the description of the adapter, not by its name.');
    }
    return blocks.length > 0;
  },
});
