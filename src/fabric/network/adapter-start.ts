/**
 * What an adapter's driver finds when it starts: firmware that it can't work with, ports that do not fit together, too few interrupt vectors. The
 * rules warn of it, and what runs tells of it and behaves so.
 */
import type { AdapterModel } from '../adapters/adapter-model.ts';
import { isOlderFirmware } from '../adapters/firmware.ts';
import type { Machine, NetworkAdapter, Nic } from './model.ts';

/** The driver does not start: none of the ports comes up. */
export interface OldFirmware {
  readonly found: string;
  /** The oldest that the driver works with. */
  readonly least: string;
  /** Of the file that is burned. */
  readonly image: string;
}

export interface PortsMismatch {
  readonly first: Nic;
  readonly second: Nic;
  /** Receive side scaling of the first; the second has the other. */
  readonly receiveScaling: boolean;
}

export interface ShortVectors {
  readonly given: number;
  readonly needed: number;
}

/** What is known of the drivers of other systems does not name a version. */
export function oldFirmware(machine: Machine, { model, firmware }: NetworkAdapter): OldFirmware | undefined {
  if (machine.os !== 'windows' || firmware === undefined || model.firmware === undefined) return undefined;
  const { image, versionMin } = model.firmware;
  return isOlderFirmware(firmware, versionMin) ? { found: firmware, least: versionMin, image } : undefined;
}

/** WinOF before ConnectX-3: where one port of two scales and the other does not, both are slower. */
export function portsMismatch(
  machine: Machine,
  { model }: NetworkAdapter,
  [first, second]: readonly (Nic | undefined)[],
): PortsMismatch | undefined {
  if (machine.os !== 'windows' || !isConnectX(model) || first === undefined || second === undefined) return undefined;
  const [one, other] = [first.offloads?.receiveScaling, second.offloads?.receiveScaling];
  return one === undefined || other === undefined || one === other ? undefined : { first, second, receiveScaling: one };
}

/** A vector for each receive queue of each port, and those of the adapter itself. A port of which nothing is said has one queue. */
export function shortVectors({ model, vectors }: NetworkAdapter, nics: readonly (Nic | undefined)[]): ShortVectors | undefined {
  const { vectorsBeyondQueues } = model;
  if (vectors === undefined || vectorsBeyondQueues === undefined) return undefined;
  const needed = nics.reduce((sum, nic) => sum + queuesOf(nic), vectorsBeyondQueues);
  return vectors < needed ? { given: vectors, needed } : undefined;
}

const queuesOf = (nic: Nic | undefined): number => (nic?.offloads?.receiveScaling === false ? 1 : (nic?.offloads?.receiveQueues ?? 1));

/** ConnectX and ConnectX-2; what came after ConnectX-3 has another driver. */
const isConnectX = ({ vendor, chip }: AdapterModel): boolean => vendor === 'Mellanox' && chip === 'ConnectX';

/** The ports that an adapter lists, in order; undefined where there is none of that name. */
export function portsOfAdapter(machine: Machine, { ports }: NetworkAdapter): readonly (Nic | undefined)[] {
  const nics = new Map(machine.nics.map((nic) => [nic.name, nic]));
  return ports.map(({ text }) => nics.get(text));
}
