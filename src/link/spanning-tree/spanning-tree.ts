/**
 * Rapid spanning tree (IEEE 802.1D-2004 §17) for one bridge: the state machines of all its ports, run until none moves after whatever
 * happened, with one timer that ticks every second. Blocked links carry nothing, and take over when others fail.
 */
import { assert } from '../../base/assert.ts';
import { DecodeError } from '../../base/bytes.ts';
import { SECOND, type Timer } from '../../base/clock.ts';
import { type Bpdu, type BridgeIdentifier, decodeBpduFrame, encodeBpduFrame, formatBridgeIdentifier } from '../../wire/ethernet/bpdu.ts';
import type { PortRole } from '../bridge.ts';
import { bpduGuarded, guardRecovered, loopedBack, rootChanged, topologyChanged } from '../events.ts';
import { bridgeDetection } from './bridge-detection.ts';
import { pathCostOf } from './path-cost.ts';
import { portInformation } from './port-information.ts';
import { portReceive } from './port-receive.ts';
import { tickPort } from './port-timers.ts';
import { portTransmit } from './port-transmit.ts';
import { PortWatch, type SpanningTreeCounters } from './port-watch.ts';
import { compareBridges, portNumberOf, type PriorityVector } from './priority-vector.ts';
import { protocolMigration } from './protocol-migration.ts';
import { type ProtocolTimes, timesFault } from './protocol-times.ts';
import { roleSelection } from './role-selection.ts';
import { roleTransitions } from './role-transitions.ts';
import type { SpanningTreeServices, SpanningTreeSettings } from './settings.ts';
import { stateTransition } from './state-transition.ts';
import { topologyChange } from './topology-change.ts';
import { type SpanningTreeRole, type Tree, type TreePort, treePort } from './variables.ts';

export interface SpanningTreePortStatus {
  readonly name: string;
  readonly role: SpanningTreeRole;
  readonly state: PortRole;
  readonly pathCost: number;
  readonly edge: boolean;
  /** The neighbour is of the old kind. */
  readonly legacy: boolean;
  /** Why it is out of service, if a guard took it out. */
  readonly held: HoldReason | undefined;
  readonly guarding: boolean;
  readonly counters: Readonly<SpanningTreeCounters>;
}

export interface SpanningTreeStatus {
  readonly bridge: BridgeIdentifier;
  readonly root: BridgeIdentifier;
  readonly rootPathCost: number;
  readonly rootPort: string | undefined;
  readonly topologyChanges: number;
  readonly ports: readonly SpanningTreePortStatus[];
}

export type HoldReason = 'bpdu-guard' | 'loop-back';

/** A port with what stands around the standard's machines. */
interface PortControl {
  readonly port: TreePort;
  readonly watch: PortWatch;
  up: boolean;
  held: HoldReason | undefined;
  recovery: Timer | undefined;
}

/** 4095 port numbers (§9.2.7). */
export const SPANNING_TREE_PORTS_MAX = 4095;
/** Rounds of all machines after one happening; a handful are enough, and what is left over goes on at the next tick. */
const ROUNDS_MAX = 1000;
/** A port whose own messages came back is tried again after three hellos. */
const LOOP_BACK_HELLOS = 3;

export class SpanningTree {
  /** Times that ROUNDS_MAX were not enough: a fault of ours, to be seen in tests. */
  unsettled = 0;
  readonly #services: SpanningTreeServices;
  readonly #tree: Tree;
  readonly #controls: readonly PortControl[];
  #outbox: { readonly port: number; readonly frame: Uint8Array }[] = [];
  #running = false;
  #tick: Timer | undefined;
  #toldRoot: BridgeIdentifier | undefined;
  #changes = 0;
  #lastChange: { readonly port: string; readonly how: 'detected' | 'notified' } | undefined;

