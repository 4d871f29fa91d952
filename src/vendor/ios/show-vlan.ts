/** What `show vlan brief` of IOS prints (and the first table of `show vlan`): VLANs, their names, and ports that carry one without tags. */
import type { ReadContext, Reading } from '../core/dialect.ts';
import { type CommandLine, commandLines } from '../running-config/command-lines.ts';
import { type Draft, expectUnderstood, newDraft, note, say, type Verdict, switchReading } from '../running-config/draft.ts';
import { channelOf, portOf, spelled } from './names.ts';

const ROW = /^(\d{1,4}) +(\S{1,32}) +(active|suspended|act\/\S{1,8}|sus\/\S{1,8})(?: +(\S.*))?$/;
const HEADINGS = /^(VLAN +Name +Status +Ports|show vlan.*|-[- ]*)$/;
/** Behind the table of ports `show vlan` has ones with nothing that a fabric file has. */
const OTHER_TABLES = /^(VLAN +Type +SAID|Remote SPAN VLANs|Primary +Secondary)/;

/** Ports of trunks are not in the table: it says nothing of them. */
const covers = ([place, , what]: readonly string[]): boolean => place === 'vlans' && (what === 'present' || what === 'name');

export function readShowVlan(text: string, context: ReadContext): Reading {
  const { lines, errors } = commandLines(text, []);
  const draft = newDraft(context.file, errors);
  const memberships = new Map<string, { readonly key: readonly string[]; readonly vlans: number[]; readonly line: number }>();
  let current: number | undefined;
  let isBehind = false;
  for (const line of lines) {
    if (OTHER_TABLES.test(line.text)) isBehind = true;
    const row = isBehind ? null : ROW.exec(line.text);
    let verdict: Verdict = isBehind || HEADINGS.test(line.text);
    if (row !== null) {
      current = Number(row[1]);
      sayVlan(draft, current, row[2]!, row[3]!, line.line);
      verdict = addPorts(memberships, row[4] ?? '', current, line);
    } else if (!isBehind && line.indent > 20 && current !== undefined) verdict = addPorts(memberships, line.text, current, line);
    note(draft, line, verdict);
  }
  for (const { key, vlans, line } of memberships.values()) {
    // A port with a second VLAN has it for telephones, with tags.
    if (vlans.length === 1) say(draft, [...key, 'untagged'], vlans[0]!, line);
  }
  expectUnderstood(draft, 'output of `show vlan brief`');
  return switchReading(draft, {
    covers,
    spelled,
  });
}

function sayVlan(draft: Draft, vlan: number, name: string, status: string, line: number): void {
  // VLANs 1002 to 1005 are there for networks that are no more.
  if (vlan > 4094 || status.endsWith('unsup')) return;
  say(draft, ['vlans', `${vlan}`, 'present'], true, line, vlan === 1);
  const given = vlan === 1 ? 'default' : `VLAN${`${vlan}`.padStart(4, '0')}`;
  say(draft, ['vlans', `${vlan}`, 'name'], name, line, name === given);
}

type Memberships = Map<string, { readonly key: readonly string[]; readonly vlans: number[]; readonly line: number }>;

function addPorts(memberships: Memberships, list: string, vlan: number, { line }: CommandLine): Verdict {
  for (const word of list.split(',').map((part) => part.trim())) {
    if (word === '') continue;
    const port = portOf(word);
    const channel = port === undefined ? channelOf(word) : undefined;
    const name = port ?? channel;
    if (name === undefined) return false;
    const key = [port === undefined ? 'aggregations' : 'ports', name];
    const there = memberships.get(key.join(' '));
    if (there === undefined) memberships.set(key.join(' '), { key, vlans: [vlan], line });
    else there.vlans.push(vlan);
  }
  return true;
}
