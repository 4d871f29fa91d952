/** Everything a logical unit says of itself: INQUIRY and its pages (SPC-5 §6.7), capacity, port groups and mode pages, as it came and decoded. */
import type { Capacity } from '../../wire/scsi/capacity-data.ts';
import * as cdbs from '../../wire/scsi/cdb.ts';
import { decodeStandardInquiry, decodeSupportedPages, type StandardInquiry } from '../../wire/scsi/inquiry-data.ts';
import { describeModes, type ModeWords } from '../../wire/scsi/mode-words.ts';
import { decodePortGroups, type PortGroup } from '../../wire/scsi/port-groups-data.ts';
import { decoded } from './decoded.ts';
import { IscsiError } from './iscsi-error.ts';
import type { IscsiSession } from './iscsi-session.ts';
import { ask, askCapacity } from './unit-identity.ts';

export interface UnitInspection {
  readonly lun: number;
  readonly inquiry: StandardInquiry;
  readonly standardBytes: Uint8Array;
  /** Of block devices that are ready. */
  readonly capacity: Capacity | undefined;
  /** Headers and all, in the order of their codes. */
  readonly pages: readonly Uint8Array[];
  readonly portGroups: readonly PortGroup[] | undefined;
  readonly modes: ModeWords | undefined;
}

/** Most devices, the oldest among them, take an allocation length of one byte only. */
const STANDARD_BYTES = 96;
const SHORT_BYTES = 255;
const LONG_BYTES = 8192;
const ALL_MODE_PAGES = 0x3f;

/** `only`: one page, which has to be there, and nothing beside INQUIRY. Rejects with an IscsiError. */
export async function inspectUnit(session: IscsiSession, lun: number, only?: number): Promise<UnitInspection> {
  const standardBytes = await ask(session, lun, cdbs.inquiry(undefined, STANDARD_BYTES), STANDARD_BYTES, undefined);
  const inquiry = decoded(decodeStandardInquiry, standardBytes);
  if (inquiry.qualifier === 3) throw new IscsiError('usage', `There is no LUN ${lun} at this target.`);
  const nothing = { capacity: undefined, portGroups: undefined, modes: undefined };
  if (only !== undefined) return { lun, inquiry, standardBytes, pages: [await askPage(session, lun, only)], ...nothing };
  const listed = await orNothing(async () => decoded(decodeSupportedPages, await askPage(session, lun, 0x00)));
  const pages: Uint8Array[] = [];
  for (const page of listed ?? []) {
    const bytes = await orNothing(() => askPage(session, lun, page));
    if (bytes !== undefined && bytes.length >= 4) pages.push(bytes);
  }
  const { deviceType, targetPortGroups } = inquiry;
  const askList = (cdb: Uint8Array): Promise<Uint8Array> => ask(session, lun, cdb, LONG_BYTES, undefined);
  return {
    lun,
    inquiry,
    standardBytes,
    pages,
    capacity: deviceType === 0 ? await orNothing(() => askCapacity(session, lun)) : undefined,
    portGroups:
      targetPortGroups === 0
        ? undefined
        : await orNothing(async () => decoded(decodePortGroups, await askList(cdbs.reportTargetPortGroups(LONG_BYTES)))),
    modes: await orNothing(async () => decoded(describeModes, await askList(cdbs.modeSense10(ALL_MODE_PAGES, 0, LONG_BYTES)))),
  };
}

async function askPage(session: IscsiSession, lun: number, page: number): Promise<Uint8Array> {
  const bytes = await ask(session, lun, cdbs.inquiry(page, SHORT_BYTES), SHORT_BYTES, undefined);
  const whole = bytes.length < 4 ? 0 : 4 + bytes[2]! * 256 + bytes[3]!;
  return whole <= SHORT_BYTES ? bytes : ask(session, lun, cdbs.inquiry(page, LONG_BYTES), LONG_BYTES, undefined);
}

/** What a device refuses or garbles is left out; a session that is gone is not. */
async function orNothing<Value>(answer: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof IscsiError && (error.reason === 'status' || error.reason === 'pdu-invalid')) return undefined;
    throw error;
  }
}
