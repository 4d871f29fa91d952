/** An iSCSI target node (RFC 7143 §4.1): a name, the SCSI device behind it, who may log in, and its sessions. */
import type { TargetDevice } from '../scsi/target-device.ts';
import type { ChapAccount } from './chap.ts';
import type { TargetSession } from './target-session.ts';

/** What an initiator is granted. */
export interface Grant {
  /** Undefined: without authentication. */
  readonly chap: ChapAccount | undefined;
}

export interface TargetNode {
  readonly name: string;
  readonly alias: string | undefined;
  readonly device: TargetDevice;
  /** Portal group tags through which the node is reached, each with the addresses to announce. */
  readonly portalGroups: ReadonlySet<number>;
  /** Undefined: the initiator has no access. */
  grant(initiatorName: string): Grant | undefined;
  /** Where the node's sessions should go instead of here. */
  readonly movedTo: { readonly address: string; readonly permanently: boolean } | undefined;
  readonly sessions: Map<number, TargetSession>;
}
