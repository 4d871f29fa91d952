/** A SCSI command as an iSCSI target session holds it: the command itself, and how far its data-out has come. */
import { Command, type DataOut } from '../scsi/command.ts';
import type { LogicalUnit } from '../scsi/logical-unit.ts';
import type { UnitNexus } from '../scsi/unit-nexus.ts';
import type { TaskAttribute } from '../../wire/scsi/status.ts';
import type { Staging } from './staging.ts';

/** What a command asks of the connection it is allegiant to (RFC 7143 §4.2.2.1). */
export interface CommandOwner {
  startDataOut(command: TargetCommand): void;
  stopDataOut(command: TargetCommand): void;
  deliver(command: TargetCommand): void;
  cleanUp(command: TargetCommand): void;
  /** The command goes to another owner. */
  disown(command: TargetCommand): void;
  /** There is room for the data-out of a command that had to wait for it. */
  resumeDataOut(command: TargetCommand): void;
}

/** What can go wrong with data-out on its way: it breaks the rules, or its digest is wrong (RFC 7143 §11.4.7.2). */
export type DataOutError = 'DATA_PHASE_ERROR' | 'PROTOCOL_SERVICE_CRC_ERROR';

/** A Ready To Transfer that was sent and is not yet fulfilled. */
export interface OutstandingTransfer {
  readonly transferTag: number;
  /** R2TSN. */
  readonly sequenceNumber: number;
  readonly startBytes: number;
  readonly endBytes: number;
  /** From error recovery level 1 on: how far it has come, and had come when it was last looked at. */
  nextBytes: number;
  watchedBytes: number;
  nextDataSequenceNumber: number;
}

/** A range of data-out that was lost on its way. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** What error recovery keeps of a command, from level 1 on and once it is needed. */
export interface CommandRecovery {
  readonly gaps: Gap[];
  /** The sequence that came unasked. */
  unsolicited: OutstandingTransfer | undefined;
  /** Transfers that were given up and asked for anew. */
  readonly superseded: OutstandingTransfer[];
  /** Times that data was asked for again and did not come. */
  retries: number;
  /** Of the last R-Data SNACK, for the response (RFC 7143 §11.4.4). */
  snackTag: number;
}

export const recoveryOf = (command: TargetCommand): CommandRecovery =>
  (command.recovery ??= { gaps: [], unsolicited: undefined, superseded: [], retries: 0, snackTag: 0 });

export class TargetCommand extends Command {
  /** Another one after TASK REASSIGN (RFC 7143 §7.2.2). */
  owner: CommandOwner;
  readonly initiatorTaskTag: number;
  readonly commandSequenceNumber: number;
  readonly immediate: boolean;
  readonly lun: number;
  /** Undefined where the LUN has no logical unit. */
  readonly unit: LogicalUnit | undefined;

  /** Data-out that came with the command and still stands in the receive buffer: good while the command is being delivered. */
  immediateView: Uint8Array | undefined = undefined;
  staging: Staging | undefined = undefined;
  /** Data-out has come without a gap up to here. */
  receivedBytes = 0;
  /** More unsolicited Data-Out PDUs are to come (RFC 7143 §4.2.5.2). */
  unsolicitedOpen = false;
  unsolicitedDataSequenceNumber = 0;
  /** Unsolicited data went wrong before the device server asked for any. */
  dataOutError: DataOutError | undefined = undefined;
  /** What the device server asked for; -1 before it did. */
  wantedBytes = -1;
  /** Data-out has been asked for, by R2T, up to here. */
  requestedBytes = 0;
  readyToTransferSequenceNumber = 0;
  readonly outstanding: OutstandingTransfer[] = [];
  /** Bytes of data-in that count as promised while the command runs on. */
  promisedBytes = 0;
  /** Data-In PDUs sent, for ExpDataSN. */
  dataInSequences = 0;
  recovery: CommandRecovery | undefined = undefined;
  /** Waiting for room in the staging pool; calls the wait off. */
  cancelReservation: (() => void) | undefined = undefined;

  constructor(
    owner: CommandOwner,
    link: UnitNexus,
    unit: LogicalUnit | undefined,
    cdb: Uint8Array,
    attribute: TaskAttribute,
    dataOutLimitBytes: number,
    dataInLimitBytes: number,
    lun: number,
    initiatorTaskTag: number,
    commandSequenceNumber: number,
    immediate: boolean,
  ) {
    super(link, cdb, attribute, dataOutLimitBytes, dataInLimitBytes);
    this.owner = owner;
    this.unit = unit;
    this.lun = lun;
    this.initiatorTaskTag = initiatorTaskTag;
    this.commandSequenceNumber = commandSequenceNumber;
    this.immediate = immediate;
  }

  protected override startDataOut(lengthBytes: number): void {
    this.wantedBytes = lengthBytes;
    this.owner.startDataOut(this);
  }

  protected override stopDataOut(): void {
    this.owner.stopDataOut(this);
  }

  protected override deliver(): void {
    this.owner.deliver(this);
  }

  protected override cleanUp(): void {
    this.owner.cleanUp(this);
  }

  /** All that was wanted has come. */
  dataOutComplete(): void {
    const view = this.immediateView;
    let data: DataOut;
    if (this.wantedBytes === 0) data = { views: [], lengthBytes: 0, owned: false };
    else if (view !== undefined) {
      const exact = view.length === this.wantedBytes ? view : view.subarray(0, this.wantedBytes);
      data = { views: [exact], lengthBytes: this.wantedBytes, owned: false };
    } else data = this.staging!.dataOut(this.wantedBytes);
    this.handleDataOut(data);
  }

  /** Moves immediate data out of the receive buffer, because the command could not take it at once. */
  keepImmediate(staging: Staging): void {
    this.staging = staging;
    staging.put(0, this.immediateView!);
    this.immediateView = undefined;
  }

  /** What has been gathered moves to other buffers: somebody may still write into these. */
  moveStaging(): void {
    this.staging = this.staging?.moved(this.receivedBytes);
  }

  /** Gives its memory back: the command is over. `reusable` is false while somebody may still write into the buffers. */
  releaseStaging(reusable: boolean): void {
    this.cancelReservation?.();
    this.cancelReservation = undefined;
    this.staging?.release(reusable);
    this.staging = undefined;
    this.immediateView = undefined;
  }
}
