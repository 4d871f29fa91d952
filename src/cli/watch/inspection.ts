/** All that `samewire inspect` asks of a fabric that is up, and what its `--json` gives. */
import type { FabricAnswer } from '../../server/api/fabric.ts';
import type { NetworkAnswer } from '../../server/api/network.ts';
import type { FabricState } from '../../server/view/state.ts';
import type { Topology } from '../../server/view/topology.ts';

export interface Inspection {
  readonly fabric: FabricAnswer;
  readonly topology: Topology;
  readonly state: FabricState;
  /** Undefined: nothing in it has a wire. */
  readonly network: NetworkAnswer | undefined;
}
