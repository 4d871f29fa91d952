/** Loads, drops and faults of links. */
import type { BuiltLink } from '../../fabric/network/build.ts';
import type { Link, LinkCounters } from '../../runtime/link.ts';
import { WIRE_OVERHEAD_BYTES } from '../../wire/ethernet/frame.ts';
import { perSecond, rounded } from './rates.ts';
import { sameData } from './same-data.ts';
import type { LinkEndState, LinkState } from './state.ts';

export interface LinkSampler {
  readonly states: readonly LinkState[];
  /** The sample in which each last changed. */
  readonly changes: ArrayLike<number>;
  readonly bitsPerSecond: number;
  readonly dropsPerSecond: number;
  readonly down: number;
  sample(sequence: number, seconds: number): void;
}

/** What is read of a link. */
export interface SampledLink {
  readonly plan: Pick<BuiltLink['plan'], 'rateBitsPerSecond'>;
  readonly link: Pick<Link, 'carrier' | 'counters' | 'faults' | 'waitingBytes' | 'delayNanos'>;
}

/** Frames that the end sent, or should have, and that did not come out whole at the other. */
export const linkDrops = (counters: Readonly<LinkCounters>): number =>
  counters.queueDrops + counters.giants + counters.lost + counters.corrupted + counters.carrierDrops + counters.cutShort;

/** What the frames took of the wire: with preamble, check sequence and gap; the padding of frames below 60 bytes is not known. */
export const wireBytes = ({ bytes, frames }: Readonly<LinkCounters>): number => bytes + frames * WIRE_OVERHEAD_BYTES;

/** Of each end, in a typed array: bytes on the wire, frames, drops. */
const COUNTERS = 3;

/** Allocates only for what changed: with thousands of links, the garbage would cost more than the reading. */
export function sampleLinks(links: readonly SampledLink[]): LinkSampler {
  let states: readonly LinkState[] = [];
  const changes = new Float64Array(links.length);
  const counted = new Float64Array(links.length * 2 * COUNTERS);
  let [bits, drops, down] = [0, 0, 0];

  const endState = (one: SampledLink, end: 0 | 1, at: number, seconds: number, before: LinkEndState | undefined): LinkEndState => {
    const counters = one.link.counters(end);
    const { frames } = counters;
    const bytes = wireBytes(counters);
    const dropped = linkDrops(counters);
    // The exact rates are added up, those that are shown are rounded.
    const exactBits = perSecond(bytes, counted[at]!, seconds) * 8;
    const exactDrops = perSecond(dropped, counted[at + 2]!, seconds);
    const framesPerSecond = rounded(perSecond(frames, counted[at + 1]!, seconds), 1);
    bits += exactBits;
    drops += exactDrops;
    counted[at] = bytes;
    counted[at + 1] = frames;
    counted[at + 2] = dropped;
    const bitsPerSecond = rounded(exactBits);
    const dropsPerSecond = rounded(exactDrops, 1);
    const waitingBytes = one.link.waitingBytes(end);
    if (
      before !== undefined &&
      before.bitsPerSecond === bitsPerSecond &&
      before.framesPerSecond === framesPerSecond &&
      before.dropsPerSecond === dropsPerSecond &&
      before.drops === dropped &&
      before.waitingBytes === waitingBytes
    )
      return before;
    const { rateBitsPerSecond } = one.plan;
    const load = rateBitsPerSecond === 0 ? 0 : Math.min(1, rounded(exactBits / rateBitsPerSecond, 4));
    return { bitsPerSecond, framesPerSecond, load, dropsPerSecond, drops: dropped, waitingBytes };
  };

  return {
    get states() {
      return states;
    },
    changes,
    get bitsPerSecond() {
      return bits;
    },
    get dropsPerSecond() {
      return drops;
    },
    get down() {
      return down;
    },
    sample(sequence, seconds) {
      [bits, drops, down] = [0, 0, 0];
      const since = states.length === 0 ? 0 : seconds;
      states = links.map((one, index) => {
        const before = states[index];
        const at = index * 2 * COUNTERS;
        const first = endState(one, 0, at, since, before?.ends[0]);
        const second = endState(one, 1, at + COUNTERS, since, before?.ends[1]);
        const up = one.link.carrier;
        if (!up) down += 1;
        const delayNanos = one.link.delayNanos(0);
        const faults = one.link.faults(0);
        if (
          before !== undefined &&
          before.ends[0] === first &&
          before.ends[1] === second &&
          before.up === up &&
          before.delayNanos === delayNanos &&
          sameData(before.faults, faults)
        )
          return before;
        changes[index] = sequence;
        return { index, up, delayNanos, faults, ends: [first, second] };
      });
    },
  };
}
