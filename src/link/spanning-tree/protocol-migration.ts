/** Port Protocol Migration (IEEE 802.1D-2004 §17.24): speaks as the neighbour does, and changes its mind once in 3 s at most. */
import { MIGRATE_TIME } from './protocol-times.ts';
import type { Tree, TreePort } from './variables.ts';

export function protocolMigration(tree: Tree, port: TreePort): boolean {
  const rapid = !tree.settings.legacy;
  switch (port.states.protocolMigration) {
    case 'checking-rstp':
      if (port.mdelayWhile !== MIGRATE_TIME && !port.portEnabled) return checkRapid(rapid, port);
      return port.mdelayWhile === 0 && sense(port);
    case 'selecting-stp':
      return (port.mdelayWhile === 0 || !port.portEnabled || port.mcheck) && sense(port);
    case 'sensing':
      if (!port.portEnabled || port.mcheck || (rapid && !port.sendRSTP && port.rcvdRSTP)) return checkRapid(rapid, port);
      return port.sendRSTP && port.rcvdSTP && selectLegacy(port);
  }
}

function checkRapid(rapid: boolean, port: TreePort): true {
  port.states.protocolMigration = 'checking-rstp';
  port.mcheck = false;
  port.sendRSTP = rapid;
  port.mdelayWhile = MIGRATE_TIME;
  return true;
}

function selectLegacy(port: TreePort): true {
  port.states.protocolMigration = 'selecting-stp';
  port.sendRSTP = false;
  port.mdelayWhile = MIGRATE_TIME;
  return true;
}

function sense(port: TreePort): true {
  port.states.protocolMigration = 'sensing';
  port.rcvdRSTP = false;
  port.rcvdSTP = false;
  return true;
}
