/**
 * A VLAN bridge (IEEE 802.1Q-2018 §8): takes frames in at its ports, learns where addresses live, and relays each frame to the ports of
 * its VLAN that lead to its destination. Spanning tree, LLDP and the like are told of the frames that are theirs.
 */
import { be16, putBe16 } from '../base/bytes.ts';
import { type Clock, type Nanos, SECOND } from '../base/clock.ts';
import type { EventSink } from '../base/event.ts';
import { FrameSlab } from '../base/frame-slab.ts';
import { type FrameTail, isCutShort, type Port, type Wire } from '../base/port.ts';
import { RateLimit } from '../base/rate-limit.ts';
import {
  ETHERNET_HEADER_BYTES,
  outerType,
  popTag,
  priorityOf,
  pushTag,
  TAG_BYTES,
  tagControl,
  tagControlOf,
  TYPE_VLAN,
  vlanOf,
} from '../wire/ethernet/frame.ts';
import { macTableFull, stormLimited } from './events.ts';
import { MacTable, type MacEntry } from './mac-table.ts';
import { type PortCounters, portCounters } from './port-counters.ts';
import { NOT_MEMBER, type PortVlans, portVlans, type PortVlanSettings, UNTAGGED } from './port-vlans.ts';

export interface BridgePortSettings {
  readonly name: string;
  readonly vlans: PortVlanSettings;
  /** Longest frame relayed, without tags. */
  readonly frameBytesMax: number;
  /** Priority of frames that carry none. */
  readonly defaultPriority: number;
  /** Most frames a second taken in of each kind; undefined: any number. */
  readonly storm?: {
    readonly broadcast?: number | undefined;
    readonly multicast?: number | undefined;
    readonly unknown?: number | undefined;
  };
}

export interface BridgeSettings {
  readonly name: string;
  readonly ports: readonly BridgePortSettings[];
  readonly addressesMax: number;
  readonly ageingNanos: Nanos;
  /** Whether frames are passed on once they have come in (the default), or once their headers have, where the way out is not faster than the way in. */
  readonly forwarding?: 'store-and-forward' | 'cut-through' | undefined;
}

/** Addresses, VLAN tag and type. */
const CUT_THROUGH_BYTES = ETHERNET_HEADER_BYTES + TAG_BYTES;

export interface BridgeServices {
  readonly clock: Clock;
  readonly events: EventSink;
}

/** Takes frames to 01-80-C2-00-00-00 to -0F, which no bridge relays (IEEE 802.1Q §8.6.3); true: they were its own. */
export type LocalHandler = (port: BridgePort, frame: Uint8Array) => boolean;

/** What spanning tree lets a port do (IEEE 802.1D-2004 §7.4). */
export type PortRole = 'discarding' | 'learning' | 'forwarding';

/** 32 bits as a signed whole number, which the engine keeps without a box. */
const word = (frame: Uint8Array, at: number): number =>
  (frame[at]! << 24) | (frame[at + 1]! << 16) | (frame[at + 2]! << 8) | frame[at + 3]!;

/** 01-80-C2-00-00-00 to -0F, behind the first 16 bits. */
const RESERVED_LOW = 0xc200_0000;

/** A storm is one event, for as long as this. */
const STORM_INTERVAL_NANOS: Nanos = 60 * SECOND;

const stormLimit = (framesPerSecond: number | undefined): RateLimit | undefined =>
  framesPerSecond === undefined ? undefined : new RateLimit(framesPerSecond);

export class BridgePort implements Port {
  readonly index: number;
  readonly settings: BridgePortSettings;
  readonly cutThroughBytes: number | undefined;
  readonly vlans: PortVlans;
  readonly counters: PortCounters = portCounters();
  readonly broadcastLimit: RateLimit | undefined;
  readonly multicastLimit: RateLimit | undefined;
  readonly unknownLimit: RateLimit | undefined;
  stormToldAt: Nanos = Number.NEGATIVE_INFINITY;
  wire: Wire | undefined = undefined;
  learns = true;
  forwards = true;
  readonly #bridge: Bridge;

  constructor(bridge: Bridge, index: number, settings: BridgePortSettings) {
    this.#bridge = bridge;
    this.index = index;
    this.settings = settings;
    this.cutThroughBytes = bridge.settings.forwarding === 'cut-through' ? CUT_THROUGH_BYTES : undefined;
    this.vlans = portVlans(settings.vlans);
    this.broadcastLimit = stormLimit(settings.storm?.broadcast);
    this.multicastLimit = stormLimit(settings.storm?.multicast);
    this.unknownLimit = stormLimit(settings.storm?.unknown);
  }

