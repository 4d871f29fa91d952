/**
 * Which logical units there are behind a session, and what they are: REPORT LUNS (SPC-5 §6.33), INQUIRY with the pages that name a unit
 * (§6.7, §7.8.6, §7.8.18), READ CAPACITY (SBC-4 §5.20, §5.21). A few units at a time; one that can't be asked is left out.
 */
import { DecodeError } from '../../../base/bytes.ts';
import { type Capacity, decodeCapacity10, decodeCapacity16 } from '../../../wire/scsi/capacity-data.ts';
import * as cdbs from '../../../wire/scsi/cdb.ts';
import {
  decodeDesignators,
  decodeSerialNumber,
  decodeStandardInquiry,
  decodeSupportedPages,
  type Designator,
  unitName,
} from '../../../wire/scsi/inquiry-data.ts';
import { decodeLunList } from '../../../wire/scsi/lun-list.ts';
import { describeStatus, STATUS_GOOD } from '../../../wire/scsi/status.ts';
import type { InitiatorError } from '../initiator/errors.ts';
import { type CommandRequest, InitiatorTask } from '../initiator/task.ts';

/** Where commands of a scan go. */
export type Submit = (task: InitiatorTask) => void;

export interface FoundUnit {
  readonly lun: number;
  /** `naa.6...`, `eui....` or `t10....`: the same by every path to it; undefined if it has none. */
  readonly name: string | undefined;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  readonly serial: string | undefined;
  /** PERIPHERAL DEVICE TYPE (SPC-5 table 171): 0 is a disk. */
  readonly deviceType: number;
  /** TPGS (SPC-5 §6.7.2): it tells access states by REPORT TARGET PORT GROUPS. */
  readonly tellsAccess: boolean;
  /** Undefined for what is no disk, or has no medium now. */
  readonly capacity: Capacity | undefined;
}

export interface ScanBounds {
  readonly units: number;
  readonly unitsAtOnce: number;
}

export interface Scan {
  /** Ascending. */
  readonly units: readonly FoundUnit[];
  /** LUNs that are there, and did not answer in time. */
  readonly silent: readonly number[];
  /** How many there are that the bounds leave out. */
  readonly beyond: number;
}

interface Failure {
  readonly reason: string;
  /** How the command came to no answer, if it did. */
  readonly error: InitiatorError | undefined;
}

export type ScanDone = (scan: Scan | undefined, failure: Failure | undefined) => void;

const LUN_LIST_BYTES = 16 * 1024;
const PAGE_BYTES = 255;
/** UNIT ATTENTIONs of a unit that was just found, one after the other. */
const ATTENTION_RETRIES = 8;
const NO_SUCH_UNIT = 3;
const NO_TYPE = 0x1f;
const DISK = 0;

/** Asks; `done` runs once, perhaps before this returns. */
export function scanUnits(submit: Submit, bounds: ScanBounds, done: ScanDone): void {
  ask(submit, { lun: 0, cdb: cdbs.reportLuns(LUN_LIST_BYTES), dataInBytes: LUN_LIST_BYTES }, decodeLunList, (list, failure) => {
    if (list === undefined) return done(undefined, failure);
    const luns = [...new Set(list.luns)].toSorted((a, b) => a - b);
    // The list may be longer than what we took of it.
    const beyond = Math.max(0, luns.length - bounds.units) + Math.max(0, Math.floor((list.wholeBytes - LUN_LIST_BYTES) / 8));
    scanAll(submit, luns.slice(0, bounds.units), bounds.unitsAtOnce, beyond, done);
  });
}

function scanAll(submit: Submit, luns: readonly number[], atOnce: number, beyond: number, done: ScanDone): void {
  const found: FoundUnit[] = [];
  const silent: number[] = [];
  let [next, left, over] = [0, luns.length, false];
  const end = (): void => {
    over = true;
    const units = found.toSorted((a, b) => a.lun - b.lun);
    done({ units, silent, beyond }, undefined);
  };
  if (left === 0) return end();
  const one = (): void => {
    const lun = luns[next];
    if (lun === undefined || over) return;
    next += 1;
    new UnitScan(submit, lun, (unit, failure) => {
      if (over) return;
      if (failure?.error?.reason === 'command-timed-out') silent.push(lun);
      else if (failure !== undefined) {
        over = true;
        return done(undefined, failure);
      }
      if (unit !== undefined) found.push(unit);
      left -= 1;
      if (left === 0) end();
      else one();
    }).begin();
  };
  for (let index = 0; index < Math.min(atOnce, luns.length); index += 1) one();
}

