/** Listening in at ports while the fabric runs: any number at once, each with its own stream of pcapng. */
import type { Clock } from '../../base/clock.ts';
import type { BuiltLink } from '../../fabric/network/build.ts';
import type { PortPlace } from '../../fabric/network/plan.ts';
import { Capture, type CaptureOptions, type CaptureWriter } from '../../runtime/capture.ts';
import type { LinkTap } from '../../runtime/link.ts';
import type { PortSplice } from './port-splice.ts';
import { placeText, type RunningCapture } from './running-network.ts';

/** What can be listened in on. */
interface Tappable {
  readonly names: readonly [string, string];
  setTap(tap: LinkTap | undefined): void;
}

export function captures(
  clock: Clock,
  linkAt: (place: PortPlace) => BuiltLink | undefined,
  spliceAt: (place: PortPlace) => PortSplice | undefined,
): (place: PortPlace, write: CaptureWriter, options?: CaptureOptions) => RunningCapture | undefined {
  // What the clock counts from, since 1970: stamps are of the day, and exact among each other.
  const epochNanos = BigInt(Date.now()) * 1_000_000n - BigInt(Math.round(clock.now()));
  const taps = new Map<string, Set<LinkTap>>();

  const tappableAt = (place: PortPlace): Tappable | undefined => {
    const found = linkAt(place);
    if (found !== undefined) {
      const [one, other] = found.plan.ends;
      return { names: [placeText(one), placeText(other)], setTap: (tap) => found.link.setTap(tap) };
    }
    const splice = spliceAt(place);
    return splice === undefined
      ? undefined
      : {
          names: [placeText(place), `${placeText(place)} world`],
          setTap: (tap) => {
            splice.tap = tap;
          },
        };
  };

  return (place, write, options) => {
    const tappable = tappableAt(place);
    if (tappable === undefined) return undefined;
    const key = tappable.names.join(' ');
    const all = taps.get(key) ?? new Set();
    taps.set(key, all);
    const capture = new Capture(write, clock, epochNanos, options);
    const tap = capture.tap(tappable.names);
    all.add(tap);
    tappable.setTap(together(all));
    return {
      names: tappable.names,
      get omitted() {
        return capture.omitted;
      },
      stop() {
        all.delete(tap);
        tappable.setTap(all.size === 0 ? undefined : together(all));
      },
    };
  };
}

const together = (all: ReadonlySet<LinkTap>): LinkTap => {
  const taps = [...all];
  if (taps.length === 1) return taps[0]!;
  return {
    handleSent(from, frame) {
      for (const tap of taps) tap.handleSent(from, frame);
    },
    handleDropped(from, frame, why) {
      for (const tap of taps) tap.handleDropped(from, frame, why);
    },
  };
};
