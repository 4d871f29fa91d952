/**
 * A port that is the far end of an interface's cable: what the interface receives comes in, what goes out is sent by it (packet(7)). Meant for
 * one end of a veth pair, or a network card that the system itself doesn't use.
 */
import type { Port } from '../../base/port.ts';
import { pushTag, TYPE_VLAN } from '../../wire/ethernet/frame.ts';
import { type Attachment, attachmentCounters, type AttachmentServices } from './attachment.ts';
import { frameTooLong } from './events.ts';
import { ArrivalSlab } from './arrival-slab.ts';
import { InterfaceWire } from './interface-wire.ts';
import { MessageSocket } from './message-socket.ts';
import { AF_PACKET, le16, le32, type ReceivedMessages } from './messages.ts';
import { EACCES, ENETDOWN, EPERM, failure, interfaceRequest, loadNative, type Native, whyNoNative, words } from './native.ts';
import { finishFrame, OFFLOAD_HEADER_BYTES } from './offload.ts';

const SOCK_RAW = 3;
const SOCK_NONBLOCK_CLOEXEC = 0o2004000;
const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_STATISTICS = 6;
const PACKET_AUXDATA = 8;
const PACKET_VNET_HDR = 15;
const PACKET_IGNORE_OUTGOING = 23;
const PACKET_MR_PROMISC = 1;
/** Every protocol, in the order of the network. */
const ETH_P_ALL = 0x0300;
const PACKET_OUTGOING = 4;
/** struct tpacket_auxdata: status, lengths and offsets, then tag control and type. */
const STATUS_VLAN_VALID = 0x10;
const STATUS_VLAN_TYPE_VALID = 0x40;
const AUXDATA_TAG_AT = 16;
const AUXDATA_TYPE_AT = 18;

const BUFFER_BYTES = 4 * 1024 * 1024;

/** Throws an Error of a few clear sentences. */
export function attachInterface(port: Port, name: string, services: AttachmentServices): Attachment {
  const native = loadNative();
  if (native === undefined) throw new Error(`The interface ${name} can't be attached. ${whyNoNative()}`);
  return new InterfaceAttachment(port, name, services, native, openPacketSocket(native, name));
}

function openPacketSocket(native: Native, name: string): number {
  interfaceRequest(name);
  const index = native.interfaceIndex(name);
  if (index === 0)
    throw new Error(`There is no interface ${name} here. For a pair of them: ip link add ${name} type veth peer name <other>`);
  // Without a protocol, so that nothing comes before it is bound.
  const fd = native.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK_CLOEXEC, 0);
  if (fd === -EPERM || fd === -EACCES)
    throw new Error(
      `Attaching the interface ${name} takes the privilege CAP_NET_RAW: run as root, or setcap cap_net_raw+ep "$(readlink -f "$(command -v node)")"`,
    );
  if (fd < 0) throw new Error(`No packet socket can be opened for ${name}: ${failure(fd)}.`);
  const must = (what: string, result: number): void => {
    if (result >= 0) return;
    native.close(fd);
    throw new Error(`The interface ${name} can't be attached: ${what} failed with ${failure(result)}.`);
  };
  must('PACKET_VNET_HDR', native.setOption(fd, SOL_PACKET, PACKET_VNET_HDR, words(1)));
  must('PACKET_AUXDATA', native.setOption(fd, SOL_PACKET, PACKET_AUXDATA, words(1)));
  // Since Linux 4.20; before, what we sent is told apart when it is read back.
  native.setOption(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, words(1));
  native.setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, words(BUFFER_BYTES));
  native.setOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, words(BUFFER_BYTES));
  must('promiscuous mode', native.setOption(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, words(index, PACKET_MR_PROMISC, 0, 0)));
  // struct sockaddr_ll: family, protocol, index; the rest is for who receives.
  must('bind', native.bind(fd, words(AF_PACKET | (ETH_P_ALL << 16), index, 0, 0, 0)));
  return fd;
}

class InterfaceAttachment implements Attachment {
  readonly wire: InterfaceWire;
  readonly #counters = attachmentCounters();
  readonly #port: Port;
  readonly #native: Native;
  readonly #fd: number;
  readonly #socket: MessageSocket;
  readonly #slab = new ArrivalSlab();
  #open = true;
  #toldTooLong = false;
  #tag = 0;
  #tagType = 0;

  constructor(port: Port, name: string, services: AttachmentServices, native: Native, fd: number) {
    this.#port = port;
    this.#native = native;
    this.#fd = fd;
    this.#socket = new MessageSocket(native, {
      fd,
      // An empty virtio_net_hdr: the frame is as it shall be.
      prefix: new Uint8Array(OFFLOAD_HEADER_BYTES),
      to: new Uint8Array(0),
      counters: this.#counters,
      onMessage: (received, index) => this.#handleMessage(received, index),
      onError: (result) => this.#handleError(result),
      onTooLong: (frameBytes) => {
        if (this.#toldTooLong) return;
        this.#toldTooLong = true;
        frameTooLong(services.events, port.name, { path: name, frameBytes });
      },
    });
    this.wire = new InterfaceWire(port, name, services.events, native, {
      send: (frame) => this.#socket.send(frame),
      onGone: () => this.#stop(),
    });
  }

  get counters(): ReturnType<typeof attachmentCounters> {
    if (this.#open) this.#readDrops();
    return this.#counters;
  }

  /** The kernel counts from the last time it was asked (struct tpacket_stats: packets, drops). */
  #readDrops(): void {
    const statistics = new Uint8Array(8);
    if (this.#native.getOption(this.#fd, SOL_PACKET, PACKET_STATISTICS, statistics) >= 0) this.#counters.dropsIn += le32(statistics, 4);
  }

  #handleMessage(received: ReceivedMessages, index: number): void {
    // struct sockaddr_ll: the kind of packet stands behind family, protocol, index and hardware type.
    if (received.names[received.nameAt(index) + 10] === PACKET_OUTGOING) return;
    if (received.isCut(index)) {
      this.#counters.tooLong += 1;
      return;
    }
    this.#tag = -1;
    const aux = received.controlAt(index, SOL_PACKET, PACKET_AUXDATA);
    if (aux !== -1) {
      const status = le32(received.controls, aux);
      if ((status & STATUS_VLAN_VALID) !== 0) {
        this.#tag = le16(received.controls, aux + AUXDATA_TAG_AT);
        this.#tagType = (status & STATUS_VLAN_TYPE_VALID) === 0 ? TYPE_VLAN : le16(received.controls, aux + AUXDATA_TYPE_AT);
      }
    }
    if (!finishFrame(received.bytes, received.startOf(index), received.endOf(index), this.#slab, this.#take)) this.#counters.malformed += 1;
  }

  readonly #take = (frame: Uint8Array): void => {
    // The kernel takes the outer tag off and tells it beside the frame.
    const whole = this.#tag === -1 ? frame : pushTag(frame, this.#tag, this.#tagType);
    this.#counters.framesIn += 1;
    this.#counters.bytesIn += whole.length;
    this.#port.handleFrame(whole);
  };

  /** An interface that is set down or removed says so once; the watch knows which. */
  #handleError(result: number): void {
    if (result !== -ENETDOWN) this.wire.handleGone(failure(result));
  }

  #stop(): void {
    if (!this.#open) return;
    this.#readDrops();
    this.#open = false;
    this.#socket.close();
  }

  close(): void {
    this.#stop();
    this.wire.unplug();
  }
}
