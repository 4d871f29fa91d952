/** How a multipath unit chooses between its paths, how it looks after them, and its bounds. */
import { MILLISECOND, type Nanos, SECOND } from '../../base/clock.ts';

export type PathPolicy =
  /** By turns. */
  | 'round-robin'
  /** By the path with the fewest commands under way. */
  | 'least-queue-depth'
  /** By the first that works, in the order of their priorities. */
  | 'failover';

export interface MultipathLimits {
  readonly policy: PathPolicy;
  /** Commands in one turn of `round-robin`. */
  readonly commandsPerTurn: number;
  readonly paths: number;
  /** Every path that is up is asked so often whether it works. */
  readonly checkNanos: Nanos;
  /** So long it may take to answer one question. */
  readonly checkTimeoutNanos: Nanos;
  /** Between checks of a path that failed one: doubled each time, up to the second. */
  readonly backOffNanos: Nanos;
  readonly backOffMaxNanos: Nanos;
  /** How long a better path has to be back before commands go by it again; 0: at once. Infinity: until `failback` is called. */
  readonly failbackNanos: Nanos;
  /** How long commands wait when there is no path left; 0: they fail at once. Infinity: for ever. */
  readonly noPathNanos: Nanos;
  /** Commands, and bytes of their data, that may wait for a path; more are refused. */
  readonly commandsWaiting: number;
  readonly bytesWaiting: number;
  /** How often one command is sent in all. */
  readonly attempts: number;
  /** How long a transition may take where the device does not say (IMPLICIT TRANSITION TIME, SPC-4 §6.37). */
  readonly transitionNanos: Nanos;
  /** So often the access states are read while one is in transition. */
  readonly transitionPollNanos: Nanos;
  /** Where nothing but standby paths is left, the device is told to make one active, if it can be (explicit access). */
  readonly activate: boolean;
}

export const defaultMultipathLimits: MultipathLimits = {
  policy: 'round-robin',
  commandsPerTurn: 1,
  paths: 32,
  checkNanos: 5 * SECOND,
  checkTimeoutNanos: 10 * SECOND,
  backOffNanos: SECOND,
  backOffMaxNanos: 30 * SECOND,
  failbackNanos: 0,
  noPathNanos: 60 * SECOND,
  commandsWaiting: 16_384,
  bytesWaiting: 256 * 1024 * 1024,
  attempts: 16,
  transitionNanos: 60 * SECOND,
  transitionPollNanos: 200 * MILLISECOND,
  activate: true,
};
