/** Counters of a port under the names of RFC 2863 (IF-MIB), RFC 3635 (EtherLike-MIB) and RFC 4363 (Q-BRIDGE-MIB), and a few of our own. */

export interface PortCounters {
  ifInOctets: number;
  ifInUcastPkts: number;
  ifInMulticastPkts: number;
  ifInBroadcastPkts: number;
  /** Nothing was wrong with them, and still they were dropped: all reasons below together. */
  ifInDiscards: number;
  /** Not even a header, or tags beyond understanding. */
  ifInErrors: number;
  ifOutOctets: number;
  ifOutUcastPkts: number;
  ifOutMulticastPkts: number;
  ifOutBroadcastPkts: number;
  ifOutDiscards: number;
  dot3StatsFrameTooLongs: number;
  /** The frame's VLAN is not the port's (IEEE 802.1Q §8.6.2), or its tag is not admitted. */
  dot1qPortVlanStatisticsInDiscards: number;
  /** The port does not forward (spanning tree). */
  blockedDiscards: number;
  /** Above a storm limit. */
  stormDiscards: number;
  /** Addresses that were not learned, the table being full. */
  learnRefusals: number;
}

export const portCounters = (): PortCounters => ({
  ifInOctets: 0,
  ifInUcastPkts: 0,
  ifInMulticastPkts: 0,
  ifInBroadcastPkts: 0,
  ifInDiscards: 0,
  ifInErrors: 0,
  ifOutOctets: 0,
  ifOutUcastPkts: 0,
  ifOutMulticastPkts: 0,
  ifOutBroadcastPkts: 0,
  ifOutDiscards: 0,
  dot3StatsFrameTooLongs: 0,
  dot1qPortVlanStatisticsInDiscards: 0,
  blockedDiscards: 0,
  stormDiscards: 0,
  learnRefusals: 0,
});