  get name(): string {
    return this.settings.name;
  }

  handleFrame(frame: Uint8Array): void {
    this.#bridge.handleFrame(this, frame, undefined);
  }

  handleFrameHead(frame: Uint8Array, tail: FrameTail): void {
    this.#bridge.handleFrame(this, frame, tail);
  }

  handleCarrier(up: boolean): void {
    this.#bridge.handleCarrier(this, up);
  }

  /** A frame of the bridge itself: past relay and spanning tree, without a tag. */
  send(frame: Uint8Array): void {
    if (this.wire?.carrier !== true) return;
    countOut(this, frame);
    this.wire.transmit(frame);
  }

  /** Spanning tree's word on what the port may do. */
  setRole(role: PortRole): void {
    this.learns = role !== 'discarding';
    this.forwards = role === 'forwarding';
  }
}

export class Bridge {
  readonly settings: BridgeSettings;
  readonly ports: readonly BridgePort[];
  readonly #clock: Clock;
  readonly #events: EventSink;
  readonly #table: MacTable;
  readonly #slab = new FrameSlab();
  /** Ports of a VLAN, made when the VLAN is first met. */
  readonly #members: (readonly BridgePort[] | undefined)[] = Array.from({ length: 4096 });
  readonly #local: LocalHandler[] = [];
  readonly #carrierListeners: ((port: BridgePort, up: boolean) => void)[] = [];
  #toldFullAt: Nanos = Number.NEGATIVE_INFINITY;

  constructor(settings: BridgeSettings, services: BridgeServices) {
    this.settings = settings;
    this.#clock = services.clock;
    this.#events = services.events;
    this.#table = new MacTable(settings.addressesMax, settings.ageingNanos);
    this.ports = settings.ports.map((port, index) => new BridgePort(this, index, port));
  }

  /** Who is told of frames that are never relayed. */
  addLocalHandler(handler: LocalHandler): void {
    this.#local.push(handler);
  }

  onCarrier(listener: (port: BridgePort, up: boolean) => void): void {
    this.#carrierListeners.push(listener);
  }

  /** What is known of addresses now. */
  addresses(): MacEntry[] {
    return this.#table.entries(this.#clock.now());
  }

  /** Forgets what was learned on a port. */
  flush(port: BridgePort): void {
    this.#table.flush(port.index);
  }

