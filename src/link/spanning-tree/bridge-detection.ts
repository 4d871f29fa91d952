/** Bridge Detection (IEEE 802.1D-2004 §17.25): a port where no bridge answers is an edge, and forwards at once. */
import type { TreePort } from './variables.ts';

/** The machine's two states are what operEdge says; a BPDU clears it (Port Receive), which is the way from EDGE to NOT_EDGE. */
export function bridgeDetection(port: TreePort): boolean {
  const { edge, autoEdge } = port.settings;
  if (port.operEdge) {
    if (port.portEnabled || edge) return false;
    port.operEdge = false;
    return true;
  }
  const silent = port.edgeDelayWhile === 0 && autoEdge && port.sendRSTP && port.proposing;
  if (!silent && (port.portEnabled || !edge)) return false;
  port.operEdge = true;
  return true;
}
