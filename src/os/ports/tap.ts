/**
 * A TAP interface of Linux as the other end of a port's cable (linux/Documentation/networking/tuntap.rst): the system this runs on joins
 * the fabric by it. Each frame is a system call, so that TCP crosses as what a card with segmentation offload would be given, and gives: cut into the
 * frames of our wire on the way in, and joined from them on the way out.
 */
import type { Port } from '../../base/port.ts';
import { type Attachment, attachmentCounters, type AttachmentServices, FRAME_BYTES_MAX } from './attachment.ts';
import { ArrivalSlab } from './arrival-slab.ts';
import { InterfaceWire } from './interface-wire.ts';
import { EACCES, EAGAIN, EBUSY, EINTR, EPERM, failure, interfaceRequest, loadNative, type Native, whyNoNative } from './native.ts';
import { finishFrame, OFFLOAD_HEADER_BYTES } from './offload.ts';
import { type ReadableWatch, watchReadable } from './readable.ts';
import { SegmentMerger } from './segment-merge.ts';

const DEVICE = '/dev/net/tun';
const O_RDWR_NONBLOCK_CLOEXEC = 0o2004002;
const TUNSETIFF = 0x4004_54ca;
const TUNSETOFFLOAD = 0x4004_54d0;
/** IFF_TAP, IFF_NO_PI, IFF_VNET_HDR: struct virtio_net_hdr in front of every frame. */
const IFF_TAP_HEADERS = 0x5002;
/** TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO6, TUN_F_TSO_ECN: what it may leave to us. */
const OFFLOADS = 0x0f;
const FLAGS_AT = 16;
const ENOENT = 2;

/** Frames of our wire that come in before others get their turn, roughly. */
const FRAMES_A_TURN = 256;

/** Throws an Error of a few clear sentences. */
export function attachTap(port: Port, name: string, services: AttachmentServices): Attachment {
  const native = loadNative();
  if (native === undefined) throw new Error(`The TAP ${name} can't be attached. ${whyNoNative()}`);
  return new TapAttachment(port, name, services, native, openTap(native, name));
}

function openTap(native: Native, name: string): number {
  const request = interfaceRequest(name);
  const privilege = `takes the privilege CAP_NET_ADMIN: run as root, or make it once with ip tuntap add ${name} mode tap user "$USER"`;
  const fd = native.open(DEVICE, O_RDWR_NONBLOCK_CLOEXEC);
  if (fd === -ENOENT) throw new Error(`There is no ${DEVICE} here, so there can be no TAP ${name}: modprobe tun`);
  if (fd === -EACCES || fd === -EPERM) throw new Error(`Opening ${DEVICE} for the TAP ${name} ${privilege}`);
  if (fd < 0) throw new Error(`${DEVICE} can't be opened for the TAP ${name}: ${failure(fd)}.`);
  request[FLAGS_AT] = IFF_TAP_HEADERS & 0xff;
  request[FLAGS_AT + 1] = IFF_TAP_HEADERS >>> 8;
  const result = native.ioctl(fd, TUNSETIFF, request);
  if (result >= 0) {
    // Where it can't, it finishes frames itself.
    native.ioctlNumber(fd, TUNSETOFFLOAD, OFFLOADS);
    return fd;
  }
  native.close(fd);
  if (result === -EPERM) throw new Error(`Making the TAP ${name} ${privilege}`);
  if (result === -EBUSY) throw new Error(`The TAP ${name} is attached to another process already.`);
  throw new Error(`The TAP ${name} can't be made: ${failure(result)}. Is there an interface of another kind with this name?`);
}

/** One frame a read; what is kept of it is copied. */
const scratch = new Uint8Array(OFFLOAD_HEADER_BYTES + FRAME_BYTES_MAX);

class TapAttachment implements Attachment {
  readonly wire: InterfaceWire;
  readonly counters = attachmentCounters();
  readonly #port: Port;
  readonly #native: Native;
  readonly #fd: number;
  readonly #watch: ReadableWatch;
  readonly #slab = new ArrivalSlab();
  readonly #merger = new SegmentMerger((bytes, frames, frameBytes) => this.#write(bytes, frames, frameBytes));
  #open = true;
  #scheduled = false;

  constructor(port: Port, name: string, services: AttachmentServices, native: Native, fd: number) {
    this.#port = port;
    this.#native = native;
    this.#fd = fd;
    this.#watch = watchReadable(native, fd, () => this.#read());
    this.wire = new InterfaceWire(port, name, services.events, native, {
      send: (frame) => this.#send(frame),
      onGone: () => this.#stop(),
    });
  }

  #read(): void {
    const { counters } = this;
    for (const last = counters.framesIn + FRAMES_A_TURN; counters.framesIn < last && this.#open; ) {
      const bytes = this.#native.read(this.#fd, scratch);
      if (bytes === -EAGAIN || bytes === -EINTR) return;
      // EBADFD: somebody removed the interface.
      if (bytes <= 0) return this.wire.handleGone(failure(bytes));
      if (finishFrame(scratch, 0, bytes, this.#slab, this.#take)) continue;
      counters.malformed += 1;
      return;
    }
  }

  readonly #take = (frame: Uint8Array): void => {
    this.counters.framesIn += 1;
    this.counters.bytesIn += frame.length;
    this.#port.handleFrame(frame);
  };

  #send(frame: Uint8Array): void {
    if (!this.#open) {
      this.counters.dropsOut += 1;
      return;
    }
    // What may be joined to it is sent by whatever is being handled now.
    if (!this.#merger.add(frame) || this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      this.#merger.flush();
    });
  }

  #write(bytes: Uint8Array, frames: number, frameBytes: number): void {
    const { counters } = this;
    // Down, or longer than it takes: the frame is lost, as on any wire.
    if (!this.#open || this.#native.write(this.#fd, bytes) < 0) {
      counters.dropsOut += frames;
      return;
    }
    counters.framesOut += frames;
    counters.bytesOut += frameBytes;
  }

  #stop(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#watch.close();
  }

  close(): void {
    this.#stop();
    this.wire.unplug();
  }
}
