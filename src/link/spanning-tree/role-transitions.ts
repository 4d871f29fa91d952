/**
 * Port Role Transitions (IEEE 802.1D-2004 §17.29): gives a port the role selected for it, and lets it forward when that is safe: at once
 * where the neighbour agreed or where the old root port has stopped, and otherwise after waiting.
 */
import type { SpanningTreeRole, Tree, TreePort } from './variables.ts';
import { allSynced, edgeDelayOf, forwardDelayOf, reRooted } from './variables.ts';

export function roleTransitions(tree: Tree, port: TreePort): boolean {
  // Every way out of every state asks for this (figures 17-20 to 17-23).
  if (!port.selected || port.updtInfo) return false;
  if (port.role !== port.selectedRole) return changeRole(port, port.selectedRole);
  switch (port.states.roleTransition) {
    case 'disable-port':
      if (port.learning || port.forwarding) return false;
      return disabledPort(port);
    case 'disabled-port':
      if (port.fdWhile === port.designatedTimes.maxAgeSeconds && !port.sync && !port.reRoot && port.synced) return false;
      return disabledPort(port);
    case 'root-port':
      return rootPort(tree, port);
    case 'designated-port':
      return designatedPort(tree, port);
    case 'block-port':
      if (port.learning || port.forwarding) return false;
      return alternatePort(port);
    case 'alternate-port':
      return alternateOrBackup(tree, port);
  }
}

function changeRole(port: TreePort, role: SpanningTreeRole): true {
  port.role = role;
  switch (role) {
    case 'root':
      port.states.roleTransition = 'root-port';
      port.rrWhile = port.designatedTimes.forwardDelaySeconds;
      break;
    case 'designated':
      port.states.roleTransition = 'designated-port';
      break;
    case 'disabled':
      port.states.roleTransition = 'disable-port';
      stop(port);
      break;
    case 'alternate':
    case 'backup':
      port.states.roleTransition = 'block-port';
      stop(port);
      break;
  }
  return true;
}

function stop(port: TreePort): void {
  port.learn = false;
  port.forward = false;
}

/** DISABLED_PORT: waits with its timer full. */
function disabledPort(port: TreePort): true {
  port.states.roleTransition = 'disabled-port';
  port.fdWhile = port.designatedTimes.maxAgeSeconds;
  return atRest(port);
}

function alternatePort(port: TreePort): true {
  port.states.roleTransition = 'alternate-port';
  port.fdWhile = forwardDelayOf(port);
  return atRest(port);
}

function atRest(port: TreePort): true {
  port.synced = true;
  port.rrWhile = 0;
  port.sync = false;
  port.reRoot = false;
  return true;
}

function setSyncTree(tree: Tree): void {
  for (const port of tree.ports) port.sync = true;
}

/** Figure 17-21. */
function rootPort(tree: Tree, port: TreePort): boolean {
  const { forwardDelaySeconds } = port.designatedTimes;
  if (port.rrWhile !== forwardDelaySeconds) port.rrWhile = forwardDelaySeconds;
  // ROOT_PROPOSED: everybody behind us shall be in step before we agree.
  else if (port.proposed && !port.agree) {
    setSyncTree(tree);
    port.proposed = false;
  }
  // ROOT_AGREED
  else if ((allSynced(tree) && !port.agree) || (port.proposed && port.agree)) {
    port.proposed = false;
    port.sync = false;
    port.agree = true;
    port.newInfo = true;
  }
  // REROOT: those that were root ports shall stop before we start.
  else if (!port.forward && !port.reRoot) for (const other of tree.ports) other.reRoot = true;
  else if (mayStartAsRoot(tree, port) && !port.learn) {
    port.fdWhile = forwardDelayOf(port);
    port.learn = true;
  } else if (mayStartAsRoot(tree, port) && !port.forward) {
    port.fdWhile = 0;
    port.forward = true;
  }
  // REROOTED
  else if (port.reRoot && port.forward) port.reRoot = false;
  else return false;
  return true;
}

const mayStartAsRoot = (tree: Tree, port: TreePort): boolean =>
  port.fdWhile === 0 || (reRooted(tree, port) && port.rbWhile === 0 && !tree.settings.legacy);

/** Figure 17-22. */
function designatedPort(tree: Tree, port: TreePort): boolean {
  const heldUp = isHeldUp(tree, port) && !port.operEdge;
  const mayStart = (port.fdWhile === 0 || port.agreed || port.operEdge) && (port.rrWhile === 0 || !port.reRoot) && !port.sync && !heldUp;
  const mustStop = (port.sync && !port.synced) || (port.reRoot && port.rrWhile !== 0) || port.disputed || heldUp;
  // DESIGNATED_DISCARD comes before what would let it go on.
  if (mustStop && !port.operEdge && (port.learn || port.forward)) {
    stop(port);
    port.disputed = false;
    port.fdWhile = forwardDelayOf(port);
  } else if (!port.forward && !port.agreed && !port.proposing && !port.operEdge) {
    port.proposing = true;
    port.edgeDelayWhile = edgeDelayOf(port);
    port.newInfo = true;
  } else if (isInStep(port)) {
    port.rrWhile = 0;
    port.synced = true;
    port.sync = false;
  } else if (port.rrWhile === 0 && port.reRoot) port.reRoot = false;
  else if (mayStart && !port.learn) {
    port.learn = true;
    port.fdWhile = forwardDelayOf(port);
  } else if (mayStart && !port.forward) {
    port.forward = true;
    port.fdWhile = 0;
    port.agreed = port.sendRSTP;
  } else return false;
  return true;
}

/**
 * Not the standard's: the neighbour goes by what is no longer so, and the transmit hold count lets nobody tell it for now. When a root dies
 * in a network with many loops, bridges pass its name around until it has aged, and the standard's machines may forward in a circle
 * meanwhile, for seconds where the count holds them up. A port that cannot say so stops, and starts again by a proposal.
 */
const isHeldUp = (tree: Tree, port: TreePort): boolean =>
  port.worseUntold && port.sendRSTP && port.txCount >= tree.settings.transmitHoldCount;

/** The way to DESIGNATED_SYNCED. */
const isInStep = (port: TreePort): boolean =>
  (!port.learning && !port.forwarding && !port.synced) ||
  (port.agreed && !port.synced) ||
  (port.operEdge && !port.synced) ||
  (port.sync && port.synced);

/** Figure 17-23. */
function alternateOrBackup(tree: Tree, port: TreePort): boolean {
  if (port.role === 'backup' && port.rbWhile !== 2 * port.designatedTimes.helloTimeSeconds)
    port.rbWhile = 2 * port.designatedTimes.helloTimeSeconds;
  else if (port.fdWhile !== forwardDelayOf(port) || port.sync || port.reRoot || !port.synced) alternatePort(port);
  else if (port.proposed && !port.agree) {
    setSyncTree(tree);
    port.proposed = false;
  } else if ((allSynced(tree) && !port.agree) || (port.proposed && port.agree)) {
    port.proposed = false;
    port.agree = true;
    port.newInfo = true;
  } else return false;
  return true;
}
