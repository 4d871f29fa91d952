/** A link that goes down now and then, and comes back: times drawn from exponential distributions, by a seed. */
import type { Clock, Nanos, Timer } from '../base/clock.ts';
import type { Rng } from '../base/rng.ts';

export interface Flapping {
  /** How long the link is up on average. */
  readonly upNanos: Nanos;
  readonly downNanos: Nanos;
}

const exponential = (rng: Rng, mean: Nanos): Nanos => Math.ceil(-Math.log((rng.uint32() + 1) / 0x1_0000_0000) * mean);

/** Up now; gives back how to stop. */
export function flap(
  setUp: (up: boolean) => void,
  { upNanos, downNanos }: Flapping,
  services: { readonly clock: Clock; readonly rng: Rng },
): () => void {
  const { clock, rng } = services;
  let timer: Timer | undefined;
  const turn = (up: boolean): void => {
    setUp(up);
    timer = clock.after(exponential(rng, up ? upNanos : downNanos), () => turn(!up));
  };
  turn(true);
  return () => timer?.cancel();
}
