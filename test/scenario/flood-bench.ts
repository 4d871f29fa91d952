/**
 * A switch with a host whose initiator works on another host's array, over our TCP, and an attacker at a third port; all in virtual time. What
 * the session reads is compared with what it wrote.
 */
import { MICROSECOND, type Nanos, SECOND } from '../../src/base/clock.ts';
import type { FabricEvent } from '../../src/base/event.ts';
import type { Port, Wire } from '../../src/base/port.ts';
import { below, type Rng, seededRng } from '../../src/base/rng.ts';
import { InetHost } from '../../src/inet/host.ts';
import { Icmp } from '../../src/inet/icmp.ts';
import type { InetInterface } from '../../src/inet/interface.ts';
import { Pinger } from '../../src/inet/ping.ts';
import { TcpStack } from '../../src/inet/tcp/stack.ts';
import { Bridge, type BridgePortSettings } from '../../src/link/bridge.ts';
import { ALL_VLANS } from '../../src/link/port-vlans.ts';
import { defaultLinkSettings, Link } from '../../src/runtime/link.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { MemoryStore } from '../../src/storage/block/memory.ts';
import { defaultInitiatorLimits, InitiatorSession, InitiatorTask } from '../../src/storage/iscsi/initiator/index.ts';
import { destinationMac, sourceMac } from '../../src/wire/ethernet/frame.ts';
import { address } from '../../src/wire/ip/address.ts';
import * as cdbs from '../../src/wire/scsi/cdb.ts';
import { BLOCK_BYTES, DiskModel, stamped } from './initiator-storm-disk.ts';
import { DISK_BLOCKS, dialOver, serveDisk, TARGET } from './tcp-iscsi.ts';

export const MAC_A = 0x0200_0000_0a01;
export const MAC_B = 0x0200_0000_0b02;
export const MAC_ATTACKER = 0x0200_0000_0666;
export const ADDRESSES_MAX = 1024;
const UNDER_WAY_MAX = 8;

export interface FloodHost {
  readonly host: InetHost;
  readonly nic: InetInterface;
  readonly icmp: Icmp;
  readonly tcp: TcpStack;
  readonly pinger: Pinger;
}

/** Commands that ended well, and how long they took together. */
export interface Work {
  readonly commands: number;
  readonly seconds: number;
}

export class FloodBench {
  readonly clock = new VirtualClock();
  readonly events: FabricEvent[] = [];
  readonly rng: Rng;
  readonly bridge: Bridge;
  readonly a: FloodHost;
  readonly b: FloodHost;
  /** Frames of the session that the attacker saw. */
  overheard = 0;
  readonly #attacker: Port & { wire: Wire | undefined };
  readonly #session: InitiatorSession;
  readonly #model = new DiskModel(DISK_BLOCKS);
  readonly #deferred: (() => void)[] = [];
  readonly violations: string[] = [];
  #stamp = 0;

