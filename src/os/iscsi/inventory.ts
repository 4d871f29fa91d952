/** Which logical units a target has and what they are (SPC-5 §6.7, SBC-4 §5.20), one by one: one that does not answer hides none of the others. */
import type { Capacity } from '../../wire/scsi/capacity-data.ts';
import type { IscsiSession } from './iscsi-session.ts';
import { askCapacity, askIdentity, type UnitIdentity } from './unit-identity.ts';

export interface ListedUnit {
  readonly lun: number;
  /** Undefined: it did not even say who it is. */
  readonly identity: UnitIdentity | undefined;
  /** Of block devices that are ready. */
  readonly capacity: Capacity | undefined;
  /** What is missing, and why. */
  readonly problem: Error | undefined;
}

const BLOCK_DEVICE = 0x00;

export async function listUnits(session: IscsiSession, only?: number): Promise<readonly ListedUnit[]> {
  const units: ListedUnit[] = [];
  for (const lun of only === undefined ? await session.luns() : [only]) units.push(await listUnit(session, lun));
  return units;
}

async function listUnit(session: IscsiSession, lun: number): Promise<ListedUnit> {
  let identity: UnitIdentity | undefined;
  try {
    ({ identity } = await askIdentity(session, lun));
    const capacity = identity.inquiry.deviceType === BLOCK_DEVICE ? await askCapacity(session, lun) : undefined;
    return { lun, identity, capacity, problem: undefined };
  } catch (error) {
    if (session.core.state === 'closed') throw error;
    return { lun, identity, capacity: undefined, problem: error as Error };
  }
}

/** PERIPHERAL DEVICE TYPE (SPC-5 table 141). */
const DEVICE_TYPES: Readonly<Record<number, string>> = {
  0x00: 'disk',
  0x01: 'tape',
  0x03: 'processor',
  0x05: 'CD/DVD',
  0x07: 'optical memory',
  0x08: 'medium changer',
  0x0c: 'controller',
  0x0d: 'enclosure',
  0x0e: 'disk (RBC)',
  0x11: 'object storage',
  0x14: 'zoned disk',
  0x1e: 'well known unit',
  0x1f: 'no unit',
};

export const deviceTypeText = (type: number): string => DEVICE_TYPES[type] ?? `type ${type.toString(16).padStart(2, '0').toUpperCase()}h`;
