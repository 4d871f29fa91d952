/** What is told to people of a port: counted as it happens, said once a second at most, so that no neighbour makes a flood of events. */
import type { EventSink } from '../../base/event.ts';
import { RateLimit } from '../../base/rate-limit.ts';
import { formatBridgeIdentifier } from '../../wire/ethernet/bpdu.ts';
import { badBpdus, bpduFlood, legacyNeighbor, portState, rootGuardEnded, rootGuarded } from '../events.ts';
import type { TreePort } from './variables.ts';

/** A neighbour sends 10 a second at most (TxHoldCount); a shared link may have some dozens of them. */
const BPDUS_PER_SECOND_MAX = 1000;
/** What makes no sense, or too much of it, is told of once in this many seconds. */
const QUIET_SECONDS = 60;

export interface SpanningTreeCounters {
  rstIn: number;
  configurationIn: number;
  notificationIn: number;
  rstOut: number;
  configurationOut: number;
  notificationOut: number;
  /** No BPDU that makes sense. */
  badIn: number;
  /** Faster than any neighbour may send. */
  floodDrops: number;
  /** Forwarding began where it means new ways through the network. */
  topologyChanges: number;
}

export class PortWatch {
  readonly counters: SpanningTreeCounters = {
    rstIn: 0,
    configurationIn: 0,
    notificationIn: 0,
    rstOut: 0,
    configurationOut: 0,
    notificationOut: 0,
    badIn: 0,
    floodDrops: 0,
    topologyChanges: 0,
  };
  readonly limit = new RateLimit(BPDUS_PER_SECOND_MAX);
  /** Root guard keeps a better root out at this moment. */
  guarding = false;
  badReason = '';
  #toldState = 'disabled discarding';
  #toldGuarding = false;
  #toldLegacy = false;
  #toldBad = 0;
  #toldFlood = 0;
  #quietSeconds = 0;

  /** Once a second. */
  tell(port: TreePort, legacyBridge: boolean, events: EventSink, source: string): void {
    const { role, settings } = port;
    const { name } = settings;
    const state = port.forwarding ? 'forwarding' : port.learning ? 'learning' : 'discarding';
    if (`${role} ${state}` !== this.#toldState) portState(events, source, { port: name, role, state });
    this.#toldState = `${role} ${state}`;
    // Ports whose link is down have no neighbour; nor does a bridge of the old kind speak otherwise to any.
    const legacy = port.portEnabled && !port.sendRSTP && !legacyBridge;
    if (legacy !== this.#toldLegacy && (legacy || port.portEnabled)) legacyNeighbor(events, source, { port: name, legacy });
    this.#toldLegacy = legacy;
    const guarding = this.guarding && port.infoIs === 'received';
    if (guarding && !this.#toldGuarding) rootGuarded(events, source, { port: name, root: formatBridgeIdentifier(port.portPriority.root) });
    else if (!guarding && this.#toldGuarding) rootGuardEnded(events, source, { port: name });
    this.#toldGuarding = guarding;
    this.#tellBad(name, events, source);
  }

  #tellBad(name: string, events: EventSink, source: string): void {
    this.#quietSeconds = Math.max(0, this.#quietSeconds - 1);
    if (this.#quietSeconds !== 0) return;
    const { badIn, floodDrops } = this.counters;
    const bad = badIn - this.#toldBad;
    const dropped = floodDrops - this.#toldFlood;
    if (bad === 0 && dropped === 0) return;
    this.#quietSeconds = QUIET_SECONDS;
    this.#toldBad = badIn;
    this.#toldFlood = floodDrops;
    if (bad !== 0) badBpdus(events, source, { port: name, count: bad, reason: this.badReason });
    if (dropped !== 0) bpduFlood(events, source, { port: name, dropped });
  }
}
