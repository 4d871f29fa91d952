/** Ports of switches as the rules about VLANs and frame sizes see them: what they carry, how large, and where that is written. */
import { carriedVlans } from '../fabric/network/carried-vlans.ts';
import type { Aggregation } from '../fabric/network/model.ts';
import type { PortVlans } from '../link/port-vlans.ts';
import type { Path } from '../fabric/problem.ts';
import { type BridgePort, settingsPlace } from './network.ts';

const known = new WeakMap<object, PortVlans>();

/** The table of a port's VLANs, made once. */
export function vlansOf({ port }: BridgePort): PortVlans {
  let vlans = known.get(port.vlans);
  if (vlans === undefined) known.set(port.vlans, (vlans = carriedVlans(port.vlans)));
  return vlans;
}

/** The aggregation that the port is part of. */
export const aggregationAt = ({ one, port }: BridgePort): Aggregation | undefined =>
  port.aggregation === undefined ? undefined : one.aggregations.find(({ name }) => name === port.aggregation);

/** Where the port's VLANs are written, or would be: at its aggregation, if it is part of one. */
export const vlansPlace = (end: BridgePort): Path => aggregationAt(end)?.at ?? end.port.at;

/** Places that a finding about the port's VLANs rests on. */
export const vlansRestOn = (end: BridgePort): Path[] => [settingsPlace(end), [...end.one.at, 'aggregations']];

/** Largest payload of a frame at the port, and where that is said: at the port, its aggregation, or the switch. */
export const portMtu = ({ one, port }: BridgePort): { readonly mtuBytes: number; readonly at: Path } =>
  port.mtu === undefined ? { mtuBytes: one.mtuBytes, at: [...one.at, 'mtu'] } : { mtuBytes: port.mtu.value, at: port.mtu.at };

/** Something of the world is plugged in: nobody knows what is behind it. */
export const isWorldly = (end: BridgePort): boolean => end.port.attach !== undefined;
