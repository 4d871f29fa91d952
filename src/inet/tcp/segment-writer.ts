/** Makes segments (RFC 9293 §3.1) in frames with room for the headers below: the payload is copied once, from where its writer has it. */
import { PROTOCOL_TCP } from '../../wire/ip/ipv4.ts';
import { putTcp, putTcpOptions, sealTcp, TCP_HEADER_BYTES, tcpOptionBytes, type TcpOptions } from '../../wire/ip/tcp.ts';
import type { IpPath } from '../path.ts';
import type { SendQueue } from './send-queue.ts';

/** Frames are cut from larger pieces: an allocation of their own would cost more than everything else a segment costs. */
const SLAB_BYTES = 128 * 1024;

export class FrameSlab {
  #slab = new Uint8Array(0);
  #at = 0;

  take(bytes: number): Uint8Array {
    if (this.#at + bytes > this.#slab.length) {
      if (bytes > SLAB_BYTES / 4) return new Uint8Array(bytes);
      this.#slab = new Uint8Array(SLAB_BYTES);
      this.#at = 0;
    }
    const frame = this.#slab.subarray(this.#at, this.#at + bytes);
    this.#at += (bytes + 7) & ~7;
    return frame;
  }
}

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
