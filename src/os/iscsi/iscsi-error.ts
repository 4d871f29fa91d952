/** What the promises of the initiator are rejected with: one named reason, in words, and what the device said where it said something. */
import { DecodeError } from '../../base/bytes.ts';
import type { InitiatorError, InitiatorReason, InitiatorTask } from '../../storage/iscsi/initiator/index.ts';
import { commandName } from '../../wire/scsi/cdb.ts';
import { decodeSense, describeSense, type Sense } from '../../wire/scsi/sense.ts';
import { describeStatus } from '../../wire/scsi/status.ts';

/**
 * The reasons of the initiator, and those of this door: `status` (the device did not say GOOD), `usage` (the call makes no sense), and of
 * multipath `no-path` (none is left) and `path-mismatch` (paths lead to different units).
 */
export type IscsiReason = InitiatorReason | 'status' | 'usage' | 'no-path' | 'path-mismatch';

export class IscsiError extends Error {
  readonly reason: IscsiReason;
  /** SCSI status; undefined if the command came to none. */
  readonly status: number | undefined;
  /** What the device said of a CHECK CONDITION. */
  readonly sense: Sense | undefined;
  /** The same as it came. */
  readonly senseBytes: Uint8Array | undefined;
  /** What the peer sent, or the CDB, where that helps. */
  readonly dump: string | undefined;
  /** Status-Class and Status-Detail of a refused login. */
  readonly loginStatus: number | undefined;

  constructor(
    reason: IscsiReason,
    message: string,
    extra: { status?: number; sense?: Sense; senseBytes?: Uint8Array; dump?: string; loginStatus?: number } = {},
  ) {
    super(message);
    this.name = 'IscsiError';
    this.reason = reason;
    this.status = extra.status;
    this.sense = extra.sense;
    this.senseBytes = extra.senseBytes;
    this.dump = extra.dump;
    this.loginStatus = extra.loginStatus;
  }
}

export const errorOf = (error: InitiatorError): IscsiError =>
  new IscsiError(error.reason, sentence(error.message), {
    ...(error.dump === undefined ? {} : { dump: error.dump }),
    ...(error.loginStatus === undefined ? {} : { loginStatus: error.loginStatus }),
  });

export const usageError = (message: string): IscsiError => new IscsiError('usage', message);

/** Of a task that ended with anything but GOOD. */
export function taskError(task: InitiatorTask): IscsiError {
  if (task.error !== undefined) return errorOf(task.error);
  const command = `LUN ${task.lun}: ${commandName(task.cdb)}`;
  const { status, sense: senseBytes } = task;
  if (senseBytes.length === 0) return new IscsiError('status', `${command} ended with ${describeStatus(status)}.`, { status });
  try {
    const sense = decodeSense(senseBytes);
    const message = `${command} ended with ${describeStatus(status)}: ${describeSense(sense)}.`;
    return new IscsiError('status', message, { status, sense, senseBytes });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return new IscsiError('status', `${command} ended with ${describeStatus(status)}, and sense data that can't be read.`, {
      status,
      senseBytes,
    });
  }
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
