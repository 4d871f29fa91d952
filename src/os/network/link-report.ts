/** Links, and ports that the world is plugged into, as plain data. */
import type { BuiltLink } from '../../fabric/network/build.ts';
import type { PortPlace } from '../../fabric/network/plan.ts';
import type { LinkCounters } from '../../runtime/link.ts';
import type { LinkFaults } from '../../runtime/link-faults.ts';
import type { AttachmentCounters } from '../ports/attachment.ts';

export interface LinkReport {
  readonly up: boolean;
  readonly rateBitsPerSecond: number;
  /** As it is now; both ways the same. */
  readonly delayNanos: number;
  readonly mtuBytes: number;
  readonly ends: readonly [LinkEndReport, LinkEndReport];
}

/** What this end sends. */
export interface LinkEndReport extends PortPlace {
  readonly faults: LinkFaults;
  readonly counters: Readonly<LinkCounters>;
  /** In the queue, waiting for its turn. */
  readonly waitingBytes: number;
}

export interface AttachmentReport {
  /** `tor1:9`. */
  readonly port: string;
  readonly to: string;
  /** Somebody is there. */
  readonly present: boolean;
  readonly counters: Readonly<AttachmentCounters>;
}

export function linkReport({ plan, link }: BuiltLink): LinkReport {
  const end = (index: 0 | 1): LinkEndReport => ({
    ...plan.ends[index],
    faults: link.faults(index),
    counters: link.counters(index),
    waitingBytes: link.waitingBytes(index),
  });
  return {
    up: link.carrier,
    rateBitsPerSecond: plan.rateBitsPerSecond,
    delayNanos: link.delayNanos(0),
    mtuBytes: plan.mtuBytes,
    ends: [end(0), end(1)],
  };
}
