/** What lines of NX-OS come to before all policies are known. */
import type { Draft, InterfaceDraft } from '../running-config/draft.ts';

export interface NxosDraft extends Draft {
  /** Matches of `class-map type qos`, and groups of the other two kinds. */
  readonly classMaps: Map<string, ClassMap>;
  /** By kind and name: `qos IN`, `queuing OUT`, `network-qos NQ`. */
  readonly policies: Map<string, Map<string, PolicyClass>>;
  readonly system: Map<string, Attached>;
  readonly interfaceQos: Map<InterfaceDraft, InterfaceQos>;
  hash: Attached | undefined;
  /** Both kinds of DCBX, unless a line turns it off. */
  dcbxp: boolean;
  readonly addresses: Map<string, { readonly texts: string[]; readonly line: number }>;
}

export interface ClassMap {
  readonly cos: number[];
  readonly dscp: number[];
  group: number | undefined;
}

export interface PolicyClass {
  line: number;
  group: number | undefined;
  bandwidth: number | undefined;
  strict: boolean;
  mark: { readonly min: number; readonly max: number; readonly probability: number; readonly line: number } | undefined;
  /** Priorities without loss; `group`: those that the group has. */
  pause: readonly number[] | 'group' | undefined;
}

/** A name and the line that uses it. */
export interface Attached {
  readonly name: string;
  readonly line: number;
}

export interface InterfaceQos {
  input: Attached | undefined;
  output: Attached | undefined;
  pfc: { readonly on: boolean; readonly line: number } | undefined;
}

export function qosOf(draft: NxosDraft, one: InterfaceDraft): InterfaceQos {
  const there = draft.interfaceQos.get(one);
  if (there !== undefined) return there;
  const made: InterfaceQos = { input: undefined, output: undefined, pfc: undefined };
  draft.interfaceQos.set(one, made);
  return made;
}
