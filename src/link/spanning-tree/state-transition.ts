/** Port State Transition (IEEE 802.1D-2004 §17.30): makes the relay do what the role's machine decided, one step at a time. */
import type { Tree, TreePort } from './variables.ts';

export function stateTransition(tree: Tree, port: TreePort): boolean {
  const { learn, forward } = port;
  if (port.forwarding ? !forward : port.learning && !learn) {
    port.learning = false;
    port.forwarding = false;
  } else if (!port.learning && learn) port.learning = true;
  else if (port.learning && !port.forwarding && forward) port.forwarding = true;
  else return false;
  tree.actions.stateChanged(port);
  return true;
}
