/**
 * The variables that the state machines share, under the names that the standard gives them (IEEE 802.1D-2004 §17.15-17.19); timers count
 * whole seconds down to 0.
 */
import type { Bpdu, BridgeIdentifier } from '../../wire/ethernet/bpdu.ts';
import { type PriorityVector, portIdentifierOf } from './priority-vector.ts';
import { MIGRATE_TIME, type ProtocolTimes } from './protocol-times.ts';
import type { SpanningTreePortSettings, SpanningTreeSettings } from './settings.ts';

export type SpanningTreeRole = 'disabled' | 'root' | 'designated' | 'alternate' | 'backup';
/** §17.19.10: where the port's information is from. */
export type InfoIs = 'disabled' | 'aged' | 'mine' | 'received';

/** States of the machines whose state says more than the variables do. */
export interface PortStates {
  protocolMigration: 'checking-rstp' | 'selecting-stp' | 'sensing';
  portInformation: 'disabled' | 'aged' | 'current';
  roleTransition: 'disable-port' | 'disabled-port' | 'root-port' | 'designated-port' | 'block-port' | 'alternate-port';
  topologyChange: 'inactive' | 'learning' | 'active';
}

export interface TreePort {
  readonly index: number;
  readonly settings: SpanningTreePortSettings;
  readonly portId: number;
  readonly states: PortStates;

  // Timers, §17.17.
  edgeDelayWhile: number;
  fdWhile: number;
  helloWhen: number;
  mdelayWhile: number;
  rbWhile: number;
  rcvdInfoWhile: number;
  rrWhile: number;
  tcWhile: number;
  txCount: number;

  // §17.19.
  agree: boolean;
  agreed: boolean;
  designatedPriority: PriorityVector;
  designatedTimes: ProtocolTimes;
  disputed: boolean;
  fdbFlush: boolean;
  forward: boolean;
  forwarding: boolean;
  infoIs: InfoIs;
  learn: boolean;
  learning: boolean;
  mcheck: boolean;
  newInfo: boolean;
  operEdge: boolean;
  portEnabled: boolean;
  portPathCost: number;
  portPriority: PriorityVector;
  portTimes: ProtocolTimes;
  proposed: boolean;
  proposing: boolean;
  /** The message that rcvdBpdu speaks of. */
  message: Bpdu | undefined;
  rcvdBpdu: boolean;
  rcvdMsg: boolean;
  rcvdRSTP: boolean;
  rcvdSTP: boolean;
  rcvdTc: boolean;
  rcvdTcAck: boolean;
  rcvdTcn: boolean;
  reRoot: boolean;
  reselect: boolean;
  role: SpanningTreeRole;
  selected: boolean;
  selectedRole: SpanningTreeRole;
  sendRSTP: boolean;
  sync: boolean;
  synced: boolean;
  tcAck: boolean;
  tcProp: boolean;
  updtInfo: boolean;

  /** Not the standard's: what the neighbour heard last is better than what is so now (see role-transitions.ts). */
  worseUntold: boolean;
}

/** §17.18, and what the machines do to the world. */
export interface Tree {
  readonly settings: SpanningTreeSettings;
  bridgeIdentifier: BridgeIdentifier;
  bridgePriority: PriorityVector;
  readonly bridgeTimes: ProtocolTimes;
  readonly ports: readonly TreePort[];
  rootPriority: PriorityVector;
  rootTimes: ProtocolTimes;
  /** Undefined: this bridge is root. */
  rootPort: TreePort | undefined;
  readonly actions: TreeActions;
}

export interface TreeActions {
  transmit(port: TreePort, bpdu: Bpdu): void;
  /** learning or forwarding changed. */
  stateChanged(port: TreePort): void;
  flush(port: TreePort): void;
  topologyChanged(port: TreePort, how: 'detected' | 'notified'): void;
  /** Root guard keeps a better root out, or does not any longer. */
  rootGuarded(port: TreePort, kept: boolean): void;
}

/** Variables as they are at BEGIN (§17.18.1): each machine's first state has been entered. */
export function treePort(tree: Pick<Tree, 'settings' | 'bridgePriority' | 'bridgeTimes'>, index: number): TreePort {
  const settings = tree.settings.ports[index]!;
  const portId = portIdentifierOf(settings.priority, index + 1);
  const designatedPriority: PriorityVector = { ...tree.bridgePriority, designatedPort: portId };
  return {
    index,
    settings,
    portId,
    states: { protocolMigration: 'checking-rstp', portInformation: 'disabled', roleTransition: 'disable-port', topologyChange: 'inactive' },
    edgeDelayWhile: MIGRATE_TIME,
    fdWhile: tree.bridgeTimes.maxAgeSeconds,
    helloWhen: tree.bridgeTimes.helloTimeSeconds,
    mdelayWhile: MIGRATE_TIME,
    rbWhile: 0,
    rcvdInfoWhile: 0,
    rrWhile: tree.bridgeTimes.forwardDelaySeconds,
    tcWhile: 0,
    txCount: 0,
    agree: false,
    agreed: false,
    designatedPriority,
    designatedTimes: tree.bridgeTimes,
    disputed: false,
    fdbFlush: false,
    forward: false,
    forwarding: false,
    infoIs: 'disabled',
    learn: false,
    learning: false,
    mcheck: false,
    newInfo: true,
    operEdge: settings.edge,
    portEnabled: false,
    portPathCost: settings.pathCost ?? 0,
    portPriority: designatedPriority,
    portTimes: tree.bridgeTimes,
    proposed: false,
    proposing: false,
    message: undefined,
    rcvdBpdu: false,
    rcvdMsg: false,
    rcvdRSTP: false,
    rcvdSTP: false,
    rcvdTc: false,
    rcvdTcAck: false,
    rcvdTcn: false,
    reRoot: true,
    reselect: true,
    role: 'disabled',
    selected: false,
    selectedRole: 'disabled',
    sendRSTP: !tree.settings.legacy,
    sync: true,
    synced: false,
    tcAck: false,
    tcProp: false,
    updtInfo: false,
    worseUntold: false,
  };
}

// Conditions and parameters, §17.20.
/** forwardDelay (§17.20.5): who speaks rapid spanning tree waits for a hello's time only. */
export const forwardDelayOf = (port: TreePort): number =>
  port.sendRSTP ? port.designatedTimes.helloTimeSeconds : port.designatedTimes.forwardDelaySeconds;
/** EdgeDelay (§17.20.4). */
export const edgeDelayOf = (port: TreePort): number => (port.settings.pointToPoint ? MIGRATE_TIME : port.designatedTimes.maxAgeSeconds);
/** allSynced (§17.20.3). A port that has yet to take up new information is not in step, whatever it was before. */
export const allSynced = (tree: Tree): boolean =>
  tree.ports.every((port) => port.selected && !port.updtInfo && port.role === port.selectedRole && (port.synced || port.role === 'root'));
/** reRooted (§17.20.10): no other port was root a moment ago. */
export const reRooted = (tree: Tree, port: TreePort): boolean => tree.ports.every((other) => other === port || other.rrWhile === 0);
