/** Asymmetric logical unit access (SPC-5 §5.17): the state of each target port group for one logical unit, and which are preferred. */

export type AccessState = 'active-optimized' | 'active-nonoptimized' | 'standby' | 'unavailable' | 'transitioning' | 'offline';

/** What brought a group into its state: nothing yet, SET TARGET PORT GROUPS, or the device itself. */
export type AccessChange = 'none' | 'explicit' | 'implicit';

interface GroupAccess {
  readonly state: AccessState;
  readonly change: AccessChange;
}

/** SPC-5 §5.17.2.1: a group nobody set a state for is active/optimized. */
const untouched: GroupAccess = { state: 'active-optimized', change: 'none' };

export class AccessStates {
  readonly #groups = new Map<number, GroupAccess>();
  readonly #preferred = new Set<number>();
  /** IMPLICIT TRANSITION TIME (SPC-4 §6.37), 1 to 255: how long the device may be in `transitioning`. 0: nothing is said of it. */
  transitionSeconds = 0;

  of(groupId: number): AccessState {
    return (this.#groups.get(groupId) ?? untouched).state;
  }

  changeOf(groupId: number): AccessChange {
    return (this.#groups.get(groupId) ?? untouched).change;
  }

  /** True if the group was in another state before. */
  set(groupId: number, state: AccessState, change: AccessChange = 'implicit'): boolean {
    const changed = this.of(groupId) !== state;
    this.#groups.set(groupId, { state, change });
    return changed;
  }

  /** PREF: the device prefers the group, whatever its state (SPC-4 §5.16.2.6). */
  prefers(groupId: number): boolean {
    return this.#preferred.has(groupId);
  }

  prefer(groupId: number, preferred: boolean): void {
    if (preferred) this.#preferred.add(groupId);
    else this.#preferred.delete(groupId);
  }
}