/** One command and its answer decoded. A refusal, or an answer that makes no sense, is a failure too. */
function ask<Value>(
  submit: Submit,
  request: CommandRequest,
  decode: (bytes: Uint8Array) => Value,
  then: (value: Value | undefined, failure: Failure | undefined) => void,
): void {
  const task = new InitiatorTask({ ...request, attentionRetries: ATTENTION_RETRIES, replay: true }, (ended) => {
    if (ended.error !== undefined) return then(undefined, { reason: ended.error.message, error: ended.error });
    const what = cdbs.commandName(ended.cdb);
    if (ended.status !== STATUS_GOOD)
      return then(undefined, { reason: `${what} ended with ${describeStatus(ended.status)}`, error: undefined });
    let value: Value;
    try {
      value = decode(ended.data);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return then(undefined, { reason: `the answer to ${what} can't be read: ${error.message}`, error: undefined });
    }
    then(value, undefined);
  });
  submit(task);
}

class UnitScan {
  readonly #submit: Submit;
  readonly #lun: number;
  readonly #done: (unit: FoundUnit | undefined, failure: Failure | undefined) => void;

  constructor(submit: Submit, lun: number, done: (unit: FoundUnit | undefined, failure: Failure | undefined) => void) {
    this.#submit = submit;
    this.#lun = lun;
    this.#done = done;
  }

  begin(): void {
    this.#ask(cdbs.inquiry(undefined, 96), 96, decodeStandardInquiry, (inquiry) => {
      if (inquiry === undefined || inquiry.qualifier === NO_SUCH_UNIT || inquiry.deviceType === NO_TYPE)
        return this.#done(undefined, undefined);
      const { vendor, product, revision, deviceType } = inquiry;
      const base = { lun: this.#lun, vendor, product, revision, deviceType, tellsAccess: inquiry.targetPortGroups !== 0 };
      this.#names((unit, serial) => {
        const name = unit ?? madeName(vendor, product, serial);
        this.#capacity(deviceType, (capacity) => this.#done({ ...base, name, serial, capacity }, undefined));
      });
    });
  }

  #names(then: (name: string | undefined, serial: string | undefined) => void): void {
    this.#page<readonly number[]>(0x00, [], true, decodeSupportedPages, (pages) =>
      this.#page<string | undefined>(0x80, undefined, pages.includes(0x80), decodeSerialNumber, (serial) =>
        this.#page<readonly Designator[]>(0x83, [], pages.includes(0x83), decodeDesignators, (designators) =>
          then(unitName(designators), serial === '' ? undefined : serial),
        ),
      ),
    );
  }

  #page<Value>(code: number, otherwise: Value, known: boolean, decode: (bytes: Uint8Array) => Value, then: (value: Value) => void): void {
    if (!known) return then(otherwise);
    this.#ask(cdbs.inquiry(code, PAGE_BYTES), PAGE_BYTES, decode, (value) => then(value ?? otherwise));
  }

  #capacity(deviceType: number, then: (capacity: Capacity | undefined) => void): void {
    if (deviceType !== DISK) return then(undefined);
    this.#ask<Capacity | undefined>(cdbs.readCapacity16(32), 32, decodeCapacity16, (long) => {
      if (long !== undefined) return then(long);
      this.#ask<Capacity | undefined>(cdbs.readCapacity10(), 8, decodeCapacity10, then);
    });
  }

  /** What the unit refuses is undefined; where a command comes to no answer, nothing is known of it at all. */
  #ask<Value>(cdb: Uint8Array, dataInBytes: number, decode: (bytes: Uint8Array) => Value, then: (value: Value | undefined) => void): void {
    ask(this.#submit, { lun: this.#lun, cdb, dataInBytes }, decode, (value, failure) =>
      failure?.error !== undefined ? this.#done(undefined, failure) : then(value),
    );
  }
}

/** For a unit without the page that names it: who made it and its serial number, as a T10 designator would have them. */
const madeName = (vendor: string, product: string, serial: string | undefined): string | undefined =>
  serial === undefined ? undefined : `t10.${vendor}_${product}_${serial}`.replaceAll(/\s+/g, '_');
