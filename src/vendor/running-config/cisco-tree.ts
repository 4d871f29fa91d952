/** Spanning tree as IOS and NX-OS have it: one for each VLAN. The fabric file has one for all, so that lines count where they name every VLAN. */
import { type Book, isTrue, textOf } from './book.ts';
import { type CommandLine, wholeNumber } from './command-lines.ts';
import { type Draft, say, type Verdict } from './draft.ts';
import { vlanSet } from './vlan-set.ts';

/** `vlanMost`: VLANs above are the switch's own. */
export function emitTree(book: Book, vlanMost: number): void {
  const enabled = book.get('spanningTree', 'enabled');
  if (enabled !== undefined) book.line(isTrue(enabled) ? 'spanning-tree mode rapid-pvst' : `no spanning-tree vlan 1-${vlanMost}`, enabled);
  const priority = book.get('spanningTree', 'priority');
  if (priority !== undefined) book.line(`spanning-tree vlan 1-${vlanMost} priority ${textOf(priority)!}`, priority);
}

/** Undefined: the line is about something else. */
export function readTreeLine(draft: Draft, { text, words, line }: CommandLine, vlanMost: number): Verdict | undefined {
  if (words[0] === 'spanning-tree' && words[1] === 'vlan' && words[3] === 'priority') {
    const priority = wholeNumber(words[4], 0, 61_440);
    if (!areAll(words[2], vlanMost) || priority === undefined) return 'The fabric file has one priority for all VLANs.';
    say(draft, ['spanningTree', 'priority'], priority, line);
    return true;
  }
  if (!text.startsWith('no spanning-tree vlan ')) return undefined;
  if (!areAll(words[3], vlanMost)) return 'The fabric file has one spanning tree for all VLANs.';
  say(draft, ['spanningTree', 'enabled'], false, line);
  return true;
}

function areAll(list: string | undefined, vlanMost: number): boolean {
  const vlans = vlanSet(list ?? '?');
  return vlans !== undefined && vlans.subarray(1, vlanMost + 1).indexOf(0) < 0;
}
