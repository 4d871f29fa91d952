/**
 * The LLDP agent of a system (IEEE 802.1AB-2016 §9): tells the neighbours of each port who we are, and remembers who they say they are until
 * what they said has had its time.
 */
import { DecodeError, utf8Bytes } from '../base/bytes.ts';
import { type Clock, type Nanos, SECOND, type Timer } from '../base/clock.ts';
import { ETHERNET_HEADER_BYTES, FRAME_BYTES_MIN, putEthernet, TYPE_LLDP } from '../wire/ethernet/frame.ts';
import {
  CHASSIS_MAC,
  decodeLldp,
  describeIdentifier,
  encodeLldp,
  type Lldp,
  type LldpOrganization,
  PORT_INTERFACE_NAME,
  PORT_MAC,
} from '../wire/ethernet/lldp.ts';
import { type Mac, MAC_BYTES, NEAREST_BRIDGE_MAC, putMac } from '../wire/ethernet/mac.ts';

export interface LldpSystem {
  readonly chassis: Mac;
  readonly name: string;
  readonly description: string;
  readonly capabilities: { readonly supported: number; readonly enabled: number };
  readonly managementAddresses: readonly Uint8Array[];
}

/** A port that speaks LLDP. */
export interface LldpPort {
  readonly name: string;
  readonly mac: Mac;
  send(frame: Uint8Array): void;
  /** Organizationally specific fields to add, such as DCBX's. */
  readonly organizations?: () => readonly LldpOrganization[];
}

export interface LldpNeighbor {
  readonly port: string;
  readonly chassis: string;
  readonly remotePort: string;
  readonly system: string | undefined;
  readonly told: Lldp;
  readonly expiresAt: Nanos;
}

export interface LldpCounters {
  /** Names of the LLDP MIB (IEEE 802.1AB-2016 §11). */
  statsFramesInTotal: number;
  statsFramesInErrorsTotal: number;
  statsFramesOutTotal: number;
  statsAgeoutsTotal: number;
  /** Neighbours there was no room for. */
  statsRemTablesDrops: number;
}

/** msgTxInterval and msgTxHold (§9.2.5.7, §9.2.5.6): every 30 s, good for four times that and a second. */
const INTERVAL_NANOS = 30 * SECOND;
const SECONDS_TO_LIVE = 121;
/** msgFastTx and txFastInit: a new neighbour is told at once, four times a second apart. */
const FAST_INTERVAL_NANOS = SECOND;
const FAST_COUNT = 4;
const NEIGHBORS_PER_PORT = 8;

interface PortState {
  readonly port: LldpPort;
  readonly neighbors: Map<string, LldpNeighbor>;
  timer: Timer | undefined;
  fastLeft: number;
}

export class LldpAgent {
  readonly counters: LldpCounters = {
    statsFramesInTotal: 0,
    statsFramesInErrorsTotal: 0,
    statsFramesOutTotal: 0,
    statsAgeoutsTotal: 0,
    statsRemTablesDrops: 0,
  };
  readonly #system: LldpSystem;
  readonly #clock: Clock;
  readonly #ports = new Map<string, PortState>();
  readonly #listeners: ((port: string, neighbor: LldpNeighbor | undefined) => void)[] = [];

  constructor(system: LldpSystem, clock: Clock) {
    this.#system = system;
    this.#clock = clock;
  }

  /** Told when a port's neighbour is new, says something else, or is gone. */
  onChange(listener: (port: string, neighbor: LldpNeighbor | undefined) => void): void {
    this.#listeners.push(listener);
  }

  addPort(port: LldpPort): void {
    this.#ports.set(port.name, { port, neighbors: new Map(), timer: undefined, fastLeft: 0 });
  }

  handleCarrier(name: string, up: boolean): void {
    const state = this.#ports.get(name);
    if (state === undefined) return;
    state.timer?.cancel();
    state.timer = undefined;
    if (up) {
      state.fastLeft = FAST_COUNT;
      return this.#transmit(state);
    }
    // With the link, what was learned over it goes: somebody else may be plugged in next.
    for (const key of state.neighbors.keys()) this.#forget(state, key);
  }

