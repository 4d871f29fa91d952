/** A fabric that is up, as everything that looks at it or acts on it is given it: the API, the page, the metrics, the terminal. */
import type { HostPlan } from '../fabric/host-plan.ts';
import type { NetworkPlan } from '../fabric/network/plan.ts';
import type { ArrayPlan } from '../fabric/plan.ts';
import type { Problem } from '../fabric/problem.ts';
import type { RunningHosts } from '../os/host-runner.ts';
import type { RunningNetwork } from '../os/network/running-network.ts';
import type { RunningArrays } from '../os/running.ts';
import type { EventLog } from './event-log.ts';

/** What was asked to come up. */
export interface FabricPlans {
  readonly arrays: readonly ArrayPlan[];
  readonly hosts: readonly HostPlan[];
  /** Undefined: nothing of the fabric has a wire. */
  readonly network: NetworkPlan | undefined;
}

export interface RunningFabric {
  readonly name: string;
  /** Of Samewire. */
  readonly version: string;
  /** Undefined: it was not read from a file that could be read again. */
  readonly file: string | undefined;
  /** The text that was read; undefined: there is none (`serve`). */
  readonly text: string | undefined;
  /** What the rules found in it: warnings, as with errors nothing is brought up. */
  readonly problems: readonly Problem[];
  /** Declared, and not run. */
  readonly onlyChecked: readonly string[];
  readonly startedAt: Date;
  readonly plans: FabricPlans;
  readonly network: RunningNetwork | undefined;
  readonly arrays: RunningArrays;
  readonly hosts: RunningHosts;
  readonly events: EventLog;
  /** The hosts as the file has them now. Rejects with a sentence. */
  reread(): Promise<readonly HostPlan[]>;
}
