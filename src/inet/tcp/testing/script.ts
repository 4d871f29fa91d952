/**
 * Packet scripts: a TCP of ours at one end of a link, and at the other whoever the script wants. `<` is a segment that is sent to it, `>` one it
 * must send (notation.ts).
 *
 *     < S 0:0(0) win 1000 <mss 1460>
 *     > S. 0:0(0) ack 1
 */
import type { Port, Wire } from '../../../base/port.ts';
import { MILLISECOND } from '../../../base/clock.ts';
import { seededRng } from '../../../base/rng.ts';
import type { FabricEvent } from '../../../base/event.ts';
import { be16 } from '../../../base/bytes.ts';
import { VirtualClock } from '../../../runtime/virtual-clock.ts';
import { TYPE_ARP, TYPE_IPV4 } from '../../../wire/ethernet/frame.ts';
import { decodeIpv4 } from '../../../wire/ip/ipv4.ts';
import type { Tcp } from '../../../wire/ip/tcp.ts';
import { InetHost } from '../../host.ts';
import { Icmp } from '../../icmp.ts';
import { arpReply } from '../../resolution-frames.ts';
import type { InetInterface } from '../../interface.ts';
import type { TcpSettings } from '../settings.ts';
import { TcpStack } from '../stack.ts';
import { fits, OUR_MAC, OURS, ScriptEnd, THEIR_MAC, THEIRS } from './notation.ts';

export { THEIRS } from './notation.ts';
export const THEIR_PORT = 5000;

export interface ScriptOptions {
  readonly tcp?: Partial<TcpSettings>;
}

export class Script implements Port {
  readonly name = 'script';
  wire: Wire | undefined = undefined;
  readonly clock = new VirtualClock();
  readonly events: FabricEvent[] = [];
  readonly host: InetHost;
  readonly stack: TcpStack;
  readonly icmp: Icmp;
  readonly end = new ScriptEnd(THEIR_PORT);
  readonly #nic: InetInterface;
  #sent: { readonly tcp: Tcp; readonly frame: Uint8Array; readonly trafficClass: number }[] = [];
  /** Of the last segment that was compared. */
  trafficClass = 0;

  constructor(options: ScriptOptions = {}) {
    const { clock } = this;
    this.host = new InetHost('script', { clock, rng: seededRng(5), events: (event) => this.events.push(event) });
    this.#nic = this.host.addInterface({ name: 'nic0', mac: OUR_MAC, mtuBytes: 1500, vlan: undefined });
    this.host.addAddress(this.#nic, OURS, 24);
    this.icmp = new Icmp(this.host);
    this.stack = new TcpStack(this.host, { ecn: false, timestamps: false, windowScaling: false, sack: false, ...options.tcp });
    this.#nic.wire = { rateBitsPerSecond: 1e9, carrier: true, transmit: (frame) => this.handleFrame(frame) };
  }

  handleCarrier(): void {}

  /** What our end sends. */
  handleFrame(frame: Uint8Array): void {
    if (be16(frame, 12) === TYPE_ARP) {
      if (frame[21] === 1) this.clock.after(0, () => this.#nic.handleFrame(arpReply(this.#nic, THEIR_MAC, THEIRS, OUR_MAC, OURS)));
      return;
    }
    if (be16(frame, 12) !== TYPE_IPV4) return;
    const tcp = this.end.take(frame);
    if (tcp !== undefined) this.#sent.push({ tcp, frame, trafficClass: decodeIpv4(frame, 14).trafficClass });
  }

  /** A new connection: numbers count anew. */
  forget(theirPort: number): void {
    this.end.forget(theirPort);
    this.#sent = [];
  }

  get ourInitial(): number {
    return this.end.ourInitial;
  }

  set ourPort(port: number) {
    this.end.ourPort = port;
  }

  get stamp(): number {
    return this.end.stamp;
  }

  /** Runs lines; `+0.2` lets so many seconds pass. */
  run(text: string): void {
    for (const line of text.split('\n').map((one) => one.trim())) {
      if (line === '' || line.startsWith('#')) continue;
      if (line.startsWith('+')) this.clock.run(this.clock.now() + Math.round(Number(line.slice(1)) * 1e9));
      else if (line.startsWith('<')) this.send(line.slice(1));
      else if (line === '> nothing') this.#expectNothing();
      else if (line.startsWith('>')) this.#expect(line.slice(1).trim());
      else throw new Error(`no line of a script: ${line}`);
    }
  }

  #settle(): void {
    this.clock.run(this.clock.now() + 10_000);
  }

  send(line: string, trafficClass = 0): void {
    this.#settle();
    this.#nic.handleFrame(this.end.frame(line, { trafficClass }));
    this.#settle();
  }

  /** What came of our end and was not compared yet, as lines. */
  take(): string[] {
    this.#settle();
    return this.#sent.splice(0).map(({ tcp }) => this.end.describe(tcp));
  }

  /** The frames themselves. */
  takeFrames(): Uint8Array[] {
    return this.#sent.splice(0).map(({ frame }) => frame);
  }

  #expectNothing(): void {
    const sent = this.take();
    if (sent.length !== 0)
      throw new Error(`at ${this.clock.now() / MILLISECOND} ms nothing was expected, but there came\n${sent.join('\n')}`);
  }

  #expect(line: string): void {
    this.#settle();
    const next = this.#sent.shift();
    const came = next === undefined ? 'nothing' : this.end.describe(next.tcp);
    if (next !== undefined) this.trafficClass = next.trafficClass;
    if (!fits(came, line)) throw new Error(`at ${this.clock.now() / MILLISECOND} ms expected\n${line}\nbut there came\n${came}`);
  }
}
