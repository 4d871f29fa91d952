/** What a running configuration comes to while its lines are read: settings at once where a line says one, interfaces until all lines are known. */
import { addTo } from '../../base/grouped.ts';
import { withoutSecret } from '../core/secret.ts';
import type { Reading, ReadingError, UnknownLine } from '../core/dialect.ts';
import type { Setting, SettingValue } from '../core/setting.ts';
import type { CommandLine } from './command-lines.ts';
import { byNumbers } from './interface-names.ts';
import { allVlans, noVlans, textOfVlans, type VlanSet } from './vlan-set.ts';

/** Lines about ranges of ports and VLANs multiply: no device has as many settings as this, and none takes as many steps. */
const SETTINGS_MAX = 200_000;
const STEPS_MAX = 500_000;

export type Place = 'ports' | 'aggregations';

export interface InterfaceDraft {
  readonly place: Place;
  readonly name: string;
  mode: 'access' | 'trunk' | 'hybrid' | 'routed';
  access: number;
  /** Of a trunk; 0: frames without a tag are dropped. */
  native: number;
  /** Lists that a line made; until then `all` of a trunk, `none` of a hybrid port. */
  trunkAllowed: VlanSet | undefined;
  hybridAllowed: VlanSet | undefined;
  /** The last line about its VLANs; 0: there is none. */
  vlanLine: number;
  receive: Flow | undefined;
  send: Flow | undefined;
  group: { readonly name: string; readonly mode: 'on' | 'active' | 'passive'; readonly line: number } | undefined;
  lacpRate: { readonly rate: 'slow' | 'fast'; readonly line: number } | undefined;
}

export interface Flow {
  readonly on: 'on' | 'off' | 'auto';
  readonly line: number;
}

export interface Draft {
  readonly file: string;
  node: string | undefined;
  readonly settings: Setting[];
  readonly interfaces: Map<string, InterfaceDraft>;
  readonly unknown: UnknownLine[];
  readonly errors: ReadingError[];
  understood: number;
  steps: number;
  /** What a line says that was not understood: neither what was there before it nor what holds without it. */
  readonly doubted: Set<string>;
  /** Whether there are lines about the switch itself; else somebody saved no more than a few interfaces. */
  isWhole: boolean;
}

/** VLANs are doubted together. */
const VLANS: readonly string[] = ['untagged', 'tagged'];

export function doubt(draft: Draft, { place, name }: InterfaceDraft, ...tail: readonly string[]): void {
  draft.doubted.add([place, name, ...tail].join('\n'));
}

export const doubtVlans = (draft: Draft, one: InterfaceDraft): void => VLANS.forEach((what) => doubt(draft, one, what));

/** For `covers`: what nobody knows is no difference. What interfaces have from the switch is not in a few of them. */
export function isSure({ doubted, isWhole, interfaces }: Draft, key: readonly string[]): boolean {
  if (doubted.size > 0 && doubted.has(key.join('\n'))) return false;
  return isWhole || (interfaces.has(`${key[0]} ${key[1]}`) && key[2] !== 'dcb');
}

/** Counts what a line is about. False: it is enough; the text is no configuration of anything. */
export function takeSteps(draft: Draft, { line }: CommandLine, count: number): boolean {
  if (draft.steps <= STEPS_MAX && draft.steps + count > STEPS_MAX) draft.errors.push({ line, message: TOO_MANY });
  draft.steps += count;
  return draft.steps <= STEPS_MAX;
}

/** What follows need not be looked at. */
export const isTooMuch = ({ errors }: Draft): boolean => errors.at(-1)?.message === TOO_MANY;

export const newDraft = (file: string, errors: readonly ReadingError[]): Draft => ({
  file,
  node: undefined,
  settings: [],
  interfaces: new Map(),
  unknown: [],
  errors: [...errors],
  understood: 0,
  steps: 0,
  doubted: new Set(),
  isWhole: false,
});

export function say(draft: Draft, key: readonly string[], value: SettingValue, line: number, quiet = false): void {
  if (draft.settings.length >= SETTINGS_MAX) {
    if (draft.errors.at(-1)?.message !== TOO_MANY) draft.errors.push({ line, message: TOO_MANY });
    return;
  }
  draft.settings.push({ key, value, from: { kind: 'output', file: draft.file, line }, ...(quiet ? { quiet } : {}) });
}

const TOO_MANY = 'The lines multiply to more settings than any device has: what follows is not read.';

/** How a line was taken: understood; unknown; unknown, and why. */
export type Verdict = boolean | string;

export function note(draft: Draft, { line, text }: CommandLine, verdict: Verdict): void {
  if (verdict === true) draft.understood += 1;
  else draft.unknown.push({ line, text: withoutSecret(text), ...(verdict === false ? {} : { why: verdict }) });
}

/** A text of which no line was understood is something else. */
export function expectUnderstood(draft: Draft, what: string): void {
  const [first] = draft.unknown;
  if (draft.understood === 0 && first !== undefined)
    draft.errors.push({ line: first.line, message: `This is no ${what}: not one line of it was understood.` });
}

