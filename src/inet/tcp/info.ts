/** What a connection tells of itself to people. */
import { formatIp, type IpAddress, isIpv4 } from '../../wire/ip/address.ts';
import type { SizedConnection } from './path-size.ts';
import type { TcpInfo } from './stream.ts';

export const hostPort = (address: IpAddress, port: number): string =>
  isIpv4(address) ? `${formatIp(address)}:${port}` : `[${formatIp(address)}]:${port}`;

export function infoOf(connection: SizedConnection): TcpInfo {
  const { sender, receiver, size } = connection;
  const { roundTrip, window } = sender;
  return {
    state: connection.state,
    local: connection.local,
    remote: connection.remote,
    congestionControl: sender.control.name,
    phase: sender.recovery.phase,
    roundTripNanos: roundTrip.smoothedNanos,
    roundTripVariationNanos: roundTrip.variationNanos,
    roundTripMinNanos: roundTrip.shortestNanos,
    timeoutNanos: roundTrip.timeoutNanos,
    congestionWindowBytes: window.bytes,
    thresholdBytes: window.thresholdBytes,
    segmentBytes: size.segmentBytes,
    pathMtuBytes: connection.path.mtuBytes,
    unacknowledgedBytes: sender.flightBytes,
    queuedBytes: connection.queuedBytes,
    peerWindowBytes: Math.max(0, sender.edge - sender.acknowledged),
    receiveWindowBytes: Math.max(0, receiver.edge - receiver.next),
    waitingBytes: receiver.waitingBytes,
    bytesSent: connection.bytesSent,
    bytesReceived: connection.bytesReceived,
    sack: sender.hasSack,
    timestamps: connection.usesTimestamps,
    ecn: sender.hasEcn,
    sendWindowShift: sender.windowShift,
    receiveWindowShift: Math.max(0, receiver.windowShift),
  };
}
