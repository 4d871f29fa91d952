/** Which paths commands go by: the best access first (SPC-4 §5.16.2.4), what the device prefers before the rest, then the policy. */
import type { AsymmetricAccess } from '../../wire/scsi/port-groups-data.ts';
import type { MultipathLimits, PathPolicy } from './limits.ts';
import type { PathState } from './path-status.ts';

/** What choosing looks at. */
export interface Choosable {
  readonly state: PathState;
  readonly access: AsymmetricAccess | undefined;
  readonly preferred: boolean;
  readonly priority: number;
  readonly held: boolean;
  readonly inFlight: number;
}

/** Commands are carried out in these states; a logical block dependent group does for some blocks, and says so for the others. */
const RANKS: Readonly<Partial<Record<AsymmetricAccess, number>>> = { 'active-optimized': 0, 'active-nonoptimized': 1, 'lba-dependent': 2 };

const PRIORITIES = 2 ** 20;

/** Lower is better; undefined: nothing goes by it. */
export function levelOf(path: Choosable, policy: PathPolicy): number | undefined {
  if (path.state !== 'up') return undefined;
  const rank = path.access === undefined ? 0 : RANKS[path.access];
  if (rank === undefined) return undefined;
  return (rank * 2 + (path.preferred ? 0 : 1)) * PRIORITIES + (policy === 'failover' ? path.priority : 0);
}

/** The paths on the best level there is; those that are held back only if there are no others. */
export function bestPaths<Path extends Choosable>(paths: readonly Path[], policy: PathPolicy): readonly Path[] {
  const best = bestOf(
    paths.filter((path) => !path.held),
    policy,
  );
  return best.length === 0 ? bestOf(paths, policy) : best;
}

function bestOf<Path extends Choosable>(paths: readonly Path[], policy: PathPolicy): readonly Path[] {
  let least = Number.POSITIVE_INFINITY;
  for (const path of paths) least = Math.min(least, levelOf(path, policy) ?? least);
  return paths.filter((path) => levelOf(path, policy) === least);
}

/** Takes turns between paths that are equally good. */
export class Turns<Path extends Choosable> {
  readonly #limits: MultipathLimits;
  #index = 0;
  #left = 0;

  constructor(limits: MultipathLimits) {
    this.#limits = limits;
  }

  /** `paths` is not empty. */
  next(paths: readonly Path[]): Path {
    if (paths.length === 1) return paths[0]!;
    if (this.#limits.policy === 'least-queue-depth') return this.#leastBusy(paths);
    if (this.#limits.policy === 'failover') return paths[0]!;
    if (this.#left === 0) {
      this.#index += 1;
      this.#left = this.#limits.commandsPerTurn;
    }
    this.#left -= 1;
    return paths[this.#index % paths.length]!;
  }

  /** Of those that are equally busy, each in its turn. */
  #leastBusy(paths: readonly Path[]): Path {
    this.#index += 1;
    let best = paths[this.#index % paths.length]!;
    for (const path of paths) if (path.inFlight < best.inFlight) best = path;
    return best;
  }
}
