/** Everything about one node of the topology, within bounds: lists have at most 500 entries unless told. */
import type { HostReport } from '../../device/host-report.ts';
import type { MachineReport, SwitchReport } from '../../device/network-report.ts';
import type { AttachmentReport } from '../../os/network/link-report.ts';
import type { GroupReport } from '../../os/running.ts';
import type { SessionState, UnitState } from './state.ts';

export interface NodeDetail {
  readonly node: string;
  /** A host or an array with a wire. Of neighbours, routes, connections and leases at most 200 each. */
  readonly machine: MachineReport | undefined;
  /** Of addresses and neighbours at most 500 each. */
  readonly switch: SwitchReport | undefined;
  readonly host: HostReport | undefined;
  readonly units: readonly UnitState[];
  /** Of an array: its portal groups, by their tags. */
  readonly groups: readonly GroupReport[];
  readonly sessions: readonly SessionState[];
  readonly attached: readonly AttachmentReport[];
  /** Of all the lists, how many entries are not here. */
  readonly leftOut: number;
}
