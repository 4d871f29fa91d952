/**
 * Ports for machines of QEMU: `-netdev stream`, over a Unix socket or TCP. Either we listen: each machine that connects takes the first free
 * port, and one that comes back gets its port again if it is still free. Or the machine listens, and we connect as often as it takes: then
 * we may come back too, which QEMU before 8.0 doesn't wait for where it is the one that connects.
 */
import { lstatSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { ByteStream } from '../../base/byte-stream.ts';
import type { Port } from '../../base/port.ts';
import { streamFromSocket } from '../socket-stream.ts';
import { type Attachment, type AttachmentCounters, attachmentCounters, type AttachmentServices, OutsideWire } from './attachment.ts';
import { machineAttached, machineGone, machineRefused, noFrames, slowReader } from './events.ts';
import { frameReader, FrameWriter } from './stream-framing.ts';

export type StreamAddress = { readonly path: string } | { readonly host: string; readonly port: number };

export interface QemuStreamSettings {
  readonly address: StreamAddress;
  /** Bytes that may wait for a machine that doesn't read. */
  readonly queueBytes?: number;
}

export interface QemuStreamServer {
  /** One for each port, in their order. */
  readonly attachments: readonly Attachment[];
  /** Where it listens: the TCP port may have been chosen by the system. */
  readonly address: StreamAddress;
  close(): Promise<void>;
}

const QUEUE_BYTES = 4 * 1024 * 1024;
/** Between two attempts to reach a machine that listens. */
const RETRY_MILLISECONDS = 500;
/** A machine whose host died without a word is noticed by this. */
const KEEP_ALIVE_MILLISECONDS = 10_000;

export const streamAddressText = (address: StreamAddress): string =>
  'path' in address ? address.path : `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;

/** Rejects with an Error of one clear sentence. */
export async function serveQemuStream(
  ports: readonly Port[],
  settings: QemuStreamSettings,
  services: AttachmentServices,
): Promise<QemuStreamServer> {
  const { address } = settings;
  if ('path' in address) await removeStale(address.path);
  const text = streamAddressText(address);
  const slots = ports.map((port) => new Slot(port, text, settings.queueBytes ?? QUEUE_BYTES, services));
  const server = createServer({ pauseOnConnect: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MILLISECONDS }, (socket) => {
    const free = slots.find((slot) => slot.isFree);
    if (free !== undefined) return free.take(socket);
    machineRefused(services.events, ports[0]?.name ?? text, { path: text });
    socket.destroy();
  });
  await listening(server, address, text);
  const bound = server.address();
  return {
    attachments: slots,
    address: bound !== null && typeof bound === 'object' && !('path' in address) ? { host: address.host, port: bound.port } : address,
    close: () =>
      new Promise((resolve) => {
        // Node removes the socket's file.
        server.close(() => resolve());
        for (const slot of slots) slot.close();
      }),
  };
}

/** Connects to a machine that listens (`server=on`), now and whenever it is gone. */
export function connectQemuStream(port: Port, settings: QemuStreamSettings, services: AttachmentServices): Attachment {
  let socket: Socket;
  let timer: NodeJS.Timeout | undefined;
  const slot = new Slot(port, streamAddressText(settings.address), settings.queueBytes ?? QUEUE_BYTES, services, () => retry());
  const retry = (): void => {
    if (slot.isFree) timer = setTimeout(dial, RETRY_MILLISECONDS);
  };
  const dial = (): void => {
    socket = connect({ ...settings.address, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MILLISECONDS });
    // Nothing is read before the slot has it.
    socket.pause();
    socket.on('error', () => {}); // It closes then.
    socket.once('close', retry);
    socket.once('connect', () => {
      socket.off('close', retry);
      slot.take(socket);
    });
  };
  dial();
  return {
    wire: slot.wire,
    counters: slot.counters,
    close: () => {
      clearTimeout(timer);
      slot.close();
      socket.destroy();
    },
  };
}

/** A port, and the machine in it if there is one. */
class Slot implements Attachment {
  readonly wire: OutsideWire;
  readonly counters: AttachmentCounters = attachmentCounters();
  readonly #port: Port;
  readonly #path: string;
  readonly #queueBytes: number;
  readonly #services: AttachmentServices;
  readonly #onFree: () => void;
  #stream: ByteStream | undefined;
  #writer: FrameWriter | undefined;
  #toldSlow = false;
  #closed = false;

  /** `onFree`: the machine is gone. */
  constructor(port: Port, path: string, queueBytes: number, services: AttachmentServices, onFree: () => void = () => {}) {
    this.#port = port;
    this.#path = path;
    this.#queueBytes = queueBytes;
    this.#services = services;
    this.#onFree = onFree;
    this.wire = new OutsideWire(port, (frame) => this.#send(frame));
  }

  get isFree(): boolean {
    return this.#stream === undefined && !this.#closed;
  }

  take(socket: Socket): void {
    const { counters } = this;
    const port = this.#port;
    const stream = streamFromSocket(
      socket,
      frameReader({
        handleFrame: (frame) => {
          counters.framesIn += 1;
          counters.bytesIn += frame.length;
          port.handleFrame(frame);
        },
        handleBadLength: (lengthBytes) => {
          counters.malformed += 1;
          noFrames(this.#services.events, port.name, { path: this.#path, lengthBytes });
          stream.destroy();
        },
        handleClose: (reason) => this.#leave(reason ?? 'it closed the connection'),
      }),
    );
    this.#stream = stream;
    this.#writer = new FrameWriter(stream, this.#queueBytes);
    this.#toldSlow = false;
    machineAttached(this.#services.events, port.name, { path: this.#path });
    this.wire.setUp(true);
  }

  #leave(reason: string): void {
    this.#stream = undefined;
    this.#writer = undefined;
    this.wire.setUp(false);
    machineGone(this.#services.events, this.#port.name, { path: this.#path, reason });
    this.#onFree();
  }

  #send(frame: Uint8Array): void {
    const { counters } = this;
    if (this.#writer?.add(frame) === true) {
      counters.framesOut += 1;
      counters.bytesOut += frame.length;
      return;
    }
    counters.dropsOut += 1;
    if (this.#writer === undefined || this.#toldSlow) return;
    // Once for each machine: one that is slow is slow for long.
    this.#toldSlow = true;
    slowReader(this.#services.events, this.#port.name, { path: this.#path, queuedBytes: this.#writer.queuedBytes });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stream?.destroy();
    this.wire.unplug();
  }
}

/** A socket that nobody listens on any more was left by a process that was killed. */
function removeStale(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      reject(new Error(`Another process listens at ${path} already.`));
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      // A file that is no socket refuses too, and is somebody's.
      if (error.code === 'ECONNREFUSED' && lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) unlinkSync(path);
      resolve();
    });
  });
}

const listening = (server: Server, address: StreamAddress, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`Can't listen on ${text}: ${error.message}.`, { cause: error })));
    server.listen('path' in address ? { path: address.path } : { host: address.host, port: address.port }, () => {
      server.removeAllListeners('error');
      server.on('error', () => {}); // a failed accept concerns one machine, which is gone
      resolve();
    });
  });
