/**
 * Port Transmit (IEEE 802.1D-2004 §17.26): tells what is new, and every hello time what is known, but never more often in a second than
 * the transmit hold count allows.
 */
import type { BpduInformation, BpduPortRole } from '../../wire/ethernet/bpdu.ts';
import type { SpanningTreeRole, Tree, TreePort } from './variables.ts';

export function portTransmit(tree: Tree, port: TreePort): boolean {
  // What is disabled has nobody to talk to; that it has news to tell is kept.
  if (port.role === 'disabled' || !port.selected || port.updtInfo) return false;
  if (port.helloWhen === 0) {
    // TRANSMIT_PERIODIC
    port.newInfo ||= port.role === 'designated' || (port.role === 'root' && port.tcWhile !== 0);
    idle(port);
    return true;
  }
  if (!port.newInfo || port.txCount >= tree.settings.transmitHoldCount) return false;
  if (port.sendRSTP) transmitRapid(tree, port);
  else if (port.role === 'designated') transmitConfiguration(tree, port);
  else if (port.role === 'root') tree.actions.transmit(port, { type: 'topology-change-notification' });
  else return false;
  port.newInfo = false;
  port.worseUntold = false;
  port.txCount += 1;
  idle(port);
  return true;
}

function idle(port: TreePort): void {
  port.helloWhen = port.designatedTimes.helloTimeSeconds;
}

const information = ({
  designatedPriority: { root, rootPathCost, designatedBridge, designatedPort },
  designatedTimes,
  tcWhile,
}: TreePort) =>
  ({
    topologyChange: tcWhile !== 0,
    topologyChangeAcknowledgment: false,
    root,
    rootPathCost,
    bridge: designatedBridge,
    port: designatedPort,
    ...designatedTimes,
  }) satisfies BpduInformation;

/** txConfig (§17.21.19). */
function transmitConfiguration(tree: Tree, port: TreePort): void {
  tree.actions.transmit(port, { type: 'configuration', ...information(port), topologyChangeAcknowledgment: port.tcAck });
  port.tcAck = false;
}

/** txRstp (§17.21.20). */
function transmitRapid(tree: Tree, port: TreePort): void {
  const { proposing: proposal, learning, forwarding, agree: agreement } = port;
  tree.actions.transmit(port, {
    type: 'rapid',
    ...information(port),
    proposal,
    role: roleOnWire(port.role),
    learning,
    forwarding,
    agreement,
  });
  port.tcAck = false;
}

const roleOnWire = (role: SpanningTreeRole): BpduPortRole => (role === 'root' || role === 'designated' ? role : 'alternate-or-backup');
