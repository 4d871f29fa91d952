/** Asymmetric logical unit access (SPC-5 §5.17): the state of each target port group for one logical unit. */

export type AccessState = 'active-optimized' | 'active-nonoptimized' | 'standby' | 'unavailable' | 'transitioning' | 'offline';

export class AccessStates {
  readonly #states = new Map<number, AccessState>();

  /** SPC-5 §5.17.2.1: a group nobody set a state for is active/optimized. */
  of(groupId: number): AccessState {
    return this.#states.get(groupId) ?? 'active-optimized';
  }

  set(groupId: number, state: AccessState): void {
    this.#states.set(groupId, state);
  }
}
