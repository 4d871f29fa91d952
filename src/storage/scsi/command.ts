/**
 * A command on its way through the device server (SAM-5 §5.1). A transport extends it with the two things only a transport can
 * do: fetch data-out and deliver the result. Command handlers call exactly one of the finishing methods, at once or later.
 */
import { assert } from '../../base/assert.ts';
import { concat, EMPTY_BYTES } from '../../base/bytes.ts';
import type { Nanos } from '../../base/clock.ts';
import { type AdditionalSense, type Sense, type SenseKey, sense } from '../../wire/scsi/sense.ts';
import {
  STATUS_CHECK_CONDITION,
  STATUS_CONDITION_MET,
  STATUS_GOOD,
  STATUS_RESERVATION_CONFLICT,
  type TaskAttribute,
} from '../../wire/scsi/status.ts';
import type { ReadData } from '../block/backing-store.ts';
import type { UnitNexus } from './unit-nexus.ts';

/** Data-out as the transport received it. */
export interface DataOut {
  /** In order; their lengths add up to `lengthBytes`. */
  readonly views: Uint8Array[];
  /** What was asked for, or less where the initiator announced less. */
  readonly lengthBytes: number;
  /**
   * False: the views are good until the handler returns. True: they stay unchanged until the command finishes, and a view may be
   * swapped (in `views`) against another buffer of the same length, which the transport then owns instead.
   */
  readonly owned: boolean;
}

const noViews: readonly Uint8Array[] = [];

export abstract class Command {
  /** The I_T_L nexus it came through. */
  readonly link: UnitNexus;
  /** The command descriptor block: its own copy, at least 16 bytes (zeros behind a shorter one). */
  readonly cdb: Uint8Array;
  readonly attribute: TaskAttribute;
  /** Most bytes of data-out the initiator announced. */
  readonly dataOutLimitBytes: number;
  /** Most bytes of data-in the initiator has room for. */
  readonly dataInLimitBytes: number;

  status = -1;
  sense: Sense | undefined = undefined;
  /** Data-in, in order. Good until `deliver` returns, or after `dataInSource.hold()`, until what that gave back is called. */
  dataIn: readonly Uint8Array[] = noViews;
  dataInBytes = 0;
  /** Data-out the command would have taken had the initiator announced enough; the residual counts from it. */
  dataOutBytes = 0;
  /** The store whose memory `dataIn` shows, to hold it still; undefined: the bytes are the command's own and never change. */
  dataInSource: ReadData | undefined = undefined;
  aborted = false;
  /** At its logical unit, by the unit's clock where it has one. */
  arrivedAt: Nanos = 0;

  #receiver: ((data: DataOut) => void) | undefined = undefined;
  #detached = false;
  /** Set by the task set: told once the command neither runs nor will touch the medium again. */
  onEnd: ((command: Command) => void) | undefined = undefined;

  constructor(link: UnitNexus, cdb: Uint8Array, attribute: TaskAttribute, dataOutLimitBytes: number, dataInLimitBytes: number) {
    this.link = link;
    this.cdb = cdb;
    this.attribute = attribute;
    this.dataOutLimitBytes = dataOutLimitBytes;
    this.dataInLimitBytes = dataInLimitBytes;
  }

  /** Transport: collect `lengthBytes` of data-out (already no more than announced), then call `handleDataOut` once. */
  protected abstract startDataOut(lengthBytes: number): void;
  /** Transport: the data-out under way is wanted no more (the command was aborted). */
  protected abstract stopDataOut(): void;
  /** Transport: the command is finished; send data-in and status. Not called for an aborted command. */
  protected abstract deliver(): void;
  /** Transport: the command is over, delivered or aborted, and will touch none of its buffers again. Called once. */
  protected abstract cleanUp(): void;

  get receiving(): boolean {
    return this.#receiver !== undefined;
  }

  get finished(): boolean {
    return this.status !== -1;
  }

