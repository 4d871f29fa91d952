/** What the cmdlets of Data Center Bridging print: policies, PFC, traffic classes, DCBX, and what an adapter makes of it. */
import { readTables } from '../core/read-tables.ts';
import type { OutputKind } from '../core/dialect.ts';
import type { Found } from '../core/found.ts';
import { restOf } from './classes.ts';
import { type Block, blocksOf, isCutShort, output, prioritiesOfRange } from './output.ts';
import { matchOf, sayClass } from './read-dcb.ts';
import { numberOf, yesOf } from './words.ts';

type Key = readonly string[];

/** `Global`, or `AdapterSpecific` with the name of the adapter. */
const placeOfSet = (set: string, alias: string): Key | undefined =>
  set === 'AdapterSpecific' && alias !== '' && !isCutShort(alias)
    ? ['nics', alias, 'dcb']
    : set === 'Global' || set === ''
      ? ['dcb']
      : undefined;

export const flowControl: OutputKind = output({
  name: 'Get-NetQosFlowControl',
  mark: /^ *Priority +Enabled +PolicySet/m,
  covers: (key) => key[0] === 'dcb' && key[1] === 'pfc',
  defaultOf: () => [],
  read: (found, lines) =>
    readTables(found, lines, ['Priority', 'Enabled', 'PolicySet'], (row) => {
      const place = placeOfSet(row.cell('PolicySet'), row.cell('IfAlias'));
      const priority = numberOf(row.cell('Priority'), 0, 7);
      const enabled = yesOf(row.cell('Enabled'));
      if (place === undefined || priority === undefined || enabled === undefined) return '';
      const before = (found.value([...place, 'pfc']) ?? []) as readonly number[];
      found.say(row.line, [...place, 'pfc'], enabled ? [...before, priority].toSorted((one, other) => one - other) : before);
      return true;
    }),
});

export const trafficClasses: OutputKind = output({
  name: 'Get-NetQosTrafficClass',
  mark: /^ *Name +Algorithm +Bandwidth\(%\) +Priority/m,
  covers: (key) => key[0] === 'dcb' && key[1] === 'classes',
  defaultOf: (key, found) =>
    key[1] === 'classes' && key[2] === '0' && (key[3] === 'priorities' || key[3] === 'bandwidth')
      ? restOf(found, ['dcb'], key[3])
      : undefined,
  read: (found, lines) =>
    readTables(found, lines, ['Name', 'Algorithm', 'Bandwidth(%)', 'Priority'], (row) => {
      const place = placeOfSet(row.cell('PolicySet'), row.cell('IfAlias'));
      const title = row.cell('Name');
      if (place === undefined || isCutShort(title)) return 'A name is cut short.';
      // What no class has is in that one; a machine without classes has it too.
      if (title === '[Default]') {
        found.see([...place, 'classes']);
        return true;
      }
      const priorities = prioritiesOfRange(row.cell('Priority'));
      const algorithm = row.cell('Algorithm').toLowerCase();
      if (priorities === undefined || (algorithm !== 'ets' && algorithm !== 'strict')) return '';
      const share = numberOf(row.cell('Bandwidth(%)'), 1, 100);
      sayClass(found, row.line, place, { title, priorities, share, strict: algorithm === 'strict' });
      return true;
    }),
});

export const dcbxSetting: OutputKind = output({
  name: 'Get-NetQosDcbxSetting',
  mark: /^ *Willing +PolicySet/m,
  covers: (key) => key[0] === 'dcb' && key[1] === 'willing',
  // As Windows has it where nobody said anything.
  defaultOf: () => true,
  read: (found, lines) =>
    readTables(found, lines, ['Willing', 'PolicySet'], (row) => {
      const place = placeOfSet(row.cell('PolicySet'), row.cell('IfAlias'));
      const willing = yesOf(row.cell('Willing'));
      if (place === undefined || willing === undefined) return '';
      found.say(row.line, [...place, 'willing'], willing);
      return true;
    }),
});

const SILENT: ReadonlySet<string> = new Set(['Name', 'Owner', 'Precedence', 'PriorityValue', 'DSCPValue', 'Version']);
/** Fields of a policy, and the parameters that set them. */
const CONDITIONS: Readonly<Record<string, string>> = {
  NetDirectPort: 'NetDirectPortMatchCondition',
  IPProtocol: 'IPProtocolMatchCondition',
  IPPort: 'IPPortMatchCondition',
  IPDstPort: 'IPDstPortMatchCondition',
};