  /** `storm`: the limits of the attacker's port. */
  constructor(seed: number, storm: BridgePortSettings['storm'] = {}) {
    const { clock } = this;
    this.rng = seededRng(seed);
    const events = (event: FabricEvent): void => void this.events.push(event);
    const names = ['a', 'b', 'attacker', 'late'];
    const port = { vlans: { mode: 'trunk', native: 1, allowed: ALL_VLANS }, frameBytesMax: 9216, defaultPriority: 0 } as const;
    const ports = names.map((name) => ({ ...port, name, storm: name === 'attacker' ? storm : {} }));
    this.bridge = new Bridge({ name: 'tor1', ports, addressesMax: ADDRESSES_MAX, ageingNanos: 300 * SECOND }, { clock, events });
    this.a = this.addHost('a', MAC_A, 1, 0);
    this.b = this.addHost('b', MAC_B, 2, 1);
    this.#attacker = {
      name: 'attacker',
      wire: undefined,
      handleCarrier() {},
      handleFrame: (frame) => {
        const ends = [sourceMac(frame), destinationMac(frame)];
        if (ends.includes(MAC_A) && ends.includes(MAC_B)) this.overheard += 1;
      },
    };
    this.#plug(this.#attacker, 2);
    const store = new MemoryStore({ sizeBytes: DISK_BLOCKS * BLOCK_BYTES, thin: true });
    serveDisk(this.b.tcp, store, seed, () => {});
    this.#session = new InitiatorSession(
      {
        initiatorName: 'iqn.2026-01.net.example:host',
        initiatorAlias: undefined,
        targetName: TARGET,
        portals: [{ host: '192.0.2.2', port: 3260 }],
        chap: undefined,
        chapRequired: false,
        isid: undefined,
      },
      { ...defaultInitiatorLimits, headerDigest: ['CRC32C'], dataDigest: ['CRC32C'] },
      {
        clock,
        rng: seededRng(seed + 200),
        // A new nexus hears first that the unit was powered on.
        events: ({ name }) => void (name === 'initiator-unit-attention' || this.violations.push(name)),
        allocate: (count) => new Uint8Array(count),
        defer: (action) => void this.#deferred.push(action),
        dial: dialOver(this.a.tcp, clock),
      },
      { handleState() {}, handleAttention() {}, handleRoom() {} },
    );
    let isOpen = false;
    this.#session.open((error) => {
      isOpen = error === undefined;
    });
    this.#run(() => isOpen, 10 * SECOND);
    if (!isOpen) throw new Error('the login failed');
    this.violations.length = 0;
  }

  addHost(name: string, mac: number, last: number, port: number): FloodHost {
    const { clock } = this;
    const host = new InetHost(name, { clock, rng: seededRng(mac), events: (event) => void this.events.push(event) });
    const nic = host.addInterface({ name: 'nic0', mac, mtuBytes: 1500, vlan: undefined });
    host.addAddress(nic, address(`192.0.2.${last}`), 24);
    host.addAddress(nic, address(`2001:db8::${last}`), 64);
    this.#plug(nic, port);
    const icmp = new Icmp(host);
    return { host, nic, icmp, tcp: new TcpStack(host), pinger: new Pinger(host, icmp) };
  }

  #plug(end: Port, port: number): void {
    const link = new Link(end, this.bridge.ports[port]!, defaultLinkSettings, { clock: this.clock, rng: seededRng(port) });
    link.setUp(true);
  }

  /** The session reads and writes so many times, one command behind the other's heels. */
  work(commands: number): Work {
    const began = this.clock.now();
    let begun = 0;
    let ended = 0;
    const begin = (): void => {
      const blocks = 1 + below(this.rng, 60);
      const lba = below(this.rng, DISK_BLOCKS - blocks);
      const writes = below(this.rng, 2) === 0;
      if (!this.#model.isFree(lba, blocks, writes)) return;
      begun += 1;
      this.#stamp += 1;
      const stamp = this.#stamp;
      this.#model.use(lba, blocks, writes);
      const request = writes
        ? { lun: 0, cdb: cdbs.write(lba, blocks), dataOut: [stamped(stamp, lba, blocks)], attentionRetries: 10 }
        : { lun: 0, cdb: cdbs.read(lba, blocks), dataInBytes: blocks * BLOCK_BYTES, attentionRetries: 10 };
      const done = (task: InitiatorTask): void => {
        ended += 1;
        this.#model.leave(lba, blocks, writes);
        if (task.error !== undefined || task.status !== 0) return void this.violations.push(`command ${stamp} failed`);
        const wrong = writes ? void this.#model.write(lba, blocks, stamp) : this.#model.read(lba, task.data);
        if (wrong !== undefined) this.violations.push(`command ${stamp}: ${wrong}`);
      };
      this.#session.scheduler.submit(new InitiatorTask(request, done));
    };
    const hasRoom = (): boolean => begun < commands && begun - ended < UNDER_WAY_MAX;
    this.#run(() => {
      if (hasRoom()) begin();
      return ended === commands;
    }, 60 * SECOND);
    if (ended !== commands) this.violations.push(`${ended} of ${commands} commands ended`);
    return { commands: ended, seconds: (this.clock.now() - began) / SECOND };
  }

  /** Until `isDone`, or the time is over. */
  #run(isDone: () => boolean, mostNanos: Nanos): void {
    const limit = this.clock.now() + mostNanos;
    for (;;) {
      for (let action = this.#deferred.shift(); action !== undefined; action = this.#deferred.shift()) action();
      if (isDone() || this.clock.now() > limit || !this.clock.step()) return;
    }
  }

  wait(seconds: number): void {
    const limit = this.clock.now() + seconds * SECOND;
    this.#run(() => this.clock.nextDue > limit, seconds * SECOND);
    this.clock.run(limit);
  }

  /** A frame of the attacker's every `everyMicroseconds` while `during` runs; at least `framesMin` of them, also when it is done before. */
  flood<Result>(everyMicroseconds: number, framesMin: number, make: (count: number) => Uint8Array, during: () => Result): Result {
    let count = 0;
    let isOver = false;
    const next = (): void => {
      if (isOver) return;
      this.#attacker.wire!.transmit(make(count));
      count += 1;
      this.clock.after(everyMicroseconds * MICROSECOND, next);
    };
    next();
    const result = during();
    this.#run(() => count >= framesMin, 600 * SECOND);
    isOver = true;
    return result;
  }

  /** What was told of by the switch and the hosts, and forgotten; not what is for tracing only. */
  takeEvents(): string[] {
    const told = this.events.splice(0).filter(({ severity }) => severity !== 'debug');
    return told.map(({ source, name }) => `${source}: ${name}`);
  }
}
