/** Ports whose frames travel as datagrams: a tunnel to a peer with VXLAN's framing (RFC 7348), and QEMU's `-netdev dgram`, which has none. */
import { DecodeError } from '../../base/bytes.ts';
import type { Port } from '../../base/port.ts';
import type { IpAddress } from '../../wire/ip/address.ts';
import { decodeVxlan, encodeVxlan, VXLAN_HEADER_BYTES } from '../../wire/ip/vxlan.ts';
import { type Attachment, attachmentCounters, type AttachmentServices, OutsideWire } from './attachment.ts';
import { type DatagramAddress, datagramAddressText, type DatagramEnd, openDatagrams } from './datagrams.ts';
import { frameTooLong } from './events.ts';
import { ArrivalSlab } from './arrival-slab.ts';

export interface TunnelSettings {
  readonly local: { readonly address: IpAddress; readonly port: number };
  readonly remote: { readonly address: IpAddress; readonly port: number };
  /** VXLAN network identifier (VNI). */
  readonly network: number;
  /** For tests: as if there were no koffi. */
  readonly plain?: boolean;
}

/** Rejects with an Error of a few clear sentences. */
export function attachTunnel(port: Port, settings: TunnelSettings, services: AttachmentServices): Promise<Attachment> {
  const prefix = new Uint8Array(VXLAN_HEADER_BYTES);
  encodeVxlan(settings.network, prefix, 0);
  return attach(port, { ...settings, prefix }, services, (bytes, start, end) => {
    const { network, frameAt } = decodeVxlan(bytes, start, end);
    return network === settings.network ? frameAt : undefined;
  });
}

export interface QemuDatagramSettings {
  readonly local: DatagramAddress;
  readonly remote: DatagramAddress;
  readonly plain?: boolean;
}

/** Rejects with an Error of a few clear sentences. */
export function attachQemuDatagrams(port: Port, settings: QemuDatagramSettings, services: AttachmentServices): Promise<Attachment> {
  return attach(port, { ...settings, prefix: new Uint8Array(0) }, services, (_bytes, start) => start);
}

interface Framed {
  readonly local: DatagramAddress;
  readonly remote: DatagramAddress;
  readonly prefix: Uint8Array;
  readonly plain?: boolean;
}

/** `frameAt`: where the frame of a datagram begins; undefined: it is not for us. It may throw DecodeError. */
async function attach(
  port: Port,
  settings: Framed,
  services: AttachmentServices,
  frameAt: (bytes: Uint8Array, start: number, end: number) => number | undefined,
): Promise<Attachment> {
  const counters = attachmentCounters();
  const slab = new ArrivalSlab();
  const path = datagramAddressText(settings.remote);
  let toldTooLong = false;
  const frameStart = (bytes: Uint8Array, start: number, stop: number): number | undefined => {
    try {
      return frameAt(bytes, start, stop);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return undefined;
    }
  };
  const end: DatagramEnd = await openDatagrams({
    ...settings,
    // RFC 7348 §4.3: who puts the packets in must not cut them.
    whole: settings.prefix.length !== 0,
    counters,
    onDatagram: (bytes, start, stop) => {
      const at = frameStart(bytes, start, stop);
      if (at === undefined) {
        counters.malformed += 1;
        return;
      }
      counters.framesIn += 1;
      counters.bytesIn += stop - at;
      port.handleFrame(slab.copy(bytes, at, stop));
    },
    onTooLong: (frameBytes) => {
      if (toldTooLong) return;
      toldTooLong = true;
      frameTooLong(services.events, port.name, { path, frameBytes });
    },
  });
  const wire = new OutsideWire(port, (frame) => end.send(frame));
  // Nothing tells whether the peer is there: the wire is up as long as we are.
  wire.setUp(true);
  return {
    wire,
    counters,
    close: () => {
      end.close();
      wire.unplug();
    },
  };
}
