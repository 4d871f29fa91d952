/** `show vlans` (VLANs with their names) and `show trunks` (ports of trunks) of a ProCurve switch. */
import type { OutputKind } from '../core/dialect.ts';
import { Found } from '../core/found.ts';
import { splitLines } from '../core/lines.ts';
import { isPort, isTrunk, portName, spelled } from './port-names.ts';
import { JUMBO_MTU_BYTES } from './words.ts';

export const showVlans: OutputKind = {
  name: 'show vlans',
  recognise: (text) => (/Status and Counters - VLAN Information\s*$/m.test(text.slice(0, 1000)) ? 1 : 0),
  read: (text, { file }) => {
    const { lines, errors } = splitLines(text);
    const found = new Found(file, errors);
    let columns: readonly number[] | undefined;
    let names: readonly string[] = [];
    for (const [index, line] of lines.entries()) {
      const ruler = /^\s*-+ -/.test(line.text);
      if (ruler) {
        columns = [...line.text.matchAll(/-+/g)].map((run) => run.index);
        names = cells(lines[index - 1]?.text ?? '', columns);
        continue;
      }
      if (columns === undefined) {
        if (!isTitle(line.text)) found.unknown(line);
        continue;
      }
      if (line.text.trim() === '') continue;
      const row = cells(line.text, columns);
      const vlan = Number(row[0]);
      if (!/^\d{1,4}$/.test(row[0] ?? '') || vlan < 1 || vlan > 4094) {
        found.unknown(line);
        continue;
      }
      const key = ['vlans', `${vlan}`];
      found.say(line, [...key, 'present'], true, vlan === 1);
      const name = row[names.indexOf('Name')] ?? '';
      if (name !== '') found.say(line, [...key, 'name'], name, name === 'DEFAULT_VLAN' || name === `VLAN${vlan}`);
      // How large they are is not told here.
      if (row[names.indexOf('Jumbo')] === 'Yes') found.say(line, [...key, 'mtu'], JUMBO_MTU_BYTES, true);
    }
    if (columns === undefined) found.wrong(1, 'This is not what `show vlans` prints: it has no table of VLANs.');
    return found.reading(
      'switch',
      ([section, , what]) => section === 'vlans' && what === 'present',
      () => undefined,
    );
  },
};

const isTitle = (text: string): boolean =>
  text.trim() === '' ||
  /^ ?(?:Status and Counters - VLAN Information| (?:Maximum VLANs to support|Primary VLAN|Management VLAN) :.{0,80}| .*VLAN ID +Name +Status.{0,60})$/.test(
    text,
  );

const cells = (text: string, columns: readonly number[]): readonly string[] =>
  columns.map((start, index) => text.slice(start, columns[index + 1]).trim());

export const showTrunks: OutputKind = {
  name: 'show trunks',
  recognise: (text) => (/\| Group +Type/.test(text.slice(0, 1000)) ? 1 : 0),
  read: (text, { file }) => {
    const { lines, errors } = splitLines(text);
    const found = new Found(file, errors);
    let isTable = false;
    let hash: string | undefined;
    for (const line of lines) {
      const bare = line.text.trim();
      const balance = /^Load Balancing(?: Method)?:\s+(L[34])-based(?: \(default\))?$/.exec(bare)?.[1];
      if (balance !== undefined) hash = balance === 'L4' ? 'layer3+4' : 'layer2+3';
      else if (/^-+ \+ -/.test(bare)) isTable = true;
      else if (isTable && bare !== '') {
        const row = /^(\S{1,8})\s+\|.*\|\s*(\S{1,8})\s+(\S{1,10})$/.exec(bare);
        const [port, trunk, type] = [row?.[1] ?? '', row?.[2] ?? '', (row?.[3] ?? '').toLowerCase()];
        if (!isPort(port) || !isTrunk(trunk) || (type !== 'lacp' && type !== 'trunk')) {
          found.unknown(line);
          continue;
        }
        const key = ['aggregations', portName(trunk)];
        found.add(line, [...key, 'ports'], portName(port));
        found.say(line, [...key, 'mode'], type === 'lacp' ? 'lacp' : 'static');
        if (type === 'lacp') found.say(line, [...key, 'active'], true, true);
        if (hash !== undefined) found.say(line, [...key, 'hash'], hash, true);
      } else if (bare !== '' && !/^Port +\|/.test(bare)) found.unknown(line);
    }
    if (!isTable) found.wrong(1, 'This is not what `show trunks` prints: it has no table of ports.');
    const reading = found.reading(
      'switch',
      ([section, , what]) => section === 'aggregations' && ['ports', 'mode', 'active', 'hash'].includes(what ?? ''),
      ([, , what]) => (what === 'hash' ? 'layer2+3' : undefined),
    );
    return { ...reading, spelled };
  },
};