  /**
   * Asks for `lengthBytes` of data-out; `then` runs once with as much as the initiator announced, or never if the command is
   * aborted before. SAM-5 §5.4.3.3: Receive Data-Out.
   */
  receive(lengthBytes: number, then: (data: DataOut) => void): void {
    assert(this.#receiver === undefined, 'one data-out phase a command');
    this.dataOutBytes = lengthBytes;
    this.#receiver = then;
    this.startDataOut(Math.min(lengthBytes, this.dataOutLimitBytes));
  }

  /** Like `receive`, for parameter lists: `then` gets one array that is the handler's to keep. Short lists are given as they came. */
  receiveList(lengthBytes: number, then: (list: Uint8Array) => void): void {
    if (lengthBytes === 0) return then(EMPTY_BYTES);
    this.receive(lengthBytes, (data) => then(concat(data.views).slice()));
  }

  /** Called by the transport when the data-out asked for has come. */
  handleDataOut(data: DataOut): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    if (receiver !== undefined && !this.aborted) receiver(data);
  }

  good(): void {
    this.#finish(STATUS_GOOD);
  }

  conditionMet(): void {
    this.#finish(STATUS_CONDITION_MET);
  }

  reservationConflict(): void {
    this.#finish(STATUS_RESERVATION_CONFLICT);
  }

  /** Any other status without sense data: BUSY, TASK SET FULL. */
  finishWith(status: number): void {
    this.#finish(status);
  }

  /** GOOD with parameter data cut to the CDB's allocation length (SPC-5 §4.2.5.6: truncation is no error). */
  goodWithList(list: Uint8Array, allocationLengthBytes: number): void {
    const bytes = list.length > allocationLengthBytes ? list.subarray(0, allocationLengthBytes) : list;
    this.dataIn = [bytes];
    this.dataInBytes = bytes.length;
    this.#finish(STATUS_GOOD);
  }

  /** GOOD with blocks read; `source` is what the store gave (undefined: the bytes are this command's own). */
  goodWithData(views: readonly Uint8Array[], lengthBytes: number, source: ReadData | undefined): void {
    this.dataIn = views;
    this.dataInBytes = lengthBytes;
    this.dataInSource = source;
    this.#finish(STATUS_GOOD);
  }

  checkCondition(value: Sense): void {
    this.dataIn = noViews;
    this.dataInBytes = 0;
    this.sense = value;
    this.#finish(STATUS_CHECK_CONDITION);
  }

  /** CHECK CONDITION by name. */
  fail(key: SenseKey, code: AdditionalSense, extra: Omit<Sense, 'key' | 'code'> = {}): void {
    this.checkCondition(sense(key, code, extra));
  }

  /** ILLEGAL REQUEST, INVALID FIELD IN CDB, pointing at the byte (and bit). */
  invalidCdbField(byte: number, bit?: number): void {
    this.fail('ILLEGAL REQUEST', 'INVALID_FIELD_IN_CDB', { field: { inCdb: true, byte, ...(bit === undefined ? {} : { bit }) } });
  }

  /** ILLEGAL REQUEST, INVALID FIELD IN PARAMETER LIST, pointing at the byte (and bit). */
  invalidListField(byte: number, bit?: number): void {
    this.fail('ILLEGAL REQUEST', 'INVALID_FIELD_IN_PARAMETER_LIST', {
      field: { inCdb: false, byte, ...(bit === undefined ? {} : { bit }) },
    });
  }

  /**
   * Takes the command out of the task set without an answer. Work already handed to a store runs on; `onEnd` is told when it
   * has ended, so that a task management function is answered only then (SAM-5 §7.1).
   */
  abort(): void {
    if (this.aborted || this.finished) return;
    this.aborted = true;
    if (this.#receiver === undefined && !this.#detached) return;
    const receiving = this.#receiver !== undefined;
    this.#receiver = undefined;
    if (receiving) this.stopDataOut();
    this.cleanUp();
    this.#end();
  }

  /** What the command began goes on without it from here: an abort ends the command at once, and the work not at all. */
  detach(): void {
    this.#detached = true;
  }

  /** Ends an aborted command that never started to run. */
  endUnstarted(): void {
    this.cleanUp();
    this.#end();
  }

  #finish(status: number): void {
    assert(this.status === -1, 'a command finishes once');
    this.status = status;
    // All of this command is over before another starts because of it: its answer is written first, from memory that the other may change.
    if (!this.aborted) this.deliver();
    this.cleanUp();
    this.#end();
  }

  #end(): void {
    const onEnd = this.onEnd;
    this.onEnd = undefined;
    onEnd?.(this);
  }
}
