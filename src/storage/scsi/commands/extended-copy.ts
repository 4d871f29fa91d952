/** EXTENDED COPY(LID1) (SPC-4 §6.4, SPC-5 §6.6): copies between the logical units of this device without the data passing the initiator. */
import { be32 } from '../../../base/bytes.ts';
import { STATUS_BUSY } from '../../../wire/scsi/status.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import { CONCURRENT_COPIES_MAX } from './copy-limits.ts';
import { runCopy } from './copy-manager.ts';
import { COPY_LIST_BYTES_MAX, type CopyPlan, decodeCopyParameters, isRefusal } from './copy-parameters.ts';

function execute(unit: LogicalUnit, command: Command): void {
  const lengthBytes = be32(command.cdb, 10);
  // SPC-4 §6.4.1: no parameter list is no error, and nothing to do.
  if (lengthBytes === 0) return command.good();
  if (lengthBytes > COPY_LIST_BYTES_MAX) return command.fail('ILLEGAL REQUEST', 'PARAMETER_LIST_LENGTH_ERROR');
  command.receiveList(lengthBytes, (list) => {
    const plan = decodeCopyParameters(list);
    if (!isRefusal(plan)) return start(unit, command, plan);
    command.fail('ILLEGAL REQUEST', plan.code, plan.byte === undefined ? {} : { field: { inCdb: false, byte: plan.byte } });
  });
}

function start(unit: LogicalUnit, command: Command, plan: CopyPlan): void {
  const { listId } = plan;
  const { link } = command;
  // SPC-4 §5.17.3: a list identifier names one copy at a time.
  if (listId !== undefined && unit.copies.find(link, listId)?.state === 'in progress')
    return command.fail('ILLEGAL REQUEST', 'OPERATION_IN_PROGRESS');
  if (unit.copies.running >= CONCURRENT_COPIES_MAX) return command.finishWith(STATUS_BUSY);
  const progress = unit.copies.begin(link, listId);
  runCopy(unit, command, plan, progress, (failure) => {
    unit.copies.end(link, listId, progress, failure, plan.holdsResults);
    if (failure === undefined) command.good();
    else command.checkCondition(failure);
  });
}

export const extendedCopyCommands: readonly CommandDefinition[] = [
  {
    name: 'EXTENDED COPY(LID1)',
    operationCode: 0x83,
    serviceAction: 0x00,
    usage: [0x83, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0x04],
    reservation: 'write',
    execute,
  },
];
