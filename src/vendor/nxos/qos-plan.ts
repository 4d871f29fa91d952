/**
 * How DCB of a fabric file becomes policies of NX-OS. There a frame is put in a QoS group by a class map (by its tag or its DSCP), the group is a
 * queue, and a group can be without loss for one priority. So a traffic class is the QoS group of its number.
 */
import { sameValue, type Setting } from '../core/setting.ts';
import { type Book, isTrue, listOf, numberOf } from '../running-config/book.ts';
import type { CiscoTarget } from '../running-config/cisco-emit.ts';

export interface QosPlan {
  /** Lossless priorities with their groups. */
  readonly lossless: ReadonlyMap<number, { readonly group: number; readonly from: Setting }>;
  readonly policies: readonly TargetPolicies[];
}

/** What one port or port channel has. */
export interface TargetPolicies {
  readonly target: CiscoTarget;
  readonly classify: readonly Matching[];
  readonly queues: readonly Queue[];
}

/** What goes into a group. */
export interface Matching {
  readonly group: number;
  readonly priorities: readonly number[];
  readonly dscp: readonly number[];
  readonly from: Setting;
}

export interface Queue {
  readonly group: number;
  readonly bandwidth: Setting | undefined;
  readonly strict: Setting | undefined;
  readonly mark: { readonly min: Setting; readonly max: Setting; readonly probability: number } | undefined;
}

export function planQos(book: Book, targets: readonly CiscoTarget[]): QosPlan {
  const lossless = planLossless(book, targets);
  return {
    lossless,
    policies: targets.map((target) => ({ target, classify: planClasses(book, target, lossless), queues: planQueues(book, target) })),
  };
}

const keyOf = ({ place, name }: CiscoTarget, ...tail: readonly string[]): readonly string[] => [place, name, 'dcb', ...tail];

/** The group of a priority at a target: the class that has it, or the group of its number where no classes are declared. */
function groupOf(book: Book, target: CiscoTarget, priority: number): number | undefined {
  const classes = book.names(...keyOf(target, 'classes'));
  if (classes.length === 0) return priority;
  const holder = classes.find((one) => listOf(book.peek(...keyOf(target, 'classes', one, 'priorities'))?.value).includes(priority));
  return holder === undefined ? undefined : Number(holder);
}

/** One list for all ports, and each group without loss for one priority. */
function planLossless(book: Book, targets: readonly CiscoTarget[]): QosPlan['lossless'] {
  const groups = new Map<number, { readonly group: number; readonly from: Setting }>();
  let first: Setting | undefined;
  for (const target of targets) {
    const list = book.peek(...keyOf(target, 'pfc'));
    const priorities = listOf(list?.value).map(Number);
    if (list === undefined || priorities.length === 0) continue;
    if (first !== undefined && !sameValue(first.value, list.value)) {
      book.refuse(list, `NX-OS has one list of priorities for all ports, here [${listOf(first.value).join(', ')}].`);
      continue;
    }
    const own = priorities.map((priority) => groupOf(book, target, priority));
    const isNew = first === undefined;
    if (
      own.includes(undefined) ||
      new Set(own).size < own.length ||
      priorities.some((one, index) => !isNew && groups.get(one)?.group !== own[index])
    ) {
      book.refuse(list, 'NX-OS keeps one priority of a class without loss, and each in the same class at all ports.');
      continue;
    }
    first ??= list;
    for (const [index, priority] of priorities.entries()) if (isNew) groups.set(priority, { group: own[index]!, from: list });
  }
  return groups;
}

function planClasses(book: Book, target: CiscoTarget, lossless: QosPlan['lossless']): readonly Matching[] {
  const groups = new Map<number, { priorities: readonly number[]; dscp: number[]; from: Setting }>();
  for (const number of book.names(...keyOf(target, 'classes'))) {
    const priorities = book.get(...keyOf(target, 'classes', number, 'priorities'));
    const list = listOf(priorities?.value).map(Number);
    if (priorities === undefined) continue;
    if (list.length === 0) book.refuse(priorities, 'A class map matches something.');
    else groups.set(Number(number), { priorities: list, dscp: [], from: priorities });
  }
  const pfc = book.peek(...keyOf(target, 'pfc'));
  if (pfc !== undefined && !book.isRefused(pfc))
    for (const priority of listOf(pfc.value).map(Number)) {
      const group = lossless.get(priority)!.group;
      if (!groups.has(group)) groups.set(group, { priorities: [priority], dscp: [], from: pfc });
    }
  for (const code of book.names(...keyOf(target, 'dscp'))) {
    const setting = book.get(...keyOf(target, 'dscp', code))!;
    const priority = numberOf(setting)!;
    const group = groupOf(book, target, priority);
    const there = group === undefined ? undefined : groups.get(group);
    if (group === undefined || priorityOfGroup(group, there?.priorities ?? []) !== priority) {
      book.refuse(setting, 'NX-OS puts a DSCP in a class, not in a priority: this class stands for another of its priorities.');
      continue;
    }
    if (there === undefined) groups.set(group, { priorities: [], dscp: [Number(code)], from: setting });
    else there.dscp.push(Number(code));
  }
  return [...groups].map(([group, one]) => ({ group, ...one }));
}

/** The priority that a group stands for where only the group is known. */
export const priorityOfGroup = (group: number, priorities: readonly number[]): number =>
  priorities.length === 0 || priorities.includes(group) ? group : Math.min(...priorities);

function planQueues(book: Book, target: CiscoTarget): readonly Queue[] {
  const queues: Queue[] = [];
  const numbers = new Set([...book.names(...keyOf(target, 'classes')), ...book.names(...keyOf(target, 'marks'))]);
  for (const number of [...numbers].toSorted()) {
    const bandwidth = book.get(...keyOf(target, 'classes', number, 'bandwidth'));
    const strict = book.get(...keyOf(target, 'classes', number, 'strict'));
    const label = book.peek(...keyOf(target, 'classes', number, 'name'));
    if (label !== undefined) book.refuse(label, 'Queues have the names that the switch gives them.');
    const isStrict = isTrue(strict);
    if (bandwidth !== undefined && isStrict) book.refuse(bandwidth, 'A queue with priority has no share.');
    const mark = planMark(book, target, number);
    const share = isStrict ? undefined : bandwidth;
    if (share !== undefined || isStrict || mark !== undefined) queues.push({ group: Number(number), bandwidth: share, strict, mark });
  }
  return queues;
}

function planMark(book: Book, target: CiscoTarget, number: string): Queue['mark'] {
  const min = book.get(...keyOf(target, 'marks', number, 'min'));
  const max = book.get(...keyOf(target, 'marks', number, 'max'));
  const probability = book.get(...keyOf(target, 'marks', number, 'probability'));
  if (min === undefined || max === undefined) return undefined;
  const percent = numberOf(probability) ?? 100;
  if (percent >= 1) return { min, max, probability: percent };
  for (const one of [min, max, probability]) if (one !== undefined) book.refuse(one, 'A probability is from 1 to 100.');
  return undefined;
}
