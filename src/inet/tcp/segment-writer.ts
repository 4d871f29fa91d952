/** Makes segments (RFC 9293 §3.1) in frames with room for the headers below: the payload is copied once, from where its writer has it. */
import type { FrameSlab } from '../../base/frame-slab.ts';
import { PROTOCOL_TCP } from '../../wire/ip/ipv4.ts';
import { putTcp, putTcpOptions, sealTcp, TCP_HEADER_BYTES, tcpOptionBytes, type TcpOptions } from '../../wire/ip/tcp.ts';
import type { IpPath } from '../path.ts';
import type { SendQueue } from './send-queue.ts';

export function writeSegment(
  slab: FrameSlab,
  path: IpPath,
  sourcePort: number,
  destinationPort: number,
  sequence: number,
  acknowledgment: number,
  flags: number,
  window: number,
  urgentPointer: number,
  options: TcpOptions,
  trafficClass: number,
  queue: SendQueue | undefined,
  position: number,
  payloadBytes: number,
): void {
  const at = path.headerBytes;
  const headerBytes = TCP_HEADER_BYTES + tcpOptionBytes(options);
  const segmentBytes = headerBytes + payloadBytes;
  const frame = slab.take(at + segmentBytes);
  putTcp(frame, at, sourcePort, destinationPort, sequence, acknowledgment, headerBytes, flags, window, urgentPointer);
  if (headerBytes > TCP_HEADER_BYTES) putTcpOptions(options, frame, at + TCP_HEADER_BYTES);
  if (payloadBytes > 0) queue!.copy(position, payloadBytes, frame, at + headerBytes);
  sealTcp(frame, at, at + segmentBytes, path.addressSum + PROTOCOL_TCP + segmentBytes);
  path.send(frame, PROTOCOL_TCP, trafficClass);
}
