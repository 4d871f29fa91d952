/** What recovery knows of one task, beside how far it has come; made when something goes wrong, so that other tasks have none. */
import { EarlyArrivals } from './runs.ts';

export interface EarlyData {
  readonly offset: number;
  readonly bytes: number;
}

/** A DataACK that the target waits for: due when all Data-In before `end` has come (RFC 7143 §11.7.2). */
export interface WantedAcknowledgement {
  readonly end: number;
  readonly lun: number;
  readonly transferTag: number;
}

export class TaskRecovery {
  /** Data-In by DataSN; its bytes stand in the task's buffer already. */
  readonly data: EarlyArrivals<EarlyData>;
  /** Headers of Ready To Transfers by R2TSN. */
  readonly ready: EarlyArrivals<Uint8Array>;
  acknowledgement: WantedAcknowledgement | undefined = undefined;
  /** How often the command was sent again under its number. */
  retries = 0;
  /** How often it was offered to another connection in vain. */
  offers = 0;
  /** Its allegiance has changed: the next Ready To Transfer may begin anywhere. */
  reassigned = false;

  /** DataSN and R2TSN that are due. */
  constructor(dataSequenceNumber: number, readySequenceNumber: number) {
    this.data = new EarlyArrivals(dataSequenceNumber);
    this.ready = new EarlyArrivals(readySequenceNumber);
  }
}
