/** Topology Change (IEEE 802.1D-2004 §17.31): a port that starts to forward may mean new ways, so that what was learned elsewhere goes. */
import type { Tree, TreePort } from './variables.ts';

export function topologyChange(tree: Tree, port: TreePort): boolean {
  const { states } = port;
  switch (states.topologyChange) {
    case 'inactive':
      if (!port.learn || port.fdbFlush) return false;
      clear(port);
      states.topologyChange = 'learning';
      return true;
    case 'learning':
      return learning(tree, port);
    case 'active':
      return active(tree, port);
  }
}

const isActiveRole = ({ role }: TreePort): boolean => role === 'root' || role === 'designated';

function clear(port: TreePort): void {
  port.rcvdTc = false;
  port.rcvdTcn = false;
  port.rcvdTcAck = false;
  port.tcProp = false;
}

function learning(tree: Tree, port: TreePort): boolean {
  if (isActiveRole(port) && port.forward && !port.operEdge) {
    // DETECTED
    newTcWhile(tree, port);
    setTcPropTree(tree, port);
    port.newInfo = true;
    port.states.topologyChange = 'active';
    tree.actions.topologyChanged(port, 'detected');
    return true;
  }
  if (port.rcvdTc || port.rcvdTcn || port.rcvdTcAck || port.tcProp) {
    clear(port);
    return true;
  }
  if (isActiveRole(port) || port.learn || port.learning) return false;
  // INACTIVE
  flush(tree, port);
  port.tcWhile = 0;
  port.tcAck = false;
  port.states.topologyChange = 'inactive';
  return true;
}

function active(tree: Tree, port: TreePort): boolean {
  if (!isActiveRole(port) || port.operEdge) {
    clear(port);
    port.states.topologyChange = 'learning';
  } else if (port.rcvdTcn || port.rcvdTc) {
    // NOTIFIED_TCN and NOTIFIED_TC
    if (port.rcvdTcn) newTcWhile(tree, port);
    port.rcvdTcn = false;
    port.rcvdTc = false;
    if (port.role === 'designated') port.tcAck = true;
    setTcPropTree(tree, port);
    tree.actions.topologyChanged(port, 'notified');
  } else if (port.tcProp) {
    // PROPAGATING
    newTcWhile(tree, port);
    flush(tree, port);
    port.tcProp = false;
  } else if (port.rcvdTcAck) {
    port.tcWhile = 0;
    port.rcvdTcAck = false;
  } else return false;
  return true;
}

/** §17.21.7: a hello and a second more for those that understand at once; the old kind is told for as long as it may take. */
function newTcWhile(tree: Tree, port: TreePort): void {
  if (port.tcWhile !== 0) return;
  if (port.sendRSTP) {
    port.tcWhile = port.designatedTimes.helloTimeSeconds + 1;
    port.newInfo = true;
  } else port.tcWhile = tree.rootTimes.maxAgeSeconds + tree.rootTimes.forwardDelaySeconds;
}

function setTcPropTree(tree: Tree, port: TreePort): void {
  for (const other of tree.ports) if (other !== port) other.tcProp = true;
}

/**
 * fdbFlush (§17.19.7) is done at once, also towards neighbours of the old kind, for which the standard shortens the ageing time instead:
 * what is forgotten too early is flooded once more, and learned again.
 */
function flush(tree: Tree, port: TreePort): void {
  tree.actions.flush(port);
  port.fdbFlush = false;
}
