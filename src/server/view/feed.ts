/**
 * What goes over the page's WebSocket, as JSON. An update has what changed since the one before that this reader got, within bounds: what does not fit
 * comes with the next, and a reader that is behind gets fewer updates, never longer ones.
 */
import type { LoggedEvent } from '../event-log.ts';
import type { NodeDetail } from './node-detail.ts';
import type { FabricState, Totals } from './state.ts';

export interface FeedHello {
  readonly type: 'hello';
  readonly fabric: string;
  readonly version: string;
  /** May this reader act? It has shown the token. */
  readonly mayAct: boolean;
}

export interface FeedUpdate {
  readonly type: 'update';
  readonly sequence: number;
  readonly time: string;
  readonly upMilliseconds: number;
  readonly totals: Totals;
  /** Those that changed; at most 1,000. */
  readonly links: FabricState['links'];
  /** All of them if one changed, at most 500 (the busiest first where there are more); undefined: as before. */
  readonly units: FabricState['units'] | undefined;
  readonly sessions: FabricState['sessions'] | undefined;
  readonly hosts: FabricState['hosts'] | undefined;
  readonly world: FabricState['world'] | undefined;
  /** At most 200, the latest last. */
  readonly events: readonly LoggedEvent[];
  /** Events that came since the update before and are not here. */
  readonly eventsMissed: number;
  /** Of the node that is watched. */
  readonly node: NodeDetail | undefined;
}

/** The fabric is being stopped. */
export interface FeedStopping {
  readonly type: 'stopping';
}

export type FeedMessage = FeedHello | FeedUpdate | FeedStopping;

/** From the page. Anything else, or more than 4 KiB, ends the connection. */
export interface FeedRequest {
  readonly type: 'watch';
  /** A node of the topology; null: none. */
  readonly node: string | null;
}
