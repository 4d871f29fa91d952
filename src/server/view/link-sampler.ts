/** Loads, drops and faults of links. */
import type { LinkEndReport, LinkReport } from '../../os/network/link-report.ts';
import type { LinkCounters } from '../../runtime/link.ts';
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

/** Frames that the end sent, or should have, and that did not come out whole at the other. */
export const linkDrops = (counters: Readonly<LinkCounters>): number =>
  counters.queueDrops + counters.giants + counters.lost + counters.corrupted + counters.carrierDrops + counters.cutShort;

/** What the frames took of the wire: with preamble, check sequence and gap; the padding of frames below 60 bytes is not known. */
export const wireBytes = ({ bytes, frames }: Readonly<LinkCounters>): number => bytes + frames * WIRE_OVERHEAD_BYTES;

/** Of each end, in a typed array: bytes on the wire, frames, drops. */
const COUNTERS = 3;

export function sampleLinks(read: () => readonly LinkReport[]): LinkSampler {
  let states: readonly LinkState[] = [];
  let changes = new Float64Array(0);
  let counted = new Float64Array(0);
  let [bits, drops, down] = [0, 0, 0];

  const endState = (report: LinkReport, end: LinkEndReport, at: number, seconds: number): LinkEndState => {
    const { counters } = end;
    const now = [wireBytes(counters), counters.frames, linkDrops(counters)] as const;
    // The exact rates are added up, those that are shown are rounded.
    const bitsPerSecond = perSecond(now[0], counted[at]!, seconds) * 8;
    const dropsPerSecond = perSecond(now[2], counted[at + 2]!, seconds);
    bits += bitsPerSecond;
    drops += dropsPerSecond;
    const state = {
      bitsPerSecond: rounded(bitsPerSecond),
      framesPerSecond: rounded(perSecond(now[1], counted[at + 1]!, seconds), 1),
      load: report.rateBitsPerSecond === 0 ? 0 : Math.min(1, rounded(bitsPerSecond / report.rateBitsPerSecond, 4)),
      dropsPerSecond: rounded(dropsPerSecond, 1),
      drops: now[2],
      waitingBytes: end.waitingBytes,
    };
    counted.set(now, at);
    return state;
  };

  return {
    get states() {
      return states;
    },
    get changes() {
      return changes;
    },
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
      const reports = read();
      let since = seconds;
      if (reports.length !== states.length) {
        changes = new Float64Array(reports.length);
        counted = new Float64Array(reports.length * 2 * COUNTERS);
        // Nothing was read before: there is no second that rates could be of.
        since = 0;
      }
      [bits, drops, down] = [0, 0, 0];
      states = reports.map((report, index) => {
        const at = index * 2 * COUNTERS;
        if (!report.up) down += 1;
        const now: LinkState = {
          index,
          up: report.up,
          delayNanos: report.delayNanos,
          faults: report.ends[0].faults,
          ends: [endState(report, report.ends[0], at, since), endState(report, report.ends[1], at + COUNTERS, since)],
        };
        const before = states[index];
        if (before !== undefined && sameLink(before, now)) return before;
        changes[index] = sequence;
        return now;
      });
    },
  };
}

/** Written out, as it is done for each link in each second. */
const sameLink = (one: LinkState, other: LinkState): boolean =>
  one.up === other.up &&
  one.delayNanos === other.delayNanos &&
  sameEnd(one.ends[0], other.ends[0]) &&
  sameEnd(one.ends[1], other.ends[1]) &&
  sameData(one.faults, other.faults);

const sameEnd = (one: LinkEndState, other: LinkEndState): boolean =>
  one.bitsPerSecond === other.bitsPerSecond &&
  one.framesPerSecond === other.framesPerSecond &&
  one.drops === other.drops &&
  one.dropsPerSecond === other.dropsPerSecond &&
  one.waitingBytes === other.waitingBytes &&
  one.load === other.load;
