/** What the device server knows about a command before it runs it; REPORT SUPPORTED OPERATION CODES is answered from the same facts. */
import type { Command } from './command.ts';
import type { LogicalUnit } from './logical-unit.ts';
import type { ReservationClass } from './reservation-class.ts';

export interface CommandDefinition {
  readonly name: string;
  readonly operationCode: number;
  /** Where the operation code has service actions: the value of CDB byte 1 bits 4-0 (bytes 8-9 for variable-length CDBs). */
  readonly serviceAction?: number;
  /**
   * CDB usage data (SPC-5 §6.35.3): one byte a CDB byte, a one bit where the field is evaluated. Byte 0 is the operation code, and
   * the service action stands in its place. A CDB with a one where this has a zero is refused with INVALID FIELD IN CDB.
   */
  readonly usage: readonly number[];
  readonly reservation: ReservationClass;
  /** Runs in spite of a pending unit attention, and leaves it pending (SPC-5 §4.4.1: INQUIRY, REPORT LUNS, REQUEST SENSE). */
  readonly ignoresUnitAttention?: boolean;
  /** Needs a medium that is there and ready: NOT READY otherwise. */
  readonly needsMedium?: boolean;
  /** Changes the medium: DATA PROTECT on a write-protected unit. */
  readonly writesMedium?: boolean;
  /** Runs although a failed sanitize operation keeps everything else out (SBC-4 §4.11.4). */
  readonly endsSanitizeFailure?: boolean;
  /** Allowed while the target port is standby or unavailable, or in standby alone (SPC-5 §5.17.2.7). */
  readonly anyAccessState?: boolean | 'standby';
  /** Whether this unit has the command at all; absent means always. */
  supports?(unit: LogicalUnit): boolean;
  execute(unit: LogicalUnit, command: Command): void;
}