  constructor(settings: SpanningTreeSettings, services: SpanningTreeServices) {
    assert(settings.ports.length <= SPANNING_TREE_PORTS_MAX, 'more ports than there are numbers');
    const { maxAgeSeconds, helloTimeSeconds, forwardDelaySeconds } = settings;
    const bridgeTimes: ProtocolTimes = { messageAgeSeconds: 0, maxAgeSeconds, helloTimeSeconds, forwardDelaySeconds };
    const fault = timesFault(bridgeTimes);
    assert(fault === undefined, fault ?? '');
    this.#services = services;
    const bridgeIdentifier: BridgeIdentifier = { priority: settings.priority, address: settings.address };
    const bridgePriority = bridgeVector(bridgeIdentifier);
    const start = { settings, bridgePriority, bridgeTimes };
    this.#tree = {
      ...start,
      bridgeIdentifier,
      ports: settings.ports.map((_port, index) => treePort(start, index)),
      rootPriority: bridgePriority,
      rootTimes: bridgeTimes,
      rootPort: undefined,
      actions: {
        transmit: (port, bpdu) => this.#transmit(port, bpdu),
        stateChanged: (port) => services.output.setState(port.index, stateOf(port)),
        flush: (port) => services.output.flush(port.index),
        topologyChanged: (port, how) => this.#topologyChanged(port, how),
        rootGuarded: (port, kept) => {
          this.#controls[port.index]!.watch.guarding = kept;
        },
      },
    };
    this.#controls = this.#tree.ports.map((port) => ({ port, watch: new PortWatch(), up: false, held: undefined, recovery: undefined }));
  }

  /** From now on ports forward only where the tree says so. */
  start(): void {
    for (const port of this.#tree.ports) this.#services.output.setState(port.index, stateOf(port));
    this.#waitForTick();
    this.#run();
  }

  stop(): void {
    this.#tick?.cancel();
    this.#tick = undefined;
    for (const control of this.#controls) control.recovery?.cancel();
  }

  /** A link came up, with its rate, or went away. */
  handleCarrier(index: number, up: boolean, rateBitsPerSecond: number): void {
    const control = this.#controls[index];
    if (control === undefined) return;
    control.up = up;
    if (up) control.port.portPathCost = control.port.settings.pathCost ?? pathCostOf(rateBitsPerSecond);
    else this.#release(control);
    this.#enable(control);
    this.#run();
  }

  /** A frame to the bridge group address; false: it is not spanning tree's. */
  handleFrame(index: number, frame: Uint8Array): boolean {
    const control = this.#controls[index];
    if (control === undefined || this.#tick === undefined) return false;
    const { watch } = control;
    if (!watch.limit.admits(this.#services.clock.now())) {
      watch.counters.floodDrops += 1;
      return true;
    }
    let bpdu: Bpdu | undefined;
    try {
      bpdu = decodeBpduFrame(frame);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      watch.counters.badIn += 1;
      watch.badReason = error.reason;
      return true;
    }
    if (bpdu === undefined) return false;
    this.#receive(control, bpdu);
    return true;
  }

  /** Bridge Identifier Priority (§17.13.7): with the lowest, this bridge becomes root. */
  setPriority(priority: number): void {
    const tree = this.#tree;
    tree.bridgeIdentifier = { priority, address: tree.settings.address };
    tree.bridgePriority = bridgeVector(tree.bridgeIdentifier);
    for (const port of tree.ports) {
      port.reselect = true;
      port.selected = false;
    }
    this.#run();
  }

  /** mcheck (§17.19.13): looks whether the neighbour has learned rapid spanning tree meanwhile. */
  checkMigration(index: number): void {
    const control = this.#controls[index];
    if (control === undefined) return;
    control.port.mcheck = true;
    this.#run();
  }

  status(): SpanningTreeStatus {
    const { bridgeIdentifier, rootPriority, rootPort } = this.#tree;
    return {
      bridge: bridgeIdentifier,
      root: rootPriority.root,
      rootPathCost: rootPriority.rootPathCost,
      rootPort: rootPort?.settings.name,
      topologyChanges: this.#controls.reduce((sum, { watch }) => sum + watch.counters.topologyChanges, 0),
      ports: this.#controls.map(({ port, watch, held }) => ({
        name: port.settings.name,
        role: port.role,
        state: stateOf(port),
        pathCost: port.portPathCost,
        edge: port.operEdge,
        legacy: !port.sendRSTP,
        held,
        guarding: watch.guarding,
        counters: watch.counters,
      })),
    };
  }

  #receive(control: PortControl, bpdu: Bpdu): void {
    const { port, watch } = control;
    if (bpdu.type === 'rapid') watch.counters.rstIn += 1;
    else if (bpdu.type === 'configuration') watch.counters.configurationIn += 1;
    else watch.counters.notificationIn += 1;
    if (!port.portEnabled) return;
    if (port.settings.bpduGuard) return this.#hold(control, 'bpdu-guard', this.#tree.settings.guardRecoverySeconds);
    if (this.#isOwn(port, bpdu)) return this.#hold(control, 'loop-back', LOOP_BACK_HELLOS * this.#tree.settings.helloTimeSeconds);
    port.message = bpdu;
    port.rcvdBpdu = true;
    this.#run();
  }

  /** §9.3.4 lets a port throw its own words away; a port that hears them would relay a loop of one cable, so it stops. */
  #isOwn(port: TreePort, bpdu: Bpdu): boolean {
    if (bpdu.type === 'topology-change-notification') return false;
    return compareBridges(bpdu.bridge, this.#tree.bridgeIdentifier) === 0 && portNumberOf(bpdu.port) === portNumberOf(port.portId);
  }

  #hold(control: PortControl, reason: HoldReason, recoverySeconds: number | undefined): void {
    const { clock, events } = this.#services;
    const { name } = this.#tree.settings;
    const port = control.port.settings.name;
    control.held = reason;
    if (recoverySeconds !== undefined)
      control.recovery = clock.after(recoverySeconds * SECOND, () => {
        this.#release(control);
        guardRecovered(events, name, { port });
        this.#enable(control);
        this.#run();
      });
    this.#enable(control);
    this.#run();
    if (reason === 'bpdu-guard') bpduGuarded(events, name, { port, recoverySeconds });
    else loopedBack(events, name, { port, recoverySeconds: recoverySeconds! });
  }

  #release(control: PortControl): void {
    control.recovery?.cancel();
    control.recovery = undefined;
    control.held = undefined;
  }

  #enable({ port, watch, up, held }: PortControl): void {
    port.portEnabled = up && held === undefined;
    if (!port.portEnabled) watch.guarding = false;
  }

  #transmit(port: TreePort, bpdu: Bpdu): void {
    const { counters } = this.#controls[port.index]!.watch;
    if (bpdu.type === 'rapid') counters.rstOut += 1;
    else if (bpdu.type === 'configuration') counters.configurationOut += 1;
    else counters.notificationOut += 1;
    this.#outbox.push({ port: port.index, frame: encodeBpduFrame(bpdu, port.settings.mac) });
  }

  #topologyChanged(port: TreePort, how: 'detected' | 'notified'): void {
    if (how === 'detected') this.#controls[port.index]!.watch.counters.topologyChanges += 1;
    this.#changes += 1;
    this.#lastChange = { port: port.settings.name, how };
  }

  #waitForTick(): void {
    this.#tick = this.#services.clock.after(SECOND, () => {
      for (const port of this.#tree.ports) tickPort(port);
      this.#waitForTick();
      this.#run();
      this.#tell();
    });
  }

  /**
   * All machines, until none moves. Messages leave at the end, so that they say what is: a port that an agreement speaks of has stopped
   * before the neighbour hears so.
   */
  #run(): void {
    if (this.#running || this.#tick === undefined) return;
    this.#running = true;
    let rounds = 0;
    while (this.#round()) {
      rounds += 1;
      if (rounds < ROUNDS_MAX) continue;
      this.unsettled += 1;
      break;
    }
    this.#running = false;
    const outbox = this.#outbox;
    this.#outbox = [];
    for (const { port, frame } of outbox) this.#services.output.transmit(port, frame);
  }

  #round(): boolean {
    const tree = this.#tree;
    let moved = false;
    for (const port of tree.ports) {
      if (portReceive(port)) moved = true;
      if (protocolMigration(tree, port)) moved = true;
      if (bridgeDetection(port)) moved = true;
      if (portInformation(tree, port)) moved = true;
    }
    if (roleSelection(tree)) moved = true;
    // New roles rest on information that is yet to be taken up.
    if (moved) return true;
    for (const port of tree.ports) {
      if (roleTransitions(tree, port)) moved = true;
      if (stateTransition(tree, port)) moved = true;
      if (topologyChange(tree, port)) moved = true;
    }
    if (moved) return true;
    for (const port of tree.ports) if (portTransmit(tree, port)) moved = true;
    return moved;
  }

  #tell(): void {
    const { events } = this.#services;
    const tree = this.#tree;
    const { name, legacy } = tree.settings;
    const { root, rootPathCost } = tree.rootPriority;
    if (this.#toldRoot === undefined || compareBridges(root, this.#toldRoot) !== 0) {
      this.#toldRoot = root;
      const port = tree.rootPort?.settings.name;
      rootChanged(events, name, { root: formatBridgeIdentifier(root), self: port === undefined, pathCost: rootPathCost, port });
    }
    if (this.#lastChange !== undefined) topologyChanged(events, name, { ...this.#lastChange, changes: this.#changes });
    this.#changes = 0;
    this.#lastChange = undefined;
    for (const { port, watch } of this.#controls) watch.tell(port, legacy, events, name);
  }
}

const stateOf = ({ learning, forwarding }: TreePort): PortRole => (forwarding ? 'forwarding' : learning ? 'learning' : 'discarding');

/** §17.6: { B : 0 : B : 0 }. */
const bridgeVector = (bridge: BridgeIdentifier): PriorityVector => ({
  root: bridge,
  rootPathCost: 0,
  designatedBridge: bridge,
  designatedPort: 0,
});
