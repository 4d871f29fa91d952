/**
 * A TAP interface of Linux as the other end of a port's cable (linux/Documentation/networking/tuntap.rst): the system this runs on joins
 * the fabric by it.
 */
import type { Port } from '../../base/port.ts';
import { type Attachment, attachmentCounters, type AttachmentServices, FRAME_BYTES_MAX } from './attachment.ts';
import { FrameSlab } from './frame-slab.ts';
import { InterfaceWire } from './interface-wire.ts';
import { EACCES, EAGAIN, EBUSY, EINTR, EPERM, failure, interfaceRequest, loadNative, type Native, whyNoNative } from './native.ts';
import { type ReadableWatch, watchReadable } from './readable.ts';

const DEVICE = '/dev/net/tun';
const O_RDWR_NONBLOCK_CLOEXEC = 0o2004002;
const TUNSETIFF = 0x4004_54ca;
const IFF_TAP_NO_PI = 0x1002;
const FLAGS_AT = 16;
const ENOENT = 2;

/** Frames read before others get their turn. */
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
  request[FLAGS_AT] = IFF_TAP_NO_PI & 0xff;
  request[FLAGS_AT + 1] = IFF_TAP_NO_PI >>> 8;
  const result = native.ioctl(fd, TUNSETIFF, request);
  if (result >= 0) return fd;
  native.close(fd);
  if (result === -EPERM) throw new Error(`Making the TAP ${name} ${privilege}`);
  if (result === -EBUSY) throw new Error(`The TAP ${name} is attached to another process already.`);
  throw new Error(`The TAP ${name} can't be made: ${failure(result)}. Is there an interface of another kind with this name?`);
}

/** One frame a read; what is kept of it is copied. */
const scratch = new Uint8Array(FRAME_BYTES_MAX);

class TapAttachment implements Attachment {
  readonly wire: InterfaceWire;
  readonly counters = attachmentCounters();
  readonly #port: Port;
  readonly #native: Native;
  readonly #fd: number;
  readonly #watch: ReadableWatch;
  readonly #slab = new FrameSlab();
  #open = true;

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
    for (let count = 0; count < FRAMES_A_TURN && this.#open; count += 1) {
      const bytes = this.#native.read(this.#fd, scratch);
      if (bytes === -EAGAIN || bytes === -EINTR) return;
      // EBADFD: somebody removed the interface.
      if (bytes <= 0) return this.wire.handleGone(failure(bytes));
      counters.framesIn += 1;
      counters.bytesIn += bytes;
      this.#port.handleFrame(this.#slab.copy(scratch, 0, bytes));
    }
  }

  #send(frame: Uint8Array): void {
    const { counters } = this;
    // Down, or longer than it takes: the frame is lost, as on any wire.
    if (!this.#open || this.#native.write(this.#fd, frame) < 0) {
      counters.dropsOut += 1;
      return;
    }
    counters.framesOut += 1;
    counters.bytesOut += frame.length;
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
