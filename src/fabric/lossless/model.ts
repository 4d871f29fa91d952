/** Lossless Ethernet as the rest of the program sees it: what is said of a port, each value with the place where it was said. */
import type { Placed } from '../model-parts.ts';
import type { Path } from '../problem.ts';
import type { DCBX_AGENTS, DCBX_VERSIONS, FLOW_CONTROL, TRUSTS } from '../schema/dcb.ts';
import type { RDMA_KINDS } from '../schema/rdma.ts';

/** A value and where it stands: at the port itself, or at the machine or switch that it has it from. */
export interface Said<Value> extends Placed {
  readonly value: Value;
}

export type DcbxVersion = (typeof DCBX_VERSIONS)[number];
export type DcbxAgent = (typeof DCBX_AGENTS)[number];
export type Trust = (typeof TRUSTS)[number];
export type FlowControl = (typeof FLOW_CONTROL)[number];
export type RdmaKind = (typeof RDMA_KINDS)[number];

/** Undefined everywhere: nothing is said, and nothing may be concluded. */
export interface Dcb {
  readonly dcbx: Said<DcbxVersion> | undefined;
  readonly willing: Said<boolean> | undefined;
  readonly agents: Said<readonly DcbxAgent[]> | undefined;
  readonly trust: Said<Trust> | undefined;
  /** Priorities with PFC, ascending; empty: PFC is off. */
  readonly pfc: Said<readonly number[]> | undefined;
  /** PFC is said to be on, and nobody says for which priorities. */
  readonly openPfc: Path | undefined;
  readonly classes: Said<readonly TrafficClass[]> | undefined;
  readonly applications: Said<readonly Application[]> | undefined;
  readonly dscp: Said<readonly DscpPriority[]> | undefined;
  readonly buffers: Said<readonly PortBuffer[]> | undefined;
  readonly marks: Said<readonly Marking[]> | undefined;
}

export interface TrafficClass extends Placed {
  /** 0 to 7. */
  readonly number: number;
  readonly priorities: readonly number[];
  /** Percent; undefined: none is said. */
  readonly bandwidth: number | undefined;
  readonly strict: boolean;
  readonly name: string | undefined;
}

export interface Application extends Placed {
  /** As written: `fcoe`, `roce-v2`, `tcp:3260`, `ethertype:0x8906`. */
  readonly protocol: string;
  readonly priority: number;
}

export interface DscpPriority extends Placed {
  readonly dscp: number;
  readonly priority: number;
}

export interface PortBuffer extends Placed {
  readonly name: string;
  readonly direction: 'ingress' | 'egress';
  readonly priorities: readonly number[] | undefined;
  readonly lossless: boolean;
  readonly pool: string | undefined;
  readonly reservedBytes: number | undefined;
  readonly xoffBytes: number | undefined;
  readonly xonBytes: number | undefined;
  /** As written: `2`, `1/4`, `inf`. */
  readonly alpha: string | undefined;
}

export interface Marking extends Placed {
  readonly trafficClass: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  /** Percent. */
  readonly probability: number;
}

export interface Rdma extends Placed {
  readonly kind: RdmaKind;
  readonly enabled: boolean;
  readonly priority: number | undefined;
  readonly dscp: number | undefined;
  readonly mtuBytes: number | undefined;
  readonly ecn: boolean | undefined;
}

export interface QosPolicy extends Placed {
  readonly name: string;
  /** As written: `default`, `smb`, `tcp`, `net-direct:445`. */
  readonly match: string;
  readonly priority: number | undefined;
  readonly dscp: number | undefined;
}