  handleCarrier(port: BridgePort, up: boolean): void {
    if (!up) this.#table.flush(port.index);
    for (const listener of this.#carrierListeners) listener(port, up);
  }

  /** With a tail: the end of the frame is still on its way. */
  handleFrame(port: BridgePort, frame: Uint8Array, tail: FrameTail | undefined): void {
    const { counters, vlans } = port;
    if (frame.length < ETHERNET_HEADER_BYTES) {
      counters.ifInErrors += 1;
      return;
    }
    counters.ifInOctets += frame.length;
    const group = (frame[0]! & 1) !== 0;
    const destinationHigh = be16(frame, 0);
    const destinationLow = word(frame, 2);
    const broadcast = group && destinationHigh === 0xffff && destinationLow === -1;
    if (!group) counters.ifInUcastPkts += 1;
    else if (broadcast) counters.ifInBroadcastPkts += 1;
    else counters.ifInMulticastPkts += 1;
    if (destinationHigh === 0x0180 && destinationLow >>> 4 === RESERVED_LOW >>> 4) return this.#takeLocal(port, frame, tail);
    // IEEE 802.1Q §6.9.1: the VLAN is the tag's, or the port's where the tag has none or there is no tag.
    let vlan = vlans.untaggedVlan;
    const tagged = outerType(frame) === TYPE_VLAN;
    let length = frame.length;
    if (tagged) {
      if (length < ETHERNET_HEADER_BYTES + TAG_BYTES) {
        counters.ifInErrors += 1;
        return;
      }
      length -= TAG_BYTES;
      const own = vlanOf(tagControl(frame));
      if (own !== 0) vlan = vlans.admitsTagged ? own : 0;
    }
    if (vlans.members[vlan] === NOT_MEMBER) {
      counters.dot1qPortVlanStatisticsInDiscards += 1;
      counters.ifInDiscards += 1;
      return;
    }
    if (length > port.settings.frameBytesMax) {
      counters.dot3StatsFrameTooLongs += 1;
      return;
    }
    const now = this.#clock.now();
    // A group address is nobody's source (IEEE 802.1Q §8.7): such frames teach nothing.
    if (port.learns && (frame[6]! & 1) === 0) {
      const result = this.#table.learn((vlan << 16) | be16(frame, 6), word(frame, 8), port.index, now);
      if (result === 'full') this.#tableFull(port, now);
    }
    if (!port.forwards) {
      counters.blockedDiscards += 1;
      counters.ifInDiscards += 1;
      return;
    }
    if (!group) {
      const found = this.#table.find((vlan << 16) | destinationHigh, destinationLow, now);
      if (found !== -1) {
        // It lives where the frame came from: everybody there has it already (§8.6.1).
        if (found !== port.index) this.#relay(this.ports[found]!, frame, vlan, tagged, port, tail);
        return;
      }
    }
    const limit = group ? (broadcast ? port.broadcastLimit : port.multicastLimit) : port.unknownLimit;
    if (limit !== undefined && !limit.admits(now)) {
      this.#stormLimited(port, group ? (broadcast ? 'broadcast' : 'multicast') : 'unknown', now);
      counters.stormDiscards += 1;
      counters.ifInDiscards += 1;
      return;
    }
    this.#flood(port, frame, vlan, tagged, tail);
  }

  /** Nobody acts on a frame before its check sequence has come. */
  #takeLocal(port: BridgePort, frame: Uint8Array, tail: FrameTail | undefined): void {
    if (tail === undefined) return this.#handleLocal(port, frame);
    this.#clock.after(tail.endsAt - this.#clock.now(), () => {
      if (isCutShort(tail)) port.counters.ifInErrors += 1;
      else this.#handleLocal(port, frame);
    });
  }

  #handleLocal(port: BridgePort, frame: Uint8Array): void {
    for (const handler of this.#local) if (handler(port, frame)) return;
    port.counters.ifInDiscards += 1;
  }

  #stormLimited(port: BridgePort, kind: 'broadcast' | 'multicast' | 'unknown', now: Nanos): void {
    if (now - port.stormToldAt < STORM_INTERVAL_NANOS) return;
    port.stormToldAt = now;
    stormLimited(this.#events, this.settings.name, { port: port.name, kind, framesPerSecond: port.settings.storm![kind]! });
  }

  #tableFull(port: BridgePort, now: Nanos): void {
    port.counters.learnRefusals += 1;
    // Said once in an ageing time: a flood of addresses is one event, not a flood of events.
    if (now - this.#toldFullAt <= this.settings.ageingNanos) return;
    this.#toldFullAt = now;
    macTableFull(this.#events, this.settings.name, { port: port.name, addresses: this.settings.addressesMax });
  }

  #flood(from: BridgePort, frame: Uint8Array, vlan: number, tagged: boolean, tail: FrameTail | undefined): void {
    const members = (this.#members[vlan] ??= this.ports.filter((port) => port.vlans.members[vlan] !== NOT_MEMBER));
    for (const port of members) if (port !== from) this.#relay(port, frame, vlan, tagged, from, tail);
  }

  #relay(to: BridgePort, frame: Uint8Array, vlan: number, tagged: boolean, from: BridgePort, tail: FrameTail | undefined): void {
    const { counters, wire } = to;
    const how = to.vlans.members[vlan]!;
    if (how === NOT_MEMBER || !to.forwards || wire === undefined || !wire.carrier) {
      counters.ifOutDiscards += 1;
      return;
    }
    let out = frame;
    if (how === UNTAGGED) {
      if (tagged) out = popTag(frame, this.#slab.take(frame.length - TAG_BYTES));
    } else if (!tagged) {
      const control = tagControlOf(vlan, from.settings.defaultPriority);
      out = pushTag(frame, control, TYPE_VLAN, this.#slab.take(frame.length + TAG_BYTES));
    } else if (vlanOf(tagControl(frame)) !== vlan) {
      // A priority tag gets the VLAN it was sorted into, and keeps its priority (IEEE 802.1Q §6.9).
      out = this.#slab.take(frame.length);
      out.set(frame);
      putBe16(out, 14, tagControlOf(vlan, priorityOf(tagControl(frame))));
    }
    countOut(to, out);
    wire.transmit(out, tail);
  }
}

function countOut({ counters }: BridgePort, frame: Uint8Array): void {
  counters.ifOutOctets += frame.length;
  if ((frame[0]! & 1) === 0) counters.ifOutUcastPkts += 1;
  else if (be16(frame, 0) === 0xffff && word(frame, 2) === -1) counters.ifOutBroadcastPkts += 1;
  else counters.ifOutMulticastPkts += 1;
}