  /** Says goodbye (§9.1.2.2, shutdown). */
  stop(): void {
    for (const state of this.#ports.values()) {
      state.timer?.cancel();
      state.timer = undefined;
      this.#send(state, 0);
    }
  }

  neighbors(): LldpNeighbor[] {
    return [...this.#ports.values()].flatMap(({ neighbors }) => [...neighbors.values()]);
  }

  #transmit(state: PortState): void {
    this.#send(state, SECONDS_TO_LIVE);
    const fast = state.fastLeft > 0;
    if (fast) state.fastLeft -= 1;
    this.#expire(state);
    state.timer = this.#clock.after(fast ? FAST_INTERVAL_NANOS : INTERVAL_NANOS, () => this.#transmit(state));
  }

  #send({ port }: PortState, secondsToLive: number): void {
    const { chassis, name, description, capabilities, managementAddresses } = this.#system;
    const bytes = encodeLldp({
      chassis: { subtype: CHASSIS_MAC, value: macBytes(chassis) },
      port: { subtype: PORT_INTERFACE_NAME, value: utf8Bytes(port.name) },
      secondsToLive,
      systemName: name,
      systemDescription: description,
      portDescription: port.name,
      capabilities,
      managementAddresses,
      organizations: port.organizations?.() ?? [],
    });
    const frame = new Uint8Array(Math.max(FRAME_BYTES_MIN, ETHERNET_HEADER_BYTES + bytes.length));
    putEthernet(frame, 0, NEAREST_BRIDGE_MAC, port.mac, TYPE_LLDP);
    frame.set(bytes, ETHERNET_HEADER_BYTES);
    this.counters.statsFramesOutTotal += 1;
    port.send(frame);
  }

  /** A frame to the nearest bridge with LLDP's type came in at a port. */
  handleFrame(name: string, frame: Uint8Array): void {
    const state = this.#ports.get(name);
    if (state === undefined) return;
    this.counters.statsFramesInTotal += 1;
    let told: Lldp;
    try {
      told = decodeLldp(frame.slice(), ETHERNET_HEADER_BYTES);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.counters.statsFramesInErrorsTotal += 1;
      return;
    }
    this.#expire(state);
    const chassis = describeIdentifier(told.chassis, CHASSIS_MAC);
    const remotePort = describeIdentifier(told.port, PORT_MAC);
    const key = `${chassis} ${remotePort}`;
    if (told.secondsToLive === 0) return this.#forget(state, key);
    const before = state.neighbors.get(key);
    if (before === undefined && state.neighbors.size >= NEIGHBORS_PER_PORT) {
      this.counters.statsRemTablesDrops += 1;
      return;
    }
    const expiresAt = this.#clock.now() + told.secondsToLive * SECOND;
    const neighbor: LldpNeighbor = { port: name, chassis, remotePort, system: told.systemName, told, expiresAt };
    state.neighbors.set(key, neighbor);
    if (before === undefined) {
      // newNeighbor (§9.2): whoever is new shall know us soon.
      state.fastLeft = FAST_COUNT;
      state.timer?.cancel();
      state.timer = this.#clock.after(FAST_INTERVAL_NANOS, () => this.#transmit(state));
    }
    if (before === undefined || before.system !== neighbor.system) for (const listener of this.#listeners) listener(name, neighbor);
  }

  #expire(state: PortState): void {
    const now = this.#clock.now();
    for (const [key, { expiresAt }] of state.neighbors) {
      if (expiresAt > now) continue;
      this.counters.statsAgeoutsTotal += 1;
      this.#forget(state, key);
    }
  }

  #forget(state: PortState, key: string): void {
    if (state.neighbors.delete(key)) for (const listener of this.#listeners) listener(state.port.name, undefined);
  }
}

function macBytes(mac: Mac): Uint8Array {
  const out = new Uint8Array(MAC_BYTES);
  putMac(out, 0, mac);
  return out;
}
