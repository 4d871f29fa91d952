/** The congestion control of RFC 5681, whose recovery RFC 6582 mended: half on loss, one segment more a round trip. */
import type { CongestionControl } from './control.ts';
import { halfOfFlight, slowStart } from './control.ts';

export const newReno = (): CongestionControl => ({
  name: 'new-reno',
  wantsExactMarks: false,
  handleAck(window, ackedBytes) {
    const left = window.bytes < window.thresholdBytes ? slowStart(window, ackedBytes) : ackedBytes;
    // RFC 5681 §3.1, equation 3.
    window.bytes += (window.segmentBytes * left) / window.bytes;
  },
  reduceForLoss: halfOfFlight,
  reduceForMark: halfOfFlight,
  handleRound() {},
});
