/** Priority vectors (IEEE 802.1D-2004 §17.5-17.6): by them bridges agree on who is root, and on who serves each link. */
import type { BridgeIdentifier, BpduInformation } from '../../wire/ethernet/bpdu.ts';

export interface PriorityVector {
  readonly root: BridgeIdentifier;
  readonly rootPathCost: number;
  readonly designatedBridge: BridgeIdentifier;
  readonly designatedPort: number;
}

/** The 12 bits of a port identifier behind its priority (§9.2.7). */
export const portNumberOf = (portIdentifier: number): number => portIdentifier & 0x0fff;
export const portIdentifierOf = (priority: number, portNumber: number): number => ((priority & 0xf0) << 8) | portNumber;

export const compareBridges = (one: BridgeIdentifier, other: BridgeIdentifier): number =>
  one.priority - other.priority || one.address - other.address;

/** Below zero: `one` is better; zero: they are the same. */
export const compareVectors = (one: PriorityVector, other: PriorityVector): number =>
  compareBridges(one.root, other.root) ||
  one.rootPathCost - other.rootPathCost ||
  compareBridges(one.designatedBridge, other.designatedBridge) ||
  one.designatedPort - other.designatedPort;

/** §17.6: a message is superior where it is better, or where it comes from whom we heard before and says something else. */
export function isSuperior(message: PriorityVector, held: PriorityVector): boolean {
  const compared = compareVectors(message, held);
  if (compared !== 0 && isFromSame(message, held)) return true;
  return compared < 0;
}

/** The same port of the same bridge speaks, with whatever priorities. */
export const isFromSame = (one: PriorityVector, other: PriorityVector): boolean =>
  one.designatedBridge.address === other.designatedBridge.address &&
  portNumberOf(one.designatedPort) === portNumberOf(other.designatedPort);

export const vectorOf = ({ root, rootPathCost, bridge, port }: BpduInformation): PriorityVector => ({
  root,
  rootPathCost,
  designatedBridge: bridge,
  designatedPort: port,
});
