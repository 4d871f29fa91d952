/** Rules over machines, switches and links as the network runs them: SW-1039 to SW-1064. */
import type { Rule } from '../../rule.ts';
import { adapterLimits } from './adapter-limits.ts';
import { adapterModelPorts } from './adapter-model-ports.ts';
import { adapterPortNames } from './adapter-port-names.ts';
import { attachedTwice } from './attached-twice.ts';
import { carriedMtu } from './carried-mtu.ts';
import { contradictingPort } from './contradicting-port.ts';
import { dhcpRange } from './dhcp-range.ts';
import { dhcpTaken } from './dhcp-taken.ts';
import { duplicateAddress } from './duplicate-address.ts';
import { duplicateNode } from './duplicate-node.ts';
import { edgeAddress } from './edge-address.ts';
import { hostVlan } from './host-vlan.ts';
import { linkSpeed } from './link-speed.ts';
import { linkVlans } from './link-vlans.ts';
import { loopingLinks } from './looping-links.ts';
import { markingThresholds } from './marking-thresholds.ts';
import { nativeVlan } from './native-vlan.ts';
import { outsidePortal } from './outside-portal.ts';
import { publication } from './publication.ts';
import { routeVia } from './route-via.ts';
import { sameNodeLink } from './same-node-link.ts';
import { sameSubnet } from './same-subnet.ts';
import { takenPort } from './taken-port.ts';
import { treeTimes } from './tree-times.ts';
import { unknownEnd } from './unknown-end.ts';
import { unreachableServer } from './unreachable-server.ts';

export const WIRE_RULES: readonly Rule[] = [
  unknownEnd,
  takenPort,
  sameNodeLink,
  duplicateNode,
  adapterModelPorts,
  adapterPortNames,
  adapterLimits,
  linkSpeed,
  duplicateAddress,
  sameSubnet,
  edgeAddress,
  routeVia,
  outsidePortal,
  unreachableServer,
  publication,
  contradictingPort,
  nativeVlan,
  linkVlans,
  hostVlan,
  carriedMtu,
  loopingLinks,
  treeTimes,
  dhcpRange,
  dhcpTaken,
  attachedTwice,
  markingThresholds,
];
