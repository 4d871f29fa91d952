/** Port Receive (IEEE 802.1D-2004 §17.23): takes in one message at a time, and gives up the belief that only stations are here. */
import { MIGRATE_TIME } from './protocol-times.ts';
import type { TreePort } from './variables.ts';

/** True: the machine moved. So it is with all of them. */
export function portReceive(port: TreePort): boolean {
  if (!port.portEnabled) {
    if (!port.rcvdBpdu && port.edgeDelayWhile === MIGRATE_TIME) return false;
    // DISCARD
    port.rcvdBpdu = false;
    port.rcvdRSTP = false;
    port.rcvdSTP = false;
    port.rcvdMsg = false;
    port.edgeDelayWhile = MIGRATE_TIME;
    return true;
  }
  if (!port.rcvdBpdu || port.rcvdMsg) return false;
  // RECEIVE, with updtBPDUVersion (§17.21.22).
  const rapid = port.message?.type === 'rapid';
  port.rcvdRSTP = rapid;
  port.rcvdSTP = !rapid;
  port.operEdge = false;
  port.rcvdBpdu = false;
  port.rcvdMsg = true;
  port.edgeDelayWhile = MIGRATE_TIME;
  return true;
}
