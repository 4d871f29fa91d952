import { assert, integer, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex } from '../../base/bytes.ts';
import { FrameSlab } from '../../base/frame-slab.ts';
import { pushTag, TYPE_SERVICE_VLAN } from '../ethernet/frame.ts';
import * as congestion from './congestion-mark.ts';
import { ECN_CAPABLE_0, ECN_CAPABLE_1, ECN_CONGESTION, ipv4Problem } from './ipv4.ts';
import * as golden from './testing/golden.ts';

const slab = new FrameSlab();
const markCongestion = (frame: Uint8Array): Uint8Array | undefined => congestion.markCongestion(frame, slab);

/** A frame of Linux's as if its sender could be told of congestion. */
function capable(frame: Uint8Array, codepoint: number): Uint8Array {
  const out = frame.slice();
  if (out[12] === 0x86) out[15] = (out[15]! & 0xcf) | (codepoint << 4);
  else {
    out[15] = (out[15]! & 0xfc) | codepoint;
    // The header's checksum is made from scratch here, and adjusted there.
    out[24] = out[25] = 0;
    let sum = 0;
    for (let at = 14; at < 34; at += 2) sum += (out[at]! << 8) | out[at + 1]!;
    sum = (sum & 0xffff) + (sum >>> 16);
    out[24] = ~sum >>> 8;
    out[25] = ~sum;
  }
  return out;
}

const tagged = (frame: Uint8Array): Uint8Array => pushTag(pushTag(frame, 0xa00a), 0x0014, TYPE_SERVICE_VLAN);

const FRAMES = { IPv4: golden.tcpData.frame, IPv6: golden.synchronize6.frame };

describe.each(Object.entries(FRAMES))('a mark on %s', (_, frame) => {
  it.each([ECN_CAPABLE_0, ECN_CAPABLE_1])('goes to a copy, and changes what it must: from codepoint %i', (codepoint) => {
    const before = capable(frame, codepoint);
    const kept = before.slice();
    expect(hex(markCongestion(before)!)).toBe(hex(capable(frame, ECN_CONGESTION)));
    expect(hex(before)).toBe(hex(kept));
  });

  it('is found behind tags', () => {
    const [before, after] = [ECN_CAPABLE_0, ECN_CONGESTION].map((codepoint) => tagged(capable(frame, codepoint)));
    expect(hex(markCongestion(before!)!)).toBe(hex(after!));
  });

  it('stays where it was set before, and is not set for senders that could not be told', () => {
    const marked = capable(frame, ECN_CONGESTION);
    expect(markCongestion(marked)).toBe(marked);
    expect(markCongestion(capable(frame, 0))).toBeUndefined();
  });
});

it('is for IP alone', () => {
  expect([golden.arpRequest, golden.lldp].map(({ frame }) => markCongestion(frame))).toEqual([undefined, undefined]);
});

it('takes any bytes, and leaves an IPv4 header as right or wrong as it was', () => {
  assert(
    property(uint8Array({ maxLength: 80 }), integer({ min: 0, max: 90 }), (bytes, length) => {
      markCongestion(bytes);
      const packet = capable(golden.tcpData.frame, ECN_CAPABLE_0);
      packet.set(bytes.subarray(0, 4), 18);
      const whole = packet.subarray(0, length);
      const marked = markCongestion(whole);
      if (marked !== undefined) expect(ipv4Problem(marked, 14, length)).toBe(ipv4Problem(whole, 14, length));
    }),
  );
});
