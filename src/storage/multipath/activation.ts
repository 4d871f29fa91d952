/** Explicit asymmetric access (SPC-4 §5.16.2.8, §6.45): where no port group is active, the device is told to make one so. */
import type { Timer } from '../../base/clock.ts';
import { backOff } from '../iscsi/initiator/back-off.ts';
import { setTargetPortGroups } from '../../wire/scsi/cdb.ts';
import { setPortGroupsList } from '../../wire/scsi/port-groups-data.ts';
import { activating, activationFailed } from './events.ts';
import type { Path, PathServices } from './path.ts';
import type { PathAnswer } from './path-link.ts';
import { describeAnswer, isGood, sendBy } from './questions.ts';

export class Activation<Answer extends PathAnswer> {
  readonly #services: PathServices;
  readonly #ended: () => void;
  #underWay: Path<Answer> | undefined;
  #timer: Timer | undefined;
  #isStopped = false;

  /** `ended` looks at the paths again: an activation is over, or may be tried again. */
  constructor(services: PathServices, ended: () => void) {
    this.#services = services;
    this.#ended = ended;
  }

  get isUnderWay(): boolean {
    return this.#underWay !== undefined;
  }

  /** True if the device was told to. False where that is not wanted, not possible, or was in vain not long ago. */
  begin(paths: readonly Path<Answer>[]): boolean {
    const { clock, rng, limits, events, source } = this.#services;
    if (!limits.activate || this.#isStopped) return false;
    const now = clock.now();
    const eligible = paths.filter((path) => path.state === 'up' && path.isExplicit && path.facts?.group !== undefined && rank(path) !== 0);
    const path = eligible.filter(({ activateAfter }) => activateAfter <= now).toSorted((a, b) => rank(b) - rank(a))[0];
    this.#timer?.cancel();
    if (path === undefined) {
      const next = Math.min(...eligible.map(({ activateAfter }) => activateAfter));
      if (Number.isFinite(next)) this.#timer = clock.after(next - now, this.#ended);
      return false;
    }
    const group = path.facts!.group!;
    this.#underWay = path;
    path.activations += 1;
    path.activateAfter = now + backOff(path.activations, limits.backOffNanos, limits.backOffMaxNanos, rng);
    activating(events, source, { path: path.link.name, group });
    const list = setPortGroupsList([{ group, state: 'active-optimized' }]);
    const command = { cdb: setTargetPortGroups(list.length), dataOut: [list], timeoutNanos: limits.transitionNanos };
    sendBy(path.link, command, (answer) => {
      this.#underWay = undefined;
      if (this.#isStopped) return;
      // Whatever it says now, until it says active it is on its way there.
      if (answer !== undefined && isGood(answer)) return path.expectChange();
      activationFailed(events, source, { path: path.link.name, group, reason: describeAnswer(answer) });
      this.#ended();
    });
    return true;
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }
}

/** Which is told first: 0 is not told at all. From `unavailable` it may not be possible (SPC-4 §5.16.2.4.5). */
function rank<Answer extends PathAnswer>({ access, preferred }: Path<Answer>): number {
  if (access === 'standby') return preferred ? 4 : 3;
  if (access === 'unavailable') return preferred ? 2 : 1;
  return 0;
}