export const policies: OutputKind = output({
  name: 'Get-NetQosPolicy',
  isWhole: true,
  mark: /^ *NetworkProfile +: /m,
  covers: (key) => key[0] === 'policies',
  read: (found, lines) => {
    const blocks = blocksOf(lines, 'Name').filter((block) => block.has('Owner') || block.has('NetworkProfile'));
    for (const block of blocks) readPolicy(found, block);
    return blocks.length > 0;
  },
});

function readPolicy(found: Found, block: Block): void {
  const first = block.get('Name')!;
  const template = block.get('Template')?.value.toLowerCase();
  const match = matchOf((parameter) => {
    if (template !== undefined) return parameter.toLowerCase() === template ? '$true' : undefined;
    return Object.entries(CONDITIONS).flatMap(([field, name]) => (name === parameter ? [block.get(field)?.value] : []))[0];
  });
  const understood = new Set([...SILENT, 'Template', ...Object.keys(CONDITIONS)]);
  for (const [name, { line, value }] of block) {
    if (understood.has(name) || value === '' || (name === 'NetworkProfile' && value === 'All')) continue;
    found.unknown(line, 'The fabric file has no word for it.');
  }
  if (match === undefined) {
    found.unknown(first.line, 'What this policy matches has no word in the fabric file.');
    return;
  }
  const place = ['policies', first.value];
  found.say(first.line, [...place, 'match'], match);
  for (const [field, setting, most] of [
    ['PriorityValue', 'priority', 7],
    ['DSCPValue', 'dscp', 63],
  ] as const) {
    const written = block.get(field);
    const value = numberOf(written?.value, 0, most);
    if (written !== undefined && value !== undefined) found.say(written.line, [...place, setting], value);
  }
}

export const adapterQos: OutputKind = output({
  name: 'Get-NetAdapterQos',
  mark: /^ *(?:OperationalFlowControl|Capabilities) +: /m,
  covers: (key) => key[0] === 'nics' && key[2] === 'dcb' && key[3] === 'pfc',
  read: (found, lines) => {
    const blocks = blocksOf(lines, 'Name').filter((block) => block.has('Enabled'));
    for (const block of blocks) readAdapterQos(found, block);
    return blocks.length > 0;
  },
});

function readAdapterQos(found: Found, block: Block): void {
  const place = ['nics', block.get('Name')!.value, 'dcb'];
  const enabled = block.get('Enabled')!;
  if (yesOf(enabled.value) === false) {
    found.say(enabled.line, [...place, 'pfc'], []);
    return;
  }
  const pfc = block.get('OperationalFlowControl');
  const priorities = pfc === undefined ? undefined : enabledPriorities(pfc.value);
  if (pfc !== undefined && priorities === undefined) found.unknown(pfc.line);
  if (pfc !== undefined && priorities !== undefined) found.say(pfc.line, [...place, 'pfc'], priorities);
  // The adapter counts its classes itself: they are shown by their lowest priority, and only what is told of a class there can differ.
  const classes = block.get('OperationalTrafficClasses');
  for (const line of classes?.more ?? []) {
    const match = /^(\d)\s+(ETS|Strict)\s+(?:(\d{1,3})%\s+)?([\d,-]+)$/.exec(line.text.trim());
    if (match === null) {
      if (!/^[-\s]+$/.test(line.text)) found.unknown(line);
      continue;
    }
    const members = prioritiesOfRange(match[4]!);
    if (members === undefined) continue;
    const key = [...place, 'classes', match[1] === '0' ? '0' : `${members[0]}`];
    found.say(line, [...key, 'priorities'], members, true);
    if (match[3] !== undefined && match[2] === 'ETS') found.say(line, [...key, 'bandwidth'], Number(match[3]), true);
  }
  const kinds = block.get('OperationalClassifications');
  for (const line of kinds?.more ?? []) if (!/^[-\s]+$/.test(line.text)) found.unknown(line, 'Which policy it comes from is not said.');
}

function enabledPriorities(text: string): number[] | undefined {
  if (/^All Priorities Disabled$/i.test(text)) return [];
  if (/^All Priorities Enabled$/i.test(text)) return [0, 1, 2, 3, 4, 5, 6, 7];
  const match = /^Priorit(?:y|ies) ([\d, -]{1,32}) Enabled$/i.exec(text);
  return match === null ? undefined : prioritiesOfRange(match[1]!);
}
