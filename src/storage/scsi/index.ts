/**
 * SCSI, without a transport (SAM-5, SPC-5, SBC-4): logical units over backing stores, and the device server that runs commands on
 * them. A transport extends `Command` and hands it to `TargetDevice.execute`; it needs nothing else.
 */
export type { AccessChange, AccessState } from './access-states.ts';
export { Command, type DataOut } from './command.ts';
export type { CommandDefinition } from './command-definition.ts';
export { commandDefinitions, findCommand } from './command-table.ts';
export { executeCommand } from './device-server.ts';
export { LUN_MAX, lunPrefix } from './commands/report-luns.ts';
export {
  type DeviceSurroundings,
  LINKS_MAX,
  LogicalUnit,
  TRANSFER_BYTES_MAX,
  type UnitConfig,
  type UnitIdentity,
  type UnitOptions,
} from './logical-unit.ts';
export { type Nexus, nexusKey, type TargetPort } from './nexus.ts';
export type { ReservationClass } from './reservation-class.ts';
export type { ReservationKeeper } from './reservation-keeper.ts';
export { encodeSenseFor } from './sense-format.ts';
export { TargetDevice } from './target-device.ts';
export { UnitNexus } from './unit-nexus.ts';
export {
  ADDITIONAL_SENSE,
  type AdditionalSense,
  decodeSense,
  describeSense,
  encodeDescriptorSense,
  encodeFixedSense,
  SENSE_KEYS,
  type Sense,
  type SenseKey,
  sense,
} from '../../wire/scsi/sense.ts';
export {
  describeStatus,
  STATUS_ACA_ACTIVE,
  STATUS_BUSY,
  STATUS_CHECK_CONDITION,
  STATUS_CONDITION_MET,
  STATUS_GOOD,
  STATUS_RESERVATION_CONFLICT,
  STATUS_TASK_ABORTED,
  STATUS_TASK_SET_FULL,
  type TaskAttribute,
} from '../../wire/scsi/status.ts';
