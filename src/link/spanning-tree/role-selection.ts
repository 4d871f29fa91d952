/** Port Role Selection (IEEE 802.1D-2004 §17.28): who is root, which port leads there, and which ports serve their links. */
import { compareBridges, compareVectors, type PriorityVector } from './priority-vector.ts';
import { sameTimes } from './protocol-times.ts';
import type { SpanningTreeRole, Tree, TreePort } from './variables.ts';

export function roleSelection(tree: Tree): boolean {
  if (!tree.ports.some((port) => port.reselect)) return false;
  // ROLE_SELECTION: clearReselectTree, updtRolesTree, setSelectedTree.
  for (const port of tree.ports) port.reselect = false;
  selectRoot(tree);
  for (const port of tree.ports) selectRole(tree, port);
  for (const port of tree.ports) port.selected = true;
  return true;
}

/** §17.21.25 a) to c). */
function selectRoot(tree: Tree): void {
  let best = tree.bridgePriority;
  let from: TreePort | undefined;
  for (const port of tree.ports) {
    if (!mayLeadToRoot(tree, port)) continue;
    const path = rootPathOf(port);
    const compared = compareVectors(path, best) || (from === undefined ? 0 : port.portId - from.portId);
    // What goes past our own root means: of equal roots only this bridge itself is better than a way to it.
    if (compared >= 0) continue;
    best = path;
    from = port;
  }
  tree.rootPriority = best;
  tree.rootPort = from;
  tree.rootTimes = from === undefined ? tree.bridgeTimes : agedTimes(from);
}

/** Not this bridge's own words, come back; and with root guard none at all. */
const mayLeadToRoot = (tree: Tree, port: TreePort): boolean =>
  port.infoIs === 'received' && !port.settings.rootGuard && port.portPriority.designatedBridge.address !== tree.bridgeIdentifier.address;

/** §17.6: what the port knows, with the cost of the port on top. */
const rootPathOf = ({ portPriority, portPathCost }: TreePort): PriorityVector => ({
  ...portPriority,
  rootPathCost: portPriority.rootPathCost + portPathCost,
});

/** Message Age counts bridges: one more, in whole seconds. */
const agedTimes = ({ portTimes }: TreePort) => ({ ...portTimes, messageAgeSeconds: Math.round(portTimes.messageAgeSeconds + 1) });

/** §17.21.25 d) to l). */
function selectRole(tree: Tree, port: TreePort): void {
  const { root, rootPathCost } = tree.rootPriority;
  port.designatedPriority = { root, rootPathCost, designatedBridge: tree.bridgeIdentifier, designatedPort: port.portId };
  port.designatedTimes = { ...tree.rootTimes, helloTimeSeconds: tree.bridgeTimes.helloTimeSeconds };
  switch (port.infoIs) {
    case 'disabled':
      return choose(port, 'disabled', false);
    case 'aged':
      return choose(port, 'designated', true);
    case 'mine':
      return choose(
        port,
        'designated',
        compareVectors(port.portPriority, port.designatedPriority) !== 0 || !sameTimes(port.portTimes, port.designatedTimes),
      );
    case 'received':
      return selectByMessage(tree, port);
  }
}

function selectByMessage(tree: Tree, port: TreePort): void {
  if (port === tree.rootPort) return choose(port, 'root', false);
  if (compareVectors(port.designatedPriority, port.portPriority) < 0) {
    guard(tree, port, false);
    return choose(port, 'designated', true);
  }
  const own = port.portPriority.designatedBridge.address === tree.bridgeIdentifier.address;
  guard(tree, port, compareBridges(port.portPriority.root, tree.rootPriority.root) < 0);
  choose(port, own ? 'backup' : 'alternate', false);
}

function guard(tree: Tree, port: TreePort, kept: boolean): void {
  if (port.settings.rootGuard) tree.actions.rootGuarded(port, kept);
}

function choose(port: TreePort, role: SpanningTreeRole, updateInformation: boolean): void {
  port.selectedRole = role;
  port.updtInfo = updateInformation;
}
