/** Reads the counters of a running fabric once a second and makes rates, states and histories of them. */
import type { FabricState, History } from './state.ts';
import type { NodeDetail } from './node-detail.ts';
import type { Topology } from './topology.ts';

export interface Sampler {
  readonly topology: Topology;
  /** The latest sample. */
  readonly state: FabricState;
  /** The sequence number of the sample in which each link (by index) last changed. */
  readonly linkChanges: ArrayLike<number>;
  /** The same of the lists of the state. */
  readonly changes: Readonly<Record<'units' | 'sessions' | 'hosts' | 'world', number>>;
  /** Undefined: there is no such node. */
  detail(node: string): NodeDetail | undefined;
  /** Undefined: there is no such series. */
  history(series: string): History | undefined;
  /** Called after each sample; gives back how to stop. */
  onSample(listener: () => void): () => void;
  close(): void;
}