/** Without `defaultOf` nothing holds that the output does not say. */
export const switchReading = (draft: Draft, about: Pick<Reading, 'covers' | 'spelled'> & Partial<Pick<Reading, 'defaultOf'>>): Reading => ({
  node: draft.node,
  kind: 'switch',
  settings: draft.settings,
  unknown: draft.unknown,
  errors: draft.errors,
  defaultOf: () => undefined,
  ...about,
});

export function interfaceOf(draft: Draft, place: Place, name: string): InterfaceDraft {
  const key = `${place} ${name}`;
  const there = draft.interfaces.get(key);
  if (there !== undefined) return there;
  const made: InterfaceDraft = {
    place,
    name,
    mode: 'access',
    access: 1,
    native: 1,
    trunkAllowed: undefined,
    hybridAllowed: undefined,
    vlanLine: 0,
    receive: undefined,
    send: undefined,
    group: undefined,
    lacpRate: undefined,
  };
  draft.interfaces.set(key, made);
  return made;
}

export const allowedOf = (one: InterfaceDraft, mode: 'trunk' | 'hybrid'): VlanSet =>
  mode === 'trunk' ? (one.trunkAllowed ?? allVlans()) : (one.hybridAllowed ?? noVlans());

/** `none` or the VLAN without tags, and the VLANs with tags. */
function carriedBy(one: InterfaceDraft): { readonly untagged: number | 'none'; readonly tagged: string } {
  if (one.mode === 'routed') return { untagged: 'none', tagged: 'none' };
  if (one.mode === 'access') return { untagged: one.access, tagged: 'none' };
  const allowed = allowedOf(one, one.mode);
  if (one.mode === 'hybrid') return { untagged: one.access, tagged: textOfVlans(allowed, one.access) };
  // A native VLAN that is not allowed is carried neither way.
  const untagged = one.native > 0 && allowed[one.native] === 1 ? one.native : 'none';
  return { untagged, tagged: textOfVlans(allowed, untagged === 'none' ? 0 : untagged) };
}

/** When all lines are read: VLANs, flow control and members. */
export function sayInterfaces(draft: Draft): void {
  for (const one of draft.interfaces.values()) {
    const key = [one.place, one.name];
    if (one.vlanLine > 0 && isSure(draft, [...key, 'tagged'])) {
      // The VLANs of a member are those of its aggregation, which says them.
      const { untagged, tagged } = carriedBy(one);
      say(draft, [...key, 'untagged'], untagged, one.vlanLine, one.group !== undefined);
      say(draft, [...key, 'tagged'], tagged, one.vlanLine, one.group !== undefined);
    }
    const flow = flowControlOf(one);
    if (flow !== undefined) say(draft, [...key, 'flowControl'], flow, Math.max(one.receive?.line ?? 0, one.send?.line ?? 0));
  }
  for (const [name, members] of groupsOf(draft)) sayGroup(draft, name, members);
}

function flowControlOf({ receive, send }: InterfaceDraft): string | undefined {
  if (receive === undefined && send === undefined) return undefined;
  if (receive?.on === 'auto' || send?.on === 'auto') return 'auto';
  if (receive?.on === 'on') return send?.on === 'on' ? 'both' : 'receive';
  return send?.on === 'on' ? 'send' : 'none';
}

/** Members by aggregation, in the order of their numbers. */
function groupsOf(draft: Draft): ReadonlyMap<string, readonly InterfaceDraft[]> {
  const groups = new Map<string, InterfaceDraft[]>();
  for (const one of draft.interfaces.values()) {
    if (one.group === undefined) continue;
    addTo(groups, one.group.name, one);
  }
  for (const members of groups.values()) members.sort((one, other) => byNumbers(one.name, other.name));
  return groups;
}

function sayGroup(draft: Draft, name: string, members: readonly InterfaceDraft[]): void {
  const key = ['aggregations', name];
  const { mode, line } = members[0]!.group!;
  say(
    draft,
    [...key, 'ports'],
    members.map((one) => one.name),
    line,
  );
  say(draft, [...key, 'mode'], mode === 'on' ? 'static' : 'lacp', line);
  if (mode !== 'on') say(draft, [...key, 'active'], mode === 'active', line);
  const [first, ...others] = members.map(({ lacpRate }) => lacpRate);
  if (first !== undefined && others.every((one) => one?.rate === first.rate)) say(draft, [...key, 'lacpRate'], first.rate, first.line);
}

/** What members have from their aggregation: only where a member says nothing itself. */
export function inherit(draft: Draft, tails: (tail: readonly string[]) => boolean): void {
  const own = new Set(draft.settings.map(({ key }) => key.join('\n')));
  const groups = groupsOf(draft);
  for (const { key, value, from } of draft.settings.slice()) {
    if (draft.settings.length >= SETTINGS_MAX) return;
    if (key[0] !== 'aggregations' || from.kind !== 'output' || !tails(key.slice(2))) continue;
    for (const { name } of groups.get(key[1]!) ?? []) {
      const place = ['ports', name, ...key.slice(2)];
      if (!own.has(place.join('\n'))) say(draft, place, value, from.line, true);
    }
  }
}
