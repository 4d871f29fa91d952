/** Who a logical unit is and what it can do, asked once when it is opened (SPC-5 §6.7, SBC-4 §5.20-21, §6.6). */
import * as cdbs from '../../wire/scsi/cdb.ts';
import {
  type BlockLimits,
  type Capacity,
  decodeBlockLimits,
  decodeCapacity10,
  decodeCapacity16,
  decodeProvisioning,
  type Provisioning,
} from '../../wire/scsi/capacity-data.ts';
import {
  decodeDesignators,
  decodeSerialNumber,
  decodeStandardInquiry,
  decodeSupportedPages,
  type Designator,
  type StandardInquiry,
  unitName,
} from '../../wire/scsi/inquiry-data.ts';
import { STATUS_CHECK_CONDITION } from '../../wire/scsi/status.ts';
import { type CommandRunner, execute } from './command-runner.ts';
import { decoded } from './decoded.ts';
import { IscsiError } from './iscsi-error.ts';

export interface UnitIdentity {
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  readonly serial: string | undefined;
  /** `naa.6...`, `eui....` or `t10....`: the same through every path to it. */
  readonly name: string | undefined;
  readonly designators: readonly Designator[];
  readonly inquiry: StandardInquiry;
}

export interface UnitFacts {
  readonly identity: UnitIdentity;
  readonly capacity: Capacity;
  readonly limits: BlockLimits;
  readonly provisioning: Provisioning;
}

const PAGE_BYTES = 255;
/** UNIT ATTENTIONs of a unit that was just found: power on, reset, changed this and that. */
export const ATTENTION_RETRIES = 8;

const NO_LIMITS: BlockLimits = {
  compareAndWriteBlocksMax: 0,
  transferBlocksMax: 0,
  optimalTransferBlocks: 0,
  unmapBlocksMax: 0,
  unmapDescriptorsMax: 0,
  unmapGranularityBlocks: 0,
  writeSameBlocksMax: 0,
};
const NO_PROVISIONING: Provisioning = { byUnmap: false, byWriteSame16: false, readsZeros: false };

/** Of a command with data-in, past the UNIT ATTENTIONs in its way. */
export async function ask(
  runner: CommandRunner,
  lun: number,
  cdb: Uint8Array,
  bytes: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  return (await execute(runner, { lun, cdb, dataInBytes: bytes, attentionRetries: ATTENTION_RETRIES }, signal)).data;
}

/** Undefined where the device does not know the command or the page. */
async function askIfKnown<Value>(answer: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await answer();
  } catch (error) {
    const refused = error instanceof IscsiError && error.status === STATUS_CHECK_CONDITION && error.sense?.key === 'ILLEGAL REQUEST';
    if (refused || (error instanceof IscsiError && error.reason === 'pdu-invalid')) return undefined;
    throw error;
  }
}

export async function askIdentity(
  runner: CommandRunner,
  lun: number,
  signal?: AbortSignal,
): Promise<{ identity: UnitIdentity; pages: readonly number[] }> {
  const inquiry = decoded(decodeStandardInquiry, await ask(runner, lun, cdbs.inquiry(undefined, 96), 96, signal));
  const page = <Value>(code: number, decode: (bytes: Uint8Array) => Value): Promise<Value | undefined> =>
    askIfKnown(async () => decoded(decode, await ask(runner, lun, cdbs.inquiry(code, PAGE_BYTES), PAGE_BYTES, signal)));
  const pages = (await page(0x00, decodeSupportedPages)) ?? [];
  const designators = pages.includes(0x83) ? ((await page(0x83, decodeDesignators)) ?? []) : [];
  const serial = pages.includes(0x80) ? await page(0x80, decodeSerialNumber) : undefined;
  const { vendor, product, revision } = inquiry;
  return { identity: { vendor, product, revision, serial, name: unitName(designators), designators, inquiry }, pages };
}

export async function askCapacity(runner: CommandRunner, lun: number, signal?: AbortSignal): Promise<Capacity> {
  const long = await askIfKnown(async () => decoded(decodeCapacity16, await ask(runner, lun, cdbs.readCapacity16(32), 32, signal)));
  if (long !== undefined) return long;
  const short = decoded(decodeCapacity10, await ask(runner, lun, cdbs.readCapacity10(), 8, signal));
  if (short === undefined)
    throw new IscsiError('unsupported', `LUN ${lun} has more blocks than READ CAPACITY(10) can tell, and does not know READ CAPACITY(16).`);
  return short;
}

/** Rejects for what is no block device, and for a LUN that does not exist. */
export async function askFacts(runner: CommandRunner, lun: number, signal?: AbortSignal): Promise<UnitFacts> {
  const { identity, pages } = await askIdentity(runner, lun, signal);
  const { qualifier, deviceType } = identity.inquiry;
  if (qualifier === 3 || deviceType === 0x1f) throw new IscsiError('usage', `There is no LUN ${lun} at this target.`);
  if (deviceType !== 0)
    throw new IscsiError('usage', `LUN ${lun} is no block device (device type ${deviceType.toString(16).padStart(2, '0')}h).`);
  await execute(runner, { lun, cdb: cdbs.testUnitReady(), attentionRetries: ATTENTION_RETRIES }, signal);
  const capacity = await askCapacity(runner, lun, signal);
  const page = <Value>(code: number, decode: (bytes: Uint8Array) => Value): Promise<Value | undefined> =>
    pages.includes(code)
      ? askIfKnown(async () => decoded(decode, await ask(runner, lun, cdbs.inquiry(code, PAGE_BYTES), PAGE_BYTES, signal)))
      : Promise.resolve(undefined);
  const limits = (await page(0xb0, decodeBlockLimits)) ?? NO_LIMITS;
  const provisioning = (await page(0xb2, decodeProvisioning)) ?? NO_PROVISIONING;
  return { identity, capacity, limits, provisioning };
}
