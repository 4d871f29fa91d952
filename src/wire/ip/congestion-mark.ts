/** The mark that a queue sets on packets which pass congestion (RFC 3168 §5), in a frame as it stands on a link. */
import { be16, putBe16 } from '../../base/bytes.ts';
import type { FrameSlab } from '../../base/frame-slab.ts';
import { ETHERNET_HEADER_BYTES, isTagType, TAG_BYTES, TYPE_IPV4, TYPE_IPV6 } from '../ethernet/frame.ts';
import { adjustChecksum } from './checksum.ts';
import { ECN_CONGESTION, ECN_NOT_CAPABLE, IPV4_HEADER_BYTES, ipVersion } from './ipv4.ts';

const TAGS_MAX = 4;
const IPV6_HEADER_BYTES = 40;

/**
 * The frame with its packet marked: a copy, or the frame itself if it was marked before. Undefined: there is no IP packet whose ends could make
 * anything of a mark.
 */
export function markCongestion(frame: Uint8Array, slab: FrameSlab): Uint8Array | undefined {
  let at = ETHERNET_HEADER_BYTES;
  for (let tags = 0; tags < TAGS_MAX && at + TAG_BYTES <= frame.length && isTagType(be16(frame, at - 2)); tags += 1) at += TAG_BYTES;
  if (at > frame.length) return undefined;
  const type = be16(frame, at - 2);
  if (type === TYPE_IPV4 && at + IPV4_HEADER_BYTES <= frame.length && ipVersion(frame, at) === 4) {
    const capability = frame[at + 1]! & ECN_CONGESTION;
    if (capability === ECN_NOT_CAPABLE) return undefined;
    if (capability === ECN_CONGESTION) return frame;
    const marked = copyOf(frame, slab);
    marked[at + 1] = frame[at + 1]! | ECN_CONGESTION;
    putBe16(marked, at + 10, adjustChecksum(be16(frame, at + 10), be16(frame, at), be16(marked, at)));
    return marked;
  }
  if (type === TYPE_IPV6 && at + IPV6_HEADER_BYTES <= frame.length && ipVersion(frame, at) === 6) {
    // RFC 8200 §3: the traffic class lies across the first two bytes; no checksum covers it.
    const capability = (frame[at + 1]! >>> 4) & ECN_CONGESTION;
    if (capability === ECN_NOT_CAPABLE) return undefined;
    if (capability === ECN_CONGESTION) return frame;
    const marked = copyOf(frame, slab);
    marked[at + 1] = frame[at + 1]! | (ECN_CONGESTION << 4);
    return marked;
  }
  return undefined;
}

function copyOf(frame: Uint8Array, slab: FrameSlab): Uint8Array {
  const copy = slab.take(frame.length);
  copy.set(frame);
  return copy;
}
