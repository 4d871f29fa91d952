/** `Get-NetAdapterAdvancedProperty`: as a table, as a list, and as names with their values alone. */
import { readTables } from '../core/read-tables.ts';
import type { OutputKind } from '../core/dialect.ts';
import type { Found } from '../core/found.ts';
import type { Line } from '../core/lines.ts';
import { sameValue, type SettingValue } from '../core/setting.ts';
import { placeOf } from './aliases.ts';
import { blocksOf, isCutShort, output } from './output.ts';
import { propertyOfKeyword, propertyOfName, type Recognised } from './properties.ts';
import { settleVlans } from './read-adapter.ts';

interface Cell {
  readonly line: Line;
  readonly alias: string;
  readonly name: string;
  readonly value: string;
  readonly keyword: string;
  /** `{9014}` without its braces. */
  readonly registry: string;
}

/** Several properties may say one setting, as those for IPv4 and IPv6 do: they have to agree. */
class Properties {
  readonly #found: Found;
  readonly #said = new Map<
    string,
    { readonly key: readonly string[]; readonly lines: Line[]; readonly value: SettingValue; agrees: boolean }
  >();

  constructor(found: Found) {
    this.#found = found;
  }

  add(cell: Cell): void {
    const told = this.#tell(cell);
    if (told !== undefined) this.#found.unknown(cell.line, told);
  }

  /** Undefined: understood. */
  #tell(cell: Cell): string | undefined {
    if (isCutShort(cell.alias)) return 'The name of the adapter is cut short.';
    const recognised = recognise(cell);
    if (recognised.kind === 'nothing') return 'The fabric file has no word for it.';
    if (recognised.kind === 'ambiguous') return `It is cut short: it could be ${recognised.names.join(' or ')}.`;
    if (recognised.kind === 'unknown') return 'Nobody here knows this property.';
    const { key, read } = recognised.property;
    let meaning = read(cell.value);
    if (meaning === undefined && cell.registry !== '') meaning = read(cell.registry);
    if (meaning === null) return undefined;
    if (meaning === undefined)
      return key[0] === 'sriov' ? 'SR-IOV is on; how many functions there are is not said.' : 'Nobody here knows what this value means.';
    if (key[0] === 'qos') {
      if (meaning === false) this.#found.say(cell.line, [...placeOf(this.#found, cell.alias), 'dcb', 'pfc'], []);
      return undefined;
    }
    if (key[0] === 'vlan' && meaning === 0) return undefined;
    const place = [...placeOf(this.#found, cell.alias), ...key];
    const before = this.#said.get(place.join('\n'));
    if (before === undefined) this.#said.set(place.join('\n'), { key: place, lines: [cell.line], value: meaning, agrees: true });
    else {
      before.lines.push(cell.line);
      before.agrees &&= sameValue(before.value, meaning);
    }
    return undefined;
  }

  finish(): void {
    for (const { key, lines, value, agrees } of this.#said.values()) {
      if (agrees) this.#found.say(lines[0]!, key, value);
      else for (const line of lines) this.#found.unknown(line, 'Properties that are one setting here differ.');
    }
    settleVlans(this.#found);
  }
}

const recognise = ({ keyword, name }: Cell): Recognised => {
  const byKeyword: Recognised = keyword === '' || isCutShort(keyword) ? { kind: 'unknown' } : propertyOfKeyword(keyword);
  return byKeyword.kind === 'unknown' ? propertyOfName(name) : byKeyword;
};

export const advancedProperties: OutputKind = output({
  name: 'Get-NetAdapterAdvancedProperty',
  mark: /^ *(?:Name +DisplayName +DisplayValue|DisplayName +: |Name\tValue\s*$|(?:Flow Control|Jumbo Packet)\t)/m,
  covers: (key) => key[0] === 'nics' && (key[2] === 'mtu' || key[2] === 'flowControl'),
  // An adapter has a value for each of its properties: that nobody declared one is no difference, but for frame size and VLAN.
  defaultOf: (key, found) => (key[2] === 'mtu' ? 1500 : key[2] === 'vlans' ? undefined : found.value(key)),
  read: (found, lines, context) => {
    const properties = new Properties(found);
    const isSuch = readList(properties, lines) || readPairs(found, properties, lines, context.port) || readTable(found, properties, lines);
    properties.finish();
    return isSuch;
  },
});

const bare = (text: string): string => text.replace(/^\{/, '').replace(/\}$/, '');

function readTable(found: Found, properties: Properties, lines: readonly Line[]): boolean {
  return readTables(found, lines, ['Name', 'DisplayName', 'DisplayValue'], (row) => {
    properties.add({
      line: row.line,
      alias: row.cell('Name'),
      name: row.cell('DisplayName'),
      value: row.cell('DisplayValue'),
      keyword: row.cell('RegistryKeyword'),
      registry: bare(row.cell('RegistryValue')),
    });
    return true;
  });
}

/** `| Format-List`: a block for each property. */
function readList(properties: Properties, lines: readonly Line[]): boolean {
  const blocks = blocksOf(lines, 'Name').filter((block) => block.has('DisplayName'));
  for (const block of blocks) {
    const value = (name: string): string => block.get(name)?.value ?? '';
    properties.add({
      line: block.get('DisplayName')!.line,
      alias: value('Name'),
      name: value('DisplayName'),
      value: value('DisplayValue'),
      keyword: value('RegistryKeyword'),
      registry: bare(value('RegistryValue')),
    });
  }
  return blocks.length > 0;
}

/** Names and values with a tabulator between, as they are copied from a document: of which adapter, the reader has to be told. */
function readPairs(found: Found, properties: Properties, lines: readonly Line[], port: string | undefined): boolean {
  const pairs = lines.filter(({ text }) => text.includes('\t'));
  if (pairs.length < 2) return false;
  if (port === undefined) {
    found.wrong(pairs[0]!.number, 'The list does not say of which adapter it is: say it.');
    return false;
  }
  for (const line of lines) {
    const [name, value, ...rest] = line.text.trim().split(/\t+/);
    if (name === '' || (name === 'Name' && value === 'Value')) continue;
    if (value === undefined || rest.length > 0) found.unknown(line);
    else properties.add({ line, alias: port, name: name!, value: value.trim(), keyword: '', registry: '' });
  }
  return true;
}
