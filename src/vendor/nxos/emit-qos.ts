/** Class maps and policy maps of NX-OS: what the QoS plan comes to in lines. */
import type { Setting } from '../core/setting.ts';
import { type Book, listOf, numberOf } from '../running-config/book.ts';
import type { QosPlan, Queue, TargetPolicies } from './qos-plan.ts';
import { KBYTES } from './says.ts';

const LOSSLESS_POLICY = 'samewire-lossless';

/** The names of the policies that an interface has. */
export interface AttachedPolicies {
  readonly classify: { readonly name: string; readonly from: Setting } | undefined;
  readonly queuing: { readonly name: string; readonly from: Setting } | undefined;
}

/** Equal policies are made once. */
export function emitPolicies(book: Book, plan: QosPlan): ReadonlyMap<TargetPolicies, AttachedPolicies> {
  const made = new Map<string, string>();
  const attached = new Map<TargetPolicies, AttachedPolicies>();
  const nameOf = (kind: string, what: unknown, emit: (name: string) => void): string => {
    const shape = `${kind} ${JSON.stringify(what)}`;
    const there = made.get(shape);
    if (there !== undefined) return there;
    const name = `samewire-${kind}-${made.size + 1}`;
    made.set(shape, name);
    emit(name);
    return name;
  };
  for (const one of plan.policies) {
    const { classify, queues } = one;
    const matchings = classify.map(({ group, priorities, dscp }) => [group, priorities, dscp]);
    const shapes = queues.map(({ group, bandwidth, strict, mark }) => [
      group,
      bandwidth?.value,
      strict?.value,
      mark?.min.value,
      mark?.max.value,
      mark?.probability,
    ]);
    const queue = queues[0];
    attached.set(one, {
      classify:
        classify.length === 0
          ? undefined
          : { name: nameOf('in', matchings, (name) => emitClassify(book, name, one)), from: classify[0]!.from },
      queuing:
        queue === undefined ? undefined : { name: nameOf('out', shapes, (name) => emitQueuing(book, name, queues)), from: sourceOf(queue) },
    });
  }
  emitLossless(book, plan);
  return attached;
}

const sourceOf = ({ bandwidth, strict, mark }: Queue): Setting => (bandwidth ?? strict ?? mark?.min)!;

function emitClassify(book: Book, name: string, { classify }: TargetPolicies): void {
  for (const { group, priorities, dscp, from } of classify) {
    book.line(`class-map type qos match-any ${name}-${group}`, from);
    if (priorities.length > 0) book.line(`  match cos ${priorities.join(',')}`, from);
    if (dscp.length > 0) book.line(`  match dscp ${dscp.toSorted((one, other) => one - other).join(',')}`, from);
  }
  book.line(`policy-map type qos ${name}`, classify[0]!.from);
  for (const { group, from } of classify) {
    book.line(`  class ${name}-${group}`, from);
    book.line(`    set qos-group ${group}`, from);
  }
}

const QUEUES = [7, 6, 5, 4, 3, 2, 1, 0] as const;
const queueName = (group: number): string => `c-out-8q-q${group === 0 ? '-default' : group}`;

function emitQueuing(book: Book, name: string, queues: readonly Queue[]): void {
  const from = sourceOf(queues[0]!);
  const hasShares = queues.some(({ bandwidth }) => bandwidth !== undefined);
  let level = 0;
  book.line(`policy-map type queuing ${name}`, from);
  for (const group of QUEUES) {
    const queue = queues.find((one) => one.group === group);
    if (queue === undefined && !hasShares) continue;
    book.line(`  class type queuing ${queueName(group)}`, queue === undefined ? from : sourceOf(queue));
    if (queue?.strict !== undefined) {
      level += 1;
      book.line(`    priority level ${level}`, queue.strict);
    } else if (queue?.bandwidth !== undefined) book.line(`    bandwidth remaining percent ${numberOf(queue.bandwidth)!}`, queue.bandwidth);
    // What is left to one queue is taken from another: shares of all add up to 100.
    else if (hasShares) book.line('    bandwidth remaining percent 0', from);
    if (queue?.mark !== undefined) {
      const { min, max, probability } = queue.mark;
      book.line(
        `    random-detect minimum-threshold ${threshold(min)} maximum-threshold ${threshold(max)} drop-probability ${probability} weight 0 ecn`,
        min,
      );
    }
  }
}

function threshold(one: Setting): string {
  const bytes = numberOf(one)!;
  return bytes % KBYTES === 0 ? `${bytes / KBYTES} kbytes` : `${bytes} bytes`;
}

function emitLossless(book: Book, { lossless }: QosPlan): void {
  const [first] = lossless.values();
  if (first === undefined) return;
  book.line(`policy-map type network-qos ${LOSSLESS_POLICY}`, first.from);
  for (const [priority, { group, from }] of lossless) {
    book.line(`  class type network-qos c-8q-nq${group === 0 ? '-default' : group}`, from);
    book.line(`    pause pfc-cos ${priority}`, from);
  }
  book.line('system qos', first.from);
  book.line(`  service-policy type network-qos ${LOSSLESS_POLICY}`, first.from);
}

/** Below `interface`. */
export function emitAttached(book: Book, { target, classify }: TargetPolicies, { classify: input, queuing }: AttachedPolicies): void {
  const pfc = book.get(target.place, target.name, 'dcb', 'pfc');
  if (pfc !== undefined && !book.isRefused(pfc))
    book.line(`  priority-flow-control mode ${listOf(pfc.value).length > 0 ? 'on' : 'off'}`, pfc);
  if (input !== undefined && classify.length > 0) book.line(`  service-policy type qos input ${input.name}`, input.from);
  if (queuing !== undefined) book.line(`  service-policy type queuing output ${queuing.name}`, queuing.from);
}
