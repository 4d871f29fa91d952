/** Lines below `interface` that NX-OS and IOS have in common. */
import { type Book, isTrue, listOf, numberOf, textOf } from './book.ts';
import { isOneLine } from './command-lines.ts';
import type { Place } from './draft.ts';
import { cutList, isAll, noVlans, textOfVlans, vlanSet, VLAN_MOST } from './vlan-set.ts';

export interface CiscoTarget {
  readonly place: Place;
  readonly name: string;
  /** `Ethernet1/17`, `port-channel7`. */
  readonly interface: string;
  /** The aggregation that a port is part of. */
  readonly group: string | undefined;
}

/** No line of a list of VLANs is longer. */
const LIST_CHARACTERS = 120;

export function emitDescription(book: Book, { place, name }: CiscoTarget): void {
  const description = book.get(place, name, 'description');
  if (description === undefined) return;
  const text = textOf(description)!;
  if (isOneLine(text) && text.trim() === text && text !== '') book.line(`  description ${text}`, description);
  else book.refuse(description, 'A text on the command line is one line without blanks around it.');
}

/** The mode first: lists of a port without it would do nothing. `encapsulation`: of switches that also know Cisco's own tags. */
export function emitSwitchport(book: Book, { place, name }: CiscoTarget, encapsulation: boolean): void {
  const untagged = book.get(place, name, 'untagged');
  const tagged = book.get(place, name, 'tagged');
  if (untagged === undefined || tagged === undefined) return;
  if (tagged.value === 'none' && untagged.value !== 'none') {
    book.line('  switchport mode access', tagged);
    book.line(`  switchport access vlan ${textOf(untagged)!}`, untagged);
    return;
  }
  const list = textOf(tagged)!;
  const native = numberOf(untagged) ?? vlanOutside(list);
  if (native === undefined) {
    for (const one of [untagged, tagged])
      book.refuse(
        one,
        'A trunk drops frames without a tag if it does not carry its native VLAN: with all VLANs allowed none is left for that.',
      );
    return;
  }
  if (encapsulation)
    book.line('  switchport trunk encapsulation dot1q', tagged, 'Only where the switch also knows ISL; others refuse the line.');
  book.line('  switchport mode trunk', tagged);
  const without = untagged.value === 'none' ? 'Not among the allowed VLANs: frames without a tag are dropped.' : undefined;
  book.line(`  switchport trunk native vlan ${native}`, untagged, without);
  for (const [index, part] of allowedLists(list, numberOf(untagged)).entries())
    book.line(`  switchport trunk allowed vlan ${index === 0 ? '' : 'add '}${part}`, tagged);
}

/** Tagged and untagged VLANs are both allowed. */
function allowedLists(tagged: string, untagged: number | undefined): readonly string[] {
  if (tagged === 'none') return ['none'];
  if (isAll(tagged, untagged)) return [`1-${VLAN_MOST}`];
  const vlans = vlanSet(tagged) ?? noVlans();
  if (untagged !== undefined) vlans[untagged] = 1;
  return cutList(textOfVlans(vlans), LIST_CHARACTERS);
}

/** VLAN 1 if it is not listed, else the highest that is not. */
function vlanOutside(list: string): number | undefined {
  const vlans = vlanSet(list);
  if (vlans === undefined || vlans[1] === 0) return 1;
  const outside = vlans.lastIndexOf(0);
  return outside > 0 ? outside : undefined;
}

/** Cost and guards of spanning tree. */
export function emitTreeGuards(book: Book, { place, name }: CiscoTarget): void {
  const cost = book.get(place, name, 'spanningTree', 'cost');
  if (cost !== undefined) book.line(`  spanning-tree cost ${textOf(cost)!}`, cost);
  const bpduGuard = book.get(place, name, 'spanningTree', 'bpduGuard');
  if (bpduGuard !== undefined) book.line('  spanning-tree bpduguard enable', bpduGuard);
  const rootGuard = book.get(place, name, 'spanningTree', 'rootGuard');
  if (rootGuard !== undefined) book.line('  spanning-tree guard root', rootGuard);
}

/** Its place among the members of an aggregation: `on` without LACP. */
export function emitMember(book: Book, number: string, group: string): void {
  const ports = book.get('aggregations', group, 'ports');
  const mode = book.get('aggregations', group, 'mode');
  const active = book.get('aggregations', group, 'active');
  const word = mode?.value === 'static' ? 'on' : active?.value === false ? 'passive' : 'active';
  book.line(`  channel-group ${number} mode ${word}`, ports);
  const rate = book.get('aggregations', group, 'lacpRate');
  if (rate !== undefined) book.line(`  lacp rate ${rate.value === 'fast' ? 'fast' : 'normal'}`, rate);
}

/** One choice of addresses for all aggregations of the switch. */
export function emitHash(book: Book, names: readonly string[], words: Readonly<Record<string, string>>): void {
  let first: string | undefined;
  for (const name of names) {
    const hash = book.get('aggregations', name, 'hash');
    if (hash === undefined) continue;
    const text = words[textOf(hash)!];
    if (first === undefined && text !== undefined) book.line(`port-channel load-balance ${text}`, hash);
    else if (text !== first) book.refuse(hash, `There is one choice for all port channels${first === undefined ? '' : `, here ${first}`}.`);
    first ??= text;
  }
}

/** Which port, as the product calls it, is in which aggregation. */
export const groupsIn = (book: Book, names: readonly string[], portOf: (name: string) => string | undefined): ReadonlyMap<string, string> =>
  new Map(
    names.flatMap((name) =>
      listOf(book.peek('aggregations', name, 'ports')?.value).map((port) => [portOf(`${port}`) ?? `${port}`, name] as const),
    ),
  );

export const shutdownLine = (book: Book, name: string): void => {
  const disabled = book.get('ports', name, 'disabled');
  if (disabled !== undefined) book.line(isTrue(disabled) ? '  shutdown' : '  no shutdown', disabled);
};
