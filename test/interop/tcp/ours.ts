/** Our TCP as a script's subject, in virtual time. */
import type { ByteStreamReceiver } from '../../../src/base/byte-stream.ts';
import { be16, concat } from '../../../src/base/bytes.ts';
import { type Nanos, SECOND } from '../../../src/base/clock.ts';
import { seededRng } from '../../../src/base/rng.ts';
import { InetHost } from '../../../src/inet/host.ts';
import { Icmp } from '../../../src/inet/icmp.ts';
import type { InetInterface } from '../../../src/inet/interface.ts';
import { arpReply } from '../../../src/inet/resolution-frames.ts';
import type { ConnectionSettings } from '../../../src/inet/tcp/settings.ts';
import { TcpStack } from '../../../src/inet/tcp/stack.ts';
import type { TcpStream } from '../../../src/inet/tcp/stream.ts';
import { OUR_MAC, OURS, THEIR_MAC, THEIRS } from '../../../src/inet/tcp/testing/notation.ts';
import { VirtualClock } from '../../../src/runtime/virtual-clock.ts';
import { TYPE_ARP } from '../../../src/wire/ethernet/frame.ts';
import { address } from '../../../src/wire/ip/address.ts';
import type { SocketOptions, State, Subject, SubjectListener, SubjectSocket } from './subject.ts';

const STEP_NANOS = 50_000;

class OurSocket implements SubjectSocket, ByteStreamReceiver {
  stream: TcpStream | undefined;
  error: string | undefined;
  hasEnded = false;
  readonly #place = new Uint8Array(4096);
  #parts: Uint8Array[] = [];
  #readBytes = 0;
  #urgentEnd = 0;

  get state(): State {
    return this.stream?.state ?? 'closed';
  }

  get ended(): boolean {
    return this.hasEnded;
  }

  get hasUrgent(): boolean {
    return this.#urgentEnd > this.#readBytes;
  }

  handleUrgent(ahead: number): void {
    this.#urgentEnd = this.#readBytes + ahead;
  }

  nextBuffer(): Uint8Array {
    return this.#place;
  }

  handleBytes(count: number): void {
    this.#readBytes += count;
    this.#parts.push(this.#place.slice(0, count));
  }

  handleClose(reason: string | undefined): void {
    this.error = /\((E[A-Z]+)\)/.exec(reason ?? '')?.[1];
  }

  read(): Uint8Array {
    this.stream?.resume();
    this.stream?.pause();
    return concat(this.#parts.splice(0));
  }

  write(bytes: Uint8Array): void {
    this.stream!.write([bytes], undefined);
  }

  writeUrgent(bytes: Uint8Array): void {
    this.stream!.writeUrgent([bytes], undefined);
  }

  end(): void {
    this.stream!.end();
  }

  abort(): void {
    this.stream!.destroy();
  }
}

const settingsOf = ({ nagle = false, receiveBytes, keepAliveSeconds, userTimeoutSeconds }: SocketOptions): Partial<ConnectionSettings> => ({
  halfOpen: true,
  noDelay: !nagle,
  ...(receiveBytes !== undefined && { receiveBytesMax: receiveBytes }),
  ...(keepAliveSeconds && {
    keepAlive: {
      idleNanos: keepAliveSeconds.idle * SECOND,
      intervalNanos: keepAliveSeconds.interval * SECOND,
      probes: keepAliveSeconds.probes,
    },
  }),
  ...(userTimeoutSeconds !== undefined && { userTimeoutNanos: userTimeoutSeconds * SECOND }),
});

class Ours implements Subject {
  readonly name = 'ours';
  readonly #clock = new VirtualClock();
  readonly #nic: InetInterface;
  readonly #stack: TcpStack;
  readonly #takers = new Map<number, (frame: Uint8Array) => void>();

  constructor() {
    const host = new InetHost('ours', { clock: this.#clock, rng: seededRng(5), events: () => {} });
    this.#nic = host.addInterface({ name: 'nic0', mac: OUR_MAC, mtuBytes: 1500, vlan: undefined });
    host.addAddress(this.#nic, OURS, 24);
    void new Icmp(host); // It tells TCP of errors.
    this.#stack = new TcpStack(host, { ecn: false, timestamps: false, windowScaling: false, sack: false });
    this.#nic.wire = { rateBitsPerSecond: 1e9, carrier: true, transmit: (frame) => this.#take(frame) };
  }

  #take(frame: Uint8Array): void {
    if (be16(frame, 12) !== TYPE_ARP) return this.#takers.get(be16(frame, 36))?.(frame);
    if (frame[21] === 1) this.#clock.after(0, () => this.#nic.handleFrame(arpReply(this.#nic, THEIR_MAC, THEIRS, OUR_MAC, OURS)));
  }

  now(): Nanos {
    return this.#clock.now();
  }

  pass(nanos: Nanos, until: () => boolean = () => false): Promise<void> {
    const end = this.now() + nanos;
    while (this.now() < end && !until()) this.#clock.run(Math.min(end, this.now() + STEP_NANOS));
    return Promise.resolve();
  }

  deliver(frame: Uint8Array): void {
    this.#nic.handleFrame(frame);
  }

  onFrame(theirPort: number, take: (frame: Uint8Array) => void): void {
    this.#takers.set(theirPort, take);
  }

  listen(port: number, options: SocketOptions = {}): SubjectListener | undefined {
    const sockets = new Map<TcpStream, OurSocket>();
    const waiting: OurSocket[] = [];
    const listener = this.#stack.listen({
      port,
      settings: settingsOf(options),
      onConnection: (stream) => {
        const socket = new OurSocket();
        socket.stream = stream;
        stream.pause();
        sockets.set(stream, socket);
        waiting.push(socket);
        return socket;
      },
      ended: (stream) => void (sockets.get(stream)!.hasEnded = true),
      urgent: (stream, ahead) => sockets.get(stream)!.handleUrgent(ahead),
    });
    return listener && { accept: () => waiting.shift() };
  }

  connect(theirPort: number, ourPort: number, options: SocketOptions = {}, to = '192.0.2.2'): SubjectSocket | undefined {
    const socket = new OurSocket();
    socket.stream = this.#stack.connect(address(to), theirPort, {
      fromPort: ourPort,
      receiver: socket,
      settings: settingsOf(options),
      opened: (stream) => stream.pause(),
      ended: () => (socket.hasEnded = true),
      urgent: (_, ahead) => socket.handleUrgent(ahead),
    });
    return socket.stream && socket;
  }

  close(): void {
    this.#stack.shutDown();
  }
}

export const ours = (): Subject => new Ours();
