/** What a TCP counts: names of RFC 4022, and what they leave untold. */
export interface TcpCounters {
  activeOpens: number;
  passiveOpens: number;
  attemptFails: number;
  establishedResets: number;
  inSegments: number;
  outSegments: number;
  retransmittedSegments: number;
  /** Bad checksums and headers. */
  inErrors: number;
  outResets: number;
  /** Timeouts of the retransmission timer. */
  timeouts: number;
  fastRecoveries: number;
  tailProbes: number;
  /** Recoveries that turned out to be in vain, and were taken back. */
  undone: number;
  /** Segments that were neither expected nor in the window. */
  outOfWindow: number;
  /** Dropped for their timestamps (RFC 7323 §5). */
  pawsDrops: number;
  outOfOrder: number;
  /** Data that came out of order and found no room. */
  outOfOrderDrops: number;
  challengeAcks: number;
  /** Answers withheld, because of a limit. */
  answersWithheld: number;
  cookiesSent: number;
  cookiesAccepted: number;
  cookiesRefused: number;
  /** SYNs dropped: too many connections. */
  synDrops: number;
  timeWaitsDropped: number;
  timeWaitsReused: number;
  /** ICMP errors about segments that were not on their way (RFC 5927 §4.1). */
  icmpIgnored: number;
  pathMtuReductions: number;
  blackHoles: number;
  /** Segments with congestion marks. */
  marked: number;
}

export const tcpCounters = (): TcpCounters => ({
  activeOpens: 0,
  passiveOpens: 0,
  attemptFails: 0,
  establishedResets: 0,
  inSegments: 0,
  outSegments: 0,
  retransmittedSegments: 0,
  inErrors: 0,
  outResets: 0,
  timeouts: 0,
  fastRecoveries: 0,
  tailProbes: 0,
  undone: 0,
  outOfWindow: 0,
  pawsDrops: 0,
  outOfOrder: 0,
  outOfOrderDrops: 0,
  challengeAcks: 0,
  answersWithheld: 0,
  cookiesSent: 0,
  cookiesAccepted: 0,
  cookiesRefused: 0,
  synDrops: 0,
  timeWaitsDropped: 0,
  timeWaitsReused: 0,
  icmpIgnored: 0,
  pathMtuReductions: 0,
  blackHoles: 0,
  marked: 0,
});
