/** Port Information (IEEE 802.1D-2004 §17.27): what is known at a port of the bridge that serves its link, for as long as it is repeated. */
import type { ConfigurationBpdu, RapidBpdu } from '../../wire/ethernet/bpdu.ts';
import { compareVectors, isFromSame, isSuperior, vectorOf } from './priority-vector.ts';
import { sameTimes, timesOf } from './protocol-times.ts';
import type { Tree, TreePort } from './variables.ts';

export function portInformation(tree: Tree, port: TreePort): boolean {
  if (!port.portEnabled && port.infoIs !== 'disabled') return disable(port);
  switch (port.states.portInformation) {
    case 'disabled':
      if (port.portEnabled) return age(port);
      return port.rcvdMsg && disable(port);
    case 'aged':
      return port.selected && port.updtInfo && update(port);
    case 'current':
      if (port.rcvdMsg && !port.updtInfo) return receive(tree, port);
      if (port.selected && port.updtInfo) return update(port);
      return port.infoIs === 'received' && port.rcvdInfoWhile === 0 && !port.updtInfo && !port.rcvdMsg && age(port);
  }
}

function disable(port: TreePort): true {
  port.states.portInformation = 'disabled';
  port.rcvdMsg = false;
  port.proposing = false;
  port.proposed = false;
  port.agree = false;
  port.agreed = false;
  // §17.19.6 does not say when a dispute ends without a discarding port; with the link it does.
  port.disputed = false;
  port.rcvdInfoWhile = 0;
  port.infoIs = 'disabled';
  port.reselect = true;
  port.selected = false;
  return true;
}

function age(port: TreePort): true {
  port.states.portInformation = 'aged';
  port.infoIs = 'aged';
  port.reselect = true;
  port.selected = false;
  return true;
}

/** UPDATE: the port tells its own bridge's information from now on. */
function update(port: TreePort): true {
  port.states.portInformation = 'current';
  port.proposing = false;
  port.proposed = false;
  // betterorsameInfo (§17.21.1): an agreement holds for what was agreed to, and for better.
  const worse = compareVectors(port.designatedPriority, port.portPriority) > 0;
  port.agreed &&= port.infoIs === 'mine' && !worse;
  port.worseUntold ||= worse;
  port.synced &&= port.agreed;
  port.portPriority = port.designatedPriority;
  port.portTimes = port.designatedTimes;
  port.updtInfo = false;
  port.infoIs = 'mine';
  port.newInfo = true;
  return true;
}

/** RECEIVE, with rcvInfo (§17.21.8), and the states it leads to. */
function receive(tree: Tree, port: TreePort): true {
  const { message } = port;
  port.rcvdMsg = false;
  port.message = undefined;
  if (message === undefined) return true;
  if (message.type === 'topology-change-notification') {
    port.rcvdTcn = true;
    return true;
  }
  const vector = vectorOf(message);
  const times = timesOf(message);
  // §9.2.9: a configuration BPDU is a designated port's; and so is taken to be what names no role.
  const designated = message.type === 'configuration' || message.role === 'designated' || message.role === 'unknown';
  const compared = compareVectors(vector, port.portPriority);
  if (!designated) {
    if (!isSuperior(vector, port.portPriority)) notDesignated(tree, port, message);
    else if (port.infoIs === 'received' && isFromSame(vector, port.portPriority)) port.rcvdInfoWhile = 0;
  } else if (isSuperior(vector, port.portPriority) || (compared === 0 && !sameTimes(times, port.portTimes)))
    superiorDesignated(port, message);
  else if (compared === 0) repeatedDesignated(port, message);
  else inferiorDesignated(port, message);
  return true;
}

function superiorDesignated(port: TreePort, message: ConfigurationBpdu | RapidBpdu): void {
  const vector = vectorOf(message);
  port.agreed = false;
  port.proposing = false;
  recordProposal(port, message);
  setTcFlags(port, message);
  port.agree &&= port.infoIs === 'received' && compareVectors(vector, port.portPriority) <= 0;
  port.portPriority = vector;
  port.portTimes = timesOf(message);
  updateReceivedInfoWhile(port);
  port.infoIs = 'received';
  port.reselect = true;
  port.selected = false;
}

function repeatedDesignated(port: TreePort, message: ConfigurationBpdu | RapidBpdu): void {
  recordProposal(port, message);
  setTcFlags(port, message);
  updateReceivedInfoWhile(port);
}

/**
 * recordDispute (§17.21.10; corrected by IEEE 802.1Q-2005 §13.26): somebody learns who thinks less of the root than we told. So our messages
 * do not get there: what goes through both of us may be a loop.
 */
function inferiorDesignated(port: TreePort, message: ConfigurationBpdu | RapidBpdu): void {
  if (message.type !== 'rapid' || !message.learning) return;
  port.disputed = true;
  port.agreed = false;
}

function notDesignated(tree: Tree, port: TreePort, message: ConfigurationBpdu | RapidBpdu): void {
  recordAgreement(tree, port, message);
  setTcFlags(port, message);
}

/** §17.21.9: only where one bridge is at the other end does one agreement do. */
function recordAgreement(tree: Tree, port: TreePort, message: ConfigurationBpdu | RapidBpdu): void {
  port.agreed = !tree.settings.legacy && port.settings.pointToPoint && message.type === 'rapid' && message.agreement;
  if (port.agreed) port.proposing = false;
}

function recordProposal(port: TreePort, message: ConfigurationBpdu | RapidBpdu): void {
  if (message.type === 'rapid' && message.role === 'designated' && message.proposal) port.proposed = true;
}

/** §17.21.17. */
function setTcFlags(port: TreePort, message: ConfigurationBpdu | RapidBpdu): void {
  if (message.topologyChange) port.rcvdTc = true;
  if (message.topologyChangeAcknowledgment) port.rcvdTcAck = true;
}

/** updtRcvdInfoWhile (§17.21.23): good for three hellos, unless it has come so far that it is past its age. */
function updateReceivedInfoWhile(port: TreePort): void {
  const { messageAgeSeconds, maxAgeSeconds, helloTimeSeconds } = port.portTimes;
  port.rcvdInfoWhile = Math.round(messageAgeSeconds + 1) <= maxAgeSeconds ? 3 * helloTimeSeconds : 0;
}
